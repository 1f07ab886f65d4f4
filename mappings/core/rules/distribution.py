"""Which location ships which pieces of an order: complete from one where possible, else split by what is there.

Heartland note §10.3 (a line ships from one location; a split line becomes several), §18.2 (store priority).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from mappings.core.canonical.order import ZERO

Stock = Mapping[tuple[str, str], Decimal]  # (item id, location id) → pieces that are free there
Share = tuple[str | None, int]  # location id, pieces; nobody has the pieces of None


def free_from_heartland(rows: Iterable[Mapping[str, Any]]) -> Stock:
    """Rows of `/inventory/values` by item and location (heartland-retail.md §8.1)."""
    return {(str(row["item_id"]), str(row["location_id"])): Decimal(str(row["qty_available"])) for row in rows}


def gone_from_store(line: Mapping[str, Any]) -> int:
    """Pieces of a store line, as the facts of an order keep it, that have left or were given back."""
    return min(int(line["quantity"]), int(line.get("shipped", 0)) + int(line.get("refunded", 0)))


def without_gone(lines: Iterable[Mapping[str, Any]], gone: Mapping[str, int]) -> Iterator[tuple[dict[str, Any], bool]]:
    """Sales order lines as they are to be made, with whether a location may ship them.

    Pieces by item id that have left already stand apart, on lines that no location ships: nobody packs them again.
    """
    left = dict(gone)
    for line in lines:
        item, quantity = str(line["item_id"]), int(line["qty"])
        taken = min(quantity, left.get(item, 0))
        left[item] = left.get(item, 0) - taken
        if taken:
            yield (
                {name: value for name, value in line.items() if name != "ship_from_location_id"} | {"qty": taken},
                False,
            )
        if taken < quantity:
            yield dict(line) | {"qty": quantity - taken}, True


def shared(wanted: Sequence[tuple[str, int]], free: Stock, places: Sequence[str]) -> list[list[Share]]:
    """For each (item id, pieces) its shares, in order; `places` are location ids by priority.

    The first place that has everything ships everything. Else each line goes to the first place that has all of it,
    else its pieces go to the places in turn; what nobody has stays undistributed, for a person to decide.
    """
    left = defaultdict(lambda: ZERO, free)
    for place in places:
        if _has_all(wanted, left, place):
            return [[(place, count)] for _, count in wanted]
    return [list(_line(item, count, left, places)) for item, count in wanted]


def _has_all(wanted: Sequence[tuple[str, int]], left: Stock, place: str) -> bool:
    needed: dict[str, int] = defaultdict(int)
    for item, count in wanted:
        needed[item] += count
    return all(left[item, place] >= count for item, count in needed.items())


def _line(item: str, count: int, left: dict[tuple[str, str], Decimal], places: Sequence[str]) -> Iterator[Share]:
    whole = next((place for place in places if left[item, place] >= count), None)
    for place in [whole] if whole else places:
        taken = min(count, int(left[item, place]))
        if taken > 0:
            left[item, place] -= taken
            count -= taken
            yield place, taken
    if count:
        yield None, count
