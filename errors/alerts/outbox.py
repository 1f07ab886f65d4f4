"""The outbox: notices that wait become one message a target, out of its quiet hours and not too often."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.urls import reverse

from connections.models import Merchant
from errors.alerts.alert_words import Content, Told, content
from errors.alerts.quiet_hours import is_quiet
from errors.models import Alert, AlertChannel, AlertMessage, AlertNotice, AlertSubscription

PAUSE = timedelta(minutes=5)  # between two messages to one target: what comes meanwhile goes along with the next
AT_ONCE = 5_000  # notices of one target in one message
Event = AlertNotice.Event


@dataclass(frozen=True, kw_only=True)
class Target:
    """A channel or a person of a merchant."""

    channel: int | None
    person: int | None

    @property
    def fields(self) -> dict[str, int | None]:
        return {"channel_id": self.channel, "person_id": self.person}


def messages_make(now: datetime) -> list[int]:
    """A message for each target that has something to hear and may hear it now; answers their ids."""
    waiting = AlertNotice.objects.filter(message=None).order_by()
    rows = waiting.values_list("alert__merchant", "channel", "person").distinct()
    found: dict[int, list[Target]] = {}
    for pk, channel, person in rows:
        found.setdefault(pk, []).append(Target(channel=channel, person=person))
    made = []
    for merchant in Merchant.objects.filter(pk__in=found).order_by("pk"):
        for target in found[merchant.pk]:
            if (message := message_make(merchant, target, now)) is not None:
                made.append(message.pk)
    return made


@transaction.atomic
def message_make(merchant: Merchant, target: Target, now: datetime) -> AlertMessage | None:
    """One message with all that the target has not heard of; None while it must not be disturbed, or hears one now."""
    if _is_off(merchant, target, now) or _has_one(merchant, target, now):
        return None
    rows = AlertNotice.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        message=None, alert__merchant=merchant, **target.fields
    )
    notices = list(rows.select_related("alert__connection__store").order_by("pk")[:AT_ONCE])
    if not notices:
        return None
    told = told_of(notices)
    path = reverse("alerts", args=[merchant.public_id])
    message = message_put(merchant, target, AlertMessage.Reason.ALERTS, content(told, str(merchant), path, now), now)
    AlertNotice.objects.filter(pk__in=[one.pk for one in notices]).update(message=message)
    return message


def message_put(
    merchant: Merchant, target: Target, reason: AlertMessage.Reason, words: Content, now: datetime
) -> AlertMessage:
    return AlertMessage.objects.create(
        merchant=merchant, reason=reason, content=words, created_at=now, not_before=now, **target.fields
    )


def told_of(notices: Iterable[AlertNotice]) -> Sequence[Told]:
    """The incidents of the notices, those that go on first, with what is told of each."""
    alerts: dict[int, Alert] = {}
    events: dict[int, set[str]] = {}
    for one in notices:
        alerts.setdefault(one.alert_id, one.alert)
        events.setdefault(one.alert_id, set()).add(one.event)
    rows = [Told(alert=alert, events=frozenset(events[pk])) for pk, alert in alerts.items()]
    return sorted(rows, key=lambda one: (one.alert.closed_at is not None, one.alert.opened_at, one.alert.pk))


def _is_off(merchant: Merchant, target: Target, now: datetime) -> bool:
    """Quiet hours of the target; a channel that is off hears nothing."""
    row: AlertChannel | AlertSubscription | None
    if target.channel:
        row = AlertChannel.objects.filter(pk=target.channel, is_on=True).first()
        if row is None:
            return True
    else:
        row = AlertSubscription.objects.filter(merchant=merchant, person=target.person).first()
    return row is not None and is_quiet(now, ZoneInfo(merchant.time_zone), row.quiet_from, row.quiet_until)


def _has_one(merchant: Merchant, target: Target, now: datetime) -> bool:
    """Whether a message to it is on its way, or went a moment ago."""
    theirs = AlertMessage.objects.filter(merchant=merchant, reason=AlertMessage.Reason.ALERTS, **target.fields)
    newest = theirs.order_by("-created_at").first()
    if newest is None:
        return False
    is_on_its_way = newest.sent_at is None and newest.gave_up_at is None
    return is_on_its_way or newest.created_at > now - PAUSE


def messages_due(now: datetime) -> list[int]:
    """Ids of the messages that are to be tried now, whoever died with one in hand."""
    rows = AlertMessage.objects.filter(sent_at=None, gave_up_at=None, not_before__lte=now)
    return list(rows.exclude(lease_until__gt=now).order_by("pk").values_list("pk", flat=True)[:500])
