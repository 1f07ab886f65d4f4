"""One table of the store: rows by integer id in memory, indexed, some of them computed from their number."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, Protocol

Row = dict[str, Any]


class Journal(Protocol):
    """Who is told before a row changes, so that it can be written or undone."""

    def touch(self, table: "Table", row_id: int, before: Row | None) -> None: ...


@dataclass(frozen=True, slots=True)
class Lazy:
    """Rows that exist without being stored.

    `base(id)` computes the row of an id in `ids`; `finders` answer, per indexed field, the ids of base rows
    with that value; `constants` are fields that are the same in every base row (filters use them without
    computing a million rows). `partitions` answer, per field, the ids with each of its values where these stand
    together; within such a range the fields of `ordered` ascend with the id.
    """

    ids: range
    base: Callable[[int], Row]
    finders: Mapping[str, Callable[[Any], Iterable[int]]] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    partitions: Mapping[str, Mapping[Any, range]] = field(default_factory=dict)
    ordered: frozenset[str] = frozenset()


NO_LAZY = Lazy(range(0), lambda row_id: {})


class Table:
    """Rows in id order. A row handed out is a snapshot: change it only through `update`.

    Rows hold what JSON holds, with `Decimal` for every number that can have a fraction.
    Call it inside the service's lock, as every handler is.
    """

    def __init__(self, name: str, journal: Journal, *, index: Iterable[str] = (), start: int = 1) -> None:
        self.name = name
        self.start = start
        self.next_id = start
        self.lazy = NO_LAZY
        self._journal = journal
        self._rows: dict[int, Row] = {}
        self._plain_ids: list[int] = []  # ids outside the lazy range, sorted
        self._gone: list[int] = []  # deleted ids inside the lazy range, sorted
        self._index: dict[str, dict[Any, dict[int, None]]] = {name: {} for name in index}

    # --- reading ---------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._plain_ids) + len(self.lazy.ids) - len(self._gone)

    def __contains__(self, row_id: int) -> bool:
        return row_id in self._rows or self._is_base(row_id)

    def get(self, row_id: int) -> Row | None:
        """Answer the row, or None."""
        row = self._rows.get(row_id)
        if row is None and self._is_base(row_id):
            return self._base(row_id)
        return row

    def all(self) -> Iterator[Row]:
        """Every row by ascending id, one at a time."""
        return self.after(None)

    def after(self, row_id: int | None) -> Iterator[Row]:
        """Rows with an id greater than `row_id`, ascending; the next costs one step however large the table."""
        return self._of(self.ids(after=row_id))

    def ids(self, after: int | None = None) -> Iterator[int]:
        """Ids in ascending order, from the first one greater than `after`. Take a list before deleting."""
        lazy = self.lazy.ids
        low = bisect_left(self._plain_ids, lazy.start) if lazy else len(self._plain_ids)
        first = 0 if after is None else bisect_right(self._plain_ids, after)
        begin = lazy.start if after is None else max(lazy.start, after + 1)
        middle = (i for i in range(begin, lazy.stop) if self._is_base(i))
        return chain(_span(self._plain_ids, first, low), middle, _span(self._plain_ids, max(first, low)))

    def count_after(self, row_id: int) -> int:
        """How many rows have an id greater than `row_id`, without visiting them."""
        lazy = self.lazy.ids
        plain = len(self._plain_ids) - bisect_right(self._plain_ids, row_id)
        base = max(0, lazy.stop - max(lazy.start, row_id + 1)) if lazy else 0
        return plain + base - (len(self._gone) - bisect_right(self._gone, row_id))

    def slice(self, offset: int, limit: int) -> list[Row]:
        """Rows `offset` to `offset + limit` in id order, without visiting the ones before."""
        lazy = self.lazy.ids
        low = bisect_left(self._plain_ids, lazy.start) if lazy else len(self._plain_ids)
        if offset < low or not lazy:
            start = self._plain_ids[offset] - 1 if offset < len(self._plain_ids) else None
        elif offset < low + len(lazy) - len(self._gone):
            start = self._nth_base(offset - low) - 1
        else:
            rest = offset - (len(lazy) - len(self._gone))
            start = self._plain_ids[rest] - 1 if rest < len(self._plain_ids) else None
        if start is None or limit <= 0:
            return []
        return list(islice(self.after(start), limit))

    def find(self, **equals: Any) -> list[Row]:
        """Rows whose fields equal the given values, by ascending id; an indexed field makes it quick."""
        for name, value in equals.items():
            if name in self._index:
                rows = self._of(sorted(self.lookup(name, value)))
                break
        else:
            rows = self.all()
        return [row for row in rows if all(row.get(name) == value for name, value in equals.items())]

    def first(self, **equals: Any) -> Row | None:
        """The found row with the smallest id, or None."""
        rows = self.find(**equals)
        return rows[0] if rows else None

    def is_indexed(self, name: str) -> bool:
        """Whether `lookup` knows the field."""
        return name in self._index

    def lookup(self, name: str, value: Any) -> set[int]:
        """Ids of the rows whose indexed field `name` is `value`."""
        ids = set(self._index[name].get(value, ()))
        finder = self.lazy.finders.get(name)
        if finder is not None:
            ids.update(i for i in finder(value) if self._is_base(i) and i not in self._rows)
        return ids

    def displaced(self) -> list[int]:
        """Ids of base rows that are changed (and so stored) or deleted, ascending."""
        return sorted({*self._gone, *(row_id for row_id in self._rows if row_id in self.lazy.ids)})

    def is_stored(self, row_id: int) -> bool:
        """Whether the row is really stored: there, and no untouched base row."""
        return row_id in self._rows

    def stored(self) -> Iterator[Row]:
        """Rows that are really stored: all but the untouched base rows. Not in id order."""
        return iter(self._rows.values())

    # --- writing ---------------------------------------------------------------------------------

    def insert(self, row: Mapping[str, Any]) -> Row:
        """Store a new row and answer it with its `id` (its own, if it brings one, else the next number)."""
        given = row.get("id")
        row_id: int = self.next_id if given is None else given
        if row_id in self:
            raise ValueError(f"{self.name} {row_id} exists")
        stored = {**row, "id": row_id}
        self._journal.touch(self, row_id, None)
        self.put(row_id, stored)
        return stored

    def update(self, row_id: int, changes: Mapping[str, Any] | None = None, /, **more: Any) -> Row:
        """Change fields of a row and answer the new row. Raises `KeyError` when there is none."""
        before = self.get(row_id)
        if before is None:
            raise KeyError(f"{self.name} {row_id}")
        stored = {**before, **(changes or {}), **more, "id": row_id}
        self._journal.touch(self, row_id, self._rows.get(row_id))
        self.put(row_id, stored)
        return stored

    def delete(self, row_id: int) -> bool:
        """Remove a row; its id is never given again. Answers whether it was there."""
        if row_id not in self:
            return False
        self._journal.touch(self, row_id, self._rows.get(row_id))
        self.drop(row_id)
        return True

    # --- for the database: no journal, no checks --------------------------------------------------

    def put(self, row_id: int, row: Row) -> None:
        """Set a row in memory and its place in the indexes."""
        self._unindex(row_id)
        if row_id in self.lazy.ids:
            if row_id in self._gone:
                self._gone.remove(row_id)
        elif row_id not in self._rows:
            insort(self._plain_ids, row_id)
        self._rows[row_id] = row
        self.next_id = max(self.next_id, row_id + 1)
        for name, entries in self._index.items():
            entries.setdefault(row.get(name), {})[row_id] = None

    def drop(self, row_id: int) -> None:
        """Take a row out of memory; a base row stays away."""
        self._unindex(row_id)
        stored = self._rows.pop(row_id, None)
        if row_id in self.lazy.ids:
            if row_id not in self._gone:
                insort(self._gone, row_id)
        elif stored is not None:
            del self._plain_ids[bisect_left(self._plain_ids, row_id)]

    def restore(self, row_id: int, before: Row | None) -> None:
        """Undo: put the stored row back, or show the base row again, or have none."""
        if before is not None:
            self.put(row_id, before)
        elif row_id in self.lazy.ids:
            self._unindex(row_id)
            self._rows.pop(row_id, None)
            if row_id in self._gone:
                self._gone.remove(row_id)
        else:
            self.drop(row_id)

    def clear(self) -> None:
        """Forget every row, the base rows too."""
        self._rows.clear()
        self._plain_ids.clear()
        self._gone.clear()
        self.lazy, self.next_id = NO_LAZY, self.start
        for entries in self._index.values():
            entries.clear()

    def set_lazy(self, lazy: Lazy) -> None:
        """Give the table computed rows. Ids given out later follow the range."""
        self._plain_ids = [i for i in self._plain_ids if i not in lazy.ids]
        self.lazy = lazy
        self.next_id = max(self.next_id, lazy.ids.stop)

    # --- inner -----------------------------------------------------------------------------------

    def _of(self, ids: Iterable[int]) -> Iterator[Row]:
        for row_id in ids:
            row = self.get(row_id)
            if row is not None:
                yield row

    def _is_base(self, row_id: int) -> bool:
        if row_id not in self.lazy.ids:
            return False
        if not self._gone:
            return True
        place = bisect_left(self._gone, row_id)
        return place == len(self._gone) or self._gone[place] != row_id

    def _base(self, row_id: int) -> Row:
        return {**self.lazy.base(row_id), "id": row_id}

    def _nth_base(self, number: int) -> int:
        """The id of the base row with `number` rows before it, stepping over deleted ids."""
        row_id = self.lazy.ids.start + number
        for gone in self._gone:
            if gone > row_id:
                break
            row_id += 1
        return row_id

    def _unindex(self, row_id: int) -> None:
        row = self._rows.get(row_id)
        if row is None:
            return
        for name, entries in self._index.items():
            value = row.get(name)
            bucket = entries[value]
            del bucket[row_id]
            if not bucket:
                del entries[value]


def _span(ids: list[int], first: int, last: int | None = None) -> Iterator[int]:
    """Walk a part of a sorted list without copying it."""
    while first < (len(ids) if last is None else min(last, len(ids))):
        yield ids[first]
        first += 1
