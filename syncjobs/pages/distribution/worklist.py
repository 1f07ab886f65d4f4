"""The orders that wait for a location, each with the one it had best ship from and the stock that speaks for it."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from connections.models import Connection, Location
from errors.failures import SyncFailure
from mappings.core.rules.suggestions import Suggestion, WaitingOrder, suggested
from syncjobs.distribution.waiting_lines import AT_WORK, WaitingLine, lines_waiting, orders_waiting
from syncjobs.flows.orders import ORDERS
from syncjobs.models import Assignment, Record
from syncjobs.pages.shown import mark_of
from syncjobs.pos.opening import pos_of_patience

COMPUTED = 1_000  # orders of the account, the oldest first
SHOWN = 200
PLACES_SHOWN = 3
BETWEEN = "+"  # location ids of the lines of an order that leaves from several
LINES_UNKNOWN = "What Heartland holds of it is not known yet: look at the order again."


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line to distribute, with what is free of it where."""

    description: str
    pieces: int
    stock: str  # "Depot 10 · Main 0", what older orders of the list take not counted


@dataclass(frozen=True, kw_only=True)
class Row:
    """An order of the list."""

    record: Record
    lines: Sequence[Line] = ()
    value: str = ""  # the suggested places as the form sends them; "" where somebody has to choose
    where: str = ""  # the same in words
    reason: str = ""  # why there is no suggestion
    shown: str = ""
    may_choose: bool = True


@dataclass(frozen=True, kw_only=True)
class Worklist:
    """All that waits: what can go as suggested, and what is left over."""

    ready: list[Row] = field(default_factory=list)
    left: list[Row] = field(default_factory=list)
    by_place: list[tuple[str, int]] = field(default_factory=list)  # how many of `ready` each place ships
    waiting: int = 0  # of the store, also those that are not shown
    problem: str = ""  # the stock could not be read

    @property
    def is_cut(self) -> bool:
        return self.waiting > SHOWN


def worklist_of(connection: Connection) -> Worklist:
    """The store's list. Calls: 1 at the stock of 333 items, 1 where Heartland has no stock row of some."""
    waiting = list(orders_waiting(connection).select_related("connection__order_settings")[:COMPUTED])
    lines = {record.pk: lines_waiting(record) for record in waiting}
    promised = promises([record.pk for record in waiting])
    places = {place.external_id: place for place in connection.heartland.locations.filter(is_active=True)}
    try:
        free, uncounted = stock_of(connection, sorted(places), lines.values())
    except SyncFailure as failure:
        free, uncounted, problem = {}, set(), failure.summary
    else:
        problem = ""
    orders = [
        waiting_order(record, found, places, promised.get(record.pk, ()))
        for record in waiting
        if (found := lines[record.pk])
    ]
    suggestions = {} if problem else suggested(orders, free, uncounted)
    ours = [record for record in waiting if record.connection_id == connection.pk and record.pk not in promised]
    rows = [row_of(record, lines[record.pk], suggestions.get(str(record.pk)), places) for record in ours[:SHOWN]]
    ready = [row for row in rows if row.value]
    left = [row for row in rows if not row.value] + [undecided(record) for record in held_back(connection)]
    counts = Counter(row.where for row in ready)
    return Worklist(ready=ready, left=left, by_place=counts.most_common(), waiting=len(ours), problem=problem)


def promises(records: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The places of orders that a run is just distributing, by record; () where it takes one back."""
    rows = Assignment.objects.filter(record__in=records, state__in=AT_WORK)
    return {
        row.record_id: tuple(one["place"] for one in row.lines) if row.state == Assignment.State.WAITING else ()
        for row in rows
    }


def stock_of(
    connection: Connection, places: Sequence[str], lines: Iterable[tuple[WaitingLine, ...] | None]
) -> tuple[dict[tuple[str, str], Decimal], set[str]]:
    """What is free of the lines' items by item and place, and the items of which no stock is kept."""
    items = sorted({int(line.item) for found in lines for line in found or ()})
    if not items or not places:
        return {}, set()
    stock = pos_of_patience(connection).stock
    held = stock.of_items(items, places, by_place=True)
    unseen = set(items) - {row.item_id for row in held}
    counts = stock.counts(unseen) if unseen else {}
    free = {(str(row.item_id), row.place): row.figures.available for row in held}
    return free, {str(item) for item, is_counted in counts.items() if not is_counted}


def waiting_order(
    record: Record, lines: Sequence[WaitingLine], places: Mapping[str, Location], promised: tuple[str, ...]
) -> WaitingOrder:
    """The order as the rule wants it: the store's turn where it has one, else every open location."""
    connection, turn = record.connection, []
    if connection.order_settings.ships_from_several:
        routes = connection.shipping_routes.order_by("rank").values_list("location__external_id", flat=True)
        turn = [place for place in routes if place in places]
    return WaitingOrder(
        key=str(record.pk),
        lines=tuple((line.item, line.leaving) for line in lines),
        places=tuple(turn or sorted(places, key=lambda one: places[one].name)),
        in_turn=bool(turn),
        promised=promised,
    )


def row_of(
    record: Record,
    lines: Sequence[WaitingLine] | None,
    suggestion: Suggestion | None,
    places: Mapping[str, Location],
) -> Row:
    if not lines:
        return Row(record=record, reason=LINES_UNKNOWN, may_choose=False)
    drawn = [
        Line(
            description=line.description,
            pieces=line.leaving,
            stock=stock_words(suggestion.free[position], places) if suggestion else "",
        )
        for position, line in enumerate(lines)
    ]
    chosen = suggestion.places if suggestion else ()
    names = list(dict.fromkeys(places[place].name for place in chosen if place in places))
    return Row(
        record=record,
        lines=drawn,
        value=chosen[0] if len(set(chosen)) == 1 else BETWEEN.join(chosen),
        where=" and ".join(names),
        reason="" if chosen else reason_of(lines, suggestion),
        shown=shown_of(record, lines),
    )


def stock_words(free: Mapping[str, Decimal] | None, places: Mapping[str, Location]) -> str:
    """`Depot 10 · Main 0`, the fullest first."""
    if free is None:
        return "no stock is kept"
    fullest = sorted(free, key=lambda place: (-free[place], places[place].name))
    return " · ".join(f"{places[place].name} {max(int(free[place]), 0)}" for place in fullest[:PLACES_SHOWN])


def reason_of(lines: Sequence[WaitingLine], suggestion: Suggestion | None) -> str:
    """Why a person has to choose."""
    if suggestion is None:
        return "The free stock is not known: choose a location yourself."
    if not suggestion.lacking:
        return "Heartland keeps no stock of it: choose a location."
    named = [f"{lines[position].leaving} × {lines[position].description}" for position in suggestion.lacking[:3]]
    return f"No location has all of {', '.join(named)}."


def held_back(connection: Connection) -> list[Record]:
    """Booked orders without a location that wait for a decision first, oldest first."""
    held = Record.objects.filter(
        connection=connection, flow=ORDERS.name, disposition=Record.Disposition.HELD, booked_at__isnull=False,
        is_distributed=False,
    )  # fmt: skip
    return list(held.exclude(to_distribute=0).order_by("booked_at", "pk")[:SHOWN])


def undecided(record: Record) -> Row:
    return Row(record=record, reason=record.reason, may_choose=False)


def shown_of(record: Record, lines: Sequence[WaitingLine]) -> str:
    """Differs when the row would be drawn for another order or other lines."""
    return hashlib.sha256(f"{mark_of(record)}\x1f{lines!r}".encode()).hexdigest()[:16]


def lines_placed(lines: Sequence[WaitingLine], value: str, places: Mapping[str, str]) -> list[dict[str, object]]:
    """The lines with the places that a form sent, as Assignment.lines; [] where it names none of the account's.

    `places` are the names of the account's open locations by id.
    """
    chosen = value.split(BETWEEN)
    chosen = chosen * len(lines) if len(chosen) == 1 else chosen
    if len(chosen) != len(lines) or not set(chosen) <= places.keys():
        return []
    return [
        {"item": line.item, "pieces": line.pieces, "leaving": line.leaving, "place": place}
        for line, place in zip(lines, chosen, strict=True)
    ]
