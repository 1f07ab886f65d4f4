"""Taking what may name people out of what stays: reasons, answers, texts. Numbers, states and marks stay.

Nothing here makes an order be booked twice: links of orders, records and sales orders' marks are left alone.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from connections.audit import audit
from connections.models import AccessState, Connection, Hook, Store
from errors.models import Issue, IssueNote, SyncError
from mappings.models import Link
from mappings.person_keys import OF_PEOPLE
from syncjobs.models import (
    Attempt,
    AttemptExchange,
    CardMovement,
    Circuit,
    Comment,
    Cursor,
    CustomerIdentity,
    InboxEvent,
    OrderCorrection,
    OrderPeople,
    OrderPoints,
    OrderText,
    PointsAccount,
    PointsSide,
    Record,
    RefusalStreak,
    Run,
    Settlement,
)

ERASED = "[erased]"
AT_ONCE = 5_000
ENDED = timedelta(days=29)  # asked once a day: what names people is gone within 30
OPEN = (SyncError.State.RETRYING, SyncError.State.HELD, SyncError.State.DEAD)
ISSUE_TEXTS: Mapping[str, Any] = {"title": ERASED, "fix": "", "because": "", "value": ""}
ERROR_TEXTS: Mapping[str, Any] = {"reason": ERASED, "answer": "", "detail": "", "violations": []}
TEXTS: tuple[tuple[Any, str, Mapping[str, Any]], ...] = (  # model, how it hangs on a connection, what of it goes
    (SyncError, "connection", ERROR_TEXTS),
    (Issue, "connection", ISSUE_TEXTS),
    (Record, "connection", {"reason": ""}),
    (Attempt, "job__connection", {"sentence": ""}),
    (Settlement, "record__connection", {"note": "", "found": ""}),
    (CardMovement, "card__connection", {"note": ""}),
    (Cursor, "connection", {"failure": ""}),
    (Circuit, "connection", {"reason": ""}),
    (Run, "connection", {"sentence": ""}),
    (RefusalStreak, "connection", {"reason": ""}),
    (Hook, "connection", {"secret": "", "sealed_token": ""}),
)


def connections_ended(now: datetime) -> int:
    """Erase the people of what ended 30 days ago; answers how many connections. What lives again is left alone."""
    Connection.objects.alive().exclude(ended_at=None).update(ended_at=None)
    Connection.objects.ended().filter(ended_at=None).update(ended_at=now)  # by a version that did not note it
    due = Connection.objects.ended().filter(ended_at__lte=now - ENDED, erased_at=None)
    for connection in due:
        connection_erase(connection, now)
    return len(due)


def connection_erase(connection: Connection, now: datetime) -> None:
    """Take out of a connection all that names people; proofs, numbers and counts stay."""
    counts = {
        "links": drop(Link.objects.filter(connection=connection, kind__in=OF_PEOPLE)),
        "payloads": drop(InboxEvent.objects.filter(connection=connection)),
        "texts": drop(OrderText.objects.filter(connection=connection)),
        "names": drop(OrderPeople.objects.filter(connection=connection)),
        "points": points_drop(PointsSide.objects.filter(connection=connection))
        + drop(OrderPoints.objects.filter(connection=connection)),
        "accounts": drop(CustomerIdentity.objects.filter(connection=connection)),
        "corrections": drop(OrderCorrection.objects.filter(connection=connection)),
        "comments": drop(Comment.objects.filter(connection=connection)),
        "calls": drop(AttemptExchange.objects.filter(attempt__job__connection=connection)),
        "notes": drop(IssueNote.objects.filter(issue__connection=connection)),
    }
    for model, path, changes in TEXTS:
        blank(model.objects.filter(**{path: connection}), changes)
    Store.objects.filter(pk=connection.store_id, state=AccessState.DISCONNECTED).update(owner_email="")
    with transaction.atomic():
        Connection.objects.filter(pk=connection.pk).update(erased_at=now)
        audit(merchant=connection.merchant, actor=None, action="connection.erased", subject=connection, **counts)


def points_drop(sides: QuerySet[PointsSide]) -> int:
    """Delete accounts of a store with their points, where no other store has the same person; answers how many."""
    accounts = set(sides.values_list("account_id", flat=True))
    dropped = drop(sides)
    drop(PointsAccount.objects.filter(pk__in=accounts, sides=None))
    return dropped


def drop(expired: QuerySet[Any]) -> int:
    """Delete all of them, AT_ONCE in a transaction; answers how many."""
    deleted = 0
    while True:
        ids = list(expired.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        _, counts = expired.model.objects.filter(pk__in=ids).delete()
        deleted += int(counts.get(expired.model._meta.label, 0))  # without what hangs on them
        if len(ids) < AT_ONCE:
            return deleted


def blank(rows: QuerySet[Any], changes: Mapping[str, Any]) -> int:
    """Set these fields of all of them, AT_ONCE in a transaction; answers how many rows there were."""
    changed, last = 0, 0
    while ids := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        changed += rows.model.objects.filter(pk__in=ids).update(**changes)
        last = ids[-1]
    return changed
