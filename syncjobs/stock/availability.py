"""Why a SKU's number is what it is: Heartland's stock and the store's own number, both read for the card."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings

from connections.models import Connection, Location
from connections.models.systems import AccessState
from connections.store_kinds import profile_of
from errors.failures import SyncFailure
from mappings.core.rules.stock_arithmetic import CLAMP_WORDS, Answer, Counting, Figures, Rule
from mappings.models import Link, StockLevel
from mappings.stock_keeping import keeping_note
from syncjobs.models import Cursor
from syncjobs.pos import port as pos_port
from syncjobs.pos.opening import pos_of_patience
from syncjobs.stock.compute_levels import rule_for, stock_by_target, worked_out
from syncjobs.stock.pending_pieces import pieces_pending
from syncjobs.stock.plan import Plan, plan_of, settings_of
from syncjobs.stock.reserved_pieces import Pieces, reserves_of
from syncjobs.stores.level_port import Elsewhere
from syncjobs.stores.opening import store_of_patience

COUNTED = {
    Counting.AVAILABLE: "available",
    Counting.ON_HAND: "on hand",
    Counting.INCOMING: "available and in transit",
}


@dataclass(frozen=True, kw_only=True)
class PlaceRow:
    """One location's part in a number."""

    name: str
    counts: bool
    is_open: bool
    figures: Figures


@dataclass(frozen=True, kw_only=True)
class Held:
    """What the store itself says of a SKU."""

    quantity: int | None  # for sale, orders that we do not carry included; None: it does not list the SKU
    reserved: int = 0  # on hand besides, for its open orders
    kept: int = 0  # of quantity, for open orders that we do not carry: so many it does not sell
    elsewhere: Sequence[Elsewhere] = ()  # sold besides, from places to which no stock is sent
    problem: str = ""  # it could not be asked

    @property
    def on_hand(self) -> int:
        """As the store writes it."""
        return (self.quantity or 0) + self.reserved

    @property
    def sells(self) -> int:
        """What a shopper can buy of what stands here."""
        return (self.quantity or 0) - self.kept

    @property
    def sells_in_all(self) -> int:
        """… and of what stands elsewhere."""
        return self.sells + sum(one.pieces for one in self.elsewhere)


@dataclass(frozen=True, kw_only=True)
class Card:
    """Why a SKU's number is what it is, at one location of the store."""

    level: StockLevel
    rows: list[PlaceRow]
    rule: Rule
    counted_as: str
    answer: Answer
    clamps: list[str]
    held: Held
    is_due: bool  # it is to be told, or was told so lately that the store may not show it

    @property
    def told(self) -> int:
        """What the store is to be told: what it reserves it takes off itself."""
        return self.answer.quantity + self.held.reserved

    @property
    def state(self) -> str:
        """In one word: left_alone, refused, unread, agrees, elsewhere, keeps, due or differs."""
        if self.level.is_left_alone:
            return "left_alone"
        if self.level.refusal:
            return "refused"
        if self.held.problem:
            return "unread"
        if self.held.quantity == self.answer.quantity:
            if self.held.elsewhere:
                return "elsewhere"
            return "keeps" if self.held.kept else "agrees"
        return "due" if self.is_due else "differs"


@dataclass(frozen=True, kw_only=True)
class Cards:
    """The cards of a SKU, or why there is none."""

    cards: list[Card]
    problem: str = ""  # Heartland could not be asked
    lacking: str = ""  # why no stock is sent


def cards_of(connection: Connection, sku: str, now: datetime) -> Cards:
    """The card of a SKU for each location of the store: two calls, and one for each further location of the store.

    Beside them those of `level_port.Levels.elsewhere`.
    """
    plan = plan_of(connection)
    rows = StockLevel.objects.filter(connection=connection, sku=sku).select_related("rule")
    levels = list(rows.order_by("store_location"))
    if not levels or not plan.sources:
        return Cards(cards=[], lacking=lacking_of(connection, sku, plan))
    places = {place.external_id: place for place in connection.heartland.locations.all()}
    asked = sorted(number for number, place in places.items() if place.is_active)
    try:
        if connection.heartland.state != AccessState.CONNECTED:
            raise SyncFailure("Heartland is not connected.")
        stock = pos_of_patience(connection).stock
        found = stock.of_items([levels[0].item_id], asked, by_place=True)
        if not found:
            keeping_note(connection, stock.counts([levels[0].item_id]))
            levels = list(rows.order_by("store_location"))
    except SyncFailure as failure:
        return Cards(cards=[], problem=failure.summary)
    beside, problem = _beside(connection, sku, plan, now)
    pending = pieces_pending(connection, now)
    is_followed = Cursor.objects.filter(connection=connection, feed=Cursor.STOCK, failure="").exists()
    cards = [
        _card(level, plan, found, places, pending, _held(level, beside, problem), now, is_followed=is_followed)
        for level in levels
    ]
    return Cards(cards=cards)


def lacking_of(connection: Connection, sku: str, plan: Plan) -> str:
    """Which of the reasons it is that no stock is sent for a SKU."""
    if not plan.sources:
        return "No location counts: choose on the Inventory tab whose stock is sold online."
    if not Link.objects.of(connection, Link.Kind.ITEM).filter(source_id=sku).exists():
        return "It is not linked to a Heartland item. Linked are items whose Item # equals the SKU, letter by letter."
    if not settings_of(connection).follows:
        return "It is linked, and no sync has run yet: start with a full sync."
    return "It was linked a moment ago: its stock is sent with the next look."


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What the store says of a SKU beside the numbers of the locations that are told."""

    ours: Pieces = field(default_factory=dict)  # reserved for orders that we know
    others: Pieces = field(default_factory=dict)
    elsewhere: Sequence[Elsewhere] = ()


def _beside(connection: Connection, sku: str, plan: Plan, now: datetime) -> tuple[Beside, str]:
    """As it is now, or why the store does not say."""
    store = connection.store
    try:
        if store.state != AccessState.CONNECTED:
            raise SyncFailure(f"{profile_of(store).name} is not connected.")
        levels = store_of_patience(store).levels
        ours, others = reserves_of(connection, levels, plan.sources, now).parted()
        return Beside(ours=ours, others=others, elsewhere=levels.elsewhere([sku], plan.sources)), ""
    except SyncFailure as failure:
        return Beside(), failure.summary


def _held(level: StockLevel, beside: Beside, problem: str) -> Held:
    """Ask the store now."""
    if problem:
        return Held(quantity=None, problem=problem)
    try:
        shown = store_of_patience(level.connection.store).levels
        row = shown.level(level.sku, level.store_location, variant_id=level.variant_id)
    except SyncFailure as failure:
        return Held(quantity=None, problem=failure.summary)
    if row is None:
        return Held(quantity=None)
    ours, others = (pieces.get((level.store_location, level.sku), 0) for pieces in (beside.ours, beside.others))
    return Held(quantity=row.onhand - ours, reserved=ours, kept=others, elsewhere=beside.elsewhere)


def _card(
    level: StockLevel,
    plan: Plan,
    found: list[pos_port.Held],
    places: dict[str, Location],
    pending: dict[int, int],
    held: Held,
    now: datetime,
    *,
    is_followed: bool,
) -> Card:
    feeding = plan.sources.get(level.store_location, ())
    by_place = {row.place: row.figures for row in found}
    counted = [row for row in found if row.place in plan.places]
    answer = worked_out(level, stock_by_target(counted, plan), plan, pending)
    settles_until = level.pushed_at + timedelta(seconds=settings.SETTLE_SECONDS) if level.pushed_at else now
    return Card(
        level=level,
        rows=[
            PlaceRow(
                name=str(place),
                counts=number in feeding,
                is_open=place.is_active,
                figures=by_place.get(number, Figures()),
            )
            for number, place in sorted(places.items(), key=lambda pair: str(pair[1]))
            if number in feeding or number in by_place
        ],
        rule=rule_for(level, plan),
        counted_as=COUNTED[plan.rule.counting],
        answer=answer,
        clamps=[CLAMP_WORDS[clamp] for clamp in answer.clamps],
        held=held,
        is_due=is_followed and (level.is_dirty or level.shown != answer.quantity or settles_until > now),
    )
