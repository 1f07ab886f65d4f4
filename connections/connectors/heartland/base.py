"""What every Heartland call shares: lists, filters, and how a create tells the new id."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from connections.connectors.http import JSONClient, Problem
from connections.connectors.jsontext import encode
from connections.connectors.parts import in_parts
from connections.connectors.wire import Params
from errors.failures import ContractBroken
from ipaas.types import JSON, CallObserver, System

T = TypeVar("T", int, str)

ROWS_PER_PAGE = 500


def matching(**fields: Any) -> tuple[str, str]:
    """The JSON filter parameter for records whose fields have these values (notes §4.9)."""
    return ("_filter", encode(fields))


def in_order(rows: list[JSON], what: str, *, after: int, key: str = "id", repeats: bool = False) -> list[JSON]:
    """The rows of a walk by key as they are, once they ascend and lie beyond the last page's key.

    Nobody promises the order (notes §4.7, §8.1). Raises ContractBroken where it does not hold: what such a page skips
    would be taken for gone. `repeats` allows several rows a key.
    """
    last = after
    for row in rows:
        number = row.get(key)
        if not isinstance(number, int) or number <= after or number < last or (number == last and not repeats):
            raise ContractBroken(f"Heartland's list of {what} is not in the order that we asked for.")
        last = number
    return rows


class HeartlandBase(JSONClient):
    """A client of one Heartland tenant; `base_url` ends in /api."""

    name = "Heartland"

    def __init__(self, base_url: str, token: str, observer: CallObserver, *, public_only: bool = False) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        super().__init__(base_url, headers, System.HEARTLAND, observer, public_only=public_only)

    def _problem(self, data: Any) -> Problem:
        """`{"error", "message", "details": {field: [messages]}}` (notes §3.3)."""
        if not isinstance(data, Mapping):
            return Problem(fields={})
        details = data.get("details")
        fields = {str(key): _joined(value) for key, value in details.items()} if isinstance(details, Mapping) else {}
        message = str(data.get("message") or data.get("error") or "")
        if fields:
            message = "; ".join(f"{key} {text}" for key, text in fields.items())
        return Problem(message=message, fields=fields)

    def _read(self, path: str, what: str, params: Params = ()) -> JSON:
        return self._object(self._send("GET", path, params=params), what)

    def _page(self, path: str, what: str, params: Params = ()) -> list[JSON]:
        """The rows of one page of a list."""
        return self._list(path, what, params)[0]

    def _list(self, path: str, what: str, params: Params) -> tuple[list[JSON], bool]:
        """The rows of one page, and whether more pages follow: by its own `pages`, as it may cap `per_page`."""
        answer = self._object(self._send("GET", path, params=params), f"list of {what}")
        rows = answer.get("results")
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ContractBroken(f"Heartland's list of {what} has no results.")
        pages = answer.get("pages")
        asked = int(dict(params).get("page", "1"))
        return rows, bool(rows) and (not isinstance(pages, int) or pages > asked)

    def _listed(self, path: str, what: str, params: Params) -> list[JSON]:
        """All rows of a list, page by page, as many as it has."""
        rows: list[JSON] = []
        number, has_more = 1, True
        while has_more:
            page = [("page", str(number))] if number > 1 else []
            found, has_more = self._list(path, what, [*params, *page])
            rows += found
            number += 1
        return rows

    def _in_parts(
        self, values: Sequence[T], ask: Callable[[list[T]], list[JSON]], *, most: int | None = None
    ) -> list[JSON]:
        """Records for which a list in a filter asks: as many calls as their addresses need."""
        return in_parts(self._base_url, values, ask, most=most)

    def _total(self, path: str, what: str) -> int:
        """How many records a list has, for the price of one."""
        return self._total_of(path, what, [("_only[]", "id")])

    def _total_of(self, path: str, what: str, params: Params) -> int:
        answer = self._object(self._send("GET", path, params=[*params, ("per_page", "1")]), f"list of {what}")
        total = answer.get("total")
        if not isinstance(total, int):
            raise ContractBroken(f"Heartland's list of {what} has no total.")
        return total

    def _walk(self, path: str, what: str, params: Params = ()) -> Iterator[JSON]:
        """Yield all rows of a short list, page by page (notes §4.7)."""
        for number in itertools.count(1):
            page = [*params, ("per_page", str(ROWS_PER_PAGE)), ("page", str(number))]
            rows, has_more = self._list(path, what, page)
            yield from rows
            if not has_more:
                return

    def _create(self, path: str, what: str, body: Mapping[str, Any]) -> str:
        """POST and tell the new id: the last segment of `Location`, because the body is empty (notes §4.6).

        Raises ContractBroken when the answer names no id: the record exists then, search before creating again.
        """
        answer = self._send("POST", path, body=body)
        new_id = answer.headers.get("location", "").partition("?")[0].rstrip("/").rpartition("/")[2]
        if not new_id.isdigit() and isinstance(answer.data, dict):
            new_id = str(answer.data.get("id") or "")
        if not new_id.isdigit():
            raise ContractBroken(f"Heartland created the {what} but did not say its id.")
        return new_id


def _joined(value: Any) -> str:
    return ", ".join(str(text) for text in value) if isinstance(value, list) else str(value)
