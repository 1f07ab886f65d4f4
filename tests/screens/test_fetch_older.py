"""Fetching older orders, on the Order Fulfillment tab."""

import pytest

from connections.models import Role
from syncjobs.models import Run, SyncJob
from tests import factories
from tests.screens.conftest import Shop
from tests.screens.order_settings import pending


def test_a_backfill_by_numbers_is_queued_and_listed(shop: Shop) -> None:
    client = shop.client(Role.OPS)
    answer = client.post(shop.at("fulfillment/backfill/"), {"ids": "#10457, 10458\n10457;10459"})
    assert answer["Location"] == shop.at("fulfillment/")
    run = Run.objects.get(connection=shop.connection)
    assert (run.total, run.started_by) == (3, shop.people[Role.OPS])
    assert pending(shop) == ["10457", "10458", "10459"]
    assert "0 of 3" in " ".join(client.get(shop.at("fulfillment/")).content.decode().split())


def test_only_backfills_are_listed_as_such(shop: Shop) -> None:
    fields = {"connection": shop.connection, "started_at": factories.NOW, "state": Run.State.DONE}
    Run.objects.create(kind="items_preview", sentence="Would create 3.", **fields)
    Run.objects.create(kind="orders_backfill", sentence="12 orders were looked at.", **fields)
    page = shop.client().get(shop.at("fulfillment/")).content.decode()
    assert ("12 orders were looked at." in page, "Would create 3." in page) == (True, False)


def test_a_backfill_by_days(shop: Shop) -> None:
    shop.client().post(shop.at("fulfillment/backfill/"), {"placed_from": "2026-03-01", "placed_to": "2026-03-02"})
    assert Run.objects.get().parameters != {}


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({}, "Give either order numbers or dates."),
        ({"ids": "10457", "placed_from": "2026-03-01"}, "Give either order numbers or dates."),
        ({"ids": "10457 nonsense"}, "Not an order number: nonsense."),
        ({"ids": "١٢٣"}, "Not an order number"),
        ({"ids": " ".join(str(number) for number in range(501))}, "501 numbers are too many"),
        ({"placed_from": "2026-03-01"}, "Give both dates."),
        ({"placed_from": "2026-03-02", "placed_to": "2026-03-01"}, "The first day comes after the last."),
    ],
)
def test_a_backfill_that_makes_no_sense_starts_nothing(wish: dict[str, str], words: str, shop: Shop) -> None:
    answer = shop.client().post(shop.at("fulfillment/backfill/"), wish)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert (Run.objects.count(), SyncJob.objects.count()) == (0, 0)
