"""What alerts say: a title and a line each, with what hangs on it. Pure but for the drawing of amounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict

from connections.templatetags.tillbridge import elapsed, money
from errors.models import Alert, AlertKind, AlertNotice

LINES = 10
Event = AlertNotice.Event
COUNTED = {
    AlertKind.DISTRIBUTE: "order",
    AlertKind.MONEY: "order",
    AlertKind.STOCK: "SKU",
    AlertKind.PROMISE: "order",
    AlertKind.BOOKS: "row",
}


class Content(TypedDict):
    """What a message holds: text for people, and the same for machines."""

    title: str
    lines: list[str]
    path: str  # of the page that shows it
    alerts: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Told:
    """An incident with the events that one message tells of it."""

    alert: Alert
    events: frozenset[str]


def impact(alert: Alert, now: datetime) -> str:
    """`12 records, $1,840.00, oldest 43 min`: what hangs on it; "" where nothing is counted."""
    noun = COUNTED.get(AlertKind(alert.kind), "record")
    parts = [f"{alert.records:,} {noun}{'' if alert.records == 1 else 's'}"] if alert.records else []
    parts += [money(Decimal(amount), currency) for currency, amount in alert.money]
    if alert.oldest_at:
        parts.append(f"oldest {elapsed(now - alert.oldest_at)}")
    return ", ".join(parts)


def line(told: Told, now: datetime) -> str:
    """One incident in a line."""
    alert = told.alert
    name = f"{alert.connection.store}: {alert.title}" if alert.connection else alert.title
    name = name.rstrip(".")
    if alert.closed_at:
        lasted = elapsed(alert.closed_at - alert.opened_at)
        return (
            f"Came and went: {name}. It took {lasted}."
            if Event.OPENED in told.events
            else f"Over: {name}, after {lasted}."
        )
    hangs = impact(alert, now)
    begins = f"Still open after {elapsed(now - alert.opened_at)}: " if Event.ESCALATED in told.events else ""
    return f"{begins}{name}. {hangs}." if hangs else f"{begins}{name}."


def content(rows: Sequence[Told], merchant: str, path: str, now: datetime) -> Content:
    """One message of all these incidents; beyond LINES they are counted."""
    lines = [line(one, now) for one in rows[:LINES]]
    if len(rows) > LINES:
        lines.append(f"And {len(rows) - LINES:,} more.")
    is_over = all(one.alert.closed_at for one in rows)
    if len(rows) == 1:
        title = lines[0].split(". ")[0].rstrip(".")
    else:
        title = f"{len(rows):,} alerts are over" if is_over else f"{len(rows):,} alerts"
    return Content(
        title=f"{merchant}: {title}"[:200],
        lines=lines,
        path=path if len(rows) > 1 else rows[0].alert.page,
        alerts=[as_data(one, now) for one in rows[:LINES]],
    )


def as_data(told: Told, now: datetime) -> dict[str, Any]:
    """An incident for a machine."""
    alert = told.alert
    return {
        "id": alert.pk,
        "kind": str(alert.kind),
        "event": "closed" if alert.closed_at else "escalated" if Event.ESCALATED in told.events else "opened",
        "title": alert.title,
        "store": str(alert.connection.store) if alert.connection else None,
        "value": str(alert.value),
        "records": alert.records,
        "money": [{"currency": currency, "amount": amount} for currency, amount in alert.money],
        "oldest_at": alert.oldest_at.isoformat() if alert.oldest_at else None,
        "opened_at": alert.opened_at.isoformat(),
        "closed_at": alert.closed_at.isoformat() if alert.closed_at else None,
        "told_at": now.isoformat(),
    }
