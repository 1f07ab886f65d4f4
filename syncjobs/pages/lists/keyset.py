"""Pages of a list by what stands at their ends: no row is counted off, the thousandth page costs what the first does.

A store at a time, and merged: an index holds one store's rows in their order, no index those of some stores.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.db.models.expressions import Combinable

M = TypeVar("M", bound=Model)
ROWS = 50
MOST_COUNTED = 1_000
BETWEEN = "~"  # value and id in an address


@dataclass(frozen=True, kw_only=True)
class Sort:
    """An order of a list: by a value that every row has, then by id. An index of the table holds it."""

    label: str
    by: Combinable
    read: Callable[[str], Any]  # the value in an address; raises ValueError or InvalidOperation
    falls: bool = True  # the greatest first


@dataclass(frozen=True, kw_only=True)
class Page(Generic[M]):
    """Rows, and where the pages before and after them begin; "" where there is none."""

    rows: list[M]
    newer: str = ""
    older: str = ""

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a moment without a zone")
    return found


def money(text: str) -> Decimal:
    found = Decimal(text)
    if not found.is_finite() or abs(found) >= 10**12:
        raise ValueError("no amount")
    return found


def page_of(parts: Sequence[QuerySet[M]], sort: Sort, asked: Mapping[str, str], rows: int = ROWS) -> Page[M]:
    """The rows behind `after`, or before `before`, of lists that are merged; the first ones without any."""
    after, before = place_of(asked.get("after", ""), sort), place_of(asked.get("before", ""), sort)
    is_back = before is not None and after is None
    place = before if is_back else after
    falls = sort.falls != is_back
    found: list[M] = []
    for part in parts:
        ordered = part.annotate(sorted_by=sort.by)
        if place:
            ordered = ordered.filter(beyond(place, falls=falls))
        ends = ("-sorted_by", "-pk") if falls else ("sorted_by", "pk")
        found += ordered.order_by(*ends)[: rows + 1]
    if len(parts) > 1:  # one is sorted as its index is, which texts may be otherwise than Python has it
        found.sort(key=key_of, reverse=falls)
    has_more, found = len(found) > rows, found[:rows]
    if is_back:
        found.reverse()
    has_older, has_newer = is_back or has_more, after is not None or (is_back and has_more)
    if not found:
        return Page(rows=[])
    return Page(
        rows=found,
        newer=named(found[0]) if has_newer else "",
        older=named(found[-1]) if has_older else "",
    )


def neighbours(parts: Sequence[QuerySet[M]], sort: Sort, row: M) -> tuple[M | None, M | None]:
    """The row before and the row after one of a list."""
    place = named(row)
    before = page_of(parts, sort, {"before": place}, rows=1).rows
    after = page_of(parts, sort, {"after": place}, rows=1).rows
    return before[0] if before else None, after[0] if after else None


def beyond(place: tuple[Any, int], *, falls: bool) -> Q:
    """What comes behind a place. The first condition is implied: it is what an index can begin at."""
    value, pk = place
    further, sign = ("lt", "lte") if falls else ("gt", "gte")
    return Q(**{f"sorted_by__{sign}": value}) & (
        Q(**{f"sorted_by__{further}": value}) | Q(sorted_by=value, **{f"pk__{further}": pk})
    )


def key_of(row: Any) -> tuple[Any, int]:
    return row.sorted_by, row.pk


def named(row: Any) -> str:
    """A row's place in an address."""
    value = row.sorted_by
    return f"{value.isoformat() if isinstance(value, datetime) else value}{BETWEEN}{row.pk}"


def place_of(text: str, sort: Sort) -> tuple[Any, int] | None:
    """A place in an address; None for what is none."""
    value, _, pk = text.rpartition(BETWEEN)
    if not (pk.isascii() and pk.isdigit() and len(pk) < 18):
        return None
    try:
        return sort.read(value), int(pk)
    except (ValueError, InvalidOperation):
        return None


def counted(parts: Sequence[QuerySet[Any]], sort: Sort, most: int = MOST_COUNTED) -> int:
    """How many rows, no further than one beyond `most`; in an order that an index has, so that none is sought."""
    total = 0
    for part in parts:
        ordered = part.annotate(sorted_by=sort.by).order_by("-sorted_by", "-pk")
        total += ordered[: most + 1 - total].count()
        if total > most:
            break
    return total


def some(rows: QuerySet[Any]) -> int:
    """How many rows, no further than one beyond MOST_COUNTED; of a condition that an index holds."""
    return rows[: MOST_COUNTED + 1].count()


def count_words(count: int) -> str:
    return f"{MOST_COUNTED:,}+" if count > MOST_COUNTED else f"{count:,}"
