"""The night: when runs work that nobody waits for, so that the day's calls are left to people and orders."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from connections.models import Connection, InventorySettings
from syncjobs.models import Run


def night_wait(run: Run, now: datetime) -> timedelta:
    """How long a run that a person put off still waits; none where it may work."""
    return night_in(run.connection, now) if run.parameters.get("at_night") else timedelta()


def night_in(connection: Connection, now: datetime) -> timedelta:
    """From now to the connection's night; none within it, or where no night is set."""
    settings = InventorySettings.objects.filter(connection=connection).first()
    if settings is None or settings.night_from is None or settings.night_to is None:
        return timedelta()
    return until(settings.night_from, settings.night_to, timezone.localtime(now))


def until(begins: time, ends: time, local: datetime) -> timedelta:
    """From a local time to the next beginning of the night; none within it. A night may go past midnight."""
    at = local.time()
    is_night = begins <= at < ends if begins <= ends else at >= begins or at < ends
    if is_night or begins == ends:
        return timedelta()
    starts = datetime.combine(local.date(), begins, local.tzinfo)
    return (starts if starts > local else starts + timedelta(days=1)) - local
