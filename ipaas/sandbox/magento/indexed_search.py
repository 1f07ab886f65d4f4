"""Which rows of a table a searchCriteria needs to look at: a million computed rows are not walked for one SKU."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from itertools import islice

from ipaas.sandbox.core.tables import Table
from ipaas.sandbox.magento.computed_pages import ABOVE, EXACT, computed_page, key_names
from ipaas.sandbox.magento.conditions import Filter, comparable
from ipaas.sandbox.magento.criteria import Columns, Criteria
from ipaas.sandbox.magento.errors import fatal
from ipaas.sandbox.magento.state import Row

MOST_IN_MEMORY = 100_000  # rows of one answer
OUT_OF_MEMORY = "PHP Fatal error: Allowed memory size of 2147483648 bytes exhausted"
Window = tuple[list[Row], int]  # rows of the page, number of all


def candidates(table: Table, criteria: Criteria, columns: Columns) -> Iterable[Row]:
    """Every row that may match: those of a key or an indexed column where one group asks by nothing else, else all.

    Raises `ApiError` for a long list that is asked for whole, without a page size (§5).
    """
    for group in criteria.groups:
        wanted = [_ids(table, one, columns) for one in group]
        if wanted and all(ids is not None for ids in wanted):
            found = sorted(set().union(*(ids for ids in wanted if ids is not None)))
            return (row for row in map(table.get, found) if row is not None)
    if not criteria.page_size and len(table) > MOST_IN_MEMORY:
        raise fatal(OUT_OF_MEMORY)
    return table.all()


def _ids(table: Table, one: Filter, columns: Columns) -> set[int] | None:
    """Ids by the key or the index of a column, in the form in which it is indexed (`<name>_key`: folded text)."""
    if one.condition not in EXACT or one.value is None:
        return None
    values = one.value.split(",") if one.condition == "in" else [one.value]
    if one.field in key_names(table):
        return {int(comparable(value, "integer")) for value in values}
    folded = f"{one.field}_key"
    if table.is_indexed(folded):
        return set().union(*(table.lookup(folded, value.casefold()) for value in values))
    if table.is_indexed(one.field) and columns[one.field] == "integer":
        numbers = [int(comparable(value, "integer")) for value in values]
        return set().union(*(table.lookup(one.field, number) for number in numbers))
    return None


def in_key_order(table: Table, criteria: Criteria, first: int, page: int) -> Window | None:
    """A page of all rows, or of those above a key, in the order of the key; None where more is asked than that."""
    if table.lazy.ids and criteria.sorts:
        return computed_page(table, criteria, first)
    names = key_names(table)
    filters = [one for group in criteria.groups for one in group]
    is_plain = all(len(group) == 1 for group in criteria.groups)
    if not is_plain or any(one.field not in names or one.condition not in ABOVE for one in filters):
        return None
    if any(sort.field not in names or not sort.ascending for sort in criteria.sorts):
        return None
    size = criteria.page_size or 0
    if filters and criteria.sorts:
        low = max(_below(one) for one in filters)
        return list(islice(table.after(low), first, first + size)), table.count_after(low)
    if filters:
        return None
    if criteria.sorts:
        return table.slice(first, size), len(table)
    return _unordered(table, first, size, page - 1), len(table)


def _below(one: Filter) -> int:
    """The largest key that the filter leaves out."""
    value: Decimal = comparable(one.value or "", "integer")
    return math.floor(value) if one.condition == "gt" else math.ceil(value) - 1


def _unordered(table: Table, first: int, size: int, steps: int) -> list[Row]:
    """A page without an order: it begins somewhere else on every page, as in `search_rows`."""
    count = min(size, len(table) - first)
    if count <= 0:
        return []
    start = (first + steps) % len(table)
    rows = table.slice(start, count)
    return rows + table.slice(0, count - len(rows))
