"""Money that was not taken is never recorded as paid: it is still to come until the store says otherwise."""

import re
from decimal import Decimal
from typing import Any

from django.test import Client

from errors.models import Issue, SyncError
from ipaas.types import JSON
from mappings.models import ValueMap
from mappings.services import value_map_paid_set
from syncjobs.models import Record
from tests import factories
from tests.flows.conftest import Pair
from tests.flows.test_currency import posted
from tests.flows.test_order_changes import choose

Disposition = Record.Disposition
LOOK_AT_MONEY = "GET /v3/orders/transactions"


def settings(pair: Pair, **fields: Any) -> None:
    row = pair.connection.order_settings
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()


def switch(pair: Pair, **switches: Any) -> None:
    pair.bigcommerce.put("/_sim/switches", switches)


def sales_order(pair: Pair, web_id: str) -> JSON:
    return pair.sales_orders(web_id)[-1]


def payments(pair: Pair, web_id: str) -> list[tuple[str, int]]:
    """Status and amount of each payment on the order's newest sales order."""
    rows = pair.rows_of("payments", sales_order(pair, web_id)["id"])
    return [(row["status"], row["amount"]) for row in rows]


def paid_when_ordered(pair: Pair, method: str) -> None:
    value_map_paid_set(row=ValueMap.objects.get(kind=ValueMap.Kind.PAYMENT, source_value=method), is_paid=True)


def test_cash_on_delivery_waits_where_only_paid_orders_come(pair: Pair) -> None:
    settings(pair, takes_unpaid=False)
    web_id = posted(pair, payment_method="Cash on Delivery")
    assert pair.run(web_id) == "done"
    record = pair.record(web_id)
    assert (record.disposition, record.code) == (Disposition.SKIPPED, "not_paid")
    assert record.reason.startswith(f"Order {web_id}: the store does not say whether “Cash on Delivery” was paid")
    assert pair.sales_orders(web_id) == []


def test_cash_on_delivery_is_booked_without_a_made_up_payment(pair: Pair) -> None:
    web_id = posted(pair, payment_method="Cash on Delivery")
    assert pair.run(web_id) == "done"
    order = sales_order(pair, web_id)
    assert (order["status"], order["total_paid"], payments(pair, web_id)) == ("open", 0, [("pending", 200)])
    assert pair.calls(web_id).count(LOOK_AT_MONEY) == 1
    seen = pair.record(web_id).facts["heartland"]
    assert (seen["paid"], seen["due"]) == ("0.00", "200.00")
    paid_when_ordered(pair, "Cash on Delivery")
    paid = posted(pair, payment_method="Cash on Delivery")
    assert pair.run(paid) == "done"
    assert (sales_order(pair, paid)["total_paid"], payments(pair, paid)) == (200, [("complete", 200)])
    assert LOOK_AT_MONEY not in pair.calls(paid)


def test_an_authorised_order_is_paid_once_it_is_captured(pair: Pair) -> None:
    switch(pair, authorized_status=11, capture_delay=0)
    web_id = pair.book(payment="authorized")
    total = sales_order(pair, web_id)["total"]
    for _ in range(2):
        assert payments(pair, web_id) == [("pending", total)]
        assert pair.run(web_id) == "done"
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/capture", {})
    assert pair.run(web_id) == "done"
    assert (payments(pair, web_id), sales_order(pair, web_id)["total_paid"]) == ([("complete", total)], total)
    record = pair.record(web_id)
    assert (record.disposition, record.facts["heartland"]["due"]) == (Disposition.BOOKED, "0.00")
    assert pair.run(web_id) == "done"
    assert [call for call in pair.calls(web_id) if "payments" in call] == []


def test_what_was_never_taken_is_not_given_back(pair: Pair) -> None:
    switch(pair, authorized_status=11)
    web_id = pair.book(payment="authorized")
    total = sales_order(pair, web_id)["total"]
    pair.store_client().order_update(web_id, status_id=5)
    assert pair.run(web_id) == "done"
    order = sales_order(pair, web_id)
    assert (order["status"], order["total_paid"], payments(pair, web_id)) == ("canceled", 0, [("void", total)])


def test_transactions_tell_what_the_order_leaves_blank(pair: Pair) -> None:
    switch(pair, empty_payment_status=True)
    settings(pair, takes_unpaid=False)
    web_id = pair.book()
    assert payments(pair, web_id) == [("complete", sales_order(pair, web_id)["total"])]
    assert pair.calls(web_id).count(LOOK_AT_MONEY) == 1


def test_what_a_certificate_paid_is_paid(pair: Pair) -> None:
    switch(pair, empty_payment_status=True, transactions="204")
    web_id = pair.book(gift_certificate="new:500.00")
    assert payments(pair, web_id) == [("complete", sales_order(pair, web_id)["total"])]
    assert LOOK_AT_MONEY not in pair.calls(web_id)


def test_a_heartland_that_takes_no_pending_payment_says_so(pair: Pair) -> None:
    pair.heartland.put("/_sim/switches", {"pending_payments": False})
    web_id = posted(pair, payment_method="Cash on Delivery")
    assert pair.run(web_id) == "hold"
    issue = Issue.objects.get(code="pending_payment_refused")
    assert "is not paid yet, and Heartland takes no payment that is still to come" in issue.title
    assert (sales_order(pair, web_id)["status"], payments(pair, web_id)) == ("pending", [])
    paid_when_ordered(pair, "Cash on Delivery")
    assert pair.run(web_id) == "done"
    assert [row["status"] for row in pair.sales_orders(web_id)] == ["open"]
    assert payments(pair, web_id) == [("complete", 200)]


def test_a_void_is_no_cancellation(pair: Pair) -> None:
    """P17: the payment is voided, the order kept and not to be distributed; a later cancellation cancels it."""
    switch(pair, authorized_status=11, capture_delay=0)
    web_id = pair.book(payment="authorized")
    total = sales_order(pair, web_id)["total"]
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/void", {})
    pair.store_client().order_update(web_id, status_id=11)
    for _ in range(2):
        pair.run(web_id)
        record = pair.record(web_id)
        assert (record.disposition, record.code, record.waits_for_location) == ("held", "payment_voided", False)
        assert (payments(pair, web_id), sales_order(pair, web_id)["status"]) == ([("void", total)], "open")
    assert Issue.objects.filter(code="payment_voided").count() == 1
    pair.store_client().order_update(web_id, status_id=5)
    assert pair.run(web_id) == "done"
    assert (sales_order(pair, web_id)["status"], payments(pair, web_id)) == ("canceled", [("void", total)])


def test_a_new_authorisation_after_a_void_frees_the_order(pair: Pair) -> None:
    """P17: the shopper pays once more; the payment waits again, and is complete once it is captured. Nothing twice."""
    switch(pair, authorized_status=11, capture_delay=0)
    web_id = pair.book(payment="authorized")
    total = sales_order(pair, web_id)["total"]
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/void", {})
    pair.store_client().order_update(web_id, status_id=11)
    pair.run(web_id)
    assert pair.record(web_id).code == "payment_voided"
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/authorize", {})
    for _ in range(2):
        assert pair.run(web_id) == "done"
        record = pair.record(web_id)
        assert (record.disposition, record.waits_for_location) == ("booked", True)
        assert sorted(payments(pair, web_id)) == [("pending", total), ("void", total)]
    assert not SyncError.objects.filter(flow="orders", external_id=web_id).exclude(state="resolved").exists()
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/capture", {})
    assert pair.run(web_id) == "done"
    assert sorted(payments(pair, web_id)) == [("complete", total), ("void", total)]
    assert [row["status"] for row in pair.sales_orders(web_id)] == ["open"]


def test_what_staff_added_to_a_paid_order_is_still_to_come(pair: Pair, client: Client) -> None:
    """The store goes on to say `captured`; the gateway took what the shopper agreed to, and no more."""
    web_id = pair.book(lines=[{"sku": "DOG-LEAD", "quantity": 1}])
    before = Decimal(str(sales_order(pair, web_id)["total"]))
    assert LOOK_AT_MONEY not in pair.calls(web_id)
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/edit", {"lines": [{"line": 0, "quantity": 3}]})
    assert pair.run(web_id) == "hold"
    assert pair.calls(web_id).count(LOOK_AT_MONEY) == 1
    now = pair.record(web_id).source_total
    assert now is not None
    client.force_login(factories.member(pair.connection.merchant))
    shown = told(client, pair, web_id)
    assert f"Paid ${before:.2f} ${before:.2f} Still to be paid ${now - before:.2f}" in shown
    assert (f"${now:.2f} to be paid by the shopper" in shown, "charged to the shopper" in shown) == (True, False)
    choose(pair, web_id, Record.Choice.STORE)
    for _ in range(2):
        rows = [(status, Decimal(str(amount))) for status, amount in payments(pair, web_id)]
        assert rows == [("complete", before), ("pending", now - before)]
        shown = told(client, pair, web_id)
        assert f"Paid ${before:.2f} ${before:.2f} Still to be paid ${now - before:.2f} ${now - before:.2f}" in shown
        assert "Recorded as paid in part" in shown
        pair.run(web_id)


def told(client: Client, pair: Pair, web_id: str) -> str:
    """The words of an order's page."""
    page = client.get(f"/stores/{pair.connection.public_id}/orders/{web_id}/").content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())
