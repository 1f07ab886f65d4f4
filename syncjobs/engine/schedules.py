"""What the clock starts. One list; `schedules_write` brings django-q2's table to it, as often as you like.

Of the table only names and times are heeded: what a name starts stands here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django_q.models import Schedule

from ipaas import queue
from syncjobs.models import ServiceClass


@dataclass(frozen=True, kw_only=True)
class Timed:
    """A task without ids, by its name in `syncjobs/tasks.py`, and its period in minutes."""

    name: str
    task: str
    minutes: int


SCHEDULES = (
    Timed(name="tillbridge.sweep", task="sweep", minutes=1),
    Timed(name="tillbridge.distribution", task="distribution", minutes=1),
    Timed(name="tillbridge.alerts", task="alerts", minutes=1),
    Timed(name="tillbridge.hooks", task="hooks", minutes=60),
    Timed(name="tillbridge.places", task="places", minutes=60),
    Timed(name="tillbridge.stock_guards", task="stock_guards", minutes=1),
    Timed(name="tillbridge.stock_checks", task="stock_checks", minutes=60),
    Timed(name="tillbridge.item_checks", task="item_checks", minutes=60),
    Timed(name="tillbridge.proofs", task="proofs", minutes=60),
    Timed(name="tillbridge.card_totals", task="card_totals", minutes=60),
    Timed(name="tillbridge.payout_matches", task="payout_matches", minutes=60),
    Timed(name="tillbridge.preflights", task="preflights", minutes=60),
    Timed(name="tillbridge.retention", task="retention", minutes=24 * 60),
)


def schedules_ring(now: datetime) -> int:
    """Put a token for each task that is due, once for however many periods were missed; answers how many."""
    known = {timed.name: timed for timed in SCHEDULES}
    with transaction.atomic():
        due = (
            Schedule.objects.select_for_update()
            .filter(name__in=known)
            .filter(Q(next_run__isnull=True) | Q(next_run__lte=now))
        )
        rows = list(due.values_list("pk", "name", "next_run"))
        for key, name, was_due in rows:
            queue.token_put(ServiceClass.NOW.queue, known[name].task)
            period = timedelta(minutes=known[name].minutes)
            missed = (now - (was_due or now)) // period
            Schedule.objects.filter(pk=key).update(next_run=(was_due or now) + (missed + 1) * period)
    return len(rows)


def schedules_write() -> int:
    """Write the list, remove what is no longer in it; answers how many rows changed. Next runs are kept."""
    ours = Schedule.objects.filter(name__startswith="tillbridge.")
    changed = 0
    with transaction.atomic():
        rows: dict[str, Schedule] = {}
        for row in ours.select_for_update().order_by("pk"):
            if row.name in rows or row.name not in {timed.name for timed in SCHEDULES}:
                row.delete()
                changed += 1
            else:
                rows[row.name] = row
        for timed in SCHEDULES:
            wanted = {
                "func": f"syncjobs.tasks.{timed.task}",
                "schedule_type": Schedule.MINUTES,
                "minutes": timed.minutes,
            }
            changed += _write(rows.get(timed.name), timed.name, wanted)
    return changed


def _write(row: Schedule | None, name: str, wanted: dict[str, object]) -> int:
    if row is None:
        Schedule.objects.create(name=name, **wanted)
        return 1
    return int(Schedule.objects.filter(pk=row.pk).exclude(**wanted).update(**wanted))
