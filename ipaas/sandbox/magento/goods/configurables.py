"""Configurables: the attributes that tell the children apart, and the children (note §14.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ipaas.sandbox.magento.errors import Refused, bad
from ipaas.sandbox.magento.goods.product_rows import product_values, products_of
from ipaas.sandbox.magento.state import Row, State

NO_AXES = "The parent product doesn't have configurable product options."
NO_VALUE = 'The child product doesn\'t have the "%1" attribute value. Verify the value and try again.'
SAME_VALUES = 'Products "%1" and "%2" have the same set of attribute values.'
NO_LINK = 'The product with id "%1" does not exist.'
NUMBERS_PER_PRODUCT = 10  # ids of a configurable's options follow from the product's


def axes_wanted(state: State, product_id: int, wishes: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The complete new axes of a configurable. Raises `Refused`."""
    axes: list[Row] = []
    for wish in wishes:
        axes = axes_with(state, product_id, axes, wish)
    return axes


def axes_with(state: State, product_id: int, axes: Sequence[Row], wish: Mapping[str, Any]) -> list[Row]:
    """The axes with one more, or with the one of the wish's attribute in another form."""
    attribute = state.attributes.get(int(wish.get("attribute_id") or 0))
    if attribute is None:
        raise bad('"%fieldName" is required. Enter and try again.', fieldName="attribute_id")
    values = [int(value["value_index"]) for value in wish.get("values") or ()]
    if not values:
        raise bad("Option values are not specified.")
    held = next((axis for axis in axes if axis["attribute_id"] == attribute["id"]), None)
    number = held["id"] if held else _free_number(product_id, axes)
    axis = {
        "id": number,
        "attribute_id": attribute["id"],
        "label": wish.get("label") or attribute["default_frontend_label"],
        "position": wish.get("position") or 0,
        "values": values,
    }
    return [*(other for other in axes if other["id"] != number), axis]


def _free_number(product_id: int, axes: Sequence[Row]) -> int:
    first = product_id * NUMBERS_PER_PRODUCT
    return max((axis["id"] for axis in axes), default=first) + 1


def links_wanted(state: State, axes: Sequence[Row], ids: Iterable[int]) -> list[int]:
    """The complete new children. Raises `Refused` where one lacks a value or two are alike (§14.4)."""
    wanted = list(dict.fromkeys(ids))
    if wanted and not axes:
        raise bad(NO_AXES)
    seen: dict[tuple[Any, ...], str] = {}
    for number in wanted:
        child = state.products.get(number)
        if child is None:
            raise Refused(404, NO_LINK, [number])
        choice = axis_values(state, axes, child)
        if choice in seen:
            raise bad(SAME_VALUES, seen[choice], child["sku"])
        seen[choice] = child["sku"]
    return wanted


def axis_values(state: State, axes: Sequence[Row], child: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells a child apart: its value on each axis. Raises `Refused` naming the attribute it lacks."""
    values = product_values(child)
    choice = []
    for axis in axes:
        attribute = state.attributes.get(axis["attribute_id"]) or {}
        code = attribute.get("attribute_code", "")
        if not values.get(code):
            raise bad(NO_VALUE, code)
        choice.append(values[code])
    return tuple(choice)


def children_of(state: State, product: Mapping[str, Any]) -> list[Row]:
    """The children that are there."""
    return products_of(state, product["child_ids"])


def parents_of(state: State, product: Mapping[str, Any]) -> list[Row]:
    """Configurables that sell a product; one of the long list knows its own by number."""
    stored = [row for row in state.products.stored() if product["id"] in row["child_ids"]]
    own = products_of(state, [product["parent_id"]]) if "parent_id" in product else []
    return stored + [row for row in own if product["id"] in row["child_ids"] and row not in stored]
