"""Formats at the border (note §8): money, dates and ids as V2 and V3 write and read them."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Any

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
CENT = Decimal("0.01")


def money4(value: Decimal) -> str:
    """V2 money: text with four decimals."""
    return f"{value:.4f}"


def money2(value: Decimal) -> str:
    """The two-decimals text of old stores (§9.3), behind a switch."""
    return f"{value:.2f}"


def rate10(value: Decimal) -> str:
    """V2 exchange rates: text with ten decimals."""
    return f"{value:.10f}"


def rfc2822(seconds: int | None) -> str:
    """V2 date; empty text when not set."""
    if seconds is None:
        return ""
    at = time.gmtime(seconds)
    return (
        f"{DAYS[at.tm_wday]}, {at.tm_mday:02d} {MONTHS[at.tm_mon - 1]} {at.tm_year:04d} "
        f"{at.tm_hour:02d}:{at.tm_min:02d}:{at.tm_sec:02d} +0000"
    )


def iso_z(seconds: int | None) -> str | None:
    """V3 date with a Z."""
    return None if seconds is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def iso_offset(seconds: int | None) -> str | None:
    """V3 date with +00:00, as the catalog and refunds write it."""
    return None if seconds is None else time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(seconds))


def parse_date(text: str) -> int:
    """Unix seconds of an RFC 2822 or ISO 8601 text; without a zone it is UTC (§6.1). Raises ValueError."""
    text = text.strip()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        try:
            at = parsedate_to_datetime(text)
        except (TypeError, IndexError) as exc:
            raise ValueError(f"not a date: {text}") from exc
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


def parse_decimal(value: Any) -> Decimal:
    """A number given as JSON number or text. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError("not a number")
    try:
        number = Decimal(value)
    except InvalidOperation as exc:
        raise ValueError("not a number") from exc
    if not number.is_finite():
        raise ValueError("not a number")
    return number


def parse_int(value: Any) -> int:
    """A whole number given as JSON number or text. Raises ValueError."""
    number = parse_decimal(value)
    if number != int(number):
        raise ValueError("not a whole number")
    return int(number)


def number(value: Decimal | None) -> int | Decimal | None:
    """V3 money: an integer when whole, as the official examples have it."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else value.normalize()
