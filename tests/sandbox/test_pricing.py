"""Pricing: the note's own example to the cent, and its identities for any cart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipaas.sandbox.bigcommerce.pricing import (
    Cart,
    CartLine,
    Coupon,
    CouponKind,
    Destination,
    Fee,
    Gateway,
    Goods,
    TaxRate,
    Wrapping,
    price,
)
from ipaas.sandbox.bigcommerce.pricing.money import spread
from ipaas.sandbox.bigcommerce.rows import (
    ADDRESS,
    COUPON,
    FEE,
    LINE,
    ORDER,
    TAX,
    TENDER,
    PricedOrder,
    Row,
    complete,
)

D = Decimal
TEXAS = TaxRate(id=1, name="State Tax", rate=D("8.2500"))
GOODS_ONLY = TaxRate(id=2, name="Goods Tax", rate=D("7.2500"), on_shipping=False)
LOCAL = TaxRate(id=3, name="Local Tax", rate=D("4.8750"))
ANA = {"first_name": "Ana", "last_name": "Lopez", "email": "ana@example.com"}
SAVE10 = Coupon(id=4, code="SAVE10", name="10% off", kind=CouponKind.PERCENT, amount=D(10))


def goods(amount: Decimal | str, **more: Any) -> Goods:
    return Goods(name="Thing", price=D(amount), product_id=412, variant_id=2207, sku="SB", **more)


def cart(*lines: CartLine, **more: Any) -> Cart:
    stop = Destination(address=ANA, method="Flat Rate", cost=D("8.00"), taxes=(TEXAS,))
    return Cart(**{"lines": lines, "billing": ANA, "destinations": (stop,), **more})


def line(amount: str, quantity: int = 1, **more: Any) -> CartLine:
    return CartLine(**{"goods": goods(amount), "quantity": quantity, "address": 0, **more})


def test_the_example_of_the_note_comes_out_to_the_cent() -> None:
    made = price(cart(line("20", 2), line("80"), coupon=SAVE10, certificates=(("GC7-XXX-XXX-001", D(50) / 2),)))
    order = made.order
    assert {
        key: order[key]
        for key in (
            "subtotal_ex_tax",
            "subtotal_inc_tax",
            "subtotal_tax",
            "shipping_cost_ex_tax",
            "shipping_cost_inc_tax",
            "total_ex_tax",
            "total_inc_tax",
            "total_tax",
            "coupon_discount",
            "discount_amount",
            "gift_certificate_amount",
        )
    } == {
        "subtotal_ex_tax": D("120.00"),
        "subtotal_inc_tax": D("129.90"),
        "subtotal_tax": D("8.91"),
        "shipping_cost_ex_tax": D("8.00"),
        "shipping_cost_inc_tax": D("8.66"),
        "total_ex_tax": D("116.00"),
        "total_inc_tax": D("125.57"),
        "total_tax": D("9.57"),
        "coupon_discount": D("12.00"),
        "discount_amount": D(0),
        "gift_certificate_amount": D("25.00"),
    }
    first = made.lines[0]
    assert [first[key] for key in ("price_ex_tax", "price_inc_tax", "price_tax", "total_ex_tax", "total_inc_tax")] == [
        D("20"),
        D("21.65"),
        D("1.65"),
        D("40.00"),
        D("43.30"),
    ]
    assert (first["total_tax"], first["discounted_total_inc_tax"]) == (D("2.97"), D("38.97"))
    assert first["applied_discounts"] == [
        {"id": "coupon", "amount": D("4.00"), "name": "10% off", "code": "SAVE10", "target": "order"}
    ]
    assert made.coupons == [{"coupon_id": 4, "code": "SAVE10", "amount": D(10), "type": 1, "discount": D("12.00")}]
    assert [(row["method"], row["amount"]) for row in made.tenders] == [
        ("gift_certificate", D("25")),
        ("credit_card", D("100.57")),
    ]
    assert [(row["line_item_type"], row["line_amount"], row["priority_amount"]) for row in made.taxes] == [
        ("item", D("2.97"), D("9.57")),
        ("item", D("5.94"), D("9.57")),
        ("shipping", D("0.66"), D("9.57")),
    ]


def test_a_discount_that_does_not_divide_is_spread_to_the_cent() -> None:
    made = price(cart(line("10"), line("10"), line("10"), discount=D("10.00")))
    assert [row["applied_discounts"][0]["amount"] for row in made.lines] == [D("3.34"), D("3.33"), D("3.33")]
    assert made.order["discount_amount"] == D("10.00")


def test_a_total_coupon_and_a_manual_discount_stay_apart() -> None:
    seven = Coupon(id=1, code="ODD7", name="$7 off", kind=CouponKind.TOTAL, amount=D(7))
    made = price(cart(line("10"), line("20", takes_coupon=False), coupon=seven, discount=D("3.00")))
    assert (made.order["coupon_discount"], made.order["discount_amount"]) == (D("7.00"), D("3.00"))
    assert [found["id"] for found in made.lines[0]["applied_discounts"]] == ["total-coupon", "manual-discount"]
    assert [found["amount"] for found in made.lines[1]["applied_discounts"]] == [D("2.61")]


def test_shipping_coupons_lower_the_shipping_side_only() -> None:
    free = Coupon(id=2, code="FREESHIP", name="Free shipping", kind=CouponKind.FREE_SHIPPING, amount=D(0))
    made = price(cart(line("10"), coupon=free))
    assert [made.order[key] for key in ("base_shipping_cost", "shipping_cost_ex_tax", "shipping_cost_tax")] == [
        D("8.00"),
        D("0.00"),
        D("0.00"),
    ]
    assert (made.order["coupon_discount"], made.coupons[0]["discount"]) == (D(0), D("8.00"))
    assert made.order["total_inc_tax"] == D("10.83")


def test_store_credit_and_certificates_can_pay_everything() -> None:
    made = price(cart(line("10"), certificates=(("A", D(5)), ("B", D(100))), store_credit=D(9)))
    assert [(row["gateway"], row["amount"]) for row in made.tenders] == [
        ("giftcertificate", D(5)),
        ("giftcertificate", D("14.49")),
    ]
    assert made.order["payment_method"] == "Gift Certificate"
    paid = price(cart(line("10"), store_credit=D(100)))
    assert [(row["gateway"], row["amount"]) for row in paid.tenders] == [("storecredit", D("19.49"))]
    assert (paid.order["payment_method"], paid.order["store_credit_amount"]) == ("Store Credit", D("19.49"))


def test_gift_wrap_is_money_of_its_own() -> None:
    wrap = Wrapping(id=1, name="Kraft paper", price=D("3.00"), message="Enjoy")
    made = price(cart(line("27.95", 2, wrapping=wrap)))
    first = made.lines[0]
    assert (first["wrapping_name"], first["wrapping_cost_ex_tax"], first["wrapping_cost_tax"]) == (
        "Kraft paper",
        D("6.00"),
        D("0.50"),
    )
    assert first["total_ex_tax"] == D("55.90")
    assert made.order["wrapping_cost_inc_tax"] == D("6.50")
    assert made.taxes[1]["line_item_type"] == "gift-wrapping"


def test_pick_list_children_are_lines_without_a_price() -> None:
    children = (CartLine(goods=goods("16.25"), quantity=1), CartLine(goods=goods("14.50"), quantity=1))
    made = price(cart(line("5"), line("64", 2, children=children)))
    assert [(row.get("parent"), row["quantity"], row.get("is_bundled_product", False)) for row in made.lines] == [
        (None, 1, False),
        (None, 2, False),
        (1, 2, True),
        (1, 2, True),
    ]
    assert [complete(LINE, row)["total_inc_tax"] for row in made.lines[2:]] == [0, 0]
    assert made.order["subtotal_ex_tax"] == D("133.00")
    assert [row["line"] for row in made.taxes if row["line_item_type"] == "item"] == [0, 1]


def test_sold_certificates_are_neither_taxed_nor_discounted() -> None:
    sale = CartLine(goods=Goods(name="Gift certificate", price=D(50), type="giftcertificate"), quantity=1)
    made = price(Cart(lines=(sale,), billing=ANA, home_taxes=(TEXAS,), coupon=SAVE10))
    assert (made.order["total_inc_tax"], made.order["total_tax"], made.order["order_is_digital"]) == (D(50), D(0), True)
    assert made.addresses == made.taxes == []


def test_pickup_lines_point_at_the_pickup_method_and_have_no_address() -> None:
    made = price(
        Cart(
            lines=(line("10", address=None),),
            billing=ANA,
            home_taxes=(TEXAS,),
            pickup={"pickup_method_id": 1, "location": {}},
        )
    )
    assert (made.lines[0]["order_pickup_method_id"], made.addresses) == (1, [])
    assert made.order["total_inc_tax"] == D("10.83")
    assert made.taxes[0]["order_pickup_method_id"] == 1


def test_two_destinations_have_own_costs_and_own_taxes() -> None:
    stops = (Destination(address=ANA, cost=D(8), taxes=(TEXAS,)), Destination(address=ANA, cost=D("19.50"), taxes=()))
    made = price(cart(line("10"), line("20", address=1), destinations=stops))
    assert [row["cost_inc_tax"] for row in made.addresses] == [D("8.66"), D("19.50")]
    assert (made.order["shipping_cost_ex_tax"], made.order["total_tax"]) == (D("27.50"), D("1.49"))


def test_prices_with_tax_keep_the_entered_side_exact() -> None:
    made = price(cart(line("10.83", 3), prices_include_tax=True, coupon=SAVE10))
    assert (made.lines[0]["price_inc_tax"], made.lines[0]["price_ex_tax"]) == (D("10.83"), D("10.0046"))
    assert (made.order["subtotal_inc_tax"], made.order["coupon_discount"]) == (D("32.49"), D("3.25"))
    assert made.order["total_inc_tax"] == D("32.49") + D("8.00") - D("3.25")


# --- any cart -------------------------------------------------------------------------------------

amounts = st.decimals("0", "400", places=2)
rates = st.sampled_from([(), (TEXAS,), (GOODS_ONLY,), (TEXAS, LOCAL), (GOODS_ONLY, LOCAL)])
stops = st.builds(
    Destination, address=st.just(ANA), cost=amounts, handling=st.sampled_from([D(0), D("2.50")]), taxes=rates
)
extras = st.sampled_from([D(0), D("12.50")])
fees = st.builds(Fee, name=st.just("Fee"), amount=amounts)
wraps = st.none() | st.just(Wrapping(id=1, name="Kraft", price=D("3.33")))
coupons = st.none() | st.builds(
    Coupon,
    id=st.just(1),
    code=st.just("C"),
    name=st.just("C"),
    kind=st.sampled_from(list(CouponKind)),
    amount=st.decimals("0.01", "120", places=2),
)


@st.composite
def carts(draw: st.DrawFn) -> Cart:
    destinations = tuple(draw(st.lists(stops, min_size=1, max_size=3)))
    lines = draw(
        st.lists(
            st.builds(
                CartLine,
                goods=st.builds(goods, amounts),
                quantity=st.integers(1, 24),
                extra=extras,
                wrapping=wraps,
                address=st.integers(0, len(destinations) - 1) | st.none(),
                takes_coupon=st.booleans(),
                children=st.lists(st.builds(CartLine, goods=st.just(goods("9")), quantity=st.just(1)), max_size=2).map(
                    tuple
                ),
            ),
            min_size=1,
            max_size=6,
        )
    )
    return Cart(
        lines=tuple(lines),
        billing=ANA,
        destinations=destinations,
        home_taxes=draw(rates),
        coupon=draw(coupons),
        discount=draw(amounts),
        fees=tuple(draw(st.lists(fees, max_size=2))),
        certificates=tuple(draw(st.lists(st.tuples(st.just("GC"), amounts), max_size=2))),
        store_credit=draw(amounts),
        gateway=Gateway(),
        prices_include_tax=draw(st.booleans()),
    )


def total(rows: Iterable[Row], key: str) -> Decimal:
    return sum((row.get(key, D(0)) for row in rows), D(0))


@settings(max_examples=150, deadline=None)
@given(carts())
def test_the_identities_of_the_note_hold_for_any_cart(basket: Cart) -> None:
    made = price(basket)
    order, lines = made.order, made.lines
    side = "inc" if basket.prices_include_tax else "ex"
    costs = ("shipping_cost", "handling_cost", "wrapping_cost")
    beside_tax = sum(order[f"{cost}_tax"] for cost in costs) + total(made.fees, "cost_tax")
    beside = sum(order[f"{cost}_{side}_tax"] for cost in costs) + total(made.fees, f"cost_{side}_tax")
    discounts = order["discount_amount"] + order["coupon_discount"]
    assert order["total_tax"] == order["subtotal_tax"] + beside_tax
    assert order[f"total_{side}_tax"] == order[f"subtotal_{side}_tax"] + beside - discounts
    assert order["total_inc_tax"] - order["total_ex_tax"] == order["total_tax"]
    assert order["total_inc_tax"] == total(lines, "discounted_total_inc_tax") + sum(
        order[f"{c}_inc_tax"] for c in costs
    ) + total(made.fees, "cost_inc_tax")
    assert order["subtotal_ex_tax"] == total(lines, "total_ex_tax")
    assert order["subtotal_inc_tax"] == total(lines, "total_inc_tax")
    assert total(made.taxes, "line_amount") + total(made.fees, "cost_tax") == order["total_tax"]
    if not basket.prices_include_tax:
        assert order["subtotal_tax"] == total(lines, "total_tax")


@settings(max_examples=150, deadline=None)
@given(carts())
def test_parts_add_up_and_stay_in_bounds_for_any_cart(basket: Cart) -> None:
    made = price(basket)
    order = made.order
    taken = [found for row in made.lines for found in row.get("applied_discounts", ())]
    assert total(taken, "amount") == order["discount_amount"] + order["coupon_discount"]
    assert total(made.tenders, "amount") == order["total_inc_tax"]
    assert all(row["amount"] > 0 for row in made.tenders)
    assert total(made.addresses, "cost_inc_tax") == order["shipping_cost_inc_tax"]
    assert total(made.addresses, "handling_cost_tax") == order["handling_cost_tax"]
    assert total(made.lines, "wrapping_cost_inc_tax") == order["wrapping_cost_inc_tax"]
    assert all(row.get("discounted_total_inc_tax", D(0)) >= 0 for row in made.lines)
    assert order["discount_amount"] <= basket.discount
    money = [value for key, value in order.items() if isinstance(value, Decimal)]
    assert all(value == value.quantize(D("0.01")) for value in money)


@settings(max_examples=50, deadline=None)
@given(carts())
def test_every_row_is_made_of_known_fields(basket: Cart) -> None:
    made: PricedOrder = price(basket)
    complete(ORDER, made.order)
    for table, rows in (
        (LINE, made.lines),
        (ADDRESS, made.addresses),
        (TAX, made.taxes),
        (COUPON, made.coupons),
        (FEE, made.fees),
        (TENDER, made.tenders),
    ):
        for row in rows:
            complete(table, row)
    assert price(basket) == made


@given(st.lists(amounts, min_size=1, max_size=9), st.integers(0, 100))
def test_spreading_loses_no_cent_and_overdraws_nobody(weights: list[Decimal], percent: int) -> None:
    amount = (sum(weights, D(0)) * percent / 100).quantize(D("0.01"), "ROUND_DOWN")
    shares = spread(amount, weights)
    assert sum(shares) == (amount if sum(weights) else 0)
    assert all(0 <= share <= weight for share, weight in zip(shares, weights, strict=True))


@pytest.mark.parametrize(("taken", "off"), [(D("4.00"), D("4.00")), (D("99"), D("8.00"))])
def test_money_off_shipping_never_exceeds_it(taken: Decimal, off: Decimal) -> None:
    coupon = Coupon(id=1, code="SHIP4", name="off", kind=CouponKind.SHIPPING, amount=taken)
    made = price(replace(cart(line("10")), coupon=coupon))
    assert made.coupons[0]["discount"] == off
    assert made.order["shipping_cost_ex_tax"] == D("8.00") - off
