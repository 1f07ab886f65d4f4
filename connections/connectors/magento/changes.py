"""What changed since a moment, by the shop's own clock (notes §20.2).

Each page begins at the last moment seen instead of a page number: a row that changes during the walk moves behind it
and shifts the others, so that the next page would skip one. Times are whole seconds; where more rows than a page share
one, that second is walked by id.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from connections.connectors.magento.base import MagentoBase, Page
from connections.connectors.magento.criteria import Filter, Group, Sort
from errors.failures import ContractBroken
from ipaas.types import JSON

CLOCK, KEY = "updated_at", "entity_id"
BY_CLOCK = (Sort(field=CLOCK), Sort(field=KEY))
PARTS_PER_PAGE = 100
PART_FIELDS = "items[entity_id,order_id,updated_at],total_count"
Asks = Callable[[Sequence[Group], Sequence[Sort]], Page]


def stamp(moment: datetime) -> str:
    """A moment as the shop writes and compares it: UTC without a mark, in whole seconds (§7)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def changed(ask: Asks, what: str, since: datetime) -> Iterator[JSON]:
    """Yield each row once or more, by the time of its change. Raises ContractBroken when they do not ascend."""
    bound, known = Filter(field=CLOCK, value=stamp(since), condition="gteq"), set[str]()
    while True:
        page = ask([[bound]], BY_CLOCK)
        rows = page.rows
        _check(rows, bound.value, what)
        yield from (row for row in rows if str(row[KEY]) not in known)
        if len(rows) < page.size:
            return
        last = str(rows[-1][CLOCK])
        if last == str(rows[0][CLOCK]):
            yield from _second(ask, last, str(rows[-1][KEY]))
            bound, known = Filter(field=CLOCK, value=last, condition="gt"), set()
        else:
            bound = Filter(field=CLOCK, value=last, condition="gteq")
            known = {str(row[KEY]) for row in rows if str(row[CLOCK]) == last}


class PartCalls(MagentoBase):
    """What hangs on orders, by the time of its change."""

    def _parts_changed(self, route: str, what: str, since: datetime) -> Iterator[JSON]:
        """`entity_id`, `order_id` and `updated_at` of those changed at or after a moment. A call a page."""

        def page(groups: Sequence[Group], sort: Sequence[Sort]) -> Page:
            return self._fitting_page(route, what, groups, sort=sort, page_size=PARTS_PER_PAGE, fields=PART_FIELDS)

        return changed(page, what, since)


def _second(ask: Asks, moment: str, after: str) -> Iterator[JSON]:
    """The rows of one second with a greater id."""
    while True:
        groups = [[Filter(field=CLOCK, value=moment)], [Filter(field=KEY, value=after, condition="gt")]]
        page = ask(groups, [Sort(field=KEY)])
        yield from page.rows
        if len(page.rows) < page.size:
            return
        after = str(page.rows[-1][KEY])


def _check(rows: Sequence[JSON], bound: str, what: str) -> None:
    times = [str(row.get(CLOCK) or "") for row in rows]
    if times != sorted(times) or any(time < bound for time in times) or any(KEY not in row for row in rows):
        raise ContractBroken(f"Magento lists {what} without regard to the time of their change.")
