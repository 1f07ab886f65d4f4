"""Coupons written by API (official schema `coupon_Base`). Codes and names are unique; a PUT clears `applies_to`."""

from __future__ import annotations

import re
from typing import Any

from ipaas.sandbox.bigcommerce.errors import invalid, missing, not_found, read_only
from ipaas.sandbox.bigcommerce.rows import ZERO
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.bigcommerce.wire import parse_date, parse_decimal, parse_int

TYPES = (
    *("per_item_discount", "per_total_discount", "shipping_discount", "free_shipping", "percentage_discount"),
    "promotion",
)
REQUIRED = ("name", "type", "code", "amount", "applies_to")
NUMBERS = ("max_uses", "max_uses_per_customer")
MONEY = ("amount", "min_purchase")
CODE = re.compile(r"[A-Za-z0-9_\- ]{1,50}")
NAME_LIMIT = 100


def coupon_get(state: State, coupon_id: int) -> Row:
    """The coupon. Raises 404."""
    row = state.coupons.get(coupon_id)
    if row is None:
        raise not_found()
    return row


def coupon_create(state: State, body: Row) -> Row:
    """POST of a coupon. Raises 400."""
    lacking = next((name for name in REQUIRED if body.get(name) in (None, "")), None)
    if lacking:
        raise missing(lacking)
    blank: Row = {
        "min_purchase": ZERO,
        "expires": None,
        "enabled": True,
        "num_uses": 0,
        "max_uses": 0,
        "max_uses_per_customer": 0,
        "restricted_to": {},
        "shipping_methods": [],
        "date_created": state.now(),
    }
    return state.coupons.insert({**blank, **_read(state, body, None)})


def coupon_update(state: State, coupon_id: int, body: Row) -> Row:
    """PUT of a coupon; `applies_to` that is not sent again is cleared. Raises 400."""
    coupon_get(state, coupon_id)
    cleared = {"applies_to": {"entity": "categories", "ids": []}}
    return state.coupons.update(coupon_id, {**cleared, **_read(state, body, coupon_id)})


def _read(state: State, body: Row, own_id: int | None) -> Row:
    found = {name: _field(name, value) for name, value in body.items()}
    for name in ("code", "name"):
        if name in found and any(row[name] == found[name] and row["id"] != own_id for row in state.coupons.all()):
            raise invalid(name, f"The {name} is already in use")
    return found


def _field(name: str, value: Any) -> Any:
    if name in ("id", "num_uses", "date_created"):
        raise read_only(name)
    try:
        if name in MONEY:
            return parse_decimal(value)
        if name in NUMBERS:
            return parse_int(value)
        if name == "expires":
            return parse_date(str(value)) if value else None
    except ValueError as exc:
        raise invalid(name, str(exc)) from exc
    fits = {
        "name": isinstance(value, str) and 0 < len(value) <= NAME_LIMIT,
        "code": isinstance(value, str) and CODE.fullmatch(value) is not None,
        "type": value in TYPES if isinstance(value, str) else False,
        "enabled": isinstance(value, bool),
        "applies_to": _is_target(value),
        "restricted_to": isinstance(value, dict | list),
        "shipping_methods": isinstance(value, list),
    }
    if not fits.get(name, False):
        raise invalid(name, "Unknown field" if name not in fits else "The value is not valid")
    return value


def _is_target(value: Any) -> bool:
    if not isinstance(value, dict) or value.get("entity") not in ("products", "categories"):
        return False
    ids = value.get("ids")
    return isinstance(ids, list) and all(isinstance(one, int) and not isinstance(one, bool) for one in ids)
