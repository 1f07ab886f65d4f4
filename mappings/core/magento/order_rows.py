"""Which rows of a Magento order are its lines. Magento notes §8.3.

Configurables and bundles come as a parent and its children, and no row says which of them carries the money: what
sums up to the order's subtotal proves it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import ZERO
from mappings.core.magento.sides import Side

BUNDLE, CONFIGURABLE, GIFT_CARD = "bundle", "configurable", "giftcard"
INTANGIBLE = frozenset({"virtual", "downloadable"})


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A row that is a line, with how many pieces of it there are."""

    row: Row
    stocked: Row  # what lies on the shelf: the child of a configurable, else the row
    has_money: bool = True  # False: its price is its bundle's
    bundle: Row | None = None  # the parent that this is a part of
    is_bundle: bool = False  # it is the parent: its parts are what leaves
    left: Fraction = Fraction(1)  # the share that was not cancelled

    @property
    def ordered(self) -> Decimal:
        return self.row.amount("qty_ordered")

    @property
    def quantity(self) -> Decimal:
        """Pieces that were ordered and not cancelled."""
        return times(self.ordered, self.left)

    @property
    def shipped(self) -> Decimal:
        """Pieces that left; of a part also by its bundle, where that ships together."""
        return max(_count(self.row, "shipped"), self._by_bundle("shipped"))

    @property
    def refunded(self) -> Decimal:
        """Pieces given back. Where parts carry the money their bundle's counter tells nothing (it jumps to all)."""
        own = _count(self.row, "refunded")
        return own if self.has_money else max(own, self._by_bundle("refunded"))

    def _by_bundle(self, counter: str) -> Decimal:
        return ZERO if self.bundle is None else times(self.ordered, _share(self.bundle, counter))


def kept_rows(order: Row, side: Side, *, is_whole: bool) -> list[Kept]:
    """The lines, by the ids of their rows. `is_whole`: also the pieces that were cancelled.

    Bundles are read by the rows of their parts; where those do not sum up to the subtotal and the parents do, by these.
    """
    rows = sorted(order.rows("items", "line"), key=lambda row: row.whole("item_id"))
    rows = [Row(row.data, f"{order.label}, line {row.data.get('item_id', '?')}") for row in rows]
    children = _children(rows)
    by_parts = [kept for row in _tops(rows, children) for kept in _lines(row, children, side, is_fixed=False)]
    by_parents = [kept for row in _tops(rows, children) for kept in _lines(row, children, side, is_fixed=True)]
    subtotal = side.money(order, "subtotal")
    is_proven = _sum(by_parts, side) == subtotal or _sum(by_parents, side) != subtotal
    kept = by_parts if is_proven else by_parents
    return kept if is_whole else [_without_cancelled(one) for one in kept]


def _children(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """By the id of their parent, where that is there."""
    ids, found = {row.identifier("item_id") for row in rows}, defaultdict[str, list[Row]](list)
    for row in rows:
        if (parent := row.identifier("parent_item_id")) in ids:
            found[parent].append(row)
    return found


def _tops(rows: Iterable[Row], children: dict[str, list[Row]]) -> list[Row]:
    below = {row.identifier("item_id") for many in children.values() for row in many}
    return [row for row in rows if row.identifier("item_id") not in below]


def _lines(row: Row, children: dict[str, list[Row]], side: Side, *, is_fixed: bool) -> list[Kept]:
    """The lines of a row that has no parent; `is_fixed`: a bundle's price is its own, whatever its parts say."""
    parts = children.get(row.identifier("item_id"), [])
    if row.text("product_type") != BUNDLE or not parts:
        return [Kept(row=row, stocked=parts[0] if parts else row)]
    has_own_price = is_fixed or (not any(side.money(part, "row_total") for part in parts))
    if not has_own_price or not side.money(row, "row_total"):
        return [Kept(row=part, stocked=part, bundle=row) for part in parts]
    return [
        Kept(row=row, stocked=row, is_bundle=True),
        *(Kept(row=part, stocked=part, bundle=row, has_money=False) for part in parts),
    ]


def _without_cancelled(kept: Kept) -> Kept:
    gone = _share(kept.row, "canceled")
    if kept.bundle is not None:
        gone = max(gone, _share(kept.bundle, "canceled")) if not kept.has_money else gone
    return replace(kept, left=1 - gone)


def _sum(lines: Iterable[Kept], side: Side) -> Decimal:
    return sum((side.money(one.row, "row_total") for one in lines if one.has_money), ZERO)


def _count(row: Row, counter: str) -> Decimal:
    return row.amount(f"qty_{counter}", ZERO)


def _share(row: Row, counter: str) -> Fraction:
    ordered = row.amount("qty_ordered", ZERO)
    return min(Fraction(_count(row, counter)) / Fraction(ordered), Fraction(1)) if ordered > 0 else Fraction(0)


def times(amount: Decimal, share: Fraction) -> Decimal:
    """Exact to four decimals, as the shop keeps quantities and amounts."""
    part = Fraction(amount) * share
    return (Decimal(part.numerator) / Decimal(part.denominator)).quantize(Decimal("0.0001"))
