"""Reads fields of outside JSON whose types cannot be trusted. BigCommerce note §8."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Any

from errors.failures import ContractBroken
from ipaas.cards import mask

LARGEST = Decimal(10) ** 10  # beyond any order: such a number is a fault, and arithmetic on it would lose cents
MISSING = (None, "")


@dataclass(frozen=True)
class Row:
    """One JSON object with the name people know it by. Every reader raises ContractBroken naming it and the field."""

    data: Mapping[str, Any]
    label: str  # "Order 10432", "Order 10432, line 88011"

    def amount(self, field: str, default: Decimal | None = None) -> Decimal:
        """Money sent as text or number, exactly as sent. Missing or blank is `default`, refused without one."""
        value = self.data.get(field)
        if value in MISSING:
            if default is None:
                raise self._broken(field, "is missing")
            return default
        if isinstance(value, bool | dict | list):
            raise self._broken(field, "is not an amount")
        try:
            number = Decimal(str(value).strip())
        except InvalidOperation as exc:
            raise self._broken(field, "is not an amount") from exc
        if not number.is_finite() or abs(number) >= LARGEST:
            raise self._broken(field, "is not an amount")
        return number

    def whole(self, field: str, default: int | None = None) -> int:
        """A whole number sent as text or number."""
        number = self.amount(field, None if default is None else Decimal(default))
        if number != number.to_integral_value():
            raise self._broken(field, "is not a whole number")
        return int(number)

    def text(self, field: str) -> str:
        """Text without outer white space and NUL; numbers become text; null, objects and lists become ""."""
        value = self.data.get(field)
        if value is None or isinstance(value, dict | list):
            return ""
        return str(value).replace("\x00", "").strip()

    def free_text(self, field: str) -> str:
        """What a person typed: card numbers are dropped."""
        return mask(self.text(field))

    def identifier(self, field: str) -> str:
        """An id as text; null, blank and 0 are ""."""
        text = self.text(field)
        return "" if text == "0" else text

    def flag(self, field: str) -> bool:
        """A boolean sent as such, as number or as text."""
        return self.text(field).lower() in {"true", "1", "yes"}

    def moment(self, field: str, default: datetime | None = None) -> datetime:
        """A date as RFC 2822 or ISO 8601 text, in UTC; text without zone is UTC."""
        text = self.text(field)
        if not text and default is not None:
            return default
        try:
            moment = datetime.fromisoformat(text) if text[:4].isdigit() else parsedate_to_datetime(text)
        except (ValueError, TypeError) as exc:
            raise self._broken(field, "is not a date") from exc
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)

    def rows(self, field: str, name: str) -> Iterator["Row"]:
        """The objects of a list, each named "<label>, <name> <id>"; a link, null or anything else is an empty list."""
        value = self.data.get(field)
        for item in value if isinstance(value, list) else ():
            if not isinstance(item, Mapping):
                raise self._broken(field, "holds something that is not an object")
            yield Row(item, f"{self.label}, {name} {item.get('id', '?')}")

    def inside(self, field: str) -> "Row":
        """An object in a field, under this row's own name; an empty one where there is none."""
        value = self.data.get(field)
        return Row(value if isinstance(value, Mapping) else {}, self.label)

    def _broken(self, field: str, what: str) -> ContractBroken:
        return ContractBroken(f"{self.label}: {field} {what}")
