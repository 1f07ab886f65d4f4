"""Stock: values by item and location, and the ledger of their changes."""

from collections.abc import Iterator, Sequence
from typing import Any

from connections.connectors.heartland.base import HeartlandBase, in_order, matching
from connections.connectors.heartland.rights import LEDGER, VALUES
from connections.connectors.needs import needs
from connections.connectors.parts import ROOM
from ipaas.types import JSON

ROWS = 5_000  # the most that was seen to work (notes §4.7); a tenant that caps it is walked in its own steps
ITEMS_PER_CALL = ROOM // len("100412%2C")  # in one filter, until a tenant refuses that length
FIGURES = ("qty_on_hand", "qty_committed", "qty_in_transit", "qty_available")


class StockCalls(HeartlandBase):
    """Questions about stock (notes §8)."""

    @needs(LEDGER)
    def newest_transaction(self) -> int:
        """The id of the newest entry of the stock ledger: the fence; 0 when it is empty."""
        rows = self._page("/inventory/transactions", "transactions", [*_only("id"), ("sort[]", "id,desc"), _rows(1)])
        return int(rows[0]["id"]) if rows else 0

    @needs(LEDGER)
    def iter_transactions(self, after: int) -> Iterator[list[JSON]]:
        """Yield pages of the ledger's entries with a greater id, ascending: `id`, `item_id`, `created_at` of each."""
        has_more = True
        while has_more:
            page = [matching(id={"$gt": after}), ("sort[]", "id"), _rows(ROWS), *_only("id", "item_id", "created_at")]
            rows, has_more = self._list("/inventory/transactions", "transactions", page)
            if rows:
                yield in_order(rows, "stock transactions", after=after)
                after = int(rows[-1]["id"])

    @needs(VALUES)
    def stock_page(
        self, after_item: int, locations: Sequence[str], *, by_location: bool = False
    ) -> tuple[list[JSON], bool]:
        """Stock of items with a greater id, ascending, one row an item or one an item and location; and if more follow.

        An item without a row never had stock. By id, so that changes meanwhile neither hide nor repeat a row.
        """
        wanted = {"item_id": {"$gt": after_item}, "location_id": {"$in": _numbers(locations)}}
        rows, has_more = self._list("/inventory/values", "stock values", _values(wanted, by_location=by_location))
        return in_order(rows, "stock values", after=after_item, key="item_id", repeats=by_location), has_more

    @needs(VALUES)
    def stock_of(self, items: Sequence[int], locations: Sequence[str], *, by_location: bool = False) -> list[JSON]:
        """Stock of some items now. One call for ITEMS_PER_CALL."""

        def ask(part: list[int]) -> list[JSON]:
            wanted = {"item_id": {"$in": part}, "location_id": {"$in": _numbers(locations)}}
            return self._listed("/inventory/values", "stock values", _values(wanted, by_location=by_location))

        return self._in_parts(items, ask)


def _values(wanted: dict[str, Any], *, by_location: bool) -> list[tuple[str, str]]:
    groups = ("item_id", "location_id") if by_location else ("item_id",)
    grouped = [("group[]", name) for name in groups]
    return [*grouped, matching(**wanted), ("sort[]", "item_id"), _rows(ROWS), *_only(*groups, *FIGURES)]


def _only(*names: str) -> list[tuple[str, str]]:
    return [("_only[]", name) for name in names]


def _rows(count: int) -> tuple[str, str]:
    return ("per_page", str(count))


def _numbers(ids: Sequence[str]) -> list[int]:
    return [int(one) for one in ids]
