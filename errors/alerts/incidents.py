"""Incidents: what holds now is held against what held before; what reaches its rule is told, and that it is over."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction

from connections.models import Connection, Merchant
from errors.alerts.alert_rules import WATCHED
from errors.alerts.targets import targets_of
from errors.models import Alert, AlertKind, AlertNotice, AlertRule

SAME_AGAIN = timedelta(minutes=10)  # what comes back so soon is the same incident: nobody is told twice
Event = AlertNotice.Event


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Something that holds now."""

    kind: AlertKind
    key: str
    title: str
    page: str
    value: Decimal  # in the kind's unit
    records: int = 0
    money: Sequence[tuple[str, Decimal]] = field(default_factory=tuple)
    oldest_at: datetime | None = None
    is_known: bool = False  # somebody acknowledged it: it is not told once more for its age


def observe(
    *,
    merchant: Merchant,
    connection: Connection | None,
    found: Iterable[Condition],
    quietly: Iterable[str] = (),
    rules: Mapping[AlertKind, AlertRule],
    now: datetime,
) -> int:
    """Bring the incidents of a connection (None: the merchant's own) to what holds now; answers how many are told.

    What is gone is closed and told as over; keys in `quietly` somebody set aside: nobody hears of them any more.
    """
    known = {one.key: one for one in Alert.objects.filter(merchant=merchant, connection=connection, closed_at=None)}
    standing = [one for one in found if one.value >= WATCHED[one.kind].floor]
    told = 0
    for one in standing:
        alert = known.pop(one.key, None) or _opened(merchant, connection, one, now)
        if alert is not None:
            _refresh(alert, one)
            told += _tell(alert, one, rules[one.kind], now)
    for alert in known.values():
        _close(alert, is_quiet=alert.key in set(quietly), now=now)
    return told


def _opened(merchant: Merchant, connection: Connection | None, one: Condition, now: datetime) -> Alert | None:
    """A new incident, or the one that ended a moment ago; None where another watcher was faster."""
    lately = Alert.objects.filter(
        merchant=merchant, connection=connection, kind=one.kind, key=one.key, closed_at__gte=now - SAME_AGAIN
    )
    try:
        with transaction.atomic():
            if former := lately.order_by("-pk").first():
                former.closed_at = None
                former.save(update_fields=["closed_at"])
                return former
            return Alert.objects.create(
                merchant=merchant,
                connection=connection,
                kind=one.kind,
                key=one.key,
                title=one.title[:300],
                page=one.page[:200],
                value=one.value,
                peak=one.value,
                opened_at=now,
            )
    except IntegrityError:
        return None


def _refresh(alert: Alert, one: Condition) -> None:
    wanted = {
        "title": one.title[:300],
        "page": one.page[:200],
        "value": one.value,
        "peak": max(alert.peak, one.value),
        "records": one.records,
        "money": [[currency, str(amount)] for currency, amount in one.money],
        "oldest_at": one.oldest_at,
    }
    changed = [name for name, value in wanted.items() if getattr(alert, name) != value]
    if changed:
        for name in changed:
            setattr(alert, name, wanted[name])
        alert.save(update_fields=changed)


def _tell(alert: Alert, one: Condition, rule: AlertRule, now: datetime) -> int:
    """Have people told once when it reaches the threshold, and once more when it stays; answers how many events."""
    if not rule.is_on or one.value < rule.threshold:
        return 0
    if alert.told_at is None:
        alert.told_at = now
        alert.save(update_fields=["told_at"])
        _note(alert, Event.OPENED, now)
        return 1
    is_due = rule.escalate_minutes and now - alert.told_at >= timedelta(minutes=rule.escalate_minutes)
    if is_due and alert.escalated_at is None and not one.is_known:
        alert.escalated_at = now
        alert.save(update_fields=["escalated_at"])
        _note(alert, Event.ESCALATED, now)
        return 1
    return 0


def _close(alert: Alert, *, is_quiet: bool, now: datetime) -> None:
    alert.closed_at = now
    alert.save(update_fields=["closed_at"])
    if is_quiet:
        AlertNotice.objects.filter(alert=alert, message=None).delete()
    elif alert.told_at:
        _note(alert, Event.CLOSED, now)


def _note(alert: Alert, event: AlertNotice.Event, now: datetime) -> None:
    """A notice for each target; that it is over concerns only those who were to hear that it began."""
    channels, people = targets_of(alert.merchant, AlertKind(alert.kind))
    if event == Event.CLOSED:
        heard = list(AlertNotice.objects.filter(alert=alert, event=Event.OPENED).values_list("channel", "person"))
        channels, people = {one for one, _ in heard if one}, {one for _, one in heard if one}
    rows = [AlertNotice(alert=alert, event=event, channel_id=pk, created_at=now) for pk in sorted(channels)]
    rows += [AlertNotice(alert=alert, event=event, person_id=pk, created_at=now) for pk in sorted(people)]
    AlertNotice.objects.bulk_create(rows, ignore_conflicts=True)
