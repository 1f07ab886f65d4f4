"""Which location each order that waits for one had best ship from: the whole list at once, the oldest order first.

Heartland takes nothing off its free stock for a line that no location ships (heartland-retail.md §21.1), so orders that
wait are promised their pieces here, one after the other: no two of them the same last piece.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mappings.core.canonical.order import ZERO
from mappings.core.rules.distribution import Stock

Wanted = tuple[str, int]  # item id, pieces
Left = dict[tuple[str, str], Decimal]


@dataclass(frozen=True, kw_only=True)
class WaitingOrder:
    """An order with the lines that no location ships yet."""

    key: str
    lines: tuple[Wanted, ...]
    places: tuple[str, ...]  # location ids that may ship it
    in_turn: bool = False  # the first place that can ships it; else the one that has most left
    promised: tuple[str, ...] = ()  # the place of each line, where a person has chosen already


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """Where the lines of an order had best leave from, and what was free when its turn came."""

    places: tuple[str, ...]  # of each line; () where somebody has to choose
    free: tuple[Mapping[str, Decimal] | None, ...]  # of each line by place; None: no stock is kept of the item
    lacking: tuple[int, ...] = ()  # positions of the lines that no place has whole

    @property
    def is_split(self) -> bool:
        """Whether it leaves from several places."""
        return len(set(self.places)) > 1


def suggested(orders: Iterable[WaitingOrder], free: Stock, uncounted: Collection[str]) -> dict[str, Suggestion]:
    """The suggestion for each order by key; `orders` come by age, `uncounted` are items without stock keeping.

    An order that cannot leave whole is promised nothing: it keeps no later one waiting.
    """
    left: Left = defaultdict(lambda: ZERO, free)
    found = {}
    for order in orders:
        shown = tuple(
            None if item in uncounted else {place: left[item, place] for place in order.places}
            for item, _ in order.lines
        )
        places, lacking = (order.promised, ()) if order.promised else _chosen(order, left, uncounted)
        found[order.key] = Suggestion(places=places, free=shown, lacking=lacking)
        for (item, pieces), place in zip(order.lines, places, strict=False):
            if item not in uncounted:
                left[item, place] -= pieces
    return found


def _chosen(order: WaitingOrder, left: Left, uncounted: Collection[str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The place of each line, and the lines that have none. What is not counted leaves with the rest."""
    counted = {position: line for position, line in enumerate(order.lines) if line[0] not in uncounted}
    if not counted:
        is_clear = order.in_turn or len(order.places) == 1
        return (order.places[:1] * len(order.lines), ()) if is_clear else ((), ())
    chosen = _whole(order, list(counted.values()), left)
    by_line = dict.fromkeys(counted, chosen) if chosen else _line_by_line(order, counted, left)
    if lacking := tuple(position for position, place in by_line.items() if not place):
        return (), lacking
    first = next(iter(by_line.values()))
    return tuple(by_line.get(position, first) for position in range(len(order.lines))), ()


def _whole(order: WaitingOrder, lines: Sequence[Wanted], left: Left) -> str:
    """The place that has all of it; "" when none has."""
    needed: dict[str, int] = defaultdict(int)
    for item, pieces in lines:
        needed[item] += pieces
    spare = {place: min(left[item, place] - count for item, count in needed.items()) for place in order.places}
    return _best([place for place in order.places if spare[place] >= 0], spare, in_turn=order.in_turn)


def _line_by_line(order: WaitingOrder, lines: Mapping[int, Wanted], left: Left) -> dict[int, str]:
    """The place of each line, "" where none has all of it: a line of an open order cannot be parted."""
    rest: Left = defaultdict(lambda: ZERO, left)
    found: dict[int, str] = {}
    for position, (item, pieces) in lines.items():
        able = [place for place in order.places if rest[item, place] >= pieces]
        again = [place for place in able if place in found.values()]  # as few parcels as can be
        found[position] = _best(again or able, {one: rest[item, one] for one in able}, in_turn=order.in_turn)
        rest[item, found[position]] -= pieces
    return found


def _best(able: Sequence[str], spare: Mapping[str, Decimal], *, in_turn: bool) -> str:
    if not able:
        return ""
    return able[0] if in_turn else max(able, key=lambda place: spare[place])
