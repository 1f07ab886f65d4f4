"""Following loyalty points: whose field shows another number than we know, and whose points expire by the clock.

Heartland is asked for customers that changed; the store for accounts that may have. Looks overlap by an hour, since
clocks differ and what is known costs nothing. Ordinary look: a page of each.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from connections import clients
from connections.models import Connection
from connections.services import access_recheck
from errors.failures import CredentialsRejected, SyncFailure
from ipaas.types import JSON
from mappings import services
from mappings.core.canonical.order import Buyer
from mappings.core.heartland.customers import customer_key
from mappings.known_links import links_known
from mappings.models import Link
from syncjobs.engine.call_guard import Guard, guarded
from syncjobs.engine.circuits import circuits_look
from syncjobs.engine.cursors import cursor_advance, cursor_failed, cursor_postpone, cursor_take
from syncjobs.engine.defects import defects_reported
from syncjobs.engine.enqueueing import jobs_enqueue
from syncjobs.engine.retry_rules import pause_after
from syncjobs.engine.stalls import FEED_NAMES
from syncjobs.flows import POINTS
from syncjobs.models import Cursor, LoyaltySettings, PointsMovement, PointsSide, Record, ServiceClass
from syncjobs.stores.opening import store_of
from syncjobs.stores.port import Member

EVERY = timedelta(minutes=15)
OVERLAP = timedelta(hours=1)
AT_ONCE = 250


@dataclass
class Followed:
    """What one look saw."""

    found: int = 0  # people whose field was told of
    queued: int = 0  # of them, those that are looked at


def points_follow(*, connection: Connection, now: datetime) -> Followed | None:
    """Queue whose points moved. None when the look is not due, loyalty is off, or a system cannot be asked now."""
    settings = LoyaltySettings.objects.filter(connection=connection, is_on=True).first()
    cursor = cursor_take(connection, Cursor.POINTS, now) if settings and connection.is_running else None
    if settings is None or cursor is None:
        return None
    circuits = circuits_look(connection.pk, now)
    if circuits.wait:
        cursor_postpone(cursor, now, timedelta(seconds=circuits.wait), failure=cursor.failure)
        return None
    before = datetime.fromisoformat(cursor.position) if cursor.position else connection.created_at
    try:
        with (
            guarded(connection, ServiceClass.SOON, now, circuits=circuits, reads_heartland=True) as guard,
            defects_reported(FEED_NAMES[Cursor.POINTS].lower(), connection=connection.pk),
        ):
            seen = _walk(connection, settings, guard, before - OVERLAP, now)
    except SyncFailure as failure:
        if isinstance(failure, CredentialsRejected):
            access_recheck(owner=connection.heartland, reason=failure.summary)
            access_recheck(owner=connection.store, reason=failure.summary)
        cursor_failed(cursor, now, pause_after(failure), failure)
        return None
    seen.queued += _queue(connection, set(_due(connection, before, now)), now)
    cursor_advance(cursor, now, EVERY, position=now.astimezone(UTC), found=cursor.found + seen.found)
    return seen


def _walk(connection: Connection, settings: LoyaltySettings, guard: Guard, since: datetime, now: datetime) -> Followed:
    seen = Followed()
    heartland = clients.heartland_client(connection.heartland, observer=guard)
    after, has_more = 0, True
    while has_more:
        rows, has_more = heartland.customers_changed_page(after, since=since)
        seen.found += len(rows)
        seen.queued += _queue(connection, _at_the_till(connection, rows, settings.heartland_field), now)
        after = int(rows[-1]["id"]) if rows else after
    members = iter(store_of(connection.store, guard).loyalty.members(settings.store_field, since=since))
    while some := list(islice(members, AT_ONCE)):
        seen.found += len(some)
        seen.queued += _queue(connection, _in_the_store(connection, some), now)
    return seen


def _at_the_till(connection: Connection, rows: list[JSON], field: str) -> set[str]:
    """Accounts whose customer shows another number in Heartland than we know."""
    shown = {str(row["id"]): str((row.get("custom") or {}).get(field) or "") for row in rows}
    sides = PointsSide.objects.filter(
        connection=connection, account__heartland=connection.heartland, account__customer_id__in=shown
    )
    known = sides.values_list("external_id", "account__customer_id", "account__known")
    return {one for one, customer, points in known if shown[customer] not in {"", str(points)}}


def _in_the_store(connection: Connection, members: Iterable[Member]) -> set[str]:
    """Accounts that show another number than we know, or one that is new to us and whose customer is known."""
    shown = {member.id: member.points for member in members if member.points}
    sides = PointsSide.objects.filter(connection=connection, external_id__in=shown)
    known = dict(sides.values_list("external_id", "known"))
    keys = {key: one for one in shown.keys() - known.keys() for key in _link_keys(one)}
    linked = {keys[key] for key in links_known(connection, keys)} if keys else set()
    return {one for one, points in known.items() if shown[one] != str(points)} | linked


def _link_keys(account_id: str) -> list[tuple[Link.Kind, str]]:
    buyer = Buyer(source_id=account_id, email="", phone="", first_name="", last_name="")
    return [(kind, key) for kind, key in services.person_link_keys(Link.Kind.CUSTOMER, customer_key(buyer, ""))]


def _due(connection: Connection, before: datetime, now: datetime) -> Iterable[str]:
    """Accounts that show less or more than their balance, and those to whom a day brings something."""
    sides = PointsSide.objects.filter(connection=connection)
    behind = ~Q(known=F("account__balance")) | ~Q(account__known=F("account__balance")) | Q(is_group_due=True)
    held = Record.objects.filter(connection=connection, flow=POINTS.name, disposition=Record.Disposition.HELD)
    yield from (
        sides.filter(behind).exclude(external_id__in=held.values("external_id")).values_list("external_id", flat=True)
    )
    zone = ZoneInfo(connection.merchant.time_zone)
    last, today = before.astimezone(zone).date(), now.astimezone(zone).date()
    if last < today:
        ended = Q(expires_on__gte=last, expires_on__lt=today) | Q(
            on__gt=_year_before(last), on__lte=_year_before(today)
        )
        moved = PointsMovement.objects.filter(ended, points__gt=0, account__sides__connection=connection)
        yield from sides.filter(account__in=moved.values("account")).values_list("external_id", flat=True)


def _year_before(day: date) -> date:
    return date(day.year - 1, day.month, min(day.day, 28))


def _queue(connection: Connection, accounts: set[str], now: datetime) -> int:
    if accounts:
        jobs_enqueue(
            connection=connection, flow=POINTS.name, external_ids=sorted(accounts), cause="poll", now=now,
            service_class=ServiceClass.SOON,
        )  # fmt: skip
    return len(accounts)
