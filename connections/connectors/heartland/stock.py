"""Stock: values by item and location, and the ledger of their changes."""

from collections.abc import Iterator, Sequence
from typing import Any

from connections.connectors.heartland.base import HeartlandBase, in_order, matching
from connections.connectors.heartland.rights import LEDGER, VALUES
from connections.connectors.needs import needs
from connections.connectors.parts import ROOM
from errors.failures import ContractBroken
from ipaas.types import JSON

ROWS = 5_000  # the most that was seen to work (notes §4.7); a tenant that caps it is walked in its own steps
ITEMS_PER_CALL = ROOM // len("100412%2C")  # in one filter, until a tenant refuses that length
ROWS_OF_ITEM = 500
FIGURES = ("qty_on_hand", "qty_committed", "qty_in_transit", "qty_available")


_plain: set[str] = set()  # tenants that heed no list of items in a filter, as long as the process lives


class StockCalls(HeartlandBase):
    """Questions about stock (notes §8).

    That grouped values are sorted and filtered by more than equality no public client shows (notes §8.1, [U]): what
    comes back is held against what was asked, and asked in the plain way where it does not fit.
    """

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
        """Stock of some items now, one or several rows each. One call for ITEMS_PER_CALL, or one an item.

        Raises ContractBroken when Heartland answers for others too.
        """
        if self._base_url not in _plain:
            try:
                return self._stock_listed(items, locations, by_location=by_location)
            except ContractBroken:
                rows = [row for item in items for row in self._stock_of_one(item, locations)]
                _plain.add(self._base_url)
                return rows
        return [row for item in items for row in self._stock_of_one(item, locations)]

    def _stock_listed(self, items: Sequence[int], locations: Sequence[str], *, by_location: bool) -> list[JSON]:
        def ask(part: list[int]) -> list[JSON]:
            wanted = {"item_id": {"$in": part}, "location_id": {"$in": _numbers(locations)}}
            rows = self._listed("/inventory/values", "stock values", _values(wanted, by_location=by_location))
            if not {row.get("item_id") for row in rows} <= set(part):
                raise ContractBroken("Heartland answers with the stock of items that were not asked for.")
            return rows

        return self._in_parts(items, ask)

    def _stock_of_one(self, item: int, locations: Sequence[str]) -> list[JSON]:
        """An item's rows by location, asked for as every public client does."""
        params = [("group[]", "item_id"), ("group[]", "location_id"), ("item_id", str(item)), _rows(ROWS_OF_ITEM)]
        rows = self._listed("/inventory/values", "stock values", params)
        if any(row.get("item_id") != item for row in rows):
            raise ContractBroken("Heartland answers with the stock of items that were not asked for.")
        wanted = set(_numbers(locations))
        return [row for row in rows if row.get("location_id") in wanted]

    @needs(VALUES)
    def stock_heeds(self, locations: Sequence[str]) -> bool:
        """Whether a list of locations in a filter is heeded. One call."""
        wanted = matching(location_id={"$in": _numbers(locations)})
        rows = self._listed("/inventory/values", "stock values", [("group[]", "location_id"), wanted])
        return {row.get("location_id") for row in rows} <= set(_numbers(locations))

    @needs(VALUES)
    def stock_whole(self, locations: Sequence[str]) -> tuple[list[JSON], bool]:
        """All stock by item and location, page by page in whatever order; and whether every row was seen.

        For tenants that give no order: what changes meanwhile may hide a row, which is then not known.
        """
        params = [("group[]", "item_id"), ("group[]", "location_id"), _rows(ROWS)]
        rows = self._listed("/inventory/values", "stock values", params)
        seen = {(row.get("item_id"), row.get("location_id")): row for row in rows}
        is_whole = len(seen) == len(rows) == self._total_of("/inventory/values", "stock values", params[:2])
        wanted = set(_numbers(locations))
        return [row for (_, place), row in seen.items() if place in wanted], is_whole


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
