"""What the Inventory tab and the pages of stock runs show. Reads only."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q, QuerySet

from connections.models import Connection, InventorySettings, Location
from errors.models import SyncError
from ipaas.counts import many
from mappings.core.rules.stock_arithmetic import BY_RULE, CLAMP_WORDS, Clamp
from mappings.models import UNTRACKED, StockLevel
from syncjobs.engine.stalls import FEEDS
from syncjobs.models import Cursor, RateBudget, Run, ServiceClass
from syncjobs.pages.lists.keyset import MOST_COUNTED, some
from syncjobs.stock.availability import COUNTED
from syncjobs.stock.check_levels import CHECK, accuracy
from syncjobs.stock.plan import plan_of, rule_of, settings_of
from syncjobs.stock.stale_guard import blind_since


@dataclass(frozen=True, kw_only=True)
class Places:
    """Heartland locations by whether their stock counts."""

    counts_all: bool
    closed: list[Location]  # chosen, and not open or visible to us any more
    feeds: dict[int, str]  # by our location: the store's that it feeds
    counted: list[Location]
    others: list[Location]
    kept: list[Location]  # chosen one by one before all were made to count


@dataclass(frozen=True, kw_only=True)
class State:
    """How stock stands between both systems."""

    follows: bool
    looked_at: datetime | None  # when the ledger was followed last
    failure: str
    blind_since: datetime | None  # longer than the merchant allows: the last pieces are off sale
    is_stalled: bool  # it is on the Errors tab
    counts_any: bool  # whether a location counts at all
    left_alone: int  # SKUs of which Heartland keeps no stock
    untracked: int  # others of which the store keeps none
    clamped: list[tuple[str, int]]  # why numbers are not the plain sum, and of how many SKUs
    skus: int
    marked: int  # to be looked at
    refused: int
    accuracy: float | None
    checked_at: datetime | None
    different: int
    lag_ms: float | None  # from a move in Heartland to the store's yes, 95th percentile of the newest ones


def places_of(connection: Connection) -> Places:
    """Which locations count, and which could."""
    counts_all = settings_of(connection).counts_all_locations
    places = list(connection.heartland.locations.filter(is_active=True))
    added = dict(connection.counted_locations.values_list("location_id", "store_location"))
    chosen = [place for place in places if place.pk in added]
    return Places(
        counts_all=counts_all,
        closed=list(connection.heartland.locations.filter(is_active=False, pk__in=added)),
        feeds=added,
        counted=places if counts_all else chosen,
        others=[] if counts_all else [place for place in places if place.pk not in added],
        kept=chosen if counts_all else [],
    )


def formula(settings: InventorySettings) -> list[str]:
    """The rule in words, part by part: what counts, less what is taken off."""
    rule = rule_of(settings)
    safety = " or ".join(
        words
        for words, is_set in (
            (many(rule.safety_units, "piece"), rule.safety_units),
            (f"{rule.safety_percent} %", rule.safety_percent),
        )
        if is_set
    )
    kept = f"{safety} kept back{' (whichever is more)' if ' or ' in safety else ''}" if safety else ""
    fast = f"{settings.fast_units} more of items that move {settings.fast_moves} times a day"
    besides = fast if settings.fast_moves and settings.fast_units else ""
    parts = [COUNTED[rule.counting], kept, besides, "pieces on web orders that no location ships yet"]
    return [part for part in parts if part]


def state_of(connection: Connection, now: datetime) -> State:
    """Counts and times of the tab's head."""
    cursor = Cursor.objects.filter(connection=connection, feed=Cursor.STOCK).first()
    levels = StockLevel.objects.filter(connection=connection)
    check = Run.objects.filter(connection=connection, kind=CHECK, state=Run.State.DONE).order_by("-finished_at").first()
    return State(
        follows=settings_of(connection).follows,
        looked_at=cursor.succeeded_at if cursor else None,
        failure=cursor.failure if cursor else "",
        is_stalled=SyncError.objects.open()
        .filter(connection=connection, flow=FEEDS, external_id=Cursor.STOCK)
        .exists(),
        counts_any=bool(plan_of(connection).sources),
        left_alone=some(levels.filter(keeps_stock=False)),
        untracked=some(levels.filter(UNTRACKED)),
        clamped=clamped_of(levels),
        blind_since=blind_since(connection, now),
        skus=levels.count(),  # whole: what a full sync is reckoned by
        marked=some(levels.filter(is_dirty=True, refusal="")),
        refused=some(levels.exclude(refusal="")),
        accuracy=accuracy(check) if check else None,
        checked_at=check.finished_at if check else None,
        different=check.result.get("different", 0) if check else 0,
        lag_ms=lag_p95(cursor.lags) if cursor else None,
    )


def clamped_of(levels: QuerySet[StockLevel]) -> list[tuple[str, int]]:
    """How many numbers are not the plain sum, by the reason; of the first MOST_COUNTED of them."""
    counts: Counter[str] = Counter()
    for names in levels.exclude(clamps="").values_list("clamps", flat=True)[:MOST_COUNTED]:
        counts.update(names.split(","))
    return [(CLAMP_WORDS[clamp], counts[clamp]) for clamp in Clamp if counts[clamp]]


def clamped_rows(connection: Connection, most: int) -> list[tuple[StockLevel, str]]:
    """The first SKUs whose number is not the sum although no rule says so, each with why."""
    is_odd = Q()
    for clamp in Clamp:
        if clamp not in BY_RULE:
            is_odd |= Q(clamps__contains=clamp)
    levels = StockLevel.objects.filter(connection=connection).exclude(clamps="")
    rows = levels.filter(is_odd).order_by("sku", "store_location")[:most]
    return [(row, "; ".join(CLAMP_WORDS[Clamp(name)] for name in row.clamps.split(","))) for row in rows]


def lag_p95(seconds: list[float]) -> float | None:
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))] if ordered else None


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What a system lets us call."""

    system: str
    left: float
    most: float
    per_second: float  # 0 where it refills all at once
    resets_at: datetime | None
    blocked_until: datetime | None
    shares: list[tuple[str, int]]  # calls of today by what they were for


SHARES = {
    ServiceClass.NOW: "orders",
    ServiceClass.SOON: "changes of stock and items, polls",
    ServiceClass.BULK: "runs over everything",
}


def budgets_of(connection: Connection, now: datetime) -> list[Budget]:
    """The shared budgets that this connection's calls are taken from."""
    tenants = [connection.heartland.base_url, connection.store.store_hash]
    return [
        Budget(
            system=row.system,
            left=row.permits,
            most=row.capacity,
            per_second=row.refill_per_second,
            resets_at=row.reset_at if row.reset_at and row.reset_at > now else None,
            blocked_until=row.blocked_until if row.blocked_until and row.blocked_until > now else None,
            shares=[
                (words, max(0, getattr(row, f"spent_{one}")) if row.spent_on == now.astimezone(UTC).date() else 0)
                for one, words in SHARES.items()
            ],
        )
        for row in RateBudget.objects.filter(tenant__in=tenants).order_by("system")
    ]
