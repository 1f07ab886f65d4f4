"""What an order comes to: tax, discount, delivery, currency, and what is paid beside money (apis/magento.md §7)."""

from __future__ import annotations

import json
from decimal import Decimal
from random import Random

import pytest

from ipaas.sandbox.magento.sales.cart import Cart, Coupon, CouponKind, Line, TaxRate, TaxRules
from ipaas.sandbox.magento.sales.document_money import invoice_money
from ipaas.sandbox.magento.sales.totals import totals, whole
from ipaas.sandbox.magento.shop.terms import COUPON_KINDS
from tests.sandbox.magento.magento_api import Api
from tests.sandbox.magento.sales_desk import amounts, items, line, order, place, refused, sim

ALGORITHMS = ("UNIT_BASE_CALCULATION", "ROW_BASE_CALCULATION", "TOTAL_BASE_CALCULATION")
GROSS = {"rates": {"DE VAT": "19"}, "prices_include_tax": True, "discounts_gross": True}
TEXAS = {"rates": {"TX": "8.25"}}
CUSTOMER = "a.lopez1@example.com"
PARTS = ("subtotal", "discount_amount", "shipping_amount", "tax_amount", "discount_tax_compensation_amount")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_coupon_on_prices_with_tax_leaves_the_compensation(shop: Api, algorithm: str) -> None:
    lines = (line("LAMP", "119.00"), line("CORD", "23.80", 3))
    found = order(shop, place(shop, *lines, tax=GROSS | {"algorithm": algorithm}, rule={"code": "TEN", "amount": "10"}))
    assert amounts(found, *PARTS, "grand_total") == ["160.00", "-19.04", "0.00", "27.36", "3.04", "171.36"]
    columns = ("price", "price_incl_tax", "row_total", "discount_amount", "tax_amount", PARTS[4])
    assert [amounts(row, *columns) for row in found["items"]] == [
        ["100.00", "119.00", "100.00", "11.90", "17.10", "1.90"],
        ["20.00", "23.80", "60.00", "7.14", "10.26", "1.14"],
    ]


def test_tax_over_the_total_carries_the_rest_from_row_to_row(shop: Api) -> None:
    lines = [line(f"PIN-{number}", "1.95", 3) for number in range(5)]
    by_total = order(shop, place(shop, *lines, tax=TEXAS))
    assert amounts(by_total, "subtotal", "tax_amount", "grand_total") == ["29.25", "2.41", "31.66"]
    assert [str(row["tax_amount"]) for row in by_total["items"]] == ["0.48", "0.49", "0.48", "0.48", "0.48"]
    by_row = order(shop, place(shop, *lines, tax=TEXAS | {"algorithm": "ROW_BASE_CALCULATION"}))
    assert amounts(by_row, "tax_amount", "grand_total") == ["2.40", "31.65"]
    by_unit = order(shop, place(shop, *lines, tax=TEXAS | {"algorithm": "UNIT_BASE_CALCULATION"}))
    assert [str(row["tax_amount"]) for row in by_unit["items"]] == ["0.48"] * 5


def test_two_taxes_of_one_address_are_told_apart(shop: Api) -> None:
    found = order(
        shop, place(shop, line("TENT", "40.00"), shipping_amount="8", tax={"rates": {"NY": "4", "NYC": "4.875"}})
    )
    assert amounts(found, "tax_amount", "shipping_tax_amount", "grand_total") == ["4.26", "0.71", "52.26"]
    extension = found["extension_attributes"]
    assert [(row["code"], row["percent"], row["amount"]) for row in extension["applied_taxes"]] == [
        ("NY", 4, Decimal("1.92")),
        ("NYC", Decimal("4.875"), Decimal("2.34")),
    ]
    assert [(row["code"], row["base_amount"], row["position"]) for row in extension["taxes"]] == [
        ("NY", Decimal("1.92"), 0),
        ("NYC", Decimal("2.34"), 1),
    ]
    assert [(row["type"], row.get("item_id")) for row in extension["item_applied_taxes"]] == [
        ("product", found["items"][0]["item_id"]),
        ("shipping", None),
    ]


def test_a_percentage_that_goes_for_the_delivery_takes_its_tax_along(shop: Api) -> None:
    rule = {"code": "HALF", "amount": "50", "to_shipping": True}
    found = order(shop, place(shop, line("MUG", "20.00"), rule=rule, shipping_amount="8", tax=TEXAS))
    names = ("discount_amount", "shipping_discount_amount", "tax_amount", "shipping_tax_amount", "grand_total")
    assert amounts(found, *names) == ["-14.00", "4.00", "1.16", "0.33", "15.16"]


def test_a_delivery_with_tax_inside_is_taken_apart(shop: Api) -> None:
    tax = GROSS | {"shipping_includes_tax": True}
    found = order(shop, place(shop, line("LAMP", "119"), shipping_amount="5.95", tax=tax))
    names = ("shipping_amount", "shipping_tax_amount", "shipping_incl_tax", "tax_amount", "grand_total")
    assert amounts(found, *names) == ["5.00", "0.95", "5.95", "19.95", "124.95"]


@pytest.mark.parametrize(
    ("rule", "cuts"),
    [
        ({"kind": "by_fixed", "amount": "5"}, ["5.00", "15.00", "2.00"]),
        ({"kind": "cart_fixed", "amount": "7"}, ["3.26", "3.66", "0.08"]),
        ({"kind": "by_percent", "amount": "33.33"}, ["26.66", "30.00", "0.67"]),
        ({"kind": "free_shipping"}, ["0.00", "0.00", "0.00"]),
    ],
)
def test_each_kind_of_coupon_is_dealt_to_the_cent(shop: Api, rule: dict[str, str], cuts: list[str]) -> None:
    lines = (line("A", "80.00"), line("B", "30.00", 3), line("C", "1.00", 2))
    found = order(shop, place(shop, *lines, rule={"code": "ANY", **rule}, shipping_amount="4"))
    assert [amounts(row, "discount_amount")[0] for row in found["items"]] == cuts
    assert found["shipping_amount"] == (0 if rule["kind"] == "free_shipping" else 4)
    assert Decimal(found["discount_amount"]) == -sum(map(Decimal, cuts))


def test_a_fixed_product_tax_is_in_the_total_and_in_no_other_part(shop: Api) -> None:
    found = order(shop, place(shop, line("FRIDGE", "100.00", weee="4.00")))
    assert amounts(found, "subtotal", "tax_amount", "grand_total", "total_due") == [
        "100.00",
        "0.00",
        "104.00",
        "104.00",
    ]
    assert json.loads(found["items"][0]["weee_tax_applied"])[0]["row_amount"] == "4.0000"


def test_an_order_in_another_currency_has_every_amount_twice(shop: Api) -> None:
    found = order(shop, place(shop, line("KNIFE", "50.00", 2), currency="EUR", rate="0.92"))
    assert amounts(found, "base_grand_total", "grand_total", "base_to_order_rate") == ["100.00", "92.00", "0.92"]
    assert (found["base_currency_code"], found["order_currency_code"]) == ("USD", "EUR")
    assert amounts(found["items"][0], "base_price", "price", "row_total") == ["50.00", "46.00", "92.00"]


def test_gift_cards_and_credit_are_taken_off_the_total_at_commerce(shop: Api) -> None:
    shop.switch(profile="commerce-2.4.8")
    beside = {"gift_certificate": ["new:50.00"], "store_credit": "20", "customer": CUSTOMER}
    found = order(shop, place(shop, line("COAT", "95.57"), shipping_amount="5", **beside))
    extension = found["extension_attributes"]
    assert amounts(found, "grand_total", "total_due") == ["30.57", "30.57"]
    assert amounts(extension, "gift_cards_amount", "customer_balance_amount") == ["50.00", "20.00"]
    assert [(row["code"], row["amount"]) for row in extension["gift_cards"]] == [("GC000013", 50)]
    assert [shop.state.gift_cards.first(code="GC000013")["balance"]] == [0]  # type: ignore[index]
    paid = order(shop, place(shop, line("COAT", "95.57"), gift_certificate="new:500", currency="EUR", rate="0.917"))
    assert amounts(paid, "grand_total", "base_grand_total") == ["0.00", "0.00"]
    assert paid["payment"]["method"] == "free"


def test_open_source_has_neither_gift_cards_nor_credit(shop: Api) -> None:
    found = order(shop, place(shop, line("COAT", "95.57"), gift_certificate="new:50.00", store_credit="20"))
    assert amounts(found, "grand_total") == ["95.57"]
    assert not [name for name in found["extension_attributes"] if "gift" in name or "balance" in name]


@pytest.mark.parametrize(("variant", "child"), [("zero", ["0.00", "0.00"]), ("repeated", ["120.00", "240.00"])])
def test_the_child_of_a_configurable_has_no_price_or_its_parents(shop: Api, variant: str, child: list[str]) -> None:
    shop.switch(child_price=variant)
    jacket = line("TRL-JKT-M", "120.00", 2, children=[{"sku": "TRL-JKT-M", "price": "120.00"}]) | {
        "type": "configurable"
    }
    order_id = place(shop, jacket)
    parent, part = items(shop, order_id)
    assert amounts(part, "price", "row_total") == child
    assert (part["parent_item_id"], part["sku"], part["qty_ordered"]) == (parent["item_id"], "TRL-JKT-M", 2)
    assert part["parent_item"]["item_id"] == parent["item_id"]
    assert amounts(order(shop, order_id), "subtotal", "total_qty_ordered", "total_item_count") == [
        "240.00",
        "2.00",
        "1.00",
    ]


def test_a_bundle_carries_its_money_on_the_parts_or_on_itself(shop: Api) -> None:
    parts = [{"sku": "CUP", "price": "30.00", "quantity": 1}, {"sku": "SPOON", "price": "10.00", "quantity": 2}]
    kit = line("KIT", "42.00", 2, children=parts) | {"type": "bundle"}
    by_parts = items(shop, place(shop, kit | {"dynamic": True}))
    assert [amounts(row, "price", "row_total", "qty_ordered") for row in by_parts] == [
        ["50.00", "100.00", "2.00"],
        ["30.00", "60.00", "2.00"],
        ["10.00", "40.00", "4.00"],
    ]
    fixed = place(shop, kit)
    assert [amounts(row, "row_total")[0] for row in items(shop, fixed)] == ["84.00", "0.00", "0.00"]
    assert amounts(order(shop, fixed), "subtotal", "grand_total") == ["84.00", "84.00"]


def test_what_a_shopper_cannot_have_is_said_and_nothing_is_placed(shop: Api) -> None:
    before = len(shop.state.orders)
    for recipe, field in (
        ({"lines": []}, "lines"),
        ({"lines": [line("A", "1")], "view": "moon"}, "view"),
        ({"lines": [line("A", "1")], "coupon": "LASTYEAR"}, "coupon"),
        ({"lines": [line("A", "1", 0)]}, "quantity"),
        ({"lines": [line("A", "1")], "currency": "XXX"}, "currency"),
        ({"lines": [line("A", "1")], "colour": "red"}, "recipe"),
    ):
        assert sim(shop, "orders", recipe, status=422)["field"] == field
    assert len(shop.state.orders) == before
    assert refused(shop.get("/V1/orders/99999"), 404).startswith("The entity that was requested doesn't exist.")


def _random_cart(rng: Random) -> Cart:
    includes = rng.random() < 0.5
    rules = TaxRules(
        algorithm=rng.choice(ALGORITHMS),  # type: ignore[arg-type]
        prices_include_tax=includes,
        shipping_includes_tax=rng.random() < 0.5,
        discounts_gross=includes,
    )
    lines = tuple(
        Line(
            sku=f"S{number}",
            name="",
            product_id=0,
            product_type="simple",
            price=Decimal(rng.randrange(1, 20_000)) / 100,
            qty=Decimal(rng.randrange(1, 9)),
            weee=Decimal(rng.choice((0, 0, 250))) / 100,
            is_taxable=rng.random() < 0.9,
            takes_coupon=rng.random() < 0.8,
        )
        for number in range(rng.randrange(1, 7))
    )
    rates = tuple(
        TaxRate(code=f"T{n}", percent=Decimal(rng.randrange(1, 2_500)) / 100) for n in range(rng.randrange(3))
    )
    kind: CouponKind = rng.choice(COUPON_KINDS[:4])
    coupon = Coupon(code="C", label="C", kind=kind, amount=Decimal(rng.randrange(1, 9_000)) / 100, to_shipping=True)
    rate = Decimal(rng.choice((100, 92, 135))) / 100
    return Cart(
        lines=lines,
        rules=rules,
        rates=rates,
        shipping=Decimal(rng.randrange(2_000)) / 100,
        shipping_rates=rates,
        coupons=(coupon,) if rng.random() < 0.7 else (),
        to_order_rate=rate,
    )


@pytest.mark.parametrize("seed", range(200))
def test_the_parts_give_the_total_and_the_invoices_give_the_order(seed: int) -> None:
    rng = Random(seed)
    money = totals(_random_cart(rng))
    order_ = {"base_to_order_rate": 1, **money.order}
    rows = [{"item_id": number, "product_type": "simple", **item} for number, item in enumerate(money.items, 1)]
    weee = sum((row.get("weee_tax_applied_row_amount", Decimal(0)) for row in rows), Decimal(0))
    assert order_["grand_total"] == whole(order_) + weee
    assert all(value == round(value, 2) for value in order_.values() if isinstance(value, Decimal))
    everything = invoice_money(
        order_, [row | {"qty_ordered": Decimal(1)} for row in rows], {r["item_id"]: Decimal(1) for r in rows}
    )
    assert everything.columns["tax_amount"] == order_["tax_amount"]
    assert (
        everything.columns["grand_total"] - order_["grand_total"]
        == sum((row.get("weee_tax_applied_amount", Decimal(0)) for row in rows), Decimal(0)) - weee
    )
