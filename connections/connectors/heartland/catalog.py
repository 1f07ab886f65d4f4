"""Items, their grids and pictures."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from connections.connectors.heartland.base import HeartlandBase, matching
from connections.connectors.http import segment
from connections.connectors.jsontext import encode
from ipaas.types import JSON

NUMBERS_PER_CALL = 100
FILTER_LENGTH = 5_000  # encoded: keeps the address well below the 8 kB that servers accept
ITEMS_PER_PAGE = 1000
IDS_PER_CALL = 600  # in a filter keep the address below 8 kB


class CatalogCalls(HeartlandBase):
    """Questions about items (notes §5)."""

    def item_read(self, item_id: str) -> JSON:
        """One item. Raises NotFound."""
        return self._read(f"/items/{segment(item_id)}", "item")

    def items_by_numbers(self, skus: Sequence[str]) -> dict[str, JSON]:
        """Items by Item # (`public_id`), for those that exist: exact, case counts. One call per hundred."""
        found: dict[str, JSON] = {}
        for chunk in _chunks(list(dict.fromkeys(skus))):
            params = [matching(public_id={"$in": chunk}), ("per_page", str(NUMBERS_PER_CALL * 2))]
            for item in self._page("/items", "items", params):
                if item.get("public_id") in chunk:
                    found[item["public_id"]] = item
        return found

    def items_search(self, text: str) -> list[JSON]:
        """Free-text search over numbers, names and barcodes: for near misses, never for linking."""
        return self._page("/items", "items", [("query", text), ("per_page", "50")])

    def iter_items(
        self,
        *,
        only: Sequence[str] = (),
        active: bool | None = None,
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
            if custom:  # key and value of a custom field (notes §4.9)
                wanted[f"custom@{custom[0]}"] = custom[1]
            fields = [("_only[]", name) for name in ("id", *only)] if only else []
            page = [matching(**wanted), ("sort[]", "id"), ("per_page", str(ITEMS_PER_PAGE)), *fields]
            rows, has_more = self._list("/items", "items", page)
            yield from rows
            if not has_more:
                return
            last = int(rows[-1]["id"])

    def items_page(self, after: int, *, updated_since: datetime | None = None) -> tuple[list[JSON], bool]:
        """Whole items with a greater id, ascending, all or those changed since; and whether more follow."""
        wanted: dict[str, Any] = {"id": {"$gt": after}}
        if updated_since:
            wanted["updated_at"] = {"$gte": updated_since.isoformat()}
        page = [matching(**wanted), ("sort[]", "id"), ("per_page", str(ITEMS_PER_PAGE))]
        return self._list("/items", "items", page)

    def items_count(self) -> int:
        """How many items there are, switched off ones too. Raises ContractBroken when the list does not say."""
        return self._total("/items", "items")

    def items_of(self, *, ids: Sequence[int] = (), grids: Sequence[int] = ()) -> list[JSON]:
        """Some items by id, and all members of some grids, whole."""
        return [*self._by_ids("/items", "items", "id", ids), *self._by_ids("/items", "items", "grid_id", grids)]

    def grids_page(self, after: int) -> tuple[list[JSON], bool]:
        """Grids with a greater id, ascending (notes §5.1); and whether more follow."""
        page = [matching(id={"$gt": after}), ("sort[]", "id"), ("per_page", str(ITEMS_PER_PAGE))]
        return self._list("/item_grids", "item grids", page)

    def grids_of(self, ids: Sequence[int]) -> list[JSON]:
        """Some grids."""
        return self._by_ids("/item_grids", "item grids", "id", ids)

    def item_create(self, body: Mapping[str, Any]) -> str:
        """Add an item; its id comes in `Location`. Not safe to repeat: search by Item # before."""
        return self._create("/items", "item", body)

    def item_update(self, item_id: str, body: Mapping[str, Any]) -> None:
        """Change some fields; those not named stay."""
        self._send("PUT", f"/items/{segment(item_id)}", body=body)

    def grid_create(self, body: Mapping[str, Any]) -> str:
        """Add a grid; its id comes in `Location`."""
        return self._create("/item_grids", "item grid", body)

    def grid_update(self, grid_id: str, body: Mapping[str, Any]) -> None:
        """Change some fields; those not named stay."""
        self._send("PUT", f"/item_grids/{segment(grid_id)}", body=body)

    def grids_named(self, description: str) -> list[JSON]:
        """Grids with exactly this description, to find one whose making had no answer."""
        return self._page("/item_grids", "item grids", [matching(item_description=description)])

    def item_pictures(self, item_id: str) -> list[JSON]:
        """Pictures of an item: `{id, item_id, url, primary}`."""
        return list(self._walk(f"/items/{segment(item_id)}/images", "pictures"))

    def item_picture_add(self, item_id: str, url: str) -> None:
        """Have Heartland fetch a picture; the first becomes the primary one."""
        self._create(f"/items/{segment(item_id)}/images", "picture", {"source": "url", "url": url})

    def _by_ids(self, path: str, what: str, field: str, ids: Sequence[int]) -> list[JSON]:
        """Records whose `field` is one of these ids: as many calls as their pages and addresses need."""
        rows: list[JSON] = []
        for start in range(0, len(ids), IDS_PER_CALL):
            wanted, last, has_more = list(ids[start : start + IDS_PER_CALL]), 0, True
            while has_more:
                about = matching(**{field: {"$in": wanted}}, **({} if field == "id" else {"id": {"$gt": last}}))
                page = [about, ("sort[]", "id"), ("per_page", str(ITEMS_PER_PAGE))]
                found, has_more = self._list(path, what, page)
                rows += found
                has_more = has_more and field != "id"
                last = int(found[-1]["id"]) if found else last
        return rows


def _chunks(numbers: Sequence[str]) -> Iterator[list[str]]:
    """Split numbers so that each part fits into an address."""
    chunk: list[str] = []
    length = 0
    for number in numbers:
        size = len(quote(encode(number))) + 3
        if chunk and (len(chunk) == NUMBERS_PER_CALL or length + size > FILTER_LENGTH):
            yield chunk
            chunk, length = [], 0
        chunk.append(number)
        length += size
    if chunk:
        yield chunk
