"""The digest: once a day, at eight by the merchant's clock, what the day before brought and what is open."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse

from connections.models import Connection, Merchant
from connections.templatetags.tillbridge import money
from errors.alerts.alert_words import Content
from errors.alerts.outbox import Target, message_put
from errors.alerts.quiet_hours import DIGEST_AT
from errors.models import Alert, AlertMessage, AlertSubscription, Issue, SyncError
from ipaas.counts import many
from syncjobs.alerting.conditions import ORDERS, WAITING
from syncjobs.distribution.waiting_lines import WAITS_FOR_LOCATION
from syncjobs.models import Record

State = Record.Disposition
CAUSES = 5


def digests_make(now: datetime) -> int:
    """Put a digest for everybody whose merchant's day has come to eight o'clock; answers how many."""
    made = 0
    wishes = AlertSubscription.objects.filter(digest=True, person__is_active=True)
    for row in wishes.select_related("merchant", "person").order_by("merchant", "pk"):
        local = now.astimezone(ZoneInfo(row.merchant.time_zone))
        if local.time() >= DIGEST_AT and row.digest_on != local.date():
            made += _put(row, local, now)
    return made


@transaction.atomic
def _put(row: AlertSubscription, local: datetime, now: datetime) -> int:
    """Once a day and person, whoever else watches."""
    fresh = AlertSubscription.objects.filter(pk=row.pk).exclude(digest_on=local.date())
    if not (fresh | AlertSubscription.objects.filter(pk=row.pk, digest_on=None)).update(digest_on=local.date()):
        return 0
    words = digest(row.merchant, local, now)
    message_put(row.merchant, Target(channel=None, person=row.person_id), AlertMessage.Reason.DIGEST, words, now)
    return 1


def digest(merchant: Merchant, local: datetime, now: datetime) -> Content:
    """Yesterday's orders store by store, what waits, and the alerts of the last 24 hours."""
    midnight = datetime.combine(local.date(), time(), local.tzinfo)
    began = midnight - timedelta(days=1)
    lines = []
    for connection in Connection.objects.filter(merchant=merchant, state=Connection.State.ACTIVE).order_by("pk"):
        lines += _store_lines(connection, began, midnight, now)
    told = Alert.objects.filter(merchant=merchant, told_at__gte=now - timedelta(days=1))
    counts = told.aggregate(n=Count("pk"), open=Count("pk", filter=Q(closed_at=None)))
    lines.append(f"Alerts of the last 24 hours: {counts['n']}, {counts['open']} still open.")
    title = f"{merchant}: {began:%A} in short"
    return Content(title=title, lines=lines, path=reverse("alerts", args=[merchant.public_id]), alerts=[])


def _store_lines(connection: Connection, began: datetime, midnight: datetime, now: datetime) -> list[str]:
    placed = Record.objects.filter(connection=connection, flow=ORDERS).alias(
        placed=Coalesce("source_placed_at", "first_seen_at")
    )
    day = placed.filter(placed__gte=began, placed__lt=midnight).aggregate(
        n=Count("pk"),
        booked=Count("pk", filter=Q(disposition=State.BOOKED)),
        needs=Count("pk", filter=Q(disposition__in=[State.HELD, State.DEAD])),
    )
    lines = [
        f"{connection.store}: {many(day['n'], 'order')} yesterday, {day['booked']} booked, "
        f"{many(day['needs'], 'needs', 'need')} you."
    ]
    issues = Issue.objects.calling(now).filter(connection=connection)
    rows = SyncError.objects.filter(state__in=WAITING, issues__in=issues).order_by().values("issues__title", "currency")
    causes = rows.annotate(n=Count("pk"), total=Sum("amount")).order_by("-total", "-n")
    for row in causes[:CAUSES]:
        worth = f", {money(Decimal(row['total']), row['currency'])}" if row["total"] else ""
        lines.append(f"  {row['issues__title'].rstrip('.')}: {row['n']} waiting{worth}.")
    waiting = Record.objects.filter(WAITS_FOR_LOCATION, connection=connection, flow=ORDERS).count()
    if waiting:
        lines.append(f"  {waiting} to distribute.")
    return lines
