"""Delivery: a message is claimed, sent once, and what came of it is written down.

Whoever dies with one in hand leaves a lease that ends: it is sent again under the same id, so a receiver can tell.
What is not taken is tried again, ever more seldom, for a day; then it stands on the page and a person sends it again.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from connections.models import Membership
from errors.alerts.sending import NotSent, send
from errors.models import AlertChannel, AlertMessage

LEASE = timedelta(minutes=2)  # longer than any sending takes
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
TRIED_FOR = timedelta(days=1)


def message_deliver(*, message_id: int, now: datetime) -> str:
    """Send a message that is due and in nobody's hand; answers what came of it."""
    if not claim(message_id, now):
        return "not due"
    message = AlertMessage.objects.select_related("merchant", "channel", "person").get(pk=message_id)
    if not _is_wanted(message):
        AlertMessage.objects.filter(pk=message.pk).update(gave_up_at=now, failure="Nobody is to hear it any more.")
        return "not wanted"
    try:
        send(message, now)
    except NotSent as failure:
        return _failed(message, str(failure), now)
    with transaction.atomic():
        AlertMessage.objects.filter(pk=message.pk).update(sent_at=now, lease_until=None, failure="")
        if message.channel_id:
            healed = AlertChannel.objects.filter(pk=message.channel_id)
            healed.update(last_success_at=now, failing_since=None, failure="")
    return "sent"


def claim(message_id: int, now: datetime) -> bool:
    """Take the message for the caller; the try counts before it is made. False when it is not due or in a hand."""
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    due = AlertMessage.objects.filter(free, pk=message_id, sent_at=None, gave_up_at=None, not_before__lte=now)
    return due.update(lease_until=now + LEASE, attempts=F("attempts") + 1) == 1


def _is_wanted(message: AlertMessage) -> bool:
    """Whether the person still belongs to the merchant, or the channel is on."""
    if message.channel:
        return message.channel.is_on or message.reason == AlertMessage.Reason.TEST
    people = Membership.objects.filter(merchant=message.merchant, user=message.person, user__is_active=True)
    return people.exists()


def _failed(message: AlertMessage, why: str, now: datetime) -> str:
    pause = min(FIRST_PAUSE * 2 ** min(message.attempts - 1, 10), LONGEST_PAUSE)
    is_over = now - message.created_at >= TRIED_FOR or message.reason == AlertMessage.Reason.TEST
    with transaction.atomic():
        AlertMessage.objects.filter(pk=message.pk).update(
            lease_until=None, failure=why[:300], not_before=now + pause, gave_up_at=now if is_over else None
        )
        if message.channel_id:
            failing = AlertChannel.objects.filter(pk=message.channel_id)
            failing.update(failing_since=Coalesce("failing_since", now), failure=why[:300])
    return "given up" if is_over else "tried again later"


def message_again(*, message: AlertMessage, now: datetime) -> bool:
    """Let a person have a message tried anew that was given up; answers whether it was."""
    given_up = AlertMessage.objects.filter(pk=message.pk, sent_at=None, gave_up_at__isnull=False)
    return given_up.update(gave_up_at=None, not_before=now, created_at=now) == 1
