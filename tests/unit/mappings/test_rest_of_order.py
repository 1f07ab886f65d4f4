"""What is left to be booked of an order beside sales orders that stay: property of the sums, and what cannot be."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.core.canonical.order import HeartlandOrder, HeartlandTender
from mappings.core.heartland.rest_of_order import CannotBeSplit, rest_of_order
from mappings.core.heartland.sales_orders import SalesOrder, sales_order_from_heartland
from mappings.core.rules.money import cents, unit_prices

D = Decimal
MONEY = st.integers(0, 5000).map(lambda value: D(value) / 100)


def shaped(goods: list[tuple[str, int, Decimal]], shipping: Decimal, tax: Decimal) -> HeartlandOrder:
    """Lines as the order's shaper writes them, of (item, pieces, net), paid by one payment."""
    lines: list[dict[str, Any]] = [
        {"item_id": item, "qty": count, "original_unit_price": price, "adjusted_unit_price": price}
        for item, pieces, net in goods
        for count, price in unit_prices(net, pieces)
    ]
    total = sum((net for _, _, net in goods), D(0)) + shipping + tax
    tender = HeartlandTender(payment_type_id="9", amount=total, description="", reference="")
    return HeartlandOrder(
        public_id="X-1", header={"lines": lines, "shipping_charge": shipping}, line_count=len(lines), tax=tax,
        tax_name="tax", tenders=(tender,), total=total, fingerprint="",
    )  # fmt: skip


def standing(order: HeartlandOrder) -> SalesOrder:
    answer = order.header | {
        "id": 1, "public_id": "X-1", "status": "closed", "total": order.total, "total_tax": order.tax,
        "payments": [{"id": 1, "payment_type_id": 9, "amount": order.total, "status": "complete"}],
    }  # fmt: skip
    return sales_order_from_heartland(answer)


ITEM = st.tuples(st.sampled_from(["A", "B", "C"]), st.integers(1, 7), MONEY)
ITEMS = st.lists(ITEM, min_size=1, max_size=3, unique_by=lambda one: one[0])


@given(before=ITEMS, more=ITEMS, money=st.tuples(MONEY, MONEY, MONEY, MONEY))
def test_what_stays_and_the_rest_make_the_order_to_the_cent(
    before: list[tuple[str, int, Decimal]],
    more: list[tuple[str, int, Decimal]],
    money: tuple[Decimal, Decimal, Decimal, Decimal],
) -> None:
    grown = {item: (count, net) for item, count, net in before}
    for item, count, net in more:
        pieces, worth = grown.get(item, (0, D(0)))
        grown[item] = pieces + count, worth + net
    shipping, tax, more_shipping, more_tax = money
    first = shaped(before, shipping, tax)
    whole = shaped([(item, *one) for item, one in grown.items()], shipping + more_shipping, tax + more_tax)
    rest = rest_of_order(whole, [standing(first)])
    assert rest.total + first.total == whole.total
    assert sum((one.amount for one in rest.tenders), D(0)) == rest.total
    lines: Any = rest.header["lines"]
    assert sum(line["qty"] for line in lines) == sum(count for _, count, _ in more)
    value = sum((cents(line["qty"] * line["adjusted_unit_price"]) for line in lines), D(0))
    assert value + D(str(rest.header["shipping_charge"])) + rest.tax == rest.total


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ([("A", 1, D(10))], "2 × item B"),
        ([("A", 1, D(10)), ("B", 1, D(5))], "1 × item B more"),
        ([("A", 1, D(9)), ("B", 2, D(10)), ("C", 1, D(1))], "item A at another price"),
        ([("A", 1, D(10)), ("B", 2, D(10))], "all of its goods"),
    ],
)
def test_what_stays_is_part_of_the_order_or_nothing_is_split(now: list[tuple[str, int, Decimal]], words: str) -> None:
    first = shaped([("A", 1, D(10)), ("B", 2, D(10))], D(0), D(0))
    with pytest.raises(CannotBeSplit, match=f"^{words}$"):
        rest_of_order(shaped(now, D(0), D(0)), [standing(first)])
