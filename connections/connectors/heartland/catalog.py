"""Items."""

from collections.abc import Iterator, Sequence
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
        updated_since: datetime | None = None,
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
            if updated_since:
                wanted["updated_at"] = {"$gte": updated_since.isoformat()}
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
