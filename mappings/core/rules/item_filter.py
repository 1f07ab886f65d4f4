"""Which of Heartland's items a merchant wants in the store: conditions on any attribute, custom fields too."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from mappings.core.canonical.product import Facts, number

YES = frozenset({"true", "yes", "1", "on"})
NO = frozenset({"false", "no", "0", "off", ""})


class Operator(StrEnum):
    """How a condition compares."""

    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


@dataclass(frozen=True, kw_only=True)
class Condition:
    """`field` is an attribute of the item or the key of a custom field."""

    field: str
    operator: Operator
    value: str

    def holds(self, facts: Facts) -> bool:
        found, wanted = text_of(facts, self.field), self.value.strip().casefold()
        match self.operator:
            case Operator.IS:
                return same(found, wanted)
            case Operator.IS_NOT:
                return not same(found, wanted)
            case Operator.CONTAINS:
                return wanted in found
            case Operator.AT_LEAST | Operator.AT_MOST:
                return self._is_within(number(found), number(wanted))

    def _is_within(self, found: Decimal | None, limit: Decimal | None) -> bool:
        if found is None or limit is None:
            return False
        return found >= limit if self.operator == Operator.AT_LEAST else found <= limit


def conditions_of(rows: Iterable[Mapping[str, str]]) -> list[Condition]:
    """Conditions as they are stored."""
    return [Condition(field=row["field"], operator=Operator(row["operator"]), value=row["value"]) for row in rows]


def fits(facts: Facts, conditions: Iterable[Condition]) -> bool:
    """Whether an item is active and every condition holds."""
    return bool(facts.get("active?")) and all(condition.holds(facts) for condition in conditions)


def text_of(facts: Facts, field: str) -> str:
    """The value of an attribute (`?` may be left out) or custom field, as text that compares; "" when blank."""
    name = "number" if field == "public_id" else field.removesuffix("?")
    custom: Mapping[str, Any] = facts["custom"]
    value = custom.get(name) if name in custom else facts.get(name, facts.get(f"{name}?"))
    return "" if value is None else str(value).strip().casefold()


def same(found: str, wanted: str) -> bool:
    """Equal as text, as numbers, or as yes and no."""
    if found == wanted:
        return True
    mine, theirs = number(found), number(wanted)
    if mine is not None and theirs is not None and mine == theirs:
        return True
    return (found in YES and wanted in YES) or (found in NO and wanted in NO)
