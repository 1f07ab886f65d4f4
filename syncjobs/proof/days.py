"""Which days have to be proved: yesterday, and those of the last days on which orders were still on their way."""

from datetime import date, datetime, timedelta

from connections.models import Connection
from syncjobs.models import Proof
from syncjobs.proof.prove_day import day_of

DAYS_BACK = 7
NIGHT = timedelta(hours=1)  # after midnight, for orders that show late


def days_due(connection: Connection, now: datetime) -> list[date]:
    """Days since the connection began without a proof, or whose newest one is not closed; the oldest first."""
    last = day_of(connection, now - NIGHT) - timedelta(days=1)
    first = max(last - timedelta(days=DAYS_BACK - 1), day_of(connection, connection.created_at))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    newest = {proof.day: proof for proof in Proof.objects.filter(connection=connection, day__in=days).order_by("pk")}
    return [day for day in days if day not in newest or not newest[day].is_closed]
