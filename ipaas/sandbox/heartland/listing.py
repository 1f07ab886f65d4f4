"""Which rows a list call wants and in what order: filters, search, sort, pages (§4.7), in O(page) where it can be."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ipaas.sandbox.core.tables import Row, Table
from ipaas.sandbox.heartland.errors import invalid_request
from ipaas.sandbox.heartland.fields import Kind
from ipaas.sandbox.heartland.filters import Condition, Conditions, Either, comparable, fields_of, test_of, value_of

Order = tuple[str, bool]  # field, descending
KindOf = Callable[[str], Kind]
MAX_PER_PAGE = 5_000
BEFORE_ALL = -1


@dataclass(frozen=True, slots=True)
class Wanted:
    """One list call, read and checked."""

    conditions: Conditions
    kind_of: KindOf
    sort: tuple[Order, ...] = ()
    page: int = 1
    per_page: int | None = 20  # None: all
    text: str = ""
    search: tuple[str, ...] = ()

    @property
    def offset(self) -> int:
        return 0 if self.per_page is None else (self.page - 1) * self.per_page

    def pages(self, total: int) -> int:
        """How many pages `total` rows make."""
        return 1 if self.per_page is None else -(-total // self.per_page)


def read_page(page: str | None, per_page: str | None, default: int = 20) -> tuple[int, int | None]:
    """`page` and `per_page`; `all` is None. Raises 400."""
    number = int(page) if page and page.isdecimal() else 1 if not page else 0
    if number < 1:
        raise invalid_request("page must be a positive number")
    if per_page == "all":
        return 1, None
    size = int(per_page) if per_page and per_page.isdecimal() else default if not per_page else 0
    if not 1 <= size <= MAX_PER_PAGE:
        raise invalid_request(f"per_page must be between 1 and {MAX_PER_PAGE}, or all")
    return number, size


def select(table: Table, wanted: Wanted) -> tuple[int, list[Row]]:
    """Total and the rows of the wanted page."""
    above, rest = _split(wanted.conditions)
    ids = _indexed(table, rest)
    if ids is not None:
        rows = (table.get(i) for i in sorted(ids) if above is None or i > above)
        return pick([row for row in rows if row is not None], wanted, rest)
    if wanted.text or not _answerable(table, rest, wanted):
        return pick(table.after(above), wanted, rest)
    return _by_blocks(table, above, rest, wanted)


def pick(rows: Iterable[Row], wanted: Wanted, conditions: Conditions | None = None) -> tuple[int, list[Row]]:
    """Filter, search, sort and cut rows that are at hand."""
    test = test_of(wanted.conditions if conditions is None else conditions, wanted.kind_of)
    found = [row for row in rows if test(row)]
    if wanted.text:
        found = [row for row in found if matches(row, wanted)]
    found = ordered(found, wanted)
    end = None if wanted.per_page is None else wanted.offset + wanted.per_page
    return len(found), found[wanted.offset : end]


def ordered(rows: list[Row], wanted: Wanted) -> list[Row]:
    """Sort stably by the last key first; nulls come first ascending."""
    for name, descending in reversed(wanted.sort):
        kind = wanted.kind_of(name)
        rows.sort(key=lambda row, n=name, k=kind: _key(comparable(k, value_of(row, n))), reverse=descending)  # type: ignore[misc]
    return rows


def _key(value: Any) -> tuple[bool, Any]:
    return (value is not None, 0 if value is None else str(value) if isinstance(value, dict | list) else value)


def matches(row: Row, wanted: Wanted) -> bool:
    """`query=`: every word occurs in some searched field, letter case and phone punctuation aside."""
    haystack = " ".join(str(row.get(name) or "") for name in wanted.search).casefold()
    digits = "".join(letter for letter in haystack if letter.isdigit())
    return all(word in haystack or (word.isdigit() and word in digits) for word in wanted.text.casefold().split())


def _split(conditions: Conditions) -> tuple[int | None, Conditions]:
    """Take `id > n` out: keyset paging starts there instead of looking at every row."""
    above: int | None = None
    rest: list[Condition | Either] = []
    for one in conditions:
        if isinstance(one, Condition) and one.field == "id" and one.op in ("$gt", "$gte") and one.operand is not None:
            bound = one.operand if one.op == "$gt" else one.operand - 1
            above = bound if above is None else max(above, bound)
        else:
            rest.append(one)
    return above, tuple(rest)


def _indexed(table: Table, conditions: Conditions) -> set[int] | None:
    """Candidate ids by an equality on the id or an indexed field; None when there is none."""
    best: set[int] | None = None
    for one in conditions:
        if not isinstance(one, Condition) or one.op not in ("$eq", "$in"):
            continue
        values = one.operand if one.op == "$in" else [one.operand]
        ids = _candidates(table, one.field, values)
        if ids is not None and (best is None or len(ids) < len(best)):
            best = ids
    return best


def _candidates(table: Table, name: str, values: Sequence[Any]) -> set[int] | None:
    if name == "id":
        return {value for value in values if value is not None and value in table}
    if table.is_indexed(name):
        return {row_id for value in values for row_id in table.lookup(name, value)}
    finder = table.lazy.finders.get(name)
    if finder is None:
        return None
    return {row["id"] for row in table.stored()} | {i for value in values for i in finder(value) if i in table}


def _answerable(table: Table, conditions: Conditions, wanted: Wanted) -> bool:
    """Whether base rows can be judged and ordered as one, without computing them."""
    known = table.lazy.constants.keys() | {"id"}
    sorts = {name for name, _ in wanted.sort}
    plain_id = wanted.sort in ((), (("id", False),))
    if not table.lazy.ids:
        return plain_id and not conditions
    return fields_of(conditions) <= table.lazy.constants.keys() and (plain_id or (len(sorts) == 1 and sorts <= known))


@dataclass(frozen=True, slots=True)
class _Run:
    """All rows of a table above an id except some, in id order: countable and sliceable without a walk."""

    table: Table
    above: int | None
    without: Sequence[int] = field(default=())  # sorted ids, all above

    def __len__(self) -> int:
        return self._rank_end() - self._first() - len(self.without)

    def cut(self, offset: int, limit: int, *, backwards: bool = False) -> list[Row]:
        """Rows `offset` to `offset + limit`."""
        if limit <= 0:
            return []
        if backwards:
            stop = len(self) - offset
            start = max(0, stop - limit)
            return self.cut(start, stop - start)[::-1]
        place = self._first() + offset
        for row_id in self.without:
            if self._rank_end() - self.table.count_after(row_id) - 1 > place:
                break
            place += 1
        left_out = set(self.without)
        rows = self.table.slice(place, limit + len(left_out))
        return list(islice((row for row in rows if row["id"] not in left_out), limit))

    def _rank_end(self) -> int:
        return len(self.table)

    def _first(self) -> int:
        return 0 if self.above is None else len(self.table) - self.table.count_after(self.above)


def _by_blocks(table: Table, above: int | None, conditions: Conditions, wanted: Wanted) -> tuple[int, list[Row]]:
    """Base rows are alike in every field asked for: judge one, keep apart the stored rows that differ."""
    test = test_of(conditions, wanted.kind_of)
    stored = [row for row in table.stored() if above is None or row["id"] > above] if conditions or wanted.sort else []
    stored.sort(key=lambda row: int(row["id"]))
    if table.lazy.ids and not test(dict(table.lazy.constants)):
        return pick(stored, wanted, conditions)
    name, descending = wanted.sort[0] if wanted.sort else ("id", False)
    usual = None if name == "id" else table.lazy.constants[name]
    failing = [row for row in stored if not test(row)]
    apart = [] if name == "id" else [row for row in stored if test(row) and row.get(name) != usual]
    run = _Run(table, above, sorted(row["id"] for row in (*failing, *apart)))
    apart = ordered(apart, wanted)
    ahead = [row for row in apart if (_key(row.get(name)) < _key(usual)) != descending]
    behind = apart[len(ahead) :]
    total = len(ahead) + len(run) + len(behind)
    limit = total if wanted.per_page is None else wanted.per_page
    backwards = descending and name == "id"
    return total, _cut((ahead, run, behind), wanted.offset, limit, backwards)


def _cut(blocks: tuple[list[Row], _Run, list[Row]], offset: int, limit: int, backwards: bool) -> list[Row]:
    ahead, run, behind = blocks
    rows = ahead[offset : offset + limit]
    inner = max(0, offset - len(ahead))
    rows += run.cut(inner, min(limit - len(rows), max(0, len(run) - inner)), backwards=backwards)
    last = max(0, offset - len(ahead) - len(run))
    return rows + behind[last : last + limit - len(rows)]
