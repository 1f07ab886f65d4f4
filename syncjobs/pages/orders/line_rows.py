"""The lines of both systems side by side: a line of the store with the one that Heartland made of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any

from ipaas.types import JSON
from syncjobs.pages.orders.order_list import amount


@dataclass(frozen=True, kw_only=True)
class LineRow:
    """One row: `store` and `heartland` are lines as facts keep them; None where a side has none."""

    store: JSON | None = None
    heartland: JSON | None = None
    besides: Sequence[JSON] = ()  # more of Heartland's that are of the same line: each has a row of its own
    is_more: bool = False  # such a row
    is_linked: bool = False  # the SKU has a stock card

    @property
    def net(self) -> Decimal | None:
        return net(self.store) if self.store else None

    @property
    def quantity_differs(self) -> bool:
        """Pieces that were given back are on no side's list of what is to be had."""
        return self._differs(wanted(self.store), sum(map(pieces, self._there), Decimal(0)))

    @property
    def value_differs(self) -> bool:
        if not self.store or not self.heartland or self.store.get("refunded"):
            return False
        values = (amount(line.get("value")) or Decimal(0) for line in self._there)
        return self._differs(net(self.store), sum(values, Decimal(0)))

    @property
    def _there(self) -> Sequence[JSON]:
        return [self.heartland, *self.besides] if self.heartland else []

    def _differs(self, left: Decimal | None, right: Decimal) -> bool:
        return self.store is not None and self.heartland is not None and left != right


def net(line: JSON) -> Decimal:
    """What a line of the store brings after discounts, before tax."""
    return (amount(line.get("total")) or Decimal(0)) - (amount(line.get("discount")) or Decimal(0))


def wanted(line: JSON | None) -> Decimal | None:
    return Decimal(line["quantity"]) - Decimal(line.get("refunded") or 0) if line else None


def pieces(line: JSON) -> Decimal:
    """Pieces of a line of Heartland."""
    return Decimal(str(line["quantity"]))


def line_rows(store: Sequence[JSON], heartland: Sequence[JSON], items: Mapping[str, str]) -> list[LineRow]:
    """Each line once: the store's in its order, what Heartland has beside them behind. `items` by SKU, as linked.

    Lines of one item find each other by quantity first, one of the store also several that make it up: a sum that no
    price divides into, or pieces of several locations. Heartland's lines of before say no item: they follow in order.
    """
    left = list(heartland)
    knows_items = all(line.get("item_id") is not None for line in left)
    rows = []
    for line in store:
        item = items.get(str(line.get("sku") or ""), "")
        there = _taken(left, line, item) if knows_items else [left.pop(0)] if left else []
        first = there[0] if there else None
        rows.append(LineRow(store=line, heartland=first, besides=there[1:], is_linked=bool(item)))
        rows += [LineRow(heartland=one, is_more=True) for one in there[1:]]
    return [*rows, *(LineRow(heartland=line) for line in left)]


def _taken(left: list[JSON], line: JSON, item: str) -> list[JSON]:
    """The lines of the item that fit best, which are then no other's."""
    same = [one for one in left if item and str(one["item_id"]) == item]
    exact = [one for one in same if pieces(one) == wanted(line)]
    best = exact[:1] or _together(same, wanted(line)) or same[:1]
    for one in best:
        left.remove(one)
    return best


def _together(lines: Sequence[JSON], wanted: Decimal | None) -> list[JSON]:
    """The first ones that have so many pieces together; none where no such do."""
    for count, so_many in enumerate(accumulate(map(pieces, lines)), start=1):
        if so_many == wanted:
            return list(lines[:count])
    return []


def skus_of(lines: Iterable[Mapping[str, Any]]) -> list[str]:
    return [str(line["sku"]) for line in lines if line.get("sku")]
