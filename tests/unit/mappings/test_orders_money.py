"""The money of store orders: every identity to the cent, whatever the store leaves open."""

import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.core.bigcommerce.orders import order_from_bigcommerce
from mappings.core.canonical.order import Order
from mappings.core.rules.money import cents
from tests.unit.mappings.payloads import JSON, Priced, lines_of, order_json

D = Decimal
amounts = st.integers(0, 60_000).map(lambda n: D(n) / 100)
small = st.one_of(st.just(D(0)), st.integers(1, 4_000).map(lambda n: D(n) / 100))
prices = st.one_of(
    st.integers(0, 50_000).map(lambda n: D(n) / 100), st.integers(0, 5_000_000).map(lambda n: D(n) / 10_000)
)
rates = st.sampled_from([D(0), D("8.25"), D("7"), D("8.875"), D("19"), D("20"), D("10.35")])


@st.composite
def priced_lines(draw: st.DrawFn) -> Priced:
    line = Priced(price=draw(prices), quantity=draw(st.integers(1, 24)), wrap=draw(small))
    coupon = draw(st.integers(0, int(line.worth * 100)).map(lambda n: D(n) / 100))
    manual = draw(st.integers(0, int((line.worth - coupon) * 100)).map(lambda n: D(n) / 100))
    keeps = draw(st.sampled_from(["none", "coupon", "both"]))
    return Priced(
        price=line.price,
        quantity=line.quantity,
        wrap=line.wrap,
        coupon=coupon if keeps != "none" else D(0),
        manual=manual if keeps == "both" else D(0),
    )


@st.composite
def store_orders(draw: st.DrawFn, told: bool | None = None) -> JSON:
    shipping = draw(amounts)
    style = draw(st.sampled_from(["coupon", "lowered", "both"]))
    lines = draw(st.lists(priced_lines(), min_size=1, max_size=7))
    knows = draw(st.booleans()) if told is None else told
    # a shipping coupon that hides in coupon_discount is told by what no line claims: more than rounding could be
    least = len(lines) + 1
    coupon = draw(st.one_of(st.just(0), st.integers(least, max(least, int(shipping * 100))))) if knows else 0
    return order_json(
        *lines,
        rate=draw(rates),
        inclusive=draw(st.booleans()),
        shipping=max(shipping, D(coupon) / 100),
        shipping_coupon=D(coupon) / 100,
        shipping_style=style,
        handling=draw(small),
        fees=tuple(draw(st.lists(small.filter(bool), max_size=2))),
        told=knows,
    )


def composed(order: Order) -> Decimal:
    charges = sum((charge.amount for charge in order.charges), D(0))
    return order.subtotal - order.discount + order.shipping + charges + order.wrapping + order.tax


@given(store_orders())
def test_parts_before_tax_and_the_tax_make_the_total(answer: JSON) -> None:
    order = order_from_bigcommerce(answer)
    assert order.violations == ()
    assert order.total == answer["total_inc_tax"]
    assert order.tax == answer["total_tax"]
    assert composed(order) == order.total
    assert order.subtotal == sum(line.total for line in order.lines)
    assert order.discount == sum(line.discount for line in order.lines)
    assert order.wrapping == sum(line.wrap.cost for line in order.lines if line.wrap)
    for line in order.lines:
        assert line.discount >= 0
        assert line.net >= 0
        assert all(amount == cents(amount) for amount in (line.total, line.discount, line.tax))


@given(store_orders())
def test_line_taxes_are_the_tax_on_goods(answer: JSON) -> None:
    order = order_from_bigcommerce(answer)
    beside = answer["shipping_cost_tax"] + answer["handling_cost_tax"] + answer["wrapping_cost_tax"]
    beside += sum((fee["cost_tax"] for fee in answer["fees"]), D(0))
    if any(line.net for line in order.lines):
        assert sum(line.tax for line in order.lines) == order.tax - beside


@given(store_orders(told=True))
def test_lines_keep_the_discounts_they_tell(answer: JSON) -> None:
    order = order_from_bigcommerce(answer)
    if not answer["is_tax_inclusive_pricing"]:
        for line, row in zip(order.lines, lines_of(answer), strict=True):
            assert line.discount == sum((d["amount"] for d in row["applied_discounts"]), D(0))
        assert order.shipping == answer["base_shipping_cost"] - order_shipping_coupon(answer)


def order_shipping_coupon(answer: JSON) -> Decimal:
    """What the shopper did not pay of the base shipping cost, from the totals alone."""
    told = sum((d["amount"] for row in lines_of(answer) for d in row["applied_discounts"]), D(0))
    fees: Decimal = sum((fee["cost_ex_tax"] for fee in answer["fees"]), D(0))
    beside = answer["handling_cost_ex_tax"] + answer["wrapping_cost_ex_tax"] + fees
    paid = answer["total_ex_tax"] - answer["subtotal_ex_tax"] + told - beside
    return Decimal(answer["base_shipping_cost"] - paid)


def retyped(value: Any, style: str) -> Any:
    """The same JSON with money as the API might write it."""
    if isinstance(value, Decimal):
        texts = {"four": f"{value:.4f}", "plain": str(value), "number": value}
        return texts[style]
    if isinstance(value, dict):
        return {key: retyped(item, style) for key, item in value.items()}
    return [retyped(item, style) for item in value] if isinstance(value, list) else value


@given(store_orders(), st.sampled_from(["four", "plain"]))
def test_the_spelling_of_amounts_changes_nothing(answer: JSON, style: str) -> None:
    assert order_from_bigcommerce(retyped(answer, style)) == order_from_bigcommerce(answer)


MONEY_FIELDS = [
    "subtotal_ex_tax", "subtotal_inc_tax", "shipping_cost_ex_tax", "shipping_cost_inc_tax", "handling_cost_ex_tax",
    "handling_cost_inc_tax", "wrapping_cost_ex_tax", "wrapping_cost_inc_tax", "total_ex_tax", "total_inc_tax",
    "total_tax", "discount_amount", "coupon_discount", "subtotal_tax", "shipping_cost_tax", "gift_certificate_amount",
]  # fmt: skip


@given(store_orders(), st.sampled_from(MONEY_FIELDS), st.sampled_from([D("0.01"), D("-0.01"), D("7.35")]))
def test_an_amount_that_is_off_is_told_or_does_not_matter(answer: JSON, field: str, off: Decimal) -> None:
    bent = copy.deepcopy(answer)
    bent[field] += off
    order = order_from_bigcommerce(bent)
    if not order.violations:
        assert composed(order) == order.total == bent["total_inc_tax"]
        assert sum(tender.amount for tender in order.tenders) == order.total
    if field in {"total_inc_tax", "total_ex_tax", "total_tax"}:
        assert order.violations


def test_the_sentence_says_which_identity_failed_with_its_numbers() -> None:
    answer = order_json(Priced(price=D("120.00")), shipping=D("8.00"), rate=D("8.25"))
    answer["total_ex_tax"] = D("127.00")
    answer["total_inc_tax"] = D("137.56")
    (violation,) = order_from_bigcommerce(answer).violations
    assert violation.code == "money_does_not_add_up"
    assert violation.field == "order total"
    assert violation.sentence == (
        "Order 10432: goods before tax 120.00 + shipping 8.00 = 128.00, but its total before tax is 127.00: 1.00 apart"
    )


@pytest.mark.parametrize(
    ("changes", "identity"),
    [
        ({"total_tax": D("1.00")}, "order tax"),
        ({"subtotal_ex_tax": D("19.99"), "total_ex_tax": D("19.99"), "total_inc_tax": D("19.99")}, "order lines"),
        ({"wrapping_cost_ex_tax": D(3), "total_ex_tax": D(23), "total_inc_tax": D(23)}, "gift wrapping"),
        ({"discount_amount": D("-5"), "total_ex_tax": D(25), "total_inc_tax": D(25)}, "negative amount"),
        ({"gift_certificate_amount": D("20.01")}, "tenders"),
    ],
)
def test_each_broken_identity_has_its_name(changes: JSON, identity: str) -> None:
    answer = order_json(Priced(price=D(20)), **changes)
    assert identity in {violation.field for violation in order_from_bigcommerce(answer).violations}


def test_tax_parts_decide_revenue_only_where_prices_include_tax() -> None:
    line = Priced(price=D(120))
    before_tax = order_json(line, rate=D(20), shipping=D(12), subtotal_tax=D("1.00"))
    with_tax = order_json(line, rate=D(20), shipping=D(12), inclusive=True, subtotal_tax=D("1.00"))
    assert order_from_bigcommerce(before_tax).violations == ()
    assert [v.field for v in order_from_bigcommerce(with_tax).violations] == ["tax parts"]


def test_a_price_with_tax_is_split_into_revenue_and_tax() -> None:
    answer = order_json(
        Priced(price=D("19.99"), quantity=3, coupon=D("10.00")), rate=D(20), inclusive=True, shipping=D("6.00")
    )
    order = order_from_bigcommerce(answer)
    assert order.total == D("55.97")
    assert order.tax == D("9.33")  # 8.33 of 49.97 and 1.00 of 6.00
    assert order.shipping == D("5.00")
    (line,) = order.lines
    assert line.net == D("41.64")
    assert line.tax == D("8.33")
    assert line.total == D("49.97")  # 59.97 before tax; the coupon of 10.00 is 8.33 of it
    assert line.discount == D("8.33")


def test_discounts_that_no_line_tells_fall_on_the_lines_by_what_they_bring() -> None:
    answer = order_json(
        Priced(price=D(10), manual=D("3.33")), Priced(price=D(20), manual=D("6.67")), told=False, shipping=D(8)
    )
    order = order_from_bigcommerce(answer)
    assert [line.discount for line in order.lines] == [D("3.33"), D("6.67")]
    assert order.shipping == D(8)


def test_a_coupon_that_no_line_tells_lowers_shipping_where_lines_know_discounts() -> None:
    order = order_from_bigcommerce(order_json(Priced(price=D(10)), shipping=D(8), shipping_coupon=D(8)))
    assert (order.shipping, order.shipping_discount, order.discount) == (D(0), D(8), D(0))


def test_bundled_children_and_free_lines_stay_at_zero() -> None:
    answer = order_json(Priced(price=D(64), coupon=D("6.40")), Priced(price=D(0)), Priced(price=D(0)))
    lines_of(answer)[1] |= {"is_bundled_product": True, "parent_order_product_id": 88000}
    order = order_from_bigcommerce(answer)
    assert [line.net for line in order.lines] == [D("57.60"), D(0), D(0)]
    assert [line.is_bundled_child for line in order.lines] == [False, True, False]


def test_an_order_that_cost_nothing_has_no_tenders() -> None:
    answer = order_json(Priced(price=D("9.99"), quantity=3, coupon=D("29.97")))
    order = order_from_bigcommerce(answer)
    assert order.total == 0
    assert order.tenders == ()


def test_certificates_and_credit_are_tenders_and_the_gateway_took_the_rest() -> None:
    answer = order_json(Priced(price=D(120)), certificate=D(25), credit=D("5.55"))
    order = order_from_bigcommerce(answer)
    assert [(t.kind, t.amount) for t in order.tenders] == [
        ("gateway", D("89.45")),
        ("gift_certificate", D("25.00")),
        ("store_credit", D("5.55")),
    ]
    assert order.total == D(120)
    paid_up = order_from_bigcommerce(order_json(Priced(price=D(25)), certificate=D(25)))
    assert [(t.kind, t.amount) for t in paid_up.tenders] == [("gift_certificate", D(25))]
