"""What the Inventory tab, the pages of stock runs and the availability card show. Reads only."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from connections import clients
from connections.models import Connection, InventorySettings, Location
from connections.models.systems import AccessState
from errors.failures import SyncFailure
from mappings.core.stock import Answer, Clamp, Counting, Figures, Rule, figures_of
from mappings.models import StockLevel
from syncjobs.models import Cursor, RateBudget, Run, ServiceClass
from syncjobs.stock.checking import CHECK, accuracy
from syncjobs.stock.guarding import blind_since
from syncjobs.stock.pending import pieces_pending
from syncjobs.stock.plan import Plan, plan_of, rule_of, settings_of
from syncjobs.stock.working_out import rule_for, stock_by_target, worked_out

COUNTED = {
    Counting.AVAILABLE: "available",
    Counting.ON_HAND: "on hand",
    Counting.INCOMING: "available and in transit",
}
CLAMPS = {
    Clamp.NEGATIVE: "fewer than none is none",
    Clamp.FRACTION: "only whole pieces are sold",
    Clamp.LAST_UNITS: "the last pieces are not sold online",
    Clamp.TOO_LARGE: "the store takes no larger number",
}


@dataclass(frozen=True, kw_only=True)
class Places:
    """Heartland locations by whether their stock counts."""

    counts_all: bool
    feeds: dict[int, int]  # by our location: BigCommerce's that it feeds
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
            (f"{rule.safety_units} pieces", rule.safety_units),
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
        blind_since=blind_since(connection, now),
        skus=levels.count(),
        marked=levels.filter(needs_look=True, refusal="").count(),
        refused=levels.exclude(refusal="").count(),
        accuracy=accuracy(check) if check else None,
        checked_at=check.finished_at if check else None,
        different=check.result.get("different", 0) if check else 0,
        lag_ms=lag_p95(cursor.lags) if cursor else None,
    )


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


@dataclass(frozen=True, kw_only=True)
class PlaceRow:
    """One location's part in a number."""

    name: str
    counts: bool
    figures: Figures


@dataclass(frozen=True, kw_only=True)
class Card:
    """Why a SKU's number is what it is, at one location of the store."""

    level: StockLevel
    rows: list[PlaceRow]
    rule: Rule
    counted_as: str
    answer: Answer
    clamps: list[str]
    problem: str = ""  # Heartland could not be asked

    @property
    def agrees(self) -> bool:
        return self.level.quantity == self.answer.quantity


def cards_of(connection: Connection, sku: str, now: datetime) -> tuple[list[Card], str]:
    """The card of a SKU for each location of the store, as Heartland counts now; and why it could not be asked."""
    plan = plan_of(connection)
    levels = list(
        StockLevel.objects.filter(connection=connection, sku=sku).select_related("rule").order_by("store_location")
    )
    if plan is None or not levels:
        return [], ""
    places = {place.external_id: place for place in connection.heartland.locations.all()}
    try:
        if connection.heartland.state != AccessState.CONNECTED:
            raise SyncFailure("Heartland is not connected.")
        heartland = clients.heartland_setup_client(connection.heartland)
        rows = heartland.stock_of([levels[0].item_id], sorted(places), by_location=True)
    except SyncFailure as failure:
        return [], failure.summary
    found = {str(row["location_id"]): figures_of(row) for row in rows}
    pending = pieces_pending(connection, now)
    return [card_of(level, plan, rows, found, places, pending) for level in levels], ""


def card_of(
    level: StockLevel,
    plan: Plan,
    rows: list[dict[str, Decimal]],
    found: dict[str, Figures],
    places: dict[str, Location],
    pending: dict[str, int],
) -> Card:
    feeding = plan.sources.get(level.store_location, ())
    counted = [row for row in rows if str(row["location_id"]) in feeding]
    answer = worked_out(level, stock_by_target(counted, plan), plan, pending)
    return Card(
        level=level,
        rows=[
            PlaceRow(name=str(place), counts=number in feeding, figures=found.get(number, Figures()))
            for number, place in sorted(places.items(), key=lambda pair: str(pair[1]))
            if number in feeding or number in found
        ],
        rule=rule_for(level, plan),
        counted_as=COUNTED[plan.rule.counting],
        answer=answer,
        clamps=[CLAMPS[clamp] for clamp in answer.clamps],
    )
