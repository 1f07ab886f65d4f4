"""Customised lines: told apart from variant choices, without a call where that is possible."""

import json
from collections.abc import Mapping

import pytest

from mappings.core.bigcommerce.customised import variant_options
from mappings.core.bigcommerce.orders import order_from_bigcommerce
from mappings.core.canonical.order import Customisation, Line, VariantOption
from mappings.core.rules.customised import settle, unsettled_products
from tests.unit.mappings.payloads import JSON, D, Priced, lines_of, order_json

COLOR = {
    "id": 301, "option_id": 44, "product_option_id": 190, "display_name": "Color", "display_name_merchant": "Color",
    "display_value": "Black", "display_value_merchant": "Black", "value": "611", "type": "Swatch",
}  # fmt: skip
STRAP = COLOR | {"product_option_id": 300, "display_name": "Strap", "display_name_merchant": "Strap",
                 "display_value": "Leather", "display_value_merchant": "Leather", "value": "900",
                 "type": "Multiple choice"}  # fmt: skip
BLACK = VariantOption(name="Color", value="Black", option_id="190", value_id="611")


def option(kind: str, name: str, value: str) -> JSON:
    return {"type": kind, "display_name": name, "display_value": value, "value": value, "product_option_id": 191}


def read(*options: Mapping[str, object], **changes: object) -> Line:
    answer = order_json(Priced(price=D(20), options=tuple(dict(row) for row in options)))
    lines_of(answer)[0].update(changes)
    (line,) = order_from_bigcommerce(answer).lines
    return line


@pytest.mark.parametrize(
    ("row", "asked"),
    [
        (option("Text field", "Engraving", "ANA"), ("Engraving", "ANA")),
        (option("Multi-line text field", "Dedication", "For\nAna"), ("Dedication", "For\nAna")),
        (option("Date field", "Deliver on", "Jan 6, 2026"), ("Deliver on", "Jan 6, 2026")),
        (option("Checkbox", "Monogram", "Yes"), ("Monogram", "Yes")),
        (option("Text field", "Engraving", ""), None),
        (option("Checkbox", "Monogram", "No"), None),
        (option("File Upload", "Art", json.dumps({"originalName": "logo.png", "temporaryPath": "/tmp/x"})),
         ("Art", "logo.png")),
        (option("File Upload", "Art", "a broken value"), ("Art", "a broken value")),
        (option("File Upload", "Art", ""), None),
    ],
)  # fmt: skip
def test_types_that_only_modifiers_have(row: JSON, asked: tuple[str, str] | None) -> None:
    line = read(row)
    assert line.choices == ()
    assert line.customisations == ((Customisation(name=asked[0], value=asked[1]),) if asked else ())


def test_legacy_fields_and_event_dates_are_customisations_too() -> None:
    line = read(
        configurable_fields=[{"name": "Initials", "value": "AL"}, {"name": "Blank", "value": ""}],
        event_name="Delivery",
        event_date="Tue, 06 Jan 2026 00:00:00 +0000",
    )
    assert [(row.name, row.value) for row in line.customisations] == [
        ("Initials", "AL"),
        ("Delivery", "Tue, 06 Jan 2026 00:00:00 +0000"),
    ]


def test_a_pick_from_a_list_stays_open_until_the_variant_is_known() -> None:
    order = order_from_bigcommerce(order_json(Priced(price=D(20), options=(COLOR, STRAP))))
    assert [choice.name for choice in order.lines[0].choices] == ["Color", "Strap"]
    assert unsettled_products(order, {}) == ("400",)
    assert unsettled_products(order, {"2200": []}) == ()
    (line,) = settle(order, {"2200": [BLACK]}).lines
    assert line.choices == ()
    assert line.customisations == (Customisation(name="Strap", value="Leather"),)


def test_a_variant_is_recognised_by_id_or_by_name_and_value() -> None:
    order = order_from_bigcommerce(order_json(Priced(price=D(20), options=(COLOR,))))
    renamed = VariantOption(name="Colour", value="Jet", option_id="190", value_id="611")
    made_anew = VariantOption(name="color", value="BLACK", option_id="777", value_id="778")
    for known in (renamed, made_anew):
        (line,) = settle(order, {"2200": [known]}).lines
        assert (line.choices, line.customisations) == ((), ())


def test_choices_of_an_unknown_variant_stay_open() -> None:
    order = order_from_bigcommerce(order_json(Priced(price=D(20), options=(COLOR,))))
    assert settle(order, {"999": [BLACK]}) == order


def test_a_line_without_product_asks_for_no_variant() -> None:
    answer = order_json(Priced(price=D(20), options=(COLOR,)))
    lines_of(answer)[0] |= {"product_id": 0, "variant_id": None}
    assert unsettled_products(order_from_bigcommerce(answer), {}) == ()


def test_a_pick_list_is_told_by_the_lines_it_made() -> None:
    mug = option("Product Pick List", "Mug", "Enamel Mug, Navy")
    answer = order_json(Priced(price=D(64), options=(mug,)), Priced(price=D(0)))
    assert [choice.name for choice in order_from_bigcommerce(answer).lines[0].choices] == ["Mug"]
    lines_of(answer)[1] |= {"is_bundled_product": True, "parent_order_product_id": 88000}
    assert order_from_bigcommerce(answer).lines[0].choices == ()


def test_the_options_of_a_variant() -> None:
    variant = {
        "id": 2207,
        "option_values": [{"id": 611, "label": "Black", "option_id": 190, "option_display_name": "Color"}],
    }
    assert variant_options(variant) == (BLACK,)
    assert variant_options({"id": 1, "option_values": []}) == ()
