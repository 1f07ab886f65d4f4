"""What the clock starts. One list; `schedules_write` brings django-q2's table to it, as often as you like."""

from dataclasses import dataclass

from django.db import transaction
from django_q.models import Schedule


@dataclass(frozen=True, kw_only=True)
class Timed:
    """A function without arguments, by dotted path, and its period in minutes."""

    name: str
    function: str
    minutes: int


SCHEDULES = (
    Timed(name="tillbridge.sweep", function="syncjobs.tasks.sweep", minutes=1),
    Timed(name="tillbridge.distribution", function="syncjobs.tasks.distribution", minutes=1),
    Timed(name="tillbridge.hooks", function="syncjobs.tasks.hooks", minutes=60),
    Timed(name="tillbridge.places", function="syncjobs.tasks.places", minutes=60),
    Timed(name="tillbridge.stock_guards", function="syncjobs.tasks.stock_guards", minutes=1),
    Timed(name="tillbridge.stock_checks", function="syncjobs.tasks.stock_checks", minutes=60),
    Timed(name="tillbridge.item_checks", function="syncjobs.tasks.item_checks", minutes=60),
    Timed(name="tillbridge.proofs", function="syncjobs.tasks.proofs", minutes=60),
    Timed(name="tillbridge.preflights", function="syncjobs.tasks.preflights", minutes=60),
    Timed(name="tillbridge.retention", function="syncjobs.tasks.retention", minutes=24 * 60),
)


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
            wanted = {"func": timed.function, "schedule_type": Schedule.MINUTES, "minutes": timed.minutes}
            changed += _write(rows.get(timed.name), timed.name, wanted)
    return changed


def _write(row: Schedule | None, name: str, wanted: dict[str, object]) -> int:
    if row is None:
        Schedule.objects.create(name=name, **wanted)
        return 1
    return int(Schedule.objects.filter(pk=row.pk).exclude(**wanted).update(**wanted))
