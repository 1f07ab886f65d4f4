"""An order in another currency than Heartland's is never booked one for one."""

from typing import Any

import pytest

from errors.models import Issue
from syncjobs.models import Record
from tests.flows.conftest import BUYER, Pair

Disposition = Record.Disposition


def posted(pair: Pair, **fields: Any) -> str:
    """An order that another program posts to the store; answers its id."""
    variant = next(row for row in pair.bigcommerce.rows("variants") if row["sku"] == "DOG-LEAD")
    line = {"product_id": variant["product_id"], "quantity": 2, "price_ex_tax": "100.00", "price_inc_tax": "100.00"}
    answer = pair.bigcommerce.session.post(
        f"{pair.bigcommerce.base}/stores/a1b2c3d4e5/v2/orders",
        json={"billing_address": BUYER, "status_id": 11, "payment_method": "Credit card", "products": [line]} | fields,
        headers={"X-Auth-Token": "sim-bigcommerce-token", "Accept": "application/json"},
    )
    answer.raise_for_status()
    return str(answer.json()["id"])


@pytest.mark.parametrize("currency", ["CAD", "EUR"])
def test_c03_an_order_in_another_currency_is_held(pair: Pair, currency: str) -> None:
    web_id = posted(pair, default_currency_code=currency)
    assert pair.run(web_id) == "hold"
    record = pair.record(web_id)
    assert (record.code, record.currency, record.disposition) == ("currency_differs", currency, Disposition.HELD)
    assert record.reason == f"Order {web_id} was paid in {currency}; Heartland keeps USD."
    assert pair.sales_orders(web_id) == []


def test_orders_in_one_currency_are_one_issue_named_by_its_cause(pair: Pair) -> None:
    for _ in range(2):
        assert pair.run(posted(pair, default_currency_code="EUR")) == "hold"
    issue = Issue.objects.get(code="currency_differs")
    assert issue.title == "An order was paid in EUR; Heartland keeps USD."
    assert (issue.errors.count(), issue.fix_page) == (2, "orders")


def test_while_nobody_has_said_what_heartland_keeps_orders_wait(pair: Pair) -> None:
    account = pair.connection.heartland
    account.currency = ""
    account.save()
    web_id = pair.place()
    assert pair.run(web_id) == "hold"
    issue = Issue.objects.get(code="currency_unknown")
    assert issue.title == "Nobody has said in which currency Heartland keeps its sums, and its API does not tell."
    assert (issue.fix_page, pair.sales_orders(web_id)) == ("orders", [])
    account.currency = "USD"
    account.save()
    assert pair.run(web_id) == "done"
    assert pair.record(web_id).disposition == Disposition.BOOKED
