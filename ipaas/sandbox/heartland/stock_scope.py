"""Which stock rows a call of `/inventory/values` is about; computed ones are counted and cut without a visit."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.heartland.filters import Condition, Conditions, Either
from ipaas.sandbox.heartland.service import Heartland
from ipaas.sandbox.heartland.stock import QUANTITIES, added, slots, stock_id

EMPTY_EVERY = 31  # the computed stock of row n is zero everywhere exactly when 31 divides n (seed.base_stock)
Unit = list[Row]  # the stock rows shown as one result: one, or those of an item


def is_empty(row: Row) -> bool:
    """Whether a stock row is all zeros."""
    return not any(row[name] for name in QUANTITIES)


class Scope:
    """Some items (all, a set, or a range of ids), some locations, and what else a filter asks for."""

    def __init__(self, service: Heartland, locations: list[int]) -> None:
        self.table = service.table("stock")
        self.slots = slots(service)
        self.added = added(service)
        self.service = service
        self.unstocked = service.unstocked
        self.locations = locations
        self.items: set[int] | None = None
        self.low, self.high = 0, 10**12  # bounds of item ids, both inclusive
        self.rest: list[Condition | Either] = []

    @classmethod
    def of(cls, service: Heartland, allowed: frozenset[int] | None, conditions: Conditions) -> "Scope":
        """Read item and location conditions; `allowed` are the locations the user is enabled for (§2.1)."""
        places = [*slots(service), *added(service)]
        scope = cls(service, [place for place in places if allowed is None or place in allowed])
        for one in conditions:
            if not (isinstance(one, Condition) and scope._narrow(one)):
                scope.rest.append(one)
        return scope

    def _narrow(self, one: Condition) -> bool:
        """Take a condition on items or locations; False when it is about something else."""
        if one.field == "item_id" and one.op in ("$eq", "$in"):
            wanted = set(one.operand if one.op == "$in" else [one.operand])
            self.items = wanted if self.items is None else self.items & wanted
        elif one.field == "item_id" and one.op in ("$gt", "$gte") and one.operand is not None:
            self.low = max(self.low, one.operand + (one.op == "$gt"))
        elif one.field == "item_id" and one.op in ("$lt", "$lte") and one.operand is not None:
            self.high = min(self.high, one.operand - (one.op == "$lt"))
        elif one.field == "location_id" and one.op in ("$eq", "$in"):
            wanted = set(one.operand if one.op == "$in" else [one.operand])
            self.locations = [place for place in self.locations if place in wanted]
        else:
            return False
        return True

    @property
    def computed(self) -> bool:
        """Whether computed rows are in scope as a range."""
        return self.items is None and bool(self.table.lazy.ids)

    def rows(self) -> Iterator[Row]:
        """Every row in scope, by item, then location."""
        if self.items is None:
            return (row for row in self.table.all() if self._has(row))
        width = len(self.slots)
        ids: Iterable[int] = (item_id * width + slot for item_id in sorted(self.items) for slot in range(width))
        later = (stock_id(self.service, item_id, place) for item_id in sorted(self.items) for place in self.added)
        found = (self.table.get(row_id) for row_id in chain(ids, later))
        return (row for row in found if row is not None and self._has(row))

    def stored(self) -> list[Row]:
        """The really stored rows in scope, by item, then location."""
        return sorted((row for row in self.table.stored() if self._has(row)), key=lambda row: int(row["id"]))

    def _has(self, row: Row) -> bool:
        item_id: int = row["item_id"]
        return self.low <= item_id <= self.high and row["location_id"] in self.locations


class Block:
    """The computed items in a scope's range as one sequence of units, by item or by item and location."""

    def __init__(self, scope: Scope, *, by_item: bool, hide_empty: bool) -> None:
        self.table, self.by_item, self.hide_empty = scope.table, by_item, hide_empty
        self.width = len(scope.slots)
        lazy = scope.table.lazy.ids
        self.origin = lazy.start // self.width - 1  # item id of row number 0
        self.first = max(1, scope.low - self.origin)
        self.last = min(len(lazy) // self.width, scope.high - self.origin)
        places = [place for place in scope.locations if not (hide_empty and place in scope.unstocked)]
        self.columns = [scope.slots.index(place) for place in places if place in scope.slots]
        self.stored = [row for row in scope.stored() if self.first <= row["item_id"] - self.origin <= self.last]
        self.gone = sorted(set(self._gone())) if hide_empty else []

    def __contains__(self, row: Row) -> bool:
        item_id: int = row["item_id"]
        return self.first <= item_id - self.origin <= self.last

    def __len__(self) -> int:
        numbers = max(0, self.last - self.first + 1)
        if self.hide_empty:
            numbers = max(0, _shown_to(self.last) - _shown_to(self.first - 1))
        units = 1 if self.by_item else len(self.columns)
        return numbers * units - len(self.gone) if self.columns else 0

    def cut(self, offset: int, limit: int) -> list[Unit]:
        """Units `offset` to `offset + limit`; the caller stays within the length."""
        place, left_out, found = offset, set(self.gone), list[Unit]()
        for gone in self.gone:
            if gone > place:
                break
            place += 1
        while len(found) < limit:
            if place not in left_out:
                found.append(self._unit(place))
            place += 1
        return found

    def filled(self) -> list[Unit]:
        """Units the seed left empty and that hold something now."""
        if not self.hide_empty:
            return []
        rows = [row for row in self.stored if not is_empty(row) and is_empty(self.table.lazy.base(row["id"]))]
        if not self.by_item:
            return [[row] for row in rows]
        numbers = {row["item_id"] - self.origin for row in rows}
        return [self._rows(number) for number in sorted(numbers) if number % EMPTY_EVERY == 0]

    def base_sum(self, column: int) -> int:
        """Opening pieces of the whole range at a location."""
        return self._sum_to(self.last, column) - self._sum_to(self.first - 1, column) if self.last >= self.first else 0

    def _sum_to(self, number: int, column: int) -> int:
        def base(n: int) -> int:
            return int(self.table.lazy.base((self.origin + n) * self.width + column)["on_hand"])

        full, left = divmod(number, EMPTY_EVERY)
        period = sum(base(n) for n in range(1, EMPTY_EVERY + 1)) if full else 0
        return full * period + sum(base(n) for n in range(1, left + 1))

    def _unit(self, place: int) -> Unit:
        if self.by_item:
            return self._rows(self._number(place))
        index, column = divmod(place, len(self.columns))
        row = self.table.get((self.origin + self._number(index)) * self.width + self.columns[column])
        return [row] if row else []

    def _rows(self, number: int) -> Unit:
        found = (self.table.get((self.origin + number) * self.width + column) for column in self.columns)
        return [row for row in found if row is not None]

    def _number(self, index: int) -> int:
        """The row number at an index of the shown items."""
        if not self.hide_empty:
            return self.first + index
        nth = _shown_to(self.first - 1) + index
        return nth + nth // (EMPTY_EVERY - 1) + 1

    def _gone(self) -> Iterator[int]:
        """Places of units that held something and are empty now."""
        for row in self.stored:
            number, column = row["item_id"] - self.origin, row["id"] % self.width
            if number % EMPTY_EVERY == 0 or column not in self.columns or not is_empty(row):
                continue
            index = _shown_to(number) - _shown_to(self.first - 1) - 1
            if not self.by_item:
                yield index * len(self.columns) + self.columns.index(column)
            elif all(is_empty(one) for one in self._rows(number)):
                yield index


def _shown_to(number: int) -> int:
    """How many of the rows 1 to `number` hold something."""
    return number - number // EMPTY_EVERY


def page(scope: Scope, offset: int, limit: int | None, *, by_item: bool, hide_empty: bool) -> tuple[int, list[Unit]]:
    """Total and one page of units; computed ones are counted, not visited."""
    block = Block(scope, by_item=by_item, hide_empty=hide_empty)
    outside = [row for row in scope.stored() if row not in block]
    ahead = units([row for row in outside if row["item_id"] - block.origin < block.first], by_item, hide_empty)
    behind = units([row for row in outside if row["item_id"] - block.origin > block.last], by_item, hide_empty)
    behind += block.filled()
    total = len(ahead) + len(block) + len(behind)
    count = total if limit is None else limit
    found = ahead[offset : offset + count]
    inner = max(0, offset - len(ahead))
    found += block.cut(inner, min(count - len(found), max(0, len(block) - inner)))
    last = max(0, offset - len(ahead) - len(block))
    return total, found + behind[last : last + count - len(found)]


def units(rows: Iterable[Row], by_item: bool, hide_empty: bool) -> list[Unit]:
    """Rows as units; empty rows left out when wanted."""
    made: dict[Any, Unit] = {}
    for row in rows:
        if not (hide_empty and is_empty(row)):
            made.setdefault(row["item_id"] if by_item else row["id"], []).append(row)
    return list(made.values())


def totals(scope: Scope) -> dict[int, dict[str, Any]]:
    """Sums per location over everything in a computed scope."""
    block = Block(scope, by_item=False, hide_empty=False)
    sums = {place: dict.fromkeys(QUANTITIES, 0) for place in scope.locations}
    for place in scope.locations:
        sums[place]["on_hand"] = block.base_sum(scope.slots.index(place))
    for row in scope.stored():
        base = scope.table.lazy.base(row["id"]) if row in block else {}
        for name in QUANTITIES:
            sums[row["location_id"]][name] += row[name] - base.get(name, 0)
    return sums
