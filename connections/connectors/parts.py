"""Lists in an address, cut so that no server refuses them for their length; smaller still once one did."""

from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import quote_plus

from connections.connectors.jsontext import encode
from errors.failures import Rejected

T = TypeVar("T", int, str)
Rows = TypeVar("Rows")

ROOM = 3_000  # bytes of a list as it stands in the address: common servers refuse a request line beyond 4,094
TOO_LONG = (413, 414, 431)

_rooms: dict[str, int] = {}  # by tenant, as long as the process lives: what it refused is not tried again


def in_parts(
    tenant: str, values: Sequence[T], ask: Callable[[list[T]], list[Rows]], *, most: int | None = None
) -> list[Rows]:
    """Ask for each part of `values` and answer all rows; a part that is refused for its length is halved.

    Raises what `ask` raises; Rejected also when a single value is too long.
    """
    rows: list[Rows] = []
    at = 0
    while at < len(values):
        part = _first(values[at : at + most] if most else values[at:], _rooms.get(tenant, ROOM))
        try:
            rows += ask(part)
        except Rejected as refusal:
            if refusal.status not in TOO_LONG or len(part) == 1:
                raise
            _rooms[tenant] = sum(map(_size, part)) // 2
            continue
        at += len(part)
    return rows


def _first(values: Sequence[T], room: int) -> list[T]:
    """The longest beginning that fits, at least one."""
    part: list[T] = []
    for value in values:
        room -= _size(value)
        if part and room < 0:
            break
        part.append(value)
    return part


def _size(value: int | str) -> int:
    """Bytes of a value and the comma behind it in a query."""
    return len(quote_plus(encode(value))) + len("%2C")
