"""BigCommerce's gift certificates. Its notes §23."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from mappings.core.canonical.card import HeldCard
from mappings.core.canonical.json_fields import Row
from mappings.core.rules.money import cents

ACTIVE, PENDING, DISABLED = "active", "pending", "disabled"
BASE = ("to_name", "to_email", "from_name", "from_email")  # which every change has to repeat, beside `amount`


def card_from_bigcommerce(answer: Mapping[str, Any], zone: ZoneInfo) -> HeldCard:
    """Read a certificate. Raises ContractBroken naming the field, and never the code."""
    row = Row(answer, "The gift certificate")
    return HeldCard(
        id=row.identifier("id"),
        number=row.text("code"),
        balance=cents(row.amount("balance")),
        face=cents(row.amount("amount")),
        is_good=row.text("status") == ACTIVE,
        is_pending=row.text("status") == PENDING,
        expires_on=_last_day(row, zone),
        order_id=row.identifier("order_id"),
        currency=row.text("currency_code"),
    )


def _last_day(row: Row, zone: ZoneInfo) -> date | None:
    """The day of unix seconds, 0 for none: midnight of UTC is a date without a time, anything else a moment."""
    seconds = row.whole("expiry_date", 0) if row.text("expiry_date") else 0
    if not seconds:
        return None
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.date() if moment.time() == time() else moment.astimezone(zone).date()


def certificate_body(number: str, balance: Decimal, holder: str, email: str) -> dict[str, Any]:
    """What makes a certificate of a card that the till sold: nobody is named on it but the shop."""
    people = {"to_name": "Gift card", "to_email": email, "from_name": holder, "from_email": email}
    return {**people, "code": number, "amount": str(balance), "status": ACTIVE}


def balance_body(answer: Mapping[str, Any], balance: Decimal, *, is_good: bool) -> dict[str, Any]:
    """What changes the balance of a certificate that was just read: the base fields stay as they are.

    One that is over is switched off; one that somebody switched off in the store stays so.
    """
    kept = {name: answer.get(name) for name in (*BASE, "amount")}
    return {**kept, "balance": str(balance), **({} if is_good else {"status": DISABLED})}
