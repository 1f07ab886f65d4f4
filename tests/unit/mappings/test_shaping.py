"""Orders shaped for Heartland: its own arithmetic gives the store's total, and nothing gets lost on the way."""

from collections import Counter
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given

from errors.failures import ConfigurationFailure
from mappings.core.bigcommerce.orders import order_from_bigcommerce
from mappings.core.canonical.order import HeartlandOrder, Order
from mappings.core.heartland.shape_order import order_to_heartland
from tests.unit.mappings.payloads import JSON, Priced, lines_of, lookups_for, order_json
from tests.unit.mappings.test_orders_money import store_orders

D = Decimal


def shaped(answer: JSON, **changes: Any) -> tuple[Order, HeartlandOrder]:
    order = order_from_bigcommerce(answer)
    return order, order_to_heartland(order, lookups_for(order, **changes))


def lines(result: HeartlandOrder) -> list[JSON]:
    rows = result.header["lines"]
    assert isinstance(rows, list)
    return rows


def heartland_total(result: HeartlandOrder) -> Decimal:
    """As Heartland computes it (note §21.2), independently of our own arithmetic."""
    values = [(row["qty"] * row["adjusted_unit_price"]).quantize(D("0.01"), ROUND_HALF_UP) for row in lines(result)]
    return sum(values, D(0)) + result.tax + Decimal(str(result.header["shipping_charge"]))


@given(store_orders())
def test_heartland_computes_what_the_shopper_was_charged(answer: JSON) -> None:
    order, result = shaped(answer)
    assert heartland_total(result) == result.total == order.total == answer["total_inc_tax"]
    assert sum(tender.amount for tender in result.tenders) == result.total
    assert all(tender.amount > 0 for tender in result.tenders)
    assert result.line_count == len(lines(result))


@given(store_orders())
def test_no_piece_is_lost_or_doubled(answer: JSON) -> None:
    order, result = shaped(answer)
    item_ids = lookups_for(order).item_ids
    sold = Counter({int(item_ids[line.sku]): line.quantity for line in order.lines})
    booked: Counter[int] = Counter()
    for row in lines(result):
        booked[row["item_id"]] += row["qty"]
    wraps, fees = booked.pop(100901, 0), booked.pop(100902, 0)
    assert booked == sold
    assert wraps == sum(1 for line in order.lines if line.wrap)
    assert fees == len(order.charges)


@given(store_orders())
def test_the_same_order_is_shaped_the_same(answer: JSON) -> None:
    assert shaped(answer) == shaped(answer)


def test_a_plain_order_as_json() -> None:
    answer = order_json(
        Priced(price=D("24.00"), quantity=2, coupon=D("4.80"), sku="TEE-RED-M"), shipping=D("6.95"), rate=D("8.25")
    )
    _, result = shaped(answer, item_ids={"TEE-RED-M": "100412"}, order_fields={"ecommerce_number": "10432"})
    assert result.header == {
        "public_id": "BC-10432",
        "customer_id": 100220,
        "source_location_id": 100007,
        "station_id": 100070,
        "billing_address_id": 100871,
        "shipping_address_id": 100871,
        "shipping_method_id": 100003,
        "shipping_charge": D("6.95"),
        "sales_rep": "BigCommerce",
        "custom": {"ecommerce_number": "10432"},
        "lines": [
            {"item_id": 100412, "qty": 2, "original_unit_price": D("24.00"), "adjusted_unit_price": D("21.60")},
        ],
    }
    assert (result.public_id, result.tax, result.total) == ("BC-10432", D("4.13"), D("54.28"))
    (tender,) = result.tenders
    assert (tender.payment_type_id, tender.amount, tender.reference) == ("100009", D("54.28"), "ch_9x1")
    assert tender.description == "BigCommerce order 10432: Credit Card"


def test_a_net_that_does_not_divide_becomes_two_lines_a_cent_apart() -> None:
    _, result = shaped(order_json(Priced(price=D("10.00"), quantity=3, coupon=D("10.00"))))
    assert [(row["qty"], row["original_unit_price"], row["adjusted_unit_price"]) for row in lines(result)] == [
        (1, D("10.00"), D("6.66")),
        (2, D("10.00"), D("6.67")),
    ]


def test_wrapping_fees_and_handling_are_lines_of_configured_items_with_exact_amounts() -> None:
    answer = order_json(
        Priced(price=D("20.00"), quantity=2, wrap=D("6.05")),
        rate=D("8.25"),
        handling=D("2.50"),
        fees=(D("3.00"),),
    )
    lines_of(answer)[0] |= {"wrapping_message": "Happy birthday"}
    order, result = shaped(answer)
    extra = [(row["item_id"], row["qty"], row["adjusted_unit_price"], row["custom"]) for row in lines(result)[1:]]
    assert extra == [
        (100901, 1, D("6.05"), {"web_note": "Kraft paper “Happy birthday”"}),
        (100902, 1, D("2.50"), {"web_note": "Handling"}),
        (100902, 1, D("3.00"), {"web_note": "Fee 0"}),
    ]
    assert result.total == order.total == heartland_total(result)


def test_bundled_children_are_own_lines_at_price_zero() -> None:
    answer = order_json(Priced(price=D("64.00"), sku="KIT"), Priced(price=D(0), quantity=2, sku="MUG"))
    lines_of(answer)[1] |= {"is_bundled_product": True, "parent_order_product_id": 88000}
    _, result = shaped(answer)
    assert [(row["qty"], row["adjusted_unit_price"]) for row in lines(result)] == [(1, D("64.00")), (2, D("0.00"))]


def test_lines_stay_undistributed_unless_a_location_ships_them() -> None:
    answer = order_json(Priced(price=D(5)), fees=(D(1),))
    assert all("ship_from_location_id" not in row for row in lines(shaped(answer)[1]))
    assert {row["ship_from_location_id"] for row in lines(shaped(answer, ship_from_id="100005")[1])} == {100005}


def test_customisations_are_written_to_the_line() -> None:
    engraving = {"type": "Text field", "display_name": "Engraving", "display_value": "ANA", "value": "ANA"}
    _, result = shaped(order_json(Priced(price=D(5), options=(engraving,))), line_fields={"channel": "web"})
    assert lines(result)[0]["custom"] == {"channel": "web", "web_note": "Engraving: ANA"}


def test_an_order_without_charge_has_no_payment() -> None:
    _, result = shaped(order_json(Priced(price=D("9.99"), coupon=D("9.99"))))
    assert (result.total, result.tenders) == (D(0), ())


def test_the_fingerprint_changes_with_the_content_only() -> None:
    answer = order_json(Priced(price=D(5)))
    same = order_json(Priced(price=D(5)), date_modified="Wed, 07 Jan 2026 10:00:00 +0000", status_id=2)
    dearer = order_json(Priced(price=D("5.01")))
    assert shaped(answer)[1].fingerprint == shaped(same)[1].fingerprint
    assert shaped(answer)[1].fingerprint != shaped(dearer)[1].fingerprint


def test_money_that_does_not_add_up_is_never_shaped() -> None:
    order = order_from_bigcommerce(order_json(Priced(price=D(5)), total_tax=D(1)))
    with pytest.raises(ConfigurationFailure) as caught:
        order_to_heartland(order, lookups_for(order))
    assert [violation.code for violation in caught.value.violations] == ["money_does_not_add_up"]


def test_a_canonical_order_whose_parts_miss_the_total_is_refused() -> None:
    order = order_from_bigcommerce(order_json(Priced(price=D(5))))
    bent = replace(order, shipping=D("0.01"))
    with pytest.raises(ConfigurationFailure, match=r"make 5\.01, but its total is 5\.00"):
        order_to_heartland(bent, lookups_for(bent))
