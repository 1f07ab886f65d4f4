"""Following both catalogues: what changed is read, linking is tried again, and the copy is brought after the original.

A message only says when to look; what changed is asked for by time, compared with what we kept, and what says the same
is an echo of our own write or of something that we do not carry, such as stock.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.conf import settings as django_settings
from django.utils import timezone

from connections import clients
from connections.models import Connection, ItemSettings
from connections.services import access_recheck
from errors.failures import ConfigurationFailure, CredentialsRejected, NotYetReadable, SyncFailure
from mappings.catalogue import GRID, heartland_key, items_remember, products_remember, skus_of
from mappings.link_states import mismatches_note, rows_alike, states_settle
from mappings.models import CatalogueProduct, Side
from syncjobs.bulk.run_start import is_running, run_begin
from syncjobs.catalogue import product_problems
from syncjobs.catalogue.choices import apply_kind, item_settings
from syncjobs.catalogue.compare_products import original_of, originals, planned
from syncjobs.catalogue.orphans import stock_errors_close
from syncjobs.catalogue.planning import WORK, Verdict
from syncjobs.catalogue.read_catalogues import heartland_refresh, names_of
from syncjobs.engine.call_guard import Guard, guarded
from syncjobs.engine.circuits import circuits_look
from syncjobs.engine.cursors import cursor_advance, cursor_failed, cursor_postpone, cursor_take
from syncjobs.engine.defects import defects_reported
from syncjobs.engine.retry_rules import pause_after
from syncjobs.engine.settings_changed import released_by
from syncjobs.models import Cursor, ServiceClass
from syncjobs.stores.opening import store_of

OVERLAP = timedelta(minutes=1)
FIRST_OVERLAP = timedelta(minutes=10)  # our clock may be ahead of theirs
BUSY_PAUSE = timedelta(seconds=5)
SIDES = {Cursor.ITEMS: Side.HEARTLAND, Cursor.PRODUCTS: Side.STORE}

Seen = tuple[str, datetime | None]  # the product of a record, and when the record changed, where it says
Page = tuple[list[Seen], set[str]]  # records, and the products of which something is new


@dataclass
class Changes:
    """What one look saw."""

    seen: set[str] = field(default_factory=set)  # products with a change since the cursor, or that say something new
    fresh: set[str] = field(default_factory=set)  # of them, the latter
    found: int = 0  # records that changed since the cursor
    echoes: int = 0  # of them, those that say what we knew
    ours: int = 0  # of these, those of products that we wrote lately
    newest: datetime | None = None  # by the other side's clock


def followed_from(connection: Connection, now: datetime) -> None:
    """From here on both sides' changes are asked for; harmless when they are already."""
    for feed in SIDES:
        since = (now - FIRST_OVERLAP).astimezone(UTC).isoformat()
        due = now + timedelta(seconds=django_settings.ITEM_POLL_SECONDS)
        Cursor.objects.get_or_create(connection=connection, feed=feed, defaults={"due_at": due, "position": since})


def catalogue_follow(*, connection: Connection, feed: str, now: datetime) -> Changes | None:
    """Look at one side's changes. None when that is not due, somebody else does, or a system is away."""
    cursor = cursor_take(connection, feed, now) if connection.is_running else None
    if cursor is None:
        return None
    if is_running(connection, "items"):
        cursor_postpone(cursor, now, BUSY_PAUSE, failure=cursor.failure)
        return None
    circuits = circuits_look(connection.pk, now)
    if circuits.wait:
        cursor_postpone(cursor, now, timedelta(seconds=circuits.wait), failure=cursor.failure)
        return None
    try:
        with (
            guarded(connection, ServiceClass.SOON, now, circuits=circuits, reads_heartland=True) as guard,
            defects_reported("the look for changed items", connection=connection.pk, feed=feed),
        ):
            changes = _read(connection, cursor, guard)
            _relink(connection, SIDES[cursor.feed], changes.fresh)
            _bring(connection, SIDES[cursor.feed], changes, now)
    except SyncFailure as failure:
        if isinstance(failure, CredentialsRejected):
            owner = connection.heartland if SIDES[feed] == Side.HEARTLAND else connection.store
            access_recheck(owner=owner, reason=failure.summary)
        cursor_failed(cursor, now, pause_after(failure), failure)
        return None
    position = max(datetime.fromisoformat(cursor.position), changes.newest or datetime.min.replace(tzinfo=UTC))
    cursor_advance(
        cursor,
        now,
        timedelta(seconds=django_settings.ITEM_POLL_SECONDS),
        position=position.astimezone(UTC),
        found=cursor.found + changes.found,
        echoes=cursor.echoes + changes.echoes,
        ours=cursor.ours + changes.ours,
    )
    return changes


def _read(connection: Connection, cursor: Cursor, guard: Guard) -> Changes:
    """Every record changed since the cursor, by ascending id."""
    since = datetime.fromisoformat(cursor.position)
    changes = Changes()
    pages = _items if cursor.feed == Cursor.ITEMS else _products
    for rows, fresh in pages(connection, guard, since - OVERLAP):
        echoed = _count(changes, rows, fresh, since)
        written = CatalogueProduct.objects.filter(connection=connection, side=SIDES[cursor.feed])
        lately = written.filter(external_id__in=set(echoed), written_at__gt=since - OVERLAP)
        ours = set(lately.values_list("external_id", flat=True))
        changes.ours += sum(key in ours for key in echoed)
    return changes


def _items(connection: Connection, guard: Guard, since: datetime) -> Iterator[Page]:
    heartland = clients.heartland_client(connection.heartland, observer=guard)
    after, has_more = 0, True
    while has_more:
        rows, has_more = heartland.items_page(after, updated_since=since)
        fresh = items_remember(connection, rows)
        if grids := [key for key in fresh if key.startswith(GRID)]:  # what their items share has no time of its own
            fresh |= heartland_refresh(connection, heartland, grids)
        after = int(rows[-1]["id"]) if rows else after
        yield [(heartland_key(row), datetime.fromisoformat(str(row["updated_at"]))) for row in rows], fresh


def _products(connection: Connection, guard: Guard, since: datetime) -> Iterator[Page]:
    store = store_of(connection.store, guard).catalogue
    after, has_more = "", True
    while has_more:
        found, has_more = store.page(after, changed_since=since)
        fresh = products_remember(connection, found, names_of(connection, store)) if found else set()
        after = found[-1].id if found else after
        yield [(listing.id, listing.changed_at) for listing in found], fresh


def _count(changes: Changes, rows: list[Seen], fresh: set[str], since: datetime) -> list[str]:
    """Take a page in; answers the products of the changes that say what we knew."""
    echoed = []
    changes.fresh |= fresh
    changes.seen |= fresh
    for key, at in rows:
        if at is None:
            continue
        if at > since:
            changes.found += 1
            changes.seen.add(key)
            if key not in fresh:
                echoed.append(key)
        changes.newest = max(changes.newest or at, at)
    changes.echoes += len(echoed)
    return echoed


def _relink(connection: Connection, side: Side, fresh: set[str]) -> None:
    """Try the linking again of what changed, or may now have found its counterpart."""
    if not fresh:
        return
    rows = skus_of(connection, side, fresh)
    concerned = rows_alike(connection, list(rows)) if side == Side.HEARTLAND else list(rows.select_related("product"))
    linked = states_settle(connection, concerned)
    mismatches_note(connection, concerned)
    stock_errors_close(connection, timezone.now())
    if linked:
        released_by(connection, ["item_links"], actor=None)


def _begin(connection: Connection, kind: str, keys: list[str], now: datetime) -> None:
    """A run over what changed. Raises NotYetReadable while another one goes on: its end is waited for."""
    try:
        run_begin(connection=connection, actor=None, kind=kind, now=now, parameters={"keys": keys})
    except ConfigurationFailure as failure:
        raise NotYetReadable(failure.summary) from failure


def _bring(connection: Connection, side: Side, changes: Changes, now: datetime) -> None:
    """Have the copy brought after the original, or say that somebody changed the copy by hand."""
    settings = item_settings(connection)
    if settings.mode == ItemSettings.Mode.MANUAL or not settings.follows:
        return
    if side == original_of(settings):
        plans = planned(connection, settings, sorted(changes.seen))
        product_problems.resolve(connection, [one.key for one in plans if one.verdict == Verdict.UNCHANGED], now)
        for one in plans:
            if one.verdict == Verdict.CONFLICT and one.key in changes.fresh:
                product_problems.conflict_note(connection, one, now)
        work = [one.key for one in plans if one.verdict in WORK]
        if work:
            _begin(connection, apply_kind(settings), work, now)
        return
    found = planned(connection, settings, originals(connection, settings, sorted(changes.fresh)))
    product_problems.resolve(connection, [one.key for one in found if one.verdict == Verdict.UNCHANGED], now)
    for one in found:
        if one.verdict == Verdict.UPDATE:
            product_problems.edited_note(connection, settings, one, now)
