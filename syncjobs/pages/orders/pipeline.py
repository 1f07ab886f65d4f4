"""Where a store's orders are between the shopper's click and the parcel: each in exactly one stage."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Min, Q, Sum
from django.urls import reverse

from connections.models import Connection
from connections.vocabulary import WORDS
from mappings.core.canonical.statuses import LEFT, StatusMeaning
from syncjobs.distribution.waiting_lines import WAITS_FOR_LOCATION
from syncjobs.models import GONE, IN_VAIN, Record
from syncjobs.pages.dashboard.dashboard_scope import Scope

State = Record.Disposition
PARTLY, REFUNDED = StatusMeaning.PART_SHIPPED, StatusMeaning.REFUNDED
BOOKED = Q(disposition=State.BOOKED)
LEFT_OPEN = BOOKED & (Q(is_distributed=False) & GONE | IN_VAIN)  # Record.is_left_open
DISTRIBUTED = BOOKED & Q(is_distributed=True) & ~IN_VAIN
STAGES: dict[str, tuple[str, Q]] = {
    "coming": (WORDS["in_flight"], Q(disposition__in=[State.IN_FLIGHT, State.RETRYING])),
    "waiting": (WORDS["held"], Q(disposition__in=[State.HELD, State.DEAD])),
    "distribute": ("To distribute", WAITS_FOR_LOCATION),
    "left": ("Left, open in Heartland", LEFT_OPEN),
    "packing": ("Being packed", DISTRIBUTED & ~Q(source_meaning__in=[*LEFT, PARTLY, REFUNDED])),
    "partly": ("Partly shipped", DISTRIBUTED & Q(source_meaning=PARTLY)),
    "shipped": ("Shipped", DISTRIBUTED & Q(source_meaning__in=LEFT)),
    "ended": (
        "Cancelled, given back, skipped or closed",
        Q(disposition__in=[State.CANCELLED, State.SKIPPED, State.SETTLED]) | DISTRIBUTED & Q(source_meaning=REFUNDED),
    ),
}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """How many orders are there, worth how much, and since when the oldest."""

    name: str
    count: int
    money: tuple[tuple[str, Decimal], ...]  # (currency, amount)
    oldest_at: datetime | None  # where somebody should act on it
    href: str


def pipeline(connection: Connection) -> Sequence[Stage]:
    """Every order of the store in its stage: one query."""
    orders = Scope(connections=[connection]).orders.order_by("currency")
    asked: dict[str, Any] = {}
    for key, (_, is_there) in STAGES.items():
        asked |= {
            f"{key}_count": Count("pk", filter=is_there),
            f"{key}_money": Sum("source_total", filter=is_there),
            f"{key}_oldest": Min("source_placed_at", filter=is_there),
        }
    found: list[Mapping[str, Any]] = list(orders.values("currency").annotate(**asked))
    return [
        Stage(
            name=name,
            count=sum(row[f"{key}_count"] for row in found),
            money=tuple((row["currency"], total) for row in found if (total := row[f"{key}_money"])),
            oldest_at=None if key in {"shipped", "ended"} else oldest(row[f"{key}_oldest"] for row in found),
            href=f"{reverse('orders')}?{urlencode({'stage': key, 'store': str(connection.public_id)})}",
        )
        for key, (name, _) in STAGES.items()
    ]


def oldest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment), default=None)
