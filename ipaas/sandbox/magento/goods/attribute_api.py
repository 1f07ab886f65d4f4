"""Routes of product attributes and their options (note §14.3, case M14)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import Refused, bad
from ipaas.sandbox.magento.goods.attribute_rows import (
    BACKEND_TYPES,
    OPTIONED,
    attribute_insert,
    attribute_named,
    attribute_shape,
    options_of,
    options_shape,
)
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.state import Row, State

routes = Routes()
CODE = re.compile(r"^[a-zA-Z][a-zA-Z0-9_]{0,59}$")
RESERVED = "container_"
BAD_CODE = (
    'The attribute code "%1" is invalid. Please use only letters (a-z or A-Z), numbers (0-9) or underscore (_) '
    "in this field, and the first character should be a letter."
)
TAKEN = "An attribute with this code already exists."
BAD_INPUT = 'Invalid value of "%value" provided for the %fieldName field.'
EXISTS = 'Admin store attribute option label "%1" is already exists.'
NO_LABEL = "The attribute option label is empty. Enter the value and try again."
NO_SOURCE = 'The "%1" attribute doesn\'t work with options.'
NO_OPTION = 'The "%1" attribute doesn\'t include an option with "%2" ID.'
TYPES = (
    ("text", "Text Field"),
    ("textarea", "Text Area"),
    ("texteditor", "Text Editor"),
    ("date", "Date"),
    ("datetime", "Date and Time"),
    ("boolean", "Yes/No"),
    ("multiselect", "Multiple Select"),
    ("select", "Dropdown"),
    ("price", "Price"),
    ("media_image", "Media Image"),
    ("swatch_visual", "Visual Swatch"),
    ("swatch_text", "Text Swatch"),
)


@routes.get("/V1/products/attributes")
def attribute_list(call: Call) -> Row:
    """Attributes by their columns."""
    return call.search(call.state.attributes, lambda row: attribute_shape(call.state, row, call.store_id))


@routes.get("/V1/products/attributes/types")
def types_list(call: Call) -> list[Row]:
    """How an attribute may be filled in."""
    return [{"value": value, "label": label} for value, label in TYPES]


@routes.get("/V1/products/attributes/{attributeCode}")
def attribute_get(call: Call) -> Row:
    """One attribute with its options."""
    return attribute_shape(call.state, attribute_named(call.state, call.path["attributeCode"]), call.store_id)


@routes.post("/V1/products/attributes")
def attribute_post(call: Call) -> Row:
    """Make an attribute, with the options that come along. It belongs to no set yet."""
    wish, state = dict(call.body["attribute"]), call.state
    code, kind = str(wish.get("attribute_code") or ""), wish.get("frontend_input") or "text"
    labels = _labels(wish)
    if not wish.get("default_frontend_label") and not labels:
        raise bad('"%fieldName" is required. Enter and try again.', fieldName="frontend_label")
    if not CODE.match(code) or code.startswith(RESERVED):
        raise bad(BAD_CODE, code)
    if state.attributes.first(attribute_code=code) is not None:
        raise bad(TAKEN)
    if kind not in BACKEND_TYPES:
        raise bad(BAD_INPUT, fieldName="frontend_input", value=kind)
    options = wish.pop("options", None) or ()
    wish.pop("attribute_id", None)
    row = attribute_insert(state, {**wish, "frontend_input": kind, "is_user_defined": True, "labels": labels})
    for option in options:
        option_add(state, row, option)
    return attribute_shape(state, row, call.store_id)


@routes.put("/V1/products/attributes/{attributeCode}")
def attribute_put(call: Call) -> Row:
    """Change an attribute; its code and kind of input stay."""
    state = call.state
    row = attribute_named(state, call.path["attributeCode"])
    wish = {name: value for name, value in call.body["attribute"].items() if name not in FIXED}
    labels = _labels(wish)
    row = state.update(state.attributes, row["id"], wish | ({"labels": labels} if labels else {}))
    for option in call.body["attribute"].get("options") or ():
        if not option.get("value"):
            option_add(state, row, option)
    return attribute_shape(state, row, call.store_id)


FIXED = ("attribute_id", "attribute_code", "frontend_input", "backend_type", "options", "entity_type_id")


def _labels(wish: Mapping[str, Any]) -> dict[str, str]:
    return {str(row["store_id"]): row.get("label") or "" for row in wish.get("frontend_labels") or ()}


@routes.delete("/V1/products/attributes/{attributeCode}")
def attribute_delete(call: Call) -> bool:
    """Delete an attribute that the merchant made."""
    state = call.state
    row = attribute_named(state, call.path["attributeCode"])
    if not row["is_user_defined"]:
        raise bad("The system attribute can't be deleted.")
    for table in (state.options, state.set_attributes):
        for held in table.find(attribute_id=row["id"]):
            table.delete(held["id"])
    return state.attributes.delete(row["id"])


# --- options ---------------------------------------------------------------------------------------


def option_add(
    state: State,
    attribute: Mapping[str, Any],
    wish: Mapping[str, Any],
    option_id: int | None = None,
    *,
    is_admin: bool = False,
) -> Row:
    """Add an option. Refused where another one has the label, or has it as its id (M14), unless healed of that.

    In Admin only labels are compared, and a test may number the option itself.
    """
    label = str(wish.get("label") or "").strip()
    if not label:
        raise bad(NO_LABEL)
    held = options_of(state, attribute["attribute_id"])
    taken = {row["labels"]["0"] for row in held}
    if state.switches["label_check"] == "label_or_id" and not is_admin:
        taken |= {str(row["id"]) for row in held}
    if label in taken:
        raise bad(EXISTS, wish.get("label"))
    return state.options.insert(
        {
            "id": option_id,
            "attribute_id": attribute["attribute_id"],
            "sort_order": wish.get("sort_order") or 0,
            "is_default": bool(wish.get("is_default")),
            "labels": {"0": label, **_store_labels(wish)},
        }
    )


def _store_labels(wish: Mapping[str, Any]) -> dict[str, str]:
    return {str(row.get("store_id")): row.get("label") or "" for row in wish.get("store_labels") or ()}


def _optioned(call: Call) -> Row:
    row = attribute_named(call.state, call.path["attributeCode"])
    if row["frontend_input"] not in OPTIONED:
        raise bad(NO_SOURCE, row["attribute_code"])
    return row


def _option(call: Call, attribute: Mapping[str, Any]) -> Row:
    number = str(call.path["optionId"])
    row = call.state.options.get(int(number)) if number.isdecimal() else None
    if row is None or row["attribute_id"] != attribute["attribute_id"]:
        raise Refused(404, NO_OPTION, [attribute["attribute_code"], number])
    return row


@routes.get("/V1/products/attributes/{attributeCode}/options")
def option_list(call: Call) -> list[Row]:
    """Options of an attribute, a blank one first."""
    row = attribute_named(call.state, call.path["attributeCode"])
    return options_shape(call.state, row, call.store_id) if row["frontend_input"] in OPTIONED else []


@routes.post("/V1/products/attributes/{attributeCode}/options")
def option_post(call: Call) -> str:
    """Add an option; the answer is its id, in old releases with a word in front (§14.3)."""
    number = option_add(call.state, _optioned(call), call.body["option"])["id"]
    return f"id_{number}" if call.state.switches["option_id_prefix"] else str(number)


@routes.put("/V1/products/attributes/{attributeCode}/options/{optionId}")
def option_put(call: Call) -> bool:
    """Change an option."""
    attribute = _optioned(call)
    row, wish = _option(call, attribute), call.body["option"]
    label = str(wish.get("label") or "").strip()
    if not label:
        raise bad(NO_LABEL)
    if any(
        other["labels"]["0"] == label and other["id"] != row["id"] for other in options_of(call.state, attribute["id"])
    ):
        raise bad(EXISTS, wish.get("label"))
    labels = {**row["labels"], "0": label, **_store_labels(wish)}
    order = row["sort_order"] if wish.get("sort_order") is None else wish["sort_order"]
    call.state.options.update(row["id"], labels=labels, sort_order=order)
    return True


@routes.delete("/V1/products/attributes/{attributeCode}/options/{optionId}")
def option_delete(call: Call) -> bool:
    """Delete an option; products keep its number."""
    return call.state.options.delete(_option(call, _optioned(call))["id"])
