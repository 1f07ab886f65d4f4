"""Runs that failed and looks that do not get through: an issue with the words of what stands in the way.

A look that fails is tried again by itself, and a passing trouble needs nobody. What is refused in the same words
`SAME_ANSWERS` times in a row, fails for a while, or is for a person to mend from the start, is on the Errors tab until
it gets through.
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
from errors.issues.record_errors import error_record, error_resolve
from errors.models import SyncError
from syncjobs.models import Cursor, RefusalStreak

RUNS, FEEDS = "runs", "feeds"  # flows of what is noted here: by a run's kind, by a feed's name
CODES = {RUNS: "run_stalls", FEEDS: "feed_stalls"}
PATIENCE = timedelta(minutes=5)  # for what may pass by itself
SAME_ANSWERS = 3  # refusals in the same words, one after another: asking again does not help
HOOKS, PLACES, PROOF, DISTRIBUTION = "hooks", "places", "proof", "distribution"
RESERVED = "reserved"  # what the store reserves, against its open orders
LOOKS = {  # looks without a cursor, each carried on by the clock
    HOOKS: "syncjobs.tasks.check_hooks",
    PLACES: "syncjobs.tasks.look_at_places",
    PROOF: "syncjobs.tasks.prove",
    DISTRIBUTION: "syncjobs.tasks.look_at_distribution",
    RESERVED: "syncjobs.tasks.check_stock",
}
FEED_NAMES = {
    Cursor.ORDERS: "Looking for changed orders",
    Cursor.ORDER_SWEEP: "Looking for overlooked orders",
    Cursor.STORE_SHIPMENTS: "Looking for changed shipments in the store",
    Cursor.STORE_REFUNDS: "Looking for changed refunds in the store",
    Cursor.STORE_INVOICES: "Looking for changed invoices in the store",
    Cursor.STOCK: "Following Heartland's stock",
    Cursor.ITEMS: "Looking for changes of Heartland's items",
    Cursor.PRODUCTS: "Looking for changes of the store's products",
    Cursor.INVOICES: "Looking for shipments in Heartland",
    Cursor.SALES_ORDERS: "Looking for changed sales orders in Heartland",
    Cursor.TILL_RETURNS: "Looking for returns at the tills",
    Cursor.CARDS: "Following gift cards",
    Cursor.POINTS: "Looking for changed loyalty points",
    Cursor.ACCOUNTS: "Looking for changed customers in the store",
    Cursor.ACCOUNT_SWEEP: "Looking for overlooked customers in the store",
    Cursor.CUSTOMERS: "Looking for changed customers in Heartland",
    Cursor.HELD: "Looking again at what waits",
    HOOKS: "Registering our webhooks",
    PLACES: "Reading Heartland's locations",
    PROOF: "Proving the days",
    DISTRIBUTION: "Looking at what waits for distribution",
}
TOLD_ELSEWHERE = (CredentialsRejected, CircuitOpen, Throttled)  # the state of the system itself says so


def feed_stalls(cursor: Cursor, failure: SyncFailure, now: datetime) -> None:
    """A look did not get through; noted when that is for a person, or when nothing got through for a while."""
    if isinstance(failure, TOLD_ELSEWHERE):
        return
    since = cursor.succeeded_at or cursor.connection.created_at
    is_lasting = bool(cursor.failure) and now - since > PATIENCE
    look_stalls(cursor.connection, cursor.feed, failure, now, is_lasting=is_lasting)


def feed_moves(cursor: Cursor, now: datetime) -> None:
    """A look got through: what was noted closes."""
    if cursor.failure:
        look_moves(cursor.connection, cursor.feed, now)


def look_stalls(
    connection: Connection, key: str, failure: SyncFailure, now: datetime, *, is_lasting: bool = False
) -> None:
    """The same of any look that the clock repeats, by its name."""
    if isinstance(failure, TOLD_ELSEWHERE):
        return
    is_same = is_refused_again(connection, FEEDS, key, failure)
    if is_same or is_lasting or isinstance(failure, ConfigurationFailure):
        stall_note(connection, FEEDS, key, FEED_NAMES.get(key, key), failure, now, is_over=False)


def look_moves(connection: Connection, key: str, now: datetime) -> None:
    """It got through."""
    refusals_forget(connection, FEEDS, key)
    error_resolve(connection=connection, flow=FEEDS, external_id=key, now=now)


def is_refused_again(connection: Connection, flow: str, key: str, failure: SyncFailure) -> bool:
    """Count a refusal; True from the `SAME_ANSWERS`th in a row on that came in the same words."""
    if failure.owner != Owner.OPERATOR:
        return False
    reason = failure.summary  # what is said of single fields may be of people
    streak, is_new = RefusalStreak.objects.get_or_create(
        connection=connection, flow=flow, key=key, defaults={"reason": reason}
    )
    if not is_new:
        streak.count = streak.count + 1 if streak.reason == reason else 1
        streak.reason = reason
        streak.save(update_fields=["count", "reason"])
    return streak.count >= SAME_ANSWERS


def refusals_forget(connection: Connection, flow: str, key: str) -> None:
    """It was answered otherwise, or is over."""
    RefusalStreak.objects.filter(connection=connection, flow=flow, key=key).delete()


def stall_note(
    connection: Connection, flow: str, key: str, title: str, failure: SyncFailure, now: datetime, *, is_over: bool
) -> None:
    """One row a kind of run or feed; `is_over` when it is not tried again by itself."""
    again = "Retry goes on where it stopped." if is_over else "It goes on by itself as soon as that is put right."
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
