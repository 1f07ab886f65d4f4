"""The mark by which a sales order is known as ours: which web order it is, and which store that came from.

A number alone proves nothing: two stores of one account count alike, people and older programs use the same numbers.
Heartland note §4.5, §10.2: custom fields of the sales order, written with it, read back with every answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

BEFORE_ID = "#"  # behind a store's reference, where an order's number is not its id
LONGEST = 200  # characters of a custom field: Heartland publishes no length


@dataclass(frozen=True, kw_only=True)
class Marking:
    """Where a store's mark stands on a sales order."""

    store: str  # the store's reference, such as "bigcommerce:a1b2c3d4e5"
    number_field: str  # key of the order field for the web order number; "" when Heartland has none
    store_field: str  # … and for the store's reference
    former: tuple[tuple[str, str], ...] = ()  # the two keys as they were before, of what was marked then

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Keys of the two fields under which a mark may stand; none while a field is missing and always was."""
        own = (self.number_field, self.store_field)
        return [(number, store) for number, store in (own, *self.former) if number and store and number != store]


@dataclass(frozen=True, kw_only=True)
class Mark:
    """The mark of one store order.

    Where its number is not its id, others of the store may bear the same number: people read the number, and the
    store's reference goes on with the id, as in "shop:a1b2#881 Default Store View".
    """

    marking: Marking
    order_id: str
    number: str = ""  # what people call it, where that is not its id
    store_view: str = ""

    @property
    def reference(self) -> str:
        """The store's reference as it stands on this order."""
        if not self.number:
            return self.marking.store
        return f"{self.marking.store}{BEFORE_ID}{self.order_id} {self.store_view}".strip()

    def fields(self) -> dict[str, str]:
        """The custom fields that mark a sales order as this one."""
        pairs = {
            self.marking.number_field: self.number or self.order_id,
            self.marking.store_field: self.reference[:LONGEST].strip(),
        }
        return {key: value for key, value in pairs.items() if key}


class Owner(StrEnum):
    """Whose a sales order is, as far as its mark tells."""

    OURS = "ours"
    SOMEBODY_ELSES = "somebody_elses"  # it bears another mark
    UNKNOWN = "unknown"  # it bears none


def order_marked(answer: Mapping[str, Any], marking: Marking) -> str:
    """The web order whose mark this sales order of Heartland bears; "" when it is not this store's."""
    found = (_id_marked(_value(answer, number), _value(answer, store), marking) for number, store in marking.pairs)
    return next(filter(None, found), "")


def _id_marked(number: str, reference: str, marking: Marking) -> str:
    store, separator, rest = reference.partition(BEFORE_ID)
    if store != marking.store:
        return ""
    return rest.partition(" ")[0] if separator else number


def bears_mark(answer: Mapping[str, Any], mark: Mark) -> bool:
    """True when this sales order of Heartland is the store order's own."""
    return order_marked(answer, mark.marking) == mark.order_id


def owner(answer: Mapping[str, Any], mark: Mark) -> Owner:
    """Whose this sales order is. Another web order number, or another store, makes it somebody else's.

    A source without a store's reference, as it was written before there was a mark, says nothing.
    """
    if bears_mark(answer, mark):
        return Owner.OURS
    number, store = _value(answer, mark.marking.number_field), _value(answer, mark.marking.store_field)
    kind = mark.marking.store.partition(":")[0]
    is_other = number not in {"", mark.number or mark.order_id} or store not in {"", kind, mark.marking.store}
    return Owner.SOMEBODY_ELSES if is_other else Owner.UNKNOWN


def _value(answer: Mapping[str, Any], key: str) -> str:
    custom = answer.get("custom")
    value = custom.get(key) if key and isinstance(custom, Mapping) else None
    return "" if value is None else str(value).strip()
