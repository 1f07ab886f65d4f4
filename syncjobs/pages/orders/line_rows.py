"""The lines of both systems side by side: a line of the store with the one that Heartland made of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ipaas.types import JSON
from syncjobs.pages.orders.order_list import amount


@dataclass(frozen=True, kw_only=True)
class LineRow:
    """One row: `store` and `heartland` are lines as facts keep them; None where a side has none."""

    store: JSON | None = None
    heartland: JSON | None = None
    is_linked: bool = False  # the SKU has a stock card

    @property
    def net(self) -> Decimal | None:
        return net(self.store) if self.store else None

    @property
    def quantity_differs(self) -> bool:
        """Pieces that were given back are on no side's list of what is to be had."""
        return self._differs(wanted(self.store), Decimal(str(self.heartland["quantity"])) if self.heartland else None)

    @property
    def value_differs(self) -> bool:
        if not self.store or not self.heartland or self.store.get("refunded"):
            return False
        return self._differs(net(self.store), amount(self.heartland.get("value")))

    def _differs(self, left: Decimal | None, right: Decimal | None) -> bool:
        return self.store is not None and self.heartland is not None and left != right


def net(line: JSON) -> Decimal:
    """What a line of the store brings after discounts, before tax."""
    return (amount(line.get("total")) or Decimal(0)) - (amount(line.get("discount")) or Decimal(0))


def wanted(line: JSON | None) -> Decimal | None:
    return Decimal(line["quantity"]) - Decimal(line.get("refunded") or 0) if line else None


def line_rows(store: Sequence[JSON], heartland: Sequence[JSON], items: Mapping[str, str]) -> list[LineRow]:
    """Each line once: the store's in its order, what Heartland has beside them behind. `items` by SKU, as linked.

    Lines of one item find each other by quantity first. Heartland's lines of before say no item: they follow in order.
    """
    left = list(heartland)
    knows_items = all(line.get("item_id") is not None for line in left)
    rows = []
    for line in store:
        item = items.get(str(line.get("sku") or ""), "")
        there = _taken(left, line, item) if knows_items else (left.pop(0) if left else None)
        rows.append(LineRow(store=line, heartland=there, is_linked=bool(item)))
    return [*rows, *(LineRow(heartland=line) for line in left)]


def _taken(left: list[JSON], line: JSON, item: str) -> JSON | None:
    """The line of the item that fits best, which is then no other's."""
    same = [one for one in left if item and str(one["item_id"]) == item]
    if not same:
        return None
    best = next((one for one in same if Decimal(str(one["quantity"])) == wanted(line)), same[0])
    left.remove(best)
    return best


def skus_of(lines: Iterable[Mapping[str, Any]]) -> list[str]:
    return [str(line["sku"]) for line in lines if line.get("sku")]
