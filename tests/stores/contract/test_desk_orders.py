"""Orders of Heartland's desk, of which the store keeps a record."""

from decimal import Decimal

import pytest

from errors.failures import Unreachable
from mappings.core.canonical.desk_order import DeskLine, DeskOrder, DeskUnit
from mappings.core.canonical.order import Address
from mappings.core.canonical.statuses import StatusMeaning
from syncjobs.stores import port
from tests.stores.contract.orders import LEADS
from tests.stores.under_test import LOST, RECORD, Counted, StoreUnderTest

MARK = "heartland-desk/shop.retail.heartland.us/100318"
HOME = Address(
    first_name="Ana", last_name="Lopez", company="", line_1="12 Elm St", line_2="", city="Austin", state="TX",
    postal_code="78701", country="US", phone="",
)  # fmt: skip


def made(under_test: StoreUnderTest, store: port.Store) -> DeskOrder:
    """Three pieces for 10.00 with 0.83 of tax, and 6.95 of shipping."""
    line = store.orders.order(under_test.order_place(**LEADS)).lines[0]
    units = (
        DeskUnit(quantity=2, price=Decimal("3.33"), price_with_tax=Decimal("3.61")),
        DeskUnit(quantity=1, price=Decimal("3.34"), price_with_tax=Decimal("3.61")),
    )
    return DeskOrder(
        mark=MARK, number="HT-1", account_id="", email="ana.lopez@example.org", billing=HOME, delivery=HOME,
        lines=(DeskLine(sku=line.sku, product_id=line.product_id, variant_id=line.variant_id, units=units),),
        shipping=Decimal("6.95"), shipping_tax=Decimal(0), tax=Decimal("0.83"), total=Decimal("17.78"),
    )  # fmt: skip


def test_one_is_recorded_to_the_cent_and_found_by_its_mark(under_test: StoreUnderTest) -> None:
    counted = Counted()
    store = under_test.opened(counted)
    order = made(under_test, store)
    before = len(counted.calls)
    assert store.desk_orders.recorded(MARK) == []
    head = store.desk_orders.record(order)
    assert [one.id for one in store.desk_orders.recorded(MARK)] == [head.id]
    assert len(counted.calls) - before == 3
    kept = store.orders.order(head.id)
    assert (head.total, kept.total, kept.tax, kept.shipping) == (
        Decimal("17.78"), Decimal("17.78"), Decimal("0.83"), Decimal("6.95"),
    )  # fmt: skip
    assert (kept.meaning, kept.external_order_id, kept.buyer.email) == (
        StatusMeaning.OPEN, MARK, "ana.lopez@example.org",
    )  # fmt: skip
    assert sum(line.quantity for line in kept.lines) == 3
    assert kept.consignments[0].address == kept.billing == HOME


def test_what_was_made_without_an_answer_is_found(under_test: StoreUnderTest) -> None:
    store = under_test.opened()
    order = made(under_test, store)
    under_test.spoil(RECORD, **LOST)
    with pytest.raises(Unreachable):
        store.desk_orders.record(order)
    assert len(store.desk_orders.recorded(MARK)) == 1
    assert store.desk_orders.recorded(f"{MARK}0") == []
