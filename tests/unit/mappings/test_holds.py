"""Every reason to hold an order, all at once, each with field, value and fix."""

from dataclasses import replace
from typing import Any

import pytest

from errors.failures import Violation
from mappings.core.bigcommerce.orders import order_from_bigcommerce
from mappings.core.canonical.order import Order
from mappings.core.rules.holds import fields_of_group, order_violations
from mappings.core.rules.lookups import OrderLookups, RequiredField
from tests.unit.mappings.payloads import ADDRESS, JSON, D, Priced, lines_of, lookups_for, order_json
from tests.unit.mappings.test_customised import COLOR, option

PAGES = {"fields", "items", "locations", "orders", "payments", "shipping", "heartland", "store"}


def violations(answer: JSON, **changes: Any) -> dict[str, Violation]:
    order = order_from_bigcommerce(answer)
    found = order_violations(order, lookups_for(order, **changes))
    assert all(v.sentence and v.fix and v.fix_page in {*PAGES, "order/10432"} for v in found)
    assert len({(v.code, v.field, v.value) for v in found}) == len(found)
    return {v.code: v for v in found}


def plain(*lines: Priced, **changes: Any) -> JSON:
    return order_json(*(lines or (Priced(price=D(5)),)), **changes)


def test_an_ordinary_order_passes() -> None:
    assert violations(plain()) == {}
    assert violations(plain(currency_code="CAD")) == {}  # only shown in it: all amounts are in default_currency_code


@pytest.mark.parametrize(
    ("answer", "lookups", "code", "field", "value"),
    [
        (plain(), {"item_ids": {}}, "item_not_linked", "sku", "SKU-0"),
        (plain(), {"payment_type_ids": {}}, "payment_unmapped", "payment_method", "Credit Card"),
        (plain(certificate=D(5)), {"payment_type_ids": {}}, "payment_unmapped", "payment_method", "gift_certificate"),
        (plain(), {"shipping_method_ids": {}}, "shipping_unmapped", "shipping_method", "Flat Rate"),
        (plain(), {"location_id": ""}, "source_location_missing", "source_location", ""),
        (plain(), {"station_id": ""}, "station_missing", "station", ""),
        (plain(), {"currency": "CAD"}, "currency_differs", "currency", "USD"),
        (plain(), {"currency": ""}, "currency_unknown", "currency", ""),
        (plain(default_currency_code=""), {}, "currency_differs", "currency", ""),
        (plain(default_currency_code="EUR", currency_code="USD"), {}, "currency_differs", "currency", "EUR"),
        (plain(handling=D(2)), {"fee_item_id": ""}, "fee_unmapped", "fee", "Handling"),
        (plain(fees=(D(2),)), {"fee_item_id": ""}, "fee_unmapped", "fee", "Fee 0"),
        (plain(Priced(price=D(5), wrap=D(3))), {"gift_wrap_item_id": ""}, "gift_wrap_unmapped", "gift_wrap",
         "Kraft paper"),
        (plain(Priced(price=D(5), options=(option("Text field", "Engraving", "ANA"),))), {"holds_customised": True},
         "customised_line", "customisation", "Engraving"),
        (plain(Priced(price=D(5), options=(option("Text field", "Engraving", "ANA"),))), {"line_note_field": ""},
         "customised_line", "customisation", "Engraving"),
        (plain(Priced(price=D(5), options=(option("Text field", "Text", "x" * 250),))), {}, "target_limit_exceeded",
         "line_note", ""),
        (plain(Priced(price=D(5), options=(COLOR,))), {}, "customisation_unclear", "customisation", "Color"),
        (plain(status_id=14), {}, "partially_refunded", "status", ""),
        (plain(billing_address={}), {}, "address_incomplete", "billing_address", ""),
        (plain(billing_address=ADDRESS | {"zip": ""}), {}, "address_incomplete", "billing_address.postal_code", ""),
        (plain(billing_address=ADDRESS | {"city": "x" * 101}), {}, "target_limit_exceeded", "billing_address.city", ""),
        (plain(billing_address=ADDRESS | {"street_1": "x " * 300}), {}, "target_limit_exceeded",
         "billing_address.line_2", ""),
        (plain(billing_address=ADDRESS | {"email": "ana@"}), {}, "email_invalid", "billing_address.email", ""),
        (plain(total_tax=D(1)), {}, "money_does_not_add_up", "order tax", "order tax"),
    ],
)  # fmt: skip
def test_a_reason_with_field_and_value(answer: JSON, lookups: JSON, code: str, field: str, value: str) -> None:
    found = violations(answer, **lookups)
    assert list(found) == [code]
    assert (found[code].field, found[code].value) == (field, value)


def test_all_reasons_come_at_once() -> None:
    answer = plain(Priced(price=D(5), wrap=D(3)), Priced(price=D(6)), handling=D(2), certificate=D(1))
    changes = {"item_ids": {}, "payment_type_ids": {}, "shipping_method_ids": {}, "gift_wrap_item_id": "",
               "fee_item_id": "", "station_id": ""}  # fmt: skip
    order = order_from_bigcommerce(answer)
    codes = [v.code for v in order_violations(order, lookups_for(order, **changes))]
    assert codes == [
        "station_missing", "item_not_linked", "item_not_linked", "gift_wrap_unmapped", "fee_unmapped",
        "payment_unmapped", "payment_unmapped", "shipping_unmapped",
    ]  # fmt: skip


def test_a_sku_that_is_missing_twice_is_one_reason_with_its_near_miss() -> None:
    answer = plain(Priced(price=D(5), sku="CMP-KETL"), Priced(price=D(5), sku="CMP-KETL"))
    hint = "Heartland has “cmp-ketl”, which differs in capital and small letters."
    found = violations(answer, item_ids={}, near_misses={"CMP-KETL": hint})
    assert found["item_not_linked"].sentence == f"No Heartland item has the Item # “CMP-KETL”. {hint}"


def test_lines_that_no_item_can_stand_for() -> None:
    answer = plain(Priced(price=D(5)), Priced(price=D(50)))
    first, second = lines_of(answer)
    first |= {"sku": "", "product_id": 0, "name": "Rush handling"}
    second |= {"type": "giftcertificate", "gift_certificate_id": 3, "sku": ""}
    found = violations(answer)
    assert set(found) == {"line_without_sku", "gift_certificate_sold"}
    assert found["line_without_sku"].sentence.startswith("Order 10432: “Rush handling” has no SKU")


def test_several_destinations_and_no_lines() -> None:
    answer = plain(shipping_address_count=2)
    group = answer["consignments"]
    group["shipping"].append({**ADDRESS, "id": 5151, "shipping_method": "Flat Rate", "line_items": []})
    assert list(violations(answer)) == ["several_destinations"]
    empty = plain(items_total=0, subtotal_ex_tax=D(0), total_ex_tax=D(0), total_inc_tax=D(0))
    lines_of(empty).clear()
    assert list(violations(empty)) == ["order_without_lines"]


def test_a_quantity_below_one() -> None:
    order = order_from_bigcommerce(plain())
    bent = replace(order, lines=(replace(order.lines[0], quantity=0),))
    assert [v.code for v in order_violations(bent, lookups_for(bent))] == ["quantity_not_positive"]


def test_digital_and_pickup_orders_need_no_shipping_method() -> None:
    answer = plain(order_is_digital=True)
    rows = answer["consignments"]["shipping"].pop()["line_items"]
    answer["consignments"]["downloads"] = [{"line_items": rows}]
    assert violations(answer, shipping_method_ids={}) == {}


def test_free_wrapping_can_be_a_note() -> None:
    answer = plain()
    lines_of(answer)[0] |= {"wrapping_id": 4, "wrapping_name": "Plain box"}
    assert violations(answer, gift_wrap_item_id="") == {}
    assert list(violations(answer, gift_wrap_item_id="", line_note_field="")) == ["gift_wrap_unmapped"]


REQUIRED = (
    RequiredField(group="customer", key="tier", name="Tier"),
    RequiredField(group="sales.order", key="channel", name="Channel"),
    RequiredField(group="sales.order.line_item", key="reason", name="Reason"),
    RequiredField(group="payment", key="gateway", name="Gateway"),
    RequiredField(group="item", key="brand", name="Brand"),
    RequiredField(group="sales.transaction", key="till", name="Till"),
)


def test_required_custom_fields_without_value_are_named() -> None:
    order = order_from_bigcommerce(plain())
    found = order_violations(order, lookups_for(order, required_fields=REQUIRED))
    assert [v.field for v in found] == [
        "customer.tier", "sales.order.channel", "sales.order.line_item.reason", "payment.gateway",
    ]  # fmt: skip
    filled = lookups_for(
        order,
        required_fields=REQUIRED,
        customer_fields={"tier": "web"},
        order_fields={"channel": "web"},
        line_fields={"reason": "web"},
        payment_fields={"gateway": "web"},
    )
    assert order_violations(order, filled) == ()


def test_groups_of_custom_fields() -> None:
    order = order_from_bigcommerce(plain())
    lookups: OrderLookups = lookups_for(order, order_fields={"a": "1"}, line_fields={"b": "2"})
    assert fields_of_group(lookups, "sales.order") == {"a": "1"}
    assert fields_of_group(lookups, "sales.order.line_item") == {"b": "2"}
    assert fields_of_group(lookups, "purchasing.order") is None


def test_reasons_tell_nothing_personal() -> None:
    answer = plain(
        billing_address=ADDRESS | {"email": "ana@lopez", "zip": "", "city": "Secretville " * 20, "state": ""}
    )
    order: Order = order_from_bigcommerce(answer)
    text = repr(order_violations(order, lookups_for(order)))
    assert not any(word in text for word in ("Ana", "Lopez", "lopez", "Secretville", "Elm", "555"))
