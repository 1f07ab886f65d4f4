"""Attributes that somebody added to accounts, and how values of them are saved (apis/magento.md §3, §17)."""

from __future__ import annotations

from collections.abc import Iterable

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.state import Row, State

routes = Routes()
POINTS = "loyalty_points"  # what this shop's people added


def fill(state: State) -> None:
    """The attribute of the shared shop."""
    state.account_attributes.insert({"attribute_code": POINTS, "frontend_label": "Loyalty points"})


@routes.get("/V1/attributeMetadata/customer/custom")
def custom_list(call: Call) -> list[Row]:
    """All of them."""
    return [_metadata(row) for row in call.state.account_attributes.all()]


def merged(state: State, before: Iterable[Row], given: Iterable[Row]) -> list[Row]:
    """Values after a save: those sent take the place of their own alone, an empty one clears, unknown ones go lost."""
    known = {row["attribute_code"] for row in state.account_attributes.all()}
    values = {row["attribute_code"]: row.get("value") for row in (*before, *given) if row["attribute_code"] in known}
    return [{"attribute_code": code, "value": str(value)} for code, value in values.items() if value not in (None, "")]


def _metadata(row: Row) -> Row:
    return {
        "frontend_input": "text",
        "input_filter": "",
        "store_label": row["frontend_label"],
        "validation_rules": [],
        "multiline_count": 0,
        "visible": True,
        "required": False,
        "data_model": "",
        "options": [],
        "frontend_class": "",
        "user_defined": True,
        "sort_order": 100,
        "frontend_label": row["frontend_label"],
        "note": "",
        "system": False,
        "backend_type": "varchar",
        "attribute_code": row["attribute_code"],
    }
