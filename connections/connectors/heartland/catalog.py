"""Items, their grids and pictures."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connections.connectors.heartland.base import HeartlandBase, in_order, matching
from connections.connectors.heartland.rights import ITEMS
from connections.connectors.http import segment
from connections.connectors.needs import needs
from ipaas.types import JSON

NUMBERS_PER_CALL = 100
ITEMS_PER_PAGE = 1000


class CatalogCalls(HeartlandBase):
    """Questions about items (notes §5)."""

    @needs(ITEMS)
    def item_read(self, item_id: str) -> JSON:
        """One item. Raises NotFound."""
        return self._read(f"/items/{segment(item_id)}", "item")

    @needs(ITEMS)
    def items_by_numbers(self, skus: Sequence[str]) -> dict[str, JSON]:
        """Items by Item # (`public_id`), for those that exist: exact, case counts. One call per hundred."""
        wanted = dict.fromkeys(skus)

        def ask(numbers: list[str]) -> list[JSON]:
            params = [matching(public_id={"$in": numbers}), ("per_page", str(NUMBERS_PER_CALL * 2))]
            return self._listed("/items", "items", params)

        rows = self._in_parts(list(wanted), ask, most=NUMBERS_PER_CALL)
        return {row["public_id"]: row for row in rows if row.get("public_id") in wanted}

    @needs(ITEMS)
    def items_search(self, text: str) -> list[JSON]:
        """Free-text search over numbers, names and barcodes: for near misses, never for linking."""
        return self._page("/items", "items", [("query", text), ("per_page", "50")])

    @needs(ITEMS)
    def iter_items(
        self,
        *,
        only: Sequence[str] = (),
        active: bool | None = None,
        tracked: bool | None = None,
        custom: tuple[str, str] | None = None,
    ) -> Iterator[JSON]:
        """Yield items by ascending id, of the fields `only` when given (`id` always).

        By id and not by page number, so that changes during the walk neither hide nor repeat an item (notes §4.7).
        """
        last = 0
        while True:
            wanted: dict[str, Any] = {"id": {"$gt": last}}
            if active is not None:
                wanted["active"] = active
            if tracked is not None:
                wanted["track_inventory"] = tracked
            if custom:  # key and value of a custom field (notes §4.9)
                wanted[f"custom@{custom[0]}"] = custom[1]
            fields = [("_only[]", name) for name in ("id", *only)] if only else []
            page = [matching(**wanted), ("sort[]", "id"), ("per_page", str(ITEMS_PER_PAGE)), *fields]
            rows, has_more = self._list("/items", "items", page)
            yield from in_order(rows, "items", after=last)
            if not has_more:
                return
            last = int(rows[-1]["id"])

    @needs(ITEMS)
    def items_page(self, after: int, *, updated_since: datetime | None = None) -> tuple[list[JSON], bool]:
        """Whole items with a greater id, ascending, all or those changed since; and whether more follow."""
        wanted: dict[str, Any] = {"id": {"$gt": after}}
        if updated_since:
            wanted["updated_at"] = {"$gte": updated_since.isoformat()}
        page = [matching(**wanted), ("sort[]", "id"), ("per_page", str(ITEMS_PER_PAGE))]
        rows, has_more = self._list("/items", "items", page)
        return in_order(rows, "items", after=after), has_more

    @needs(ITEMS)
    def items_count(self) -> int:
        """How many items there are, switched off ones too. Raises ContractBroken when the list does not say."""
        return self._total("/items", "items")

    @needs(ITEMS)
    def items_of(self, *, ids: Sequence[int] = (), grids: Sequence[int] = ()) -> list[JSON]:
        """Some items by id, and all members of some grids, whole."""
        return [*self._by_ids("/items", "items", "id", ids), *self._by_ids("/items", "items", "grid_id", grids)]

    @needs(ITEMS)
    def grids_page(self, after: int) -> tuple[list[JSON], bool]:
        """Grids with a greater id, ascending (notes §5.1); and whether more follow."""
        page = [matching(id={"$gt": after}), ("sort[]", "id"), ("per_page", str(ITEMS_PER_PAGE))]
        rows, has_more = self._list("/item_grids", "item grids", page)
        return in_order(rows, "item grids", after=after), has_more

    @needs(ITEMS)
    def grids_of(self, ids: Sequence[int]) -> list[JSON]:
        """Some grids."""
        return self._by_ids("/item_grids", "item grids", "id", ids)

    @needs(ITEMS)
    def item_create(self, body: Mapping[str, Any]) -> str:
        """Add an item; its id comes in `Location`. Not safe to repeat: search by Item # before."""
        return self._create("/items", "item", body)

    @needs(ITEMS)
    def item_update(self, item_id: str, body: Mapping[str, Any]) -> None:
        """Change some fields; those not named stay."""
        self._send("PUT", f"/items/{segment(item_id)}", body=body)

    @needs(ITEMS)
    def grid_create(self, body: Mapping[str, Any]) -> str:
        """Add a grid; its id comes in `Location`."""
        return self._create("/item_grids", "item grid", body)

    @needs(ITEMS)
    def grid_update(self, grid_id: str, body: Mapping[str, Any]) -> None:
        """Change some fields; those not named stay."""
        self._send("PUT", f"/item_grids/{segment(grid_id)}", body=body)

    @needs(ITEMS)
    def grids_named(self, description: str) -> list[JSON]:
        """Grids with exactly this description, to find one whose making had no answer."""
        return self._page("/item_grids", "item grids", [matching(item_description=description)])

    @needs(ITEMS)
    def item_pictures(self, item_id: str) -> list[JSON]:
        """Pictures of an item: `{id, item_id, url, primary}`."""
        return list(self._walk(f"/items/{segment(item_id)}/images", "pictures"))

    @needs(ITEMS)
    def item_picture_add(self, item_id: str, url: str) -> None:
        """Have Heartland fetch a picture; the first becomes the primary one."""
        self._create(f"/items/{segment(item_id)}/images", "picture", {"source": "url", "url": url})

    def _by_ids(self, path: str, what: str, field: str, ids: Sequence[int]) -> list[JSON]:
        """Records whose `field` is one of these ids."""

        def ask(part: list[int]) -> list[JSON]:
            params = [matching(**{field: {"$in": part}}), ("sort[]", "id"), ("per_page", str(ITEMS_PER_PAGE))]
            return self._listed(path, what, params)

        return self._in_parts(ids, ask)
