"""Heartland's stock behind the port (its notes, §8)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connections.connectors.heartland import HeartlandClient
from mappings.core.heartland.stock_keeping import keeps_stock
from mappings.core.rules.stock_arithmetic import figures_of
from syncjobs.pos.port import Held, Move


class HeartlandStock:
    """Fulfils `port.Stock`."""

    def __init__(self, client: HeartlandClient) -> None:
        self._client = client

    def newest_entry(self) -> int:
        return self._client.newest_transaction()

    def moves(self, after: int) -> Iterator[list[Move]]:
        for page in self._client.iter_transactions(after):
            yield [
                Move(int(row["id"]), int(row["item_id"]), datetime.fromisoformat(str(row["created_at"])))
                for row in page
            ]

    def page(self, after: int, places: Sequence[str], *, by_place: bool) -> tuple[list[Held], bool]:
        rows, has_more = self._client.stock_page(after, places, by_location=by_place)
        return [held(row, by_place=by_place) for row in rows], has_more

    def of_items(self, items: Sequence[int], places: Sequence[str], *, by_place: bool) -> list[Held]:
        """A tenant that heeds no list of items answers by place, whatever was asked."""
        rows = self._client.stock_of(items, places, by_location=by_place)
        return [held(row, by_place=by_place) for row in rows]

    def whole(self, places: Sequence[str]) -> tuple[list[Held], bool]:
        rows, is_whole = self._client.stock_whole(places)
        return [held(row, by_place=True) for row in rows], is_whole

    def heeds(self, places: Sequence[str]) -> bool:
        return self._client.stock_heeds(places)

    def uncounted(self) -> list[int]:
        rows = self._client.iter_items(only=("track_inventory?",), tracked=False)
        return [int(row["id"]) for row in rows if row.get("track_inventory?") is False]

    def counts(self, items: Collection[int]) -> Mapping[int, bool]:
        return keeps_stock(self._client.items_of(ids=sorted(items)))

    def of_category(self, field: str, value: str) -> list[int]:
        return [int(row["id"]) for row in self._client.iter_items(only=["id"], custom=(field, value))]


def held(row: Mapping[str, Any], *, by_place: bool) -> Held:
    """A row of `/inventory/values`. Raises ContractBroken when a quantity is none."""
    return Held(int(row["item_id"]), str(row["location_id"]) if by_place else "", figures_of(row))
