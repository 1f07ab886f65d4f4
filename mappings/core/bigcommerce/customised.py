"""Customised lines: what the shopper asked for beside the variant. BigCommerce note §10.2.

Variant choices and modifiers are mixed in `product_options`. Types that only modifiers have are customisations for
sure; a pick from a list stays an open choice until the variant's own options tell. `settle` does that, from variants
that were read once and kept, so that an ordinary order costs no extra call.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ipaas.cards import mask
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import Choice, Customisation, VariantOption

SURE_TYPES = frozenset({"text field", "multi-line text field", "date field", "file upload", "checkbox"})
PICK_LIST = "product pick list"
UNTICKED = frozenset({"", "no", "0", "false"})


def customisations_of(line: Row) -> tuple[Customisation, ...]:
    """What was surely asked for: filled-in fields, legacy configurable fields, the event date."""
    return tuple(_customisations(line))


def choices_of(line: Row, *, has_children: bool) -> tuple[Choice, ...]:
    """Picks from lists, which may be the variant. A pick list whose products became own lines is told by those."""
    return tuple(
        Choice(
            name=_name(option),
            value=_value(option),
            option_id=option.identifier("product_option_id"),
            value_id=option.text("value"),
        )
        for option in line.rows("product_options", "option")
        if (kind := option.text("type").lower()) not in SURE_TYPES
        and not (kind == PICK_LIST and has_children)
        and _value(option)
    )


def variant_options(variant: Mapping[str, Any]) -> tuple[VariantOption, ...]:
    """The options of a v3 variant (`option_values`)."""
    row = Row(variant, f"Variant {variant.get('id')}")
    return tuple(
        VariantOption(
            name=option.text("option_display_name"),
            value=option.text("label"),
            option_id=option.identifier("option_id"),
            value_id=option.identifier("id"),
        )
        for option in row.rows("option_values", "option")
    )


def _customisations(line: Row) -> Iterator[Customisation]:
    for option in line.rows("product_options", "option"):
        kind, value = option.text("type").lower(), _value(option)
        if kind == "file upload":
            value = _file_name(option)
        if kind in SURE_TYPES and value and not (kind == "checkbox" and value.lower() in UNTICKED):
            yield Customisation(name=_name(option), value=mask(value))
    for field in line.rows("configurable_fields", "field"):
        if value := field.free_text("value"):
            yield Customisation(name=field.text("name") or "Field", value=value)
    if event := line.text("event_date"):
        yield Customisation(name=line.text("event_name") or "Event date", value=event)


def _name(option: Row) -> str:
    return option.text("display_name_merchant") or option.text("display_name") or "Option"


def _value(option: Row) -> str:
    return option.text("display_value_merchant") or option.text("display_value") or option.text("value")


def _file_name(option: Row) -> str:
    """The name the shopper's file had; its value is a JSON text with paths of the store's server."""
    try:
        file = json.loads(option.text("value"))
    except ValueError:
        file = None
    name = file.get("originalName") if isinstance(file, dict) else None
    return str(name or option.text("display_value") or ("a file" if option.text("value") else ""))
