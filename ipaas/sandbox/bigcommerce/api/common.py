"""What all endpoints share: registration with scope, request reading, lists and pages, errors (note §6, §7, §8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from ipaas.sandbox.bigcommerce.errors import Refused
from ipaas.sandbox.bigcommerce.scopes import Need
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.bigcommerce.wire import money2, money4
from ipaas.sandbox.core.jsonio import BadJson
from ipaas.sandbox.core.web import ApiError, Reply, Request, Router, empty, json_reply

if TYPE_CHECKING:
    from ipaas.sandbox.bigcommerce.service import BigCommerce

DEFAULT_LIMIT, MAX_LIMIT = 50, 250
MOST_NUMBER = 2**40  # nothing has so many rows; larger numbers mean the same
Money = Callable[[Decimal], Any]


@dataclass(slots=True)
class Call:
    """One authenticated call."""

    service: BigCommerce
    request: Request
    token: Row

    @property
    def state(self) -> State:
        """The store's tables."""
        return self.service.state

    @property
    def money(self) -> Money:
        """How V2 writes money, by switch (§8)."""
        style = self.state.switches["money_style"]
        if style == "four":
            return money4
        return money2 if style == "two" else Decimal

    def arg(self, name: str) -> str | None:
        """A query parameter, or None."""
        return self.request.args.get(name)

    def body(self) -> dict[str, Any]:
        """The JSON object sent. Raises `BadJson`."""
        value = self.request.json()
        if not isinstance(value, dict):
            raise BadJson("a JSON object is expected")
        return value

    def array(self, most: int | None = None) -> list[dict[str, Any]]:
        """The JSON array of objects sent; more than `most` is 413 (§7.3)."""
        value = self.request.json()
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise BadJson("a JSON array of objects is expected")
        if most is not None and len(value) > most:
            raise too_many(most)
        return value

    def reply(self, data: Any, status: int = 200) -> Reply:
        """JSON, with unknown fields mixed in when the switch says so (§26)."""
        if self.state.switches["empty_meta"] == "list" and isinstance(data, dict) and data.get("meta") == {}:
            data = {**data, "meta": []}
        return json_reply(with_extras(data) if self.state.switches["extra_fields"] else data, status)


def too_many(most: int) -> Refused:
    """413 for a batch that is too large."""
    return Refused(413, f"The request payload is too large. The maximum items allowed in the array is {most}")


def with_extras(data: Any) -> Any:
    """Every object with a field nobody knows."""
    if isinstance(data, dict):
        return {**{name: with_extras(value) for name, value in data.items()}, "x_added_without_notice": {"since": 2026}}
    return [with_extras(value) for value in data] if isinstance(data, list) else data


Endpoint = Callable[..., Reply]


class Endpoints:
    """Registers handlers of one API version: `(call, **path values) -> Reply`, with the scopes they need."""

    def __init__(self, router: Router[BigCommerce], version: str) -> None:
        self._router, self._version = router, version

    def __call__(self, method: str, path: str, need: Need) -> Callable[[Endpoint], Endpoint]:
        """Register the decorated function. V2 paths may end in `.json` (§1)."""

        def register(handler: Endpoint) -> Endpoint:
            for suffix in ("", ".json") if self._version == "v2" else ("",):
                pattern = f"/{self._version}{path}"
                self._router.route(
                    method,
                    f"/stores/<store_hash>{pattern}{suffix}",
                    need=need,
                    version=self._version,
                    limit=f"{method} {pattern}",
                )(_guarded(handler, self._version))
            return handler

        return register


def _guarded(handler: Endpoint, version: str) -> Callable[..., Reply]:
    """Turn refusals of the state machine into the error body of the version; they undo what was written."""

    def handle(service: BigCommerce, request: Request, store_hash: str, **values: Any) -> Reply:
        call = Call(service, request, request.environ["sandbox.token"])
        try:
            return handler(call, **values)
        except Refused as exc:
            raise ApiError(exc.status, exc.v2() if version == "v2" else exc.v3()) from exc

    handle.__doc__ = handler.__doc__
    return handle


# --- V2 lists -------------------------------------------------------------------------------------


def whole_arg(call: Call, name: str, default: int) -> int:
    """A number in the query. Raises V2's 400."""
    text = call.arg(name)
    if text is None or text == "":
        return default
    if not text.lstrip("-").isdecimal():
        raise Refused(400, f"The field '{name}' is invalid.", details={"invalid_reason": "A number is expected"})
    return min(int(text), MOST_NUMBER)


def v2_page(call: Call) -> tuple[int, int]:
    """Offset and length of the page asked for; over 250 is 413 or clipped by switch (§6.1, §29)."""
    page, limit = whole_arg(call, "page", 1), whole_arg(call, "limit", DEFAULT_LIMIT)
    if page < 1 or limit < 1:
        name = "page" if page < 1 else "limit"
        raise Refused(400, f"The field '{name}' is invalid.", details={"invalid_reason": "Must be 1 or more"})
    if limit > MAX_LIMIT:
        if call.state.switches["v2_limit_over_max"] == "413":
            raise Refused(413, f"The field 'limit' is invalid. The maximum is {MAX_LIMIT}.")
        limit = MAX_LIMIT
    return (page - 1) * limit, limit


def v2_list(call: Call, rows: Iterable[Row], render: Callable[[Row], Any]) -> Reply:
    """A bare array, or 204 without a body when there is nothing (§6.1)."""
    offset, limit = v2_page(call)
    found = [render(row) for row in islice(rows, offset, offset + limit)]
    return call.reply(found) if found else empty(204)


# --- V3 lists -------------------------------------------------------------------------------------


def v3_page(call: Call, most: int = MAX_LIMIT) -> tuple[int, int]:
    """Page number and length. Raises 422 for nonsense and above the maximum."""
    numbers = []
    for name, default in (("page", 1), ("limit", min(DEFAULT_LIMIT, most))):
        text = call.arg(name) or str(default)
        if not text.isdecimal() or int(text) < 1:
            raise Refused(422, "JSON data is missing or invalid", errors={name: f"{name} must be 1 or more"})
        numbers.append(min(int(text), MOST_NUMBER))
    if numbers[1] > MAX_LIMIT and numbers[1] > most:
        raise Refused(422, f"The limit must not be greater than {most}", errors={"limit": f"must not exceed {most}"})
    return numbers[0], min(numbers[1], most)


def pagination(total: int, count: int, page: int, limit: int, extra: str = "") -> Row:
    """`meta.pagination` with relative links (§6.2)."""
    pages = -(-total // limit)

    def link(number: int) -> str:
        return f"?page={number}&limit={limit}{extra}"

    links = {"current": link(page)}
    if page > 1:
        links["previous"] = link(page - 1)
    if page < pages:
        links["next"] = link(page + 1)
    return {
        "total": total,
        "count": count,
        "per_page": limit,
        "current_page": page,
        "total_pages": pages,
        "links": links,
    }


def _extra_query(call: Call) -> str:
    kept = [(name, value) for name, value in call.request.args.items(multi=True) if name not in ("page", "limit")]
    return "".join(f"&{name}={value}" for name, value in kept)


def v3_list(
    call: Call,
    rows: Sequence[Row] | Iterator[Row],
    render: Callable[[Row], Any],
    *,
    most: int = MAX_LIMIT,
    total: int | None = None,
) -> Reply:
    """`data` and `meta`. With `total` given, `rows` is the page already cut."""
    page, limit = v3_page(call, most)
    if total is None:
        everything = rows if isinstance(rows, Sequence) else list(rows)
        total, rows = len(everything), everything[(page - 1) * limit : page * limit]
    data = [render(row) for row in rows]
    return call.reply(
        {"data": data, "meta": {"pagination": pagination(total, len(data), page, limit, _extra_query(call))}}
    )


def v3_one(call: Call, data: Any, status: int = 200) -> Reply:
    """A single object."""
    return call.reply({"data": data, "meta": {}}, status)


NOT_CHOSEN = {"gift_wrapping_options_type", "gift_wrapping_options_list"}  # undocumented in `include_fields`


def only_fields(call: Call, row: Row) -> Row:
    """`include_fields` and `exclude_fields`; `id` always stays (§6.2)."""
    if wanted := call.arg("include_fields"):
        names = {"id", *wanted.split(",")} - NOT_CHOSEN
        return {name: value for name, value in row.items() if name in names}
    if unwanted := call.arg("exclude_fields"):
        names = set(unwanted.split(",")) - {"id"}
        return {name: value for name, value in row.items() if name not in names}
    return row


# --- V3 filters -----------------------------------------------------------------------------------

Test = Callable[[Row], bool]


def words(text: str) -> set[str]:
    """The values of an `:in` list."""
    return {word.strip() for word in text.split(",") if word.strip()}


def numbers(name: str, text: str) -> set[int]:
    """The ids of an `:in` list. Raises 422."""
    found = words(text)
    if not all(word.lstrip("-").isdecimal() for word in found):
        raise Refused(422, "JSON data is missing or invalid", errors={name: "must be a list of numbers"})
    return {int(word) for word in found}


PAGING = {"page", "limit", "include", "include_fields", "exclude_fields", "sort", "direction", "after", "before"}


def refuse_unknown(call: Call, known: set[str]) -> None:
    """422 for filters the endpoint does not have, under the switch; otherwise they are ignored (§6.2)."""
    unknown = set(call.request.args) - known - PAGING
    if unknown and call.state.switches["unknown_filter"] == "422":
        raise Refused(
            422, "JSON data is missing or invalid", errors=dict.fromkeys(sorted(unknown), "The filter is not supported")
        )
