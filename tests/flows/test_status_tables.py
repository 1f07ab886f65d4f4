"""Statuses both ways by the merchant's own table."""

import pytest

from errors.models import Issue
from syncjobs.models import Record
from syncjobs.stores.opening import statuses_of
from tests.flows.conftest import Pair

Disposition = Record.Disposition


def test_a_status_that_the_table_holds_waits_and_goes_on_with_the_table(pair: Pair) -> None:
    settings = pair.connection.order_settings
    settings.eligible_statuses, settings.held_statuses = ["2", "5", "6"], ["11"]
    settings.save()
    web_id = pair.place()
    assert pair.run(web_id) == "hold"
    issue = Issue.objects.get(code="status_held")
    assert issue.title == "Its status is Pack me (Awaiting Fulfillment), and orders in it need you."
    assert pair.sales_orders(web_id) == []
    settings.eligible_statuses, settings.held_statuses = ["2", "5", "6", "11"], []
    settings.save()
    assert pair.run(web_id) == "done"
    assert pair.record(web_id).disposition == Disposition.BOOKED


@pytest.mark.parametrize(("booked_status", "then"), [("", 11), ("9", 9)])
def test_a_booked_order_gets_the_status_of_the_table_with_its_number(pair: Pair, booked_status: str, then: int) -> None:
    settings = pair.connection.order_settings
    settings.booked_status = booked_status
    settings.save()
    pair.book()
    web_id = pair.book()
    row = pair.bigcommerce.get("/_sim/state/orders", id=web_id)["rows"][0]
    assert (row["status_id"], row["external_order_id"]) == (then, pair.record(web_id).target_label)
    record = pair.record(web_id)
    assert record.source_seen_at
    assert record.read_at
    if booked_status:  # as our own write left it, and when it did
        assert record.source_status == statuses_of(pair.connection.store)[booked_status].name
        assert record.source_seen_at > record.read_at
    assert len(pair.calls(web_id)) == 8
    assert pair.run(web_id) == "done"
    assert pair.record(web_id).disposition == Disposition.BOOKED
    row = pair.bigcommerce.get("/_sim/state/orders", id=web_id)["rows"][0]
    assert row["status_id"] == then
