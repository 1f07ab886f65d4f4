"""Gift certificates (note §23)."""

from __future__ import annotations

from typing import Any

from ipaas.sandbox.bigcommerce.actions.orders import new_certificate_code
from ipaas.sandbox.bigcommerce.errors import invalid, missing, not_found, read_only
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.bigcommerce.wire import parse_date, parse_decimal, parse_int

STATUSES = ("active", "pending", "disabled", "expired")
REQUIRED = ("to_name", "to_email", "from_name", "from_email", "amount")
TEXTS = ("to_name", "to_email", "from_name", "from_email", "template", "message", "currency_code")
MONEY = ("amount", "balance")
CODE_LIMIT = 255


def certificate_get(state: State, certificate_id: int) -> Row:
    """The certificate. Raises 404."""
    row = state.gift_certificates.get(certificate_id)
    if row is None:
        raise not_found()
    return row


def _date(name: str, value: Any) -> int | None:
    """RFC 2822 in requests; "0" or nothing means none (§23)."""
    if value in ("", "0", 0, None):
        return None
    try:
        return parse_date(str(value))
    except ValueError as exc:
        raise invalid(name, "An RFC 2822 date is expected") from exc


def _read(state: State, body: Row, own_id: int | None) -> Row:
    lacking = next((name for name in REQUIRED if body.get(name) in (None, "")), None)
    if lacking:
        raise missing(lacking)
    found: Row = {}
    for name, value in body.items():
        if name == "id":
            raise read_only(name)
        found[name] = _field(name, value)
    code = found.get("code")
    if code and any(row["id"] != own_id for row in state.gift_certificates.find(code=code)):
        raise invalid("code", "The code is already in use")
    return found


def _field(name: str, value: Any) -> Any:
    try:
        if name in MONEY:
            return parse_decimal(value)
        if name in ("customer_id", "order_id"):
            return parse_int(value)
    except ValueError as exc:
        raise invalid(name, str(exc)) from exc
    if name in ("purchase_date", "expiry_date"):
        return _date(name, value)
    if name == "status" and value not in STATUSES:
        raise invalid(name, f"One of {', '.join(STATUSES)} is expected")
    if name not in (*TEXTS, "status", "code"):
        raise invalid(name, "Unknown field")
    if not isinstance(value, str) or (name == "code" and len(value) > CODE_LIMIT):
        raise invalid(name, "A string is expected")
    return value


def certificate_create(state: State, body: Row) -> Row:
    """POST: no e-mail is sent; a code is made when none is given."""
    row = _read(state, body, None)
    blank = {
        "customer_id": 0,
        "order_id": 0,
        "status": "active",
        "template": "celebration.html",
        "message": "",
        "purchase_date": state.now(),
        "expiry_date": None,
        "currency_code": state.profile()["currency"],
        "balance": row["amount"],
        "code": new_certificate_code(state),
    }
    return state.gift_certificates.insert({**blank, **row, "code": row.get("code") or blank["code"]})


def certificate_update(state: State, certificate_id: int, body: Row) -> Row:
    """PUT: wants the base fields again; `balance` is simply overwritten (§23)."""
    certificate_get(state, certificate_id)
    return state.gift_certificates.update(certificate_id, _read(state, body, certificate_id))


def certificate_delete(state: State, certificate_id: int) -> None:
    """DELETE of one certificate."""
    certificate_get(state, certificate_id)
    state.gift_certificates.delete(certificate_id)
