"""The watch: every minute what holds is written down, told to whom it concerns, and what was not delivered is tried."""

from datetime import datetime

from django.db import transaction
from django.db.models import Min
from django.urls import reverse

from connections.models import Connection, Merchant
from errors.alerts.alert_rules import rules_of
from errors.alerts.incidents import Condition, observe
from errors.alerts.outbox import messages_due, messages_make
from errors.models import Alert, AlertChannel, AlertKind, AlertMessage, Issue
from ipaas import queue
from syncjobs.alerting.conditions import conditions, issue_key, minutes
from syncjobs.alerting.digests import digests_make
from syncjobs.engine.defects import one_of_many
from syncjobs.models import ServiceClass

DELIVER = "deliver_alert"
AT_ONCE = 500  # connections whose conditions are asked for together


def watch(now: datetime) -> int:
    """Look at everything that is watched, and have messages sent; answers how many are on their way."""
    rows = Connection.objects.filter(state=Connection.State.ACTIVE).order_by("merchant", "pk")
    ids = list(rows.values_list("pk", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        some = rows.filter(pk__in=ids[start : start + AT_ONCE])
        watched = list(some.select_related("merchant", "heartland", "store", "inventory_settings"))
        found = conditions(watched, now)
        for connection in watched:
            with one_of_many("the watch", connection=connection.pk):
                connection_observe(connection, found[connection.pk], now)
    for merchant in Merchant.objects.filter(pk__in=rows.values("merchant")).order_by("pk"):
        with one_of_many("the watch", merchant=merchant.pk):
            channels_observe(merchant, now)
    closed_with_connections(now)
    with one_of_many("the digests"):
        digests_make(now)
    with one_of_many("messages of alerts"):
        messages_make(now)
    return ring(now)


def ring(now: datetime) -> int:
    """A token for each message that is due."""
    due = messages_due(now)
    for pk in due:
        queue.token_put(ServiceClass.SOON.queue, DELIVER, pk)
    return len(due)


@transaction.atomic
def connection_observe(connection: Connection, found: list[Condition], now: datetime) -> int:
    """Write down what holds of one connection; two watchers at once do it one after the other."""
    Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    aside = Issue.objects.set_aside(now).filter(connection=connection).values_list("pk", flat=True)
    return observe(
        merchant=connection.merchant,
        connection=connection,
        found=found,
        quietly=[issue_key(connection.pk, pk) for pk in aside],
        rules=rules_of(connection.merchant),
        now=now,
    )


@transaction.atomic
def channels_observe(merchant: Merchant, now: datetime) -> int:
    """Channels and mails that do not arrive are told like anything else, on the ways that are left."""
    path = reverse("alerts", args=[merchant.public_id])
    failing = AlertChannel.objects.filter(merchant=merchant, is_on=True, failing_since__isnull=False)
    found = [
        Condition(
            kind=AlertKind.CHANNEL,
            key=f"channel:{one.pk}",
            title=f"{one.get_kind_display()} “{one.name}” does not take alerts: {one.failure}",
            page=path,
            value=minutes(now - (one.failing_since or now)),
        )
        for one in failing.order_by("pk")
    ]
    mails = AlertMessage.objects.filter(
        merchant=merchant, person__isnull=False, sent_at=None, gave_up_at=None, attempts__gt=0
    ).exclude(failure="")
    since = mails.aggregate(at=Min("created_at"))["at"]
    if since:
        title, value = "The mail server does not take alerts", minutes(now - since)
        found.append(Condition(kind=AlertKind.CHANNEL, key="mail", title=title, page=path, value=value))
    return observe(merchant=merchant, connection=None, found=found, rules=rules_of(merchant), now=now)


def closed_with_connections(now: datetime) -> int:
    """Incidents of connections that are no longer watched end without a word."""
    gone = Alert.objects.filter(closed_at=None, connection__isnull=False)
    return gone.exclude(connection__state=Connection.State.ACTIVE).update(closed_at=now)
