"""What is watched: each kind with its unit, its default threshold, and from where on it is written down at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from connections.models import Merchant, Role
from errors.models import AlertKind, AlertRule


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A kind of incident. Below `floor` it is none; from `threshold` on, unless the merchant says else, it is told."""

    kind: AlertKind
    means: str
    unit: str
    floor: Decimal
    threshold: Decimal
    escalate_minutes: int | None = None


WATCHED: dict[AlertKind, Watched] = {
    row.kind: row
    for row in (
        Watched(
            kind=AlertKind.FAILURE,
            means="Records of one cause wait for a person.",
            unit="records",
            floor=Decimal(1),
            threshold=Decimal(1),
            escalate_minutes=240,
        ),
        Watched(
            kind=AlertKind.OUTAGE,
            means="Heartland or the store does not answer, or takes our access no more.",
            unit="minutes",
            floor=Decimal(0),
            threshold=Decimal(5),
            escalate_minutes=60,
        ),
        Watched(
            kind=AlertKind.BACKLOG,
            means="Orders or stock have been due for so long, though both systems answer.",
            unit="minutes",
            floor=Decimal(5),
            threshold=Decimal(15),
        ),
        Watched(
            kind=AlertKind.LATENCY,
            means="95 of 100 orders of the last hour were done within this time, the rest took longer.",
            unit="seconds",
            floor=Decimal(60),
            threshold=Decimal(300),
        ),
        Watched(
            kind=AlertKind.ERROR_RATE,
            means="So many of the last hour's orders ended with a question or gave up; of five orders at least.",
            unit="percent",
            floor=Decimal(5),
            threshold=Decimal(20),
        ),
        Watched(
            kind=AlertKind.MONEY,
            means="Orders that wait for a person are worth so much together.",
            unit="in the store's currency",
            floor=Decimal(1),
            threshold=Decimal(1000),
            escalate_minutes=240,
        ),
        Watched(
            kind=AlertKind.DISTRIBUTE,
            means="So many booked orders wait for a location that ships them.",
            unit="orders",
            floor=Decimal(1),
            threshold=Decimal(10),
        ),
        Watched(
            kind=AlertKind.STOCK,
            means="Nothing was heard of Heartland's stock for so long.",
            unit="minutes",
            floor=Decimal(5),
            threshold=Decimal(30),
        ),
        Watched(
            kind=AlertKind.BOOKS,
            means="So many rows of payouts belong to no booked order, or were paid after it was cancelled.",
            unit="rows",
            floor=Decimal(1),
            threshold=Decimal(1),
        ),
        Watched(
            kind=AlertKind.PROMISE,
            means="What shoppers' banks promised for so many booked orders runs out within a day.",
            unit="orders",
            floor=Decimal(1),
            threshold=Decimal(1),
        ),
        Watched(
            kind=AlertKind.CHANNEL,
            means="A chat, a webhook or the mail server does not take our alerts.",
            unit="minutes",
            floor=Decimal(0),
            threshold=Decimal(0),
        ),
    )
}
# What is mailed to whom until they choose; everybody sees all of it in the product.
MAILED = [str(kind) for kind in AlertKind if kind not in (AlertKind.LATENCY, AlertKind.ERROR_RATE)]
MAILED_TO = frozenset({Role.OWNER, Role.OPS})


def rules_of(merchant: Merchant) -> Mapping[AlertKind, AlertRule]:
    """The merchant's rule for every kind; what it never saved is as by default, and not saved."""
    saved = {row.kind: row for row in AlertRule.objects.filter(merchant=merchant)}
    return {kind: saved.get(kind) or default_rule(merchant, kind) for kind in AlertKind}


def default_rule(merchant: Merchant, kind: AlertKind) -> AlertRule:
    known = WATCHED[kind]
    return AlertRule(merchant=merchant, kind=kind, threshold=known.threshold, escalate_minutes=known.escalate_minutes)
