"""The lease to write a store's stock: one worker at a time, whatever it works on. It stands in the ledger's cursor."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Now

from connections.models import Connection
from ipaas import processes
from syncjobs.engine.cursors import cursor_take
from syncjobs.engine.leases import LeaseLost, me
from syncjobs.models import Cursor

LEASE = timedelta(seconds=75)  # longer than the longest call; extended before each


@dataclass
class WriteLease:
    """The lease, as long as we have it."""

    cursor: Cursor

    def extend(self) -> None:
        """Go on holding it. Raises LeaseLost when somebody else has it meanwhile."""
        held = Cursor.objects.filter(pk=self.cursor.pk, lease_until=self.cursor.lease_until)
        if not held.update(lease_until=Now() + LEASE):
            raise LeaseLost
        self.cursor.lease_until = self._stamp()

    def _stamp(self) -> datetime | None:
        return Cursor.objects.values_list("lease_until", flat=True).get(pk=self.cursor.pk)

    def end(self, **changes: object) -> None:
        """Write the cursor's columns and let go; nothing is written when the lease was lost."""
        held = Cursor.objects.filter(pk=self.cursor.pk, lease_until=self.cursor.lease_until)
        held.update(lease_until=None, lease_owner="", **changes)


def write_lease_take(connection: Connection, now: datetime, *, is_due: bool = False) -> WriteLease | None:
    """The lease, when it is free or its holder is dead; with `is_due` only when the ledger is to be looked at now."""
    taken = cursor_take(connection, Cursor.STOCK, now, lease=LEASE, owner=me()) if is_due else None
    if taken:
        return WriteLease(taken)
    cursor, _ = Cursor.objects.get_or_create(connection=connection, feed=Cursor.STOCK, defaults={"due_at": now})
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
    if cursor.lease_owner and processes.is_dead(cursor.lease_owner):
        free |= Q(lease_owner=cursor.lease_owner, lease_until=cursor.lease_until)
    rows = Cursor.objects.filter(free, pk=cursor.pk)
    if is_due:
        rows = rows.filter(due_at__lte=now)
    if not rows.update(lease_until=Now() + LEASE, lease_owner=me()):
        return None
    return WriteLease(Cursor.objects.get(pk=cursor.pk))


@contextmanager
def write_lease_of(connection: Connection, now: datetime) -> Iterator[WriteLease | None]:
    """The lease for a block of work, given back at its end."""
    lease = write_lease_take(connection, now)
    try:
        yield lease
    finally:
        if lease:
            lease.end()
