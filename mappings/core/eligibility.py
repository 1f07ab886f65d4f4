"""Which orders go to Heartland: by status, age and what has happened to them. BigCommerce note §9.1."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mappings.core.canonical import Order


class Disposition(StrEnum):
    """What becomes of an order in a status."""

    SEND = "new_order"
    CANCEL = "cancel"
    HOLD = "hold"
    SKIP = "skip"


@dataclass(frozen=True, kw_only=True)
class StatusInfo:
    """A BigCommerce order status and what we do with it unless the merchant says otherwise."""

    name: str
    default_disposition: Disposition
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Go:
    """The order should be in Heartland."""


@dataclass(frozen=True, kw_only=True)
class Cancel:
    """The order is in Heartland and must be cancelled there."""

    code: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Skip:
    """Nothing to do, and why."""

    code: str
    sentence: str


Decision = Go | Cancel | Skip

STATUSES: dict[int, StatusInfo] = {}


def decide(order: Order, *, eligible: Collection[int], history_start_at: datetime | None, is_booked: bool) -> Decision:
    """Go on, cancel in Heartland, or skip with a code and a sentence. `eligible` holds status ids."""
    raise NotImplementedError
