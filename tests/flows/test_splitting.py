"""An order that the store edited after goods had left is split: what was invoiced stays, the rest is booked (D11)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import OrderSettings
from ipaas import failpoints
from ipaas.types import JSON
from mappings.models import Link
from syncjobs.engine.orphans_release import orphan_release
from syncjobs.models import Record, SyncJob
from syncjobs.pages.orders.replay_preview import replay_preview
from syncjobs.stories.demo.sim import cents
from tests import factories
from tests.flows.conftest import Pair
from tests.flows.test_order_changes import HEARTLAND, STORE, choose, edit, five, invoice, state
from tests.flows.test_proof import prove
from tests.flows.test_refunds import look, of, refund, returns

SPLIT = Record.Choice.SPLIT
ONE_LEFT = {"lines": [{"sku": "DOG-LEAD", "qty": 1}]}
NOW_ALL: dict[str, list[JSON]] = {}


def edited(pair: Pair, **left: list[JSON]) -> str:
    """Two leads are booked, some left, and the shopper gets five; answers the order, which asks."""
    web_id = pair.book()
    invoice(pair, web_id, **left)
    five(pair, web_id)
    assert pair.run(web_id) == "hold"
    assert state(pair, web_id) == ("held", "changed_after_invoice")
    return web_id


def assert_split(pair: Pair, web_id: str, status: str) -> None:
    """The first is as it was; what is new stands beside it, and both come to what the store says."""
    first, second = sorted(pair.sales_orders(web_id), key=lambda row: int(row["id"]))
    assert [(one["public_id"], one["status"]) for one in (first, second)] == [
        (f"BC-{web_id}", status), (f"BC-{web_id}-2", "open"),
    ]  # fmt: skip
    goods = [[row["qty"] for row in pair.rows_of("order_lines", one["id"])] for one in (first, second)]
    assert goods == [[2], [3]]
    record = pair.record(web_id)
    assert cents(first["total"]) + cents(second["total"]) == record.source_total == record.target_total
    for one in (first, second):
        assert sum(cents(row["amount"]) for row in pair.rows_of("payments", one["id"])) == cents(one["total"])
    assert (record.disposition, record.code, record.target_label) == ("booked", "kept_as_split", f"BC-{web_id}-2")
    assert record.reason == f"Booked as BC-{web_id}-2, beside BC-{web_id}."


@pytest.mark.parametrize(("left", "status"), [(ONE_LEFT, "open"), (NOW_ALL, "closed")])
def test_what_left_stays_and_the_rest_is_booked_beside_it(pair: Pair, left: dict[str, list[JSON]], status: str) -> None:
    web_id = edited(pair, **left)
    assert choose(pair, web_id, SPLIT) == "done"
    assert_split(pair, web_id, status)
    for _ in range(2):
        assert pair.run(web_id) == "done"
        assert_split(pair, web_id, status)
    (told,) = pair.bigcommerce.get("/_sim/state/orders", id=web_id)["rows"]
    assert told["external_order_id"] == f"BC-{web_id}-2"


def test_the_page_offers_it_and_a_preview_says_what_comes(pair: Pair) -> None:
    web_id = edited(pair)
    client = Client()
    client.force_login(factories.member(pair.connection.merchant))
    page = client.get(f"/stores/{pair.connection.public_id}/orders/{web_id}/").content.decode()
    assert "Split it" in page
    assert f"BC-{web_id} stays as it is, and what the store&#x27;s order holds beyond it is booked beside it" in page
    record = pair.record(web_id)
    Record.objects.filter(pk=record.pk).update(choice=SPLIT, choice_about=record.facts["about"])
    told = replay_preview(pair.record(web_id), timezone.now())
    assert (str(told.effect), "with 1 line is made as" in told.sentence) == ("create", True)
    assert "parts" not in pair.record(web_id).facts


@pytest.mark.parametrize(
    "write",
    [("POST", r"/api/sales/orders$"), ("PUT", r"/api/sales/orders/\d+$"), ("POST", r"/api/sales/orders/\d+/payments")],
)
def test_a_lost_answer_while_splitting_doubles_nothing(pair: Pair, write: tuple[str, str]) -> None:
    web_id = edited(pair)
    pair.lose(pair.heartland, *write)
    assert choose(pair, web_id, SPLIT) == "retry"
    assert pair.run_until_settled(web_id) == "done"
    assert_split(pair, web_id, "closed")


class Killed(BaseException):
    """As `kill -9` ends a worker."""


@pytest.mark.parametrize("at", ["order.split", *(f"orders.answered:{number}" for number in range(1, 5))])
def test_a_worker_that_dies_while_splitting_doubles_nothing(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    place, _, number = at.partition(":")
    passed = []

    def passing(name: str) -> None:
        passed.append(name)
        if name == place and passed.count(name) == int(number or 1):
            raise Killed

    web_id = edited(pair)
    with monkeypatch.context() as patch:
        patch.setattr(failpoints, "passing", passing)
        with pytest.raises(Killed):
            choose(pair, web_id, SPLIT)
    job = SyncJob.objects.get(flow="orders", status="running")
    assert orphan_release(job.pk, timezone.now())
    for seconds in (400, 800):
        pair.run(web_id, at=timezone.now() + timedelta(seconds=seconds))
    assert_split(pair, web_id, "closed")


def test_what_the_store_took_away_of_what_left_cannot_be_split_off(pair: Pair) -> None:
    web_id = pair.book(lines=[{"sku": "DOG-LEAD", "quantity": 2}, {"sku": "CMP-JUG", "quantity": 1}])
    invoice(pair, web_id)
    edit(pair, web_id, lines=[{"line": 1, "quantity": 0}], add=[{"sku": "BOK-STEW", "quantity": 1}])
    assert pair.run(web_id) == "hold"
    assert choose(pair, web_id, SPLIT) == "hold"
    assert state(pair, web_id) == ("held", "cannot_be_split")
    assert f"BC-{web_id} holds 1 × " in pair.record(web_id).reason
    assert len(pair.sales_orders(web_id)) == 1
    assert choose(pair, web_id, HEARTLAND) == "done"
    assert (state(pair, web_id), len(pair.sales_orders(web_id))) == (("booked", "kept_as_booked"), 1)


def test_a_later_edit_replaces_the_rest_alone(pair: Pair) -> None:
    web_id = edited(pair)
    choose(pair, web_id, SPLIT)
    edit(pair, web_id, lines=[{"line": 0, "quantity": 4}])
    assert pair.run(web_id) == "hold"
    assert state(pair, web_id) == ("held", "changed_after_booking")
    assert choose(pair, web_id, STORE) == "done"
    orders = sorted(pair.sales_orders(web_id), key=lambda row: int(row["id"]))
    assert [one["status"] for one in orders] == ["closed", "canceled", "open"]
    assert [row["qty"] for row in pair.rows_of("order_lines", orders[2]["id"])] == [2]
    assert cents(orders[0]["total"]) + cents(orders[2]["total"]) == pair.record(web_id).source_total


def test_an_order_that_was_split_and_ends_in_the_store_is_a_persons(pair: Pair) -> None:
    web_id = edited(pair)
    choose(pair, web_id, SPLIT)
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/cancel", {})
    assert pair.run(web_id) == "hold"
    assert state(pair, web_id) == ("held", "cancelled_after_invoice")


def test_refunds_of_an_order_that_was_split_come_back_to_the_invoice_of_either_part(pair: Pair) -> None:
    OrderSettings.objects.update(books_refunds=True, fee_item_id="100412")
    web_id = edited(pair)
    choose(pair, web_id, SPLIT)
    first, second = sorted(pair.sales_orders(web_id), key=lambda row: int(row["id"]))
    pair.heartland.post("/_sim/staff/distribute", {"order_id": second["id"], "location_id": 100005})
    pair.heartland.post("/_sim/staff/invoice", {"order_id": second["id"]})
    refund(pair, web_id, lines=[{"line": 0, "quantity": 4}])
    look(pair, web_id)
    invoices = {row["order_id"]: row["id"] for row in pair.heartland.rows("transactions") if row["type"] == "Invoice"}
    back = {row["parent_transaction_id"]: pieces(pair, row) for row in returns(pair)}
    assert back == {invoices[first["id"]]: -2, invoices[second["id"]]: -2}
    (told,) = of(pair, web_id)
    assert told.disposition == "booked"
    assert sum(cents(row["total"]) for row in returns(pair)) == -(told.source_total or 0)
    assert Link.objects.get(kind="part").source_id == f"{web_id}#{first['id']}"


def pieces(pair: Pair, ticket: JSON) -> Decimal:
    rows = [row for row in pair.heartland.rows("transaction_lines") if row["transaction_id"] == ticket["id"]]
    return sum((row["qty"] for row in rows if row.get("item_id")), Decimal(0))


def test_the_proof_of_the_day_says_nothing_against_it(pair: Pair) -> None:
    web_id = edited(pair)
    choose(pair, web_id, SPLIT)
    (line,) = [one for one in prove(pair).lines if one["order"] == web_id]
    assert (line["disposition"], line["code"]) == ("booked", "kept_as_split")
    assert sum(Decimal(one["total"]) for one in pair.sales_orders(web_id)) == Decimal(line["total"])
