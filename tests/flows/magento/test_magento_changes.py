"""What happens to a Magento order after it was placed: cancelled in part, refunded in part, virtual, on hold."""

from decimal import Decimal

from connections.models import OrderSettings
from errors.models import SyncError
from syncjobs.models import Record
from tests.flows.magento.conftest import Pair, line

D = Decimal


def test_m04_what_is_left_of_an_order_cancelled_in_part_is_booked(pair: Pair) -> None:
    order_id = pair.place(line("DOG-LEAD", "20.00", 10), payment="authorized")
    pair.act(order_id, "invoice", lines=[{"line": 0, "quantity": 7}])
    pair.act(order_id, "cancel")
    order = pair.order(order_id)
    assert (order["state"], D(str(order["total_canceled"])), D(str(order["grand_total"]))) == (
        "processing",
        D(60),
        D(200),
    )
    pair.run(order_id)
    assert pair.record(order_id).disposition == Record.Disposition.BOOKED, pair.record(order_id).reason
    assert pair.goods(order_id) == {"DOG-LEAD": (7, D(20))}
    there = pair.there(order_id)
    assert (D(str(there["total"])), there["status"], pair.paid(order_id)) == (D(140), "open", [D(140)])


def test_m04_an_order_that_was_booked_whole_keeps_what_is_left_by_itself(pair: Pair) -> None:
    order_id = pair.book(line("DOG-LEAD", "20.00", 10), payment="authorized")
    pair.act(order_id, "invoice", lines=[{"line": 0, "quantity": 7}])
    pair.act(order_id, "cancel")
    pair.poll()
    (living,) = pair.living()
    assert (D(str(living["total"])), living["status"]) == (D(140), "open")
    assert pair.goods(order_id) == {"DOG-LEAD": (7, D(20))}
    assert pair.paid(order_id) == [D(140)]
    assert pair.record(order_id).disposition == Record.Disposition.BOOKED
    assert pair.order(order_id)["state"] == "processing"
    assert pair.run(order_id) == "done"
    assert len(pair.living()) == 1


def test_m21_virtual_goods_are_booked_and_never_shipped(pair: Pair) -> None:
    order_id = pair.place(line("DIG-TRAILS", "49.00", type="virtual"))
    order = pair.order(order_id)
    assert (order["state"], order["is_virtual"]) == ("complete", 1)
    pair.run(order_id)
    assert pair.record(order_id).disposition == Record.Disposition.BOOKED, pair.record(order_id).reason
    there = pair.there(order_id)
    assert (D(str(there["total"])), pair.paid(order_id)) == (D(49), [D(49)])
    assert there["shipping_address_id"] == there["billing_address_id"]
    assert D(str(there["shipping_charge"] or 0)) == 0
    invoice = pair.invoice(order_id)
    pair.follow_invoices()
    assert pair.shipments(order_id) == []
    assert pair.there(order_id)["status"] == "closed"
    assert pair.record(invoice, "shipments").disposition == Record.Disposition.SKIPPED


def test_m05_what_was_refunded_before_it_left_is_not_shipped(pair: Pair) -> None:
    pair.magento.put("/_sim/stock", {"sku": "DOG-LEAD", "quantity": 50, "source_code": "harbor_main"})
    order_id = pair.book(line("DOG-LEAD", "15.00", 10))
    pair.act(order_id, "refund", lines=[{"line": 0, "quantity": 5}])
    pair.run(order_id)
    assert (pair.record(order_id).disposition, pair.record(order_id).code) == ("held", "refunded_after_booking")
    item = pair.order(order_id)["items"][0]["item_id"]
    invoice = pair.invoice(order_id, lines=[{"sku": "DOG-LEAD", "qty": 5}])
    pair.heartland.post("/_sim/staff/close_line", {"order": int(pair.record(order_id).target_id), "sku": "DOG-LEAD"})
    pair.follow_invoices()
    (shipment,) = pair.shipments(order_id)
    assert pair.shipped(shipment) == {item: D(5)}
    assert pair.record(invoice, "shipments").disposition == Record.Disposition.BOOKED
    assert pair.order(order_id)["state"] == "processing"  # as this release leaves it
    for _ in range(2):
        pair.follow_invoices()
        pair.poll()
    assert len(pair.shipments(order_id)) == 1
    pair.run(order_id)
    record = pair.record(order_id)
    assert (record.source_meaning, record.disposition, record.code) == ("shipped", "booked", "kept_as_given_back")
    assert (pair.there(order_id)["status"], D(str(pair.there(order_id)["total"]))) == ("closed", D(75))
    target = int(pair.record(order_id).target_id)
    (invoiced,) = [row for row in pair.heartland.rows("transactions") if row.get("order_id") == target]
    assert (D(str(invoiced["total"])), D(str(invoiced["total_paid"]))) == (D(75), D(75))
    assert not SyncError.objects.filter(connection=pair.connection).exclude(state="resolved").exists()


def test_an_order_on_hold_or_in_review_is_left_alone_until_it_goes_on(pair: Pair) -> None:
    order_id = pair.place(line("DOG-LEAD", "20.00", 2))
    pair.act(order_id, "hold")
    pair.poll()
    assert (pair.record(order_id).disposition, pair.record(order_id).code) == ("skipped", "status_not_eligible")
    assert "On Hold" in pair.record(order_id).reason
    pair.act(order_id, "unhold")
    pair.poll()
    assert pair.record(order_id).disposition == Record.Disposition.BOOKED


def test_an_order_that_is_cancelled_in_the_store_is_cancelled_in_heartland(pair: Pair) -> None:
    order_id = pair.book(line("DOG-LEAD", "20.00", 2), payment="authorized")
    pair.act(order_id, "cancel")
    pair.poll()
    assert (pair.record(order_id).disposition, pair.there(order_id)["status"]) == ("cancelled", "canceled")


def test_unpaid_orders_wait_where_only_paid_ones_are_wanted(pair: Pair) -> None:
    OrderSettings.objects.update(takes_unpaid=False)
    order_id = pair.place(line("DOG-LEAD", "20.00", 2), payment="authorized")
    pair.poll()
    assert (pair.record(order_id).disposition, pair.record(order_id).code) == ("skipped", "not_paid")
    pair.act(order_id, "invoice")
    pair.poll()
    assert (pair.record(order_id).disposition, pair.paid(order_id)) == ("booked", [D(40)])
