"""What a store's order statuses mean, whatever it calls them, and what becomes of orders in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class StatusMeaning(StrEnum):
    """How far an order has come."""

    NOT_PLACED = "not_placed"  # the shopper has not finished it: there is no order yet
    UNPAID = "unpaid"
    OPEN = "open"  # waits to be packed
    PACKED = "packed"  # waits for the carrier
    PART_SHIPPED = "part_shipped"
    SHIPPED = "shipped"
    COMPLETED = "completed"
    PICKUP = "pickup"  # waits to be collected
    REFUNDED = "refunded"
    PART_REFUNDED = "part_refunded"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    CHECK = "check"  # somebody has to look at it in the store first
    DISPUTED = "disputed"
    UNKNOWN = "unknown"  # none that the store documents


LEFT = (StatusMeaning.SHIPPED, StatusMeaning.COMPLETED)  # all of it is on its way or there
ENDED = (StatusMeaning.CANCELLED, StatusMeaning.DECLINED)
OVER = (*LEFT, StatusMeaning.REFUNDED, *ENDED)  # nothing is to be packed
PROGRESS: Mapping[StatusMeaning, int] = {  # how far shipping has come; an order in another status is not moved by us
    StatusMeaning.UNPAID: 0,
    StatusMeaning.OPEN: 0,
    StatusMeaning.PACKED: 0,
    StatusMeaning.PICKUP: 0,
    StatusMeaning.PART_SHIPPED: 1,
    StatusMeaning.SHIPPED: 2,
    StatusMeaning.COMPLETED: 3,
}


class Disposition(StrEnum):
    """What becomes of an order in a status."""

    SEND = "new_order"
    CANCEL = "cancel"
    HOLD = "hold"
    SKIP = "skip"


@dataclass(frozen=True, kw_only=True)
class Status:
    """A status of a store, and what we do with its orders unless the merchant says otherwise."""

    key: str  # as the store's API names it
    name: str  # as people know it
    meaning: StatusMeaning
    default_disposition: Disposition
    sentence: str
    is_settable: bool = True  # False: the store gives it alone, by what becomes of the order


Statuses = Mapping[str, Status]  # by key, in the order in which people see them


def settable(statuses: Statuses, *meanings: StatusMeaning) -> list[str]:
    """Keys of those that mean one of these and that we may move an order to."""
    return [key for key in keys_of(statuses, *meanings) if statuses[key].is_settable]


def keys_of(statuses: Statuses, *meanings: StatusMeaning) -> list[str]:
    """Keys of the statuses that mean one of these."""
    return [key for key, status in statuses.items() if status.meaning in meanings]
