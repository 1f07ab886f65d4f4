"""Runs that failed and looks that do not get through: an issue with the words of what stands in the way.

A look that fails is tried again by itself, and a passing trouble needs nobody. What fails the same way for a while, or
is for a person to mend from the start, is on the Errors tab until it gets through.
"""

from datetime import datetime, timedelta

from connections.models import Connection
from errors.failures import (
    CircuitOpen,
    ConfigurationFailure,
    CredentialsRejected,
    Owner,
    SyncFailure,
    Throttled,
    Violation,
)
from errors.models import SyncError
from errors.services import error_record, error_resolve
from syncjobs.models import Cursor

RUNS, FEEDS = "runs", "feeds"  # flows of what is noted here: by a run's kind, by a feed's name
CODES = {RUNS: "run_stalls", FEEDS: "feed_stalls"}
PATIENCE = timedelta(minutes=5)  # for what may pass by itself
FEED_NAMES = {
    Cursor.ORDERS: "Looking for changed orders",
    Cursor.STOCK: "Following Heartland's stock",
    Cursor.ITEMS: "Looking for changes of Heartland's items",
    Cursor.PRODUCTS: "Looking for changes of the store's products",
    Cursor.INVOICES: "Looking for shipments in Heartland",
    Cursor.SALES_ORDERS: "Looking for changed sales orders in Heartland",
    Cursor.HELD: "Looking again at what waits",
}
TOLD_ELSEWHERE = (CredentialsRejected, CircuitOpen, Throttled)  # the state of the system itself says so


def feed_stalls(cursor: Cursor, failure: SyncFailure, now: datetime) -> None:
    """A look did not get through; noted when that is for a person, or when nothing got through for a while."""
    if isinstance(failure, TOLD_ELSEWHERE):
        return
    is_lasting = bool(cursor.failure) and (cursor.succeeded_at is None or now - cursor.succeeded_at > PATIENCE)
    if is_lasting or isinstance(failure, ConfigurationFailure):
        title = FEED_NAMES.get(cursor.feed, cursor.feed)
        stall_note(cursor.connection, FEEDS, cursor.feed, title, failure, now, is_over=False)


def feed_moves(cursor: Cursor, now: datetime) -> None:
    """A look got through: what was noted closes."""
    if cursor.failure:
        error_resolve(connection=cursor.connection, flow=FEEDS, external_id=cursor.feed, now=now)


def stall_note(
    connection: Connection, flow: str, key: str, title: str, failure: SyncFailure, now: datetime, *, is_over: bool
) -> None:
    """One row a kind of run or feed; `is_over` when it is not tried again by itself."""
    again = "Retry goes on where it stopped." if is_over else "It goes on by itself as soon as that is mended."
    cause = Violation(
        code=CODES[flow],
        sentence=f"{title} {'has stopped' if is_over else 'does not get through'}: {failure.summary}",
        field=key,
        value=failure.code,
        fix=again if failure.owner == Owner.MERCHANT else f"{again} If it stays, ask support and name this sentence.",
        fix_page=next((one.fix_page for one in failure.violations if one.fix_page), ""),
    )
    told = ConfigurationFailure(failure.summary, detail=failure.detail, violations=(cause,))
    state = SyncError.State.DEAD if is_over else SyncError.State.HELD
    error_record(
        connection=connection, flow=flow, external_id=key, label=title, failure=told, state=state, now=now, attempts=1
    )
