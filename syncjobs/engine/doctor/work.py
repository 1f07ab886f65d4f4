"""The work: schedules there, workers alive, nothing waiting for long, webhooks live."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Min, Q
from django.db.models.functions import Now
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from connections.models import Connection, Hook
from errors.models import AlertMessage
from syncjobs.engine.doctor.doctor_findings import Problem
from syncjobs.engine.schedules import SCHEDULES
from syncjobs.engine.stalls import FEED_NAMES
from syncjobs.models import Cursor, Refusal, ServiceClass, SyncJob, WorkerBeat

SILENT = timedelta(minutes=3)  # the sweep beats once a minute
LATE = timedelta(minutes=5)
FAILING = (Hook.State.INACTIVE, Hook.State.BLOCKED, Hook.State.MISSING)
MANY_REFUSALS = 20  # a day
NAMED = 5
START = "Start tillbridge-qworker@{name} (manage.py qworker {name}) and look at its log."


def schedules() -> Iterator[Problem]:
    names = {timed.name for timed in SCHEDULES}
    held = Schedule.objects.filter(name__in=names)
    if missing := sorted(names - set(held.values_list("name", flat=True))):
        yield Problem(says=f"The clock starts nothing of: {', '.join(missing)}.", do="Run: manage.py schedules")
    late = held.filter(next_run__lt=timezone.now() - LATE)
    if late:
        yield Problem(
            says=f"{len(late)} schedules are overdue since {min(row.next_run for row in late):%d %b %H:%M}.",
            do=START.format(name=ServiceClass.NOW),
        )


def workers() -> Iterator[Problem]:
    last = WorkerBeat.objects.order_by("-at").first()
    if last is None or not WorkerBeat.objects.filter(at__gt=Now() - SILENT).exists():
        when = f"since {last.at:%d %b %H:%M}" if last else "ever"
        yield Problem(says=f"No worker has given a sign of life {when}.", do=START.format(name=ServiceClass.NOW))


def queues() -> Iterator[Problem]:
    """A token that is due and nobody takes tells of a class without workers."""
    for name in ServiceClass:
        waiting = OrmQ.objects.filter(key=name.queue, lock__lt=Now() - LATE)
        if count := waiting.count():
            oldest = waiting.aggregate(Min("lock"))["lock__min"]
            yield Problem(
                says=f"{count} wishes wait for workers of the class {name}, the oldest since {oldest:%d %b %H:%M}.",
                do=START.format(name=name),
            )


def jobs() -> Iterator[Problem]:
    running = Connection.objects.running()
    late = SyncJob.objects.filter(connection__in=running).due(timezone.now() - LATE)
    for row in late.values("lane__service_class").annotate(count=Count("pk"), oldest=Min("not_before")):
        name = row["lane__service_class"]
        yield Problem(
            says=f"{row['count']} records of the class {name} are due, the oldest since {row['oldest']:%d %b %H:%M}.",
            do=f"{START.format(name=name)} Where workers run, more of them help (WORKERS_{name.upper()}).",
        )


def feeds() -> Iterator[Problem]:
    """A feed that is due and that nobody looks at: its token is lost, and the sweep does not put another."""
    ended = Q(feed=Cursor.STOCK, connection__inventory_settings__follows=False)  # its cursor stays, as a lease
    late = Cursor.objects.filter(connection__in=Connection.objects.running(), due_at__lt=timezone.now() - LATE)
    late = late.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=Now())).exclude(ended)
    for row in late.values("feed").annotate(count=Count("pk"), oldest=Min("due_at")).order_by("feed"):
        name = FEED_NAMES.get(row["feed"], row["feed"])
        yield Problem(
            says=f"{name} is due at {row['count']} stores, since {row['oldest']:%d %b %H:%M}.",
            do=START.format(name=ServiceClass.SOON),
        )


def alerts() -> Iterator[Problem]:
    """Alerts that are due and that nobody sends; what a receiver refuses is due later."""
    waiting = AlertMessage.objects.filter(sent_at=None, gave_up_at=None, not_before__lt=timezone.now() - LATE)
    if oldest := waiting.order_by("not_before").first():
        yield Problem(
            says=f"{waiting.count()} alerts are due to be sent, the oldest since {oldest.not_before:%d %b %H:%M}.",
            do=START.format(name=ServiceClass.SOON),
        )


def webhooks() -> Iterator[Problem]:
    failing = Hook.objects.filter(connection__in=Connection.objects.running(), state__in=FAILING)
    if count := failing.count():
        named = [f"{hook} of {hook.connection}" for hook in failing.select_related("connection")[:NAMED]]
        yield Problem(
            says=f"{count} webhooks do not come: {'; '.join(named)}.",
            do="They are armed again every hour, and asked for meanwhile. Should it stay so, see the connection.",
        )
    today = Refusal.objects.filter(on=timezone.now().date(), count__gte=MANY_REFUSALS)
    for refusal in today.exclude(reason__startswith="queue_"):
        yield Problem(
            says=f"{refusal.count} callbacks were refused today: {refusal.reason}.",
            do="Compare the store's app credentials with ours, and this host's clock; forged ones need nothing done.",
        )
