"""What every BigCommerce call shares: two error shapes, two list shapes, rate-limit headers."""

from collections.abc import Iterator, Mapping
from itertools import chain, count
from typing import Any

from connections.connectors.http import Answer, JSONClient, Problem
from connections.connectors.wire import Params
from errors.failures import ContractBroken
from ipaas.types import JSON, CallObserver, System

ROWS_PER_PAGE = 250  # the most that both versions allow (notes §6)


class BigCommerceBase(JSONClient):
    """A client of one store."""

    name = "BigCommerce"

    def __init__(
        self, api_base: str, store_hash: str, token: str, observer: CallObserver, *, public_only: bool = False
    ) -> None:
        base_url = f"{api_base.rstrip('/')}/stores/{store_hash}"
        super().__init__(base_url, {"X-Auth-Token": token}, System.BIGCOMMERCE, observer, public_only=public_only)

    def _problem(self, data: Any) -> Problem:
        """V2 answers a list of errors, V3 an object; batch and refund errors hide one level deeper (notes §7)."""
        if isinstance(data, list):
            return _v2_problem(data[0]) if data and isinstance(data[0], Mapping) else Problem(fields={})
        if not isinstance(data, Mapping):
            return Problem(fields={})
        for key in ("batch_errors", "data"):
            inner = data.get(key)
            if isinstance(inner, list) and inner and isinstance(inner[0], Mapping):
                return self._problem(inner[0])
        errors = data.get("errors")
        fields = {str(key): str(value) for key, value in errors.items()} if isinstance(errors, Mapping) else {}
        message = data.get("title") or data.get("error") or data.get("message") or ""
        return Problem(message=str(message), fields=fields)

    def _wait_seconds(self, headers: Mapping[str, str]) -> float | None:
        """The longer of window reset and `X-Retry-After`; None means overload of unknown length (notes §5)."""
        waits = [seconds for seconds in (_number(headers.get("x-retry-after")), _reset_seconds(headers)) if seconds]
        return max(waits) if waits else super()._wait_seconds(headers)

    def _data(self, answer: Answer, what: str) -> Any:
        """The `data` of a V3 answer."""
        body = self._object(answer, what)
        if "data" not in body:
            raise ContractBroken(f"BigCommerce answered without the {what} we asked for.")
        return body["data"]

    def _v2_page(self, path: str, what: str, params: Params) -> list[JSON]:
        """The rows of a V2 list; nothing found is 204 without a body (notes §6.1)."""
        answer = self._send("GET", path, params=params)
        return self._list_of(what, [] if answer.data is None else answer.data)

    def _v2_walk(self, path: str, what: str, params: Params = ()) -> Iterator[JSON]:
        """Yield all rows of a V2 list, page by page."""
        for number in count(1):
            rows = self._v2_page(path, what, [*params, ("limit", str(ROWS_PER_PAGE)), ("page", str(number))])
            yield from rows
            if len(rows) < ROWS_PER_PAGE:
                return

    def _v3_walk(self, path: str, what: str, params: Params = (), *, limit: int = ROWS_PER_PAGE) -> Iterator[JSON]:
        """Yield all rows of a V3 list, page by page."""
        return chain.from_iterable(self._v3_pages(path, what, params, limit=limit))

    def _v3_pages(
        self, path: str, what: str, params: Params = (), *, limit: int = ROWS_PER_PAGE, first: int = 1
    ) -> Iterator[list[JSON]]:
        """Yield the pages of a V3 list from the `first`. Transactions answer 204 when there are none (notes §15)."""
        seen = (first - 1) * limit
        for number in count(first):
            page = [*params, ("limit", str(limit)), ("page", str(number))]
            answer = self._send("GET", path, params=page)
            if answer.data is None and answer.status == 204:
                return
            rows = self._list_of(what, self._data(answer, f"list of {what}"))
            yield rows
            seen += len(rows)
            if not _has_more(answer.data, seen, len(rows), limit):
                return

    def _v3_page(self, path: str, what: str, params: Params) -> tuple[list[JSON], bool]:
        """The first page of a V3 list, and whether more follow."""
        answer = self._send("GET", path, params=[*params, ("limit", str(ROWS_PER_PAGE))])
        rows = self._list_of(what, self._data(answer, f"list of {what}"))
        return rows, _has_more(answer.data, len(rows), len(rows), ROWS_PER_PAGE)

    def _count(self, path: str, what: str, params: Params = ()) -> int:
        """How many rows a V3 list has, for the price of one."""
        answer = self._object(self._send("GET", path, params=[*params, ("limit", "1")]), f"number of {what}")
        total = _pagination(answer).get("total")
        if not isinstance(total, int):
            raise ContractBroken(f"BigCommerce answered without the number of {what}.")
        return total

    def _list_of(self, what: str, rows: Any) -> list[JSON]:
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ContractBroken(f"BigCommerce answered without the list of {what} we asked for.")
        return rows


def _v2_problem(error: Mapping[str, Any]) -> Problem:
    details = error.get("details")
    fields = {str(key): str(value) for key, value in details.items()} if isinstance(details, Mapping) else {}
    message = str(error.get("message") or "")
    if reason := fields.get("invalid_reason"):
        message = f"{message} {reason}"
    return Problem(message=message, fields=fields)


def _pagination(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """`meta.pagination` of a V3 list; empty when there is none."""
    meta = body.get("meta")
    pagination = meta.get("pagination") if isinstance(meta, Mapping) else None
    return pagination if isinstance(pagination, Mapping) else {}


def _has_more(body: Mapping[str, Any], seen: int, rows: int, limit: int) -> bool:
    """Whether rows follow those seen: by their total, since pages that are clipped make its number of pages untrue.

    Without a total, whenever the page was full. An empty page is the last in any case.
    """
    total = _pagination(body).get("total")
    return bool(rows) and (total > seen if isinstance(total, int) else rows >= limit)


def _number(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None


def _reset_seconds(headers: Mapping[str, str]) -> float | None:
    milliseconds = _number(headers.get("x-rate-limit-time-reset-ms"))
    return None if milliseconds is None else milliseconds / 1000
