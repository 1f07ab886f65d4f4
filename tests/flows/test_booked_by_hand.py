"""What a person booked by hand and named is promised and followed like ours, and never written to."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import OrderSettings
from ipaas.types import JSON
from syncjobs.engine.running import job_run
from syncjobs.intake.follow_distribution import distribution_look
from syncjobs.intake.follow_sales_orders import SalesOrders
from syncjobs.models import Record, SyncJob
from syncjobs.pages.closed import close_records
from tests.flows import desk
from tests.flows.conftest import Pair
from tests.flows.test_c09_closing import close, held, pieces, post, state
from tests.flows.test_sales_orders import follow as follow_sales_orders
from tests.flows.test_sales_orders import followed
from tests.flows.test_shipments import MAIN, follow, shipments, shop, status
from tests.flows.test_worklist import dying_at

__all__ = ["SalesOrders", "followed", "shop"]
TRACKED = {"tracking_number": "1Z9", "carrier": "UPS"}


def book(pair: Pair, *goods: tuple[str, int], number: str = "HAND-7") -> str:
    """At Heartland's desk: a sales order, paid and open, that no location ships yet; answers its id."""
    rows = [desk.line(pair, sku, count, "10.00") for sku, count in goods]
    return desk.sales_order(pair, number, customer_id=desk.stranger(pair), lines=rows, opened=True)


def distribute(pair: Pair, order_id: str) -> None:
    pair.heartland.post("/_sim/staff/distribute", {"order_id": int(order_id), "location_id": MAIN})


def invoice(pair: Pair, order_id: str, **wish: Any) -> str:
    made = pair.heartland.post("/_sim/staff/invoice", {"order_id": int(order_id), "custom": TRACKED, **wish})
    return str(made["invoices"][0]["id"])


def written(pair: Pair, order_id: str) -> list[JSON]:
    """What was written to a sales order, by whomever."""
    log = pair.heartland.get("/_sim/calls", log=1)["log"]
    return [one for one in log if one["method"] != "GET" and f"/sales/orders/{order_id}" in one["path"]]


def work(pair: Pair) -> list[str]:
    """Work what is queued; answers how it ended."""
    now = timezone.now()
    return [job_run(job_id=job.pk, now=now) for job in SyncJob.objects.filter(status=SyncJob.Status.PENDING)]


def told(pair: Pair, web_id: str) -> int:
    """Pieces that the store shows as shipped."""
    return sum(item["quantity"] for row in shipments(pair, web_id) for item in row["items"])


def test_its_pieces_are_kept_back_until_a_location_ships_them(pair: Pair, client: Client) -> None:
    web_id = held(pair)
    order_id = book(pair, ("CRD-SET", 1), ("SUN-SPF50", 4))
    close(pair, client, web_id, "booked_by_hand", number="HAND-7")
    assert pieces(pair) == {"CRD-SET": 1, "SUN-SPF50": 4}  # what Heartland's order holds, not what the store sold
    distribute(pair, order_id)
    assert distribution_look(connection=pair.connection, now=timezone.now()) == 1
    assert pieces(pair) == {}
    assert pair.record(web_id).is_distributed


def test_what_it_ships_is_told_to_the_shopper(shop: Pair, client: Client) -> None:
    web_id = held(shop)
    order_id = book(shop, ("CRD-SET", 1), ("SUN-SPF50", 2))
    close(shop, client, web_id, "booked_by_hand", number="HAND-7")
    distribute(shop, order_id)
    shop.heartland.delete("/_sim/calls")
    done = invoice(shop, order_id)
    before = written(shop, order_id)
    assert follow(shop).queued == 1
    assert (told(shop, web_id), status(shop, web_id)) == (3, 2)
    assert Record.objects.get(external_id=done).order_id == web_id
    assert "1Z9" in client.get(f"/stores/{shop.connection.public_id}/orders/{web_id}/").content.decode()
    assert shop.run(web_id) == "done"
    assert state(shop, web_id) == ("settled", "booked_by_hand")
    assert written(shop, order_id) == before


def test_what_it_had_shipped_before_it_was_named_is_told_too(
    shop: Pair, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where whoever closed it died in between: no feed tells of those invoices again."""
    web_id = held(shop)
    order_id = book(shop, ("CRD-SET", 1), ("SUN-SPF50", 2))
    distribute(shop, order_id)
    invoice(shop, order_id)
    assert follow(shop).found == 0
    monkeypatch.setattr(close_records, "invoices_look", lambda *_: dying_at("now")("now"))
    with pytest.raises(KeyboardInterrupt):
        close(shop, client, web_id, "booked_by_hand", number="HAND-7")
    monkeypatch.undo()
    assert shop.record(web_id).disposition == "held"
    close(shop, client, web_id, "booked_by_hand", number="HAND-7")
    assert work(shop) == ["done"]
    assert (told(shop, web_id), status(shop, web_id)) == (3, 2)


def test_what_heartland_has_no_item_of_is_asked_about(shop: Pair, client: Client) -> None:
    web_id = shop.place(lines=[{"sku": "CMP-KETL", "quantity": 1}])
    assert shop.run(web_id) == "hold"
    order_id = book(shop, ("DOG-LEAD", 1))
    close(shop, client, web_id, "booked_by_hand", number="HAND-7")
    distribute(shop, order_id)
    done = invoice(shop, order_id)
    follow(shop)
    kept = Record.objects.get(external_id=done)
    assert (kept.disposition, kept.code, told(shop, web_id)) == ("held", "goods_substituted", 0)
    form = {"choice": "heartland", "question": kept.facts["question"]}
    client.post(f"/stores/{shop.connection.public_id}/invoices/{done}/choose/", form)
    assert work(shop) == ["done"]
    assert (told(shop, web_id), status(shop, web_id)) == (1, 2)


def test_taking_it_back_restores_what_was(shop: Pair, client: Client) -> None:
    web_id = held(shop)
    before = pieces(shop)
    order_id = book(shop, ("CRD-SET", 1), ("SUN-SPF50", 2))
    close(shop, client, web_id, "booked_by_hand", number="HAND-7")
    post(shop, client, web_id, f"reopen/orders/{web_id}/")
    kept = shop.record(web_id)
    assert (kept.target_id, kept.is_distributed, "heartland" in kept.facts) == ("", False, False)
    assert work(shop) == ["hold"]
    assert state(shop, web_id) == ("held", "several_destinations")
    assert pieces(shop) == before
    distribute(shop, order_id)
    invoice(shop, order_id)
    assert (follow(shop).found, told(shop, web_id)) == (0, 0)


def test_its_cancelling_is_noticed_within_a_poll(followed: Pair, client: Client) -> None:
    web_id = held(followed)
    order_id = book(followed, ("CRD-SET", 1), ("SUN-SPF50", 2))
    close(followed, client, web_id, "booked_by_hand", number="HAND-7")
    assert follow_sales_orders(followed)[:2] == (1, 0)
    desk.cancel(followed, order_id)
    assert follow_sales_orders(followed)[:2] == (1, 1)
    assert state(followed, web_id) == ("held", "changed_after_closing")


@pytest.fixture(autouse=True)
def _shipments_on(pair: Pair) -> None:
    OrderSettings.objects.filter(connection=pair.connection).update(sends_shipments=True)
