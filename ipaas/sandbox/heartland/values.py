"""`GET /inventory/values` (§8.1): rows by item and location, grouped as asked; pages cost O(page) at any scale."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ipaas.sandbox.core.store import Row
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.heartland.errors import invalid_request
from ipaas.sandbox.heartland.fields import READ, Field, Resource, number, whole
from ipaas.sandbox.heartland.filters import Condition, Conditions
from ipaas.sandbox.heartland.items import ITEMS
from ipaas.sandbox.heartland.listing import pick
from ipaas.sandbox.heartland.places import LOCATIONS
from ipaas.sandbox.heartland.replies import page_reply, read_wanted, render
from ipaas.sandbox.heartland.service import Heartland
from ipaas.sandbox.heartland.stock import QUANTITIES, slots

routes: Router[Heartland] = Router()
GROUPS = ("item_id", "location_id")


def _item(service: Heartland, row: Row) -> dict[str, Any] | None:
    item = service.table("items").get(row["item_id"]) if row.get("item_id") else None
    return render(service, ITEMS, item) if item else None


def _location(service: Heartland, row: Row) -> dict[str, Any] | None:
    place = service.table("locations").get(row["location_id"]) if row.get("location_id") else None
    return render(service, LOCATIONS, place) if place else None


VALUES = Resource(
    table="stock",
    path="/inventory/values",
    fields={
        "item_id": whole(**READ),
        "location_id": whole(**READ),
        **{name: Field("number", write=False) for name in ("qty", "qty_on_hand", "qty_committed", "qty_on_po")},
        "qty_in_transit": number(**READ),
        "qty_available": number(**READ),
        "unit_cost": number(**READ),
    },
    includes={"item": _item, "location": _location},
    plain=frozenset(("item_id", "location_id")),
)


@routes.route("GET", "/api/inventory/values", needs="inventory.values.read")
def values(service: Heartland, request: Request) -> Reply:
    """Stock, grouped by item, location, both or not at all."""
    groups = request.args.getlist("group[]") + request.args.getlist("group")
    if unknown := sorted(set(groups) - set(GROUPS)):
        raise invalid_request(f"unknown group: {unknown[0]}")
    wanted = read_wanted(service, request, VALUES)
    scope = Scope.of(service, request, wanted.conditions)
    hide_empty = request.args.get("exclude_empty_locations", "").lower() in ("true", "1")
    if scope.plain and set(groups) == set(GROUPS) and not wanted.sort and not wanted.text:
        total, rows = scope.page(wanted.offset, wanted.per_page, hide_empty)
        found = [shown(service, row) for row in rows]
    else:
        merged = _grouped(service, scope, tuple(sorted(set(groups))), hide_empty)
        total, found = pick(merged, wanted, scope.rest if set(groups) == set(GROUPS) else ())
    return page_reply(total, wanted.pages(total), [_finished(service, request, row, groups) for row in found])


def _finished(service: Heartland, request: Request, row: Row, groups: Sequence[str]) -> dict[str, Any]:
    """Keep the grouped keys, embed what was asked, cut to `_only[]`."""
    answer = {name: value for name, value in row.items() if name not in GROUPS or name in groups}
    for name in request.args.getlist("_include[]"):
        if name in VALUES.includes:
            answer[name] = VALUES.includes[name](service, answer)
    only = request.args.getlist("_only[]")
    return {name: answer[name] for name in only if name in answer} if only else answer


def shown(service: Heartland, row: Row) -> dict[str, Any]:
    """A stock row with the API's names."""
    item = service.table("items").get(row["item_id"])
    return {
        "item_id": row["item_id"],
        "location_id": row["location_id"],
        "qty": row["on_hand"],
        "qty_on_hand": row["on_hand"],
        "qty_committed": row["committed"],
        "qty_on_po": row["on_po"],
        "qty_in_transit": row["in_transit"],
        "qty_available": row["on_hand"] - row["committed"],
        "unit_cost": item["cost"] if item else None,
    }


SUMMED = ("qty", "qty_on_hand", "qty_committed", "qty_on_po", "qty_in_transit", "qty_available")


def _grouped(service: Heartland, scope: "Scope", groups: Sequence[str], hide_empty: bool) -> list[Row]:
    """Sums over what is not grouped by; an average-free unit cost: the item's, or null over several items."""
    sums: dict[tuple[Any, ...], Row] = {}
    for row in scope.rows():
        if hide_empty and is_empty(row):
            continue
        one = shown(service, row)
        key = tuple(one[name] for name in groups)
        if key not in sums:
            sums[key] = one
            continue
        into = sums[key]
        for name in SUMMED:
            into[name] += one[name]
        for name in ("item_id", "location_id", "unit_cost"):
            into[name] = into[name] if into[name] == one[name] else None
    if not groups and not sums:
        return [{**dict.fromkeys(SUMMED, 0), "unit_cost": None}]
    return list(sums.values())


def is_empty(row: Row) -> bool:
    """Whether a stock row is all zeros."""
    return not any(row[name] for name in QUANTITIES)


class Scope:
    """The stock rows a call is about: some items (or all), some locations (or all), and further conditions."""

    def __init__(self, service: Heartland, items: set[int] | None, locations: list[int], rest: Conditions) -> None:
        self.service, self.items, self.locations, self.rest = service, items, locations, rest
        self.table = service.table("stock")
        self.slots = slots(service)

    @classmethod
    def of(cls, service: Heartland, request: Request, conditions: Conditions) -> "Scope":
        """Read item and location conditions; the user's enabled locations limit too (§2.1)."""
        allowed = service.allowed_locations(request)
        places = [place for place in slots(service) if allowed is None or place in allowed]
        items: set[int] | None = None
        rest = []
        for one in conditions:
            chosen = _chosen(one)
            if chosen is None:
                rest.append(one)
            elif chosen[0] == "item_id":
                items = chosen[1] if items is None else items & chosen[1]
            else:
                places = [place for place in places if place in chosen[1]]
        return cls(service, items, places, tuple(rest))

    @property
    def plain(self) -> bool:
        """Whether nothing but location and item was asked for."""
        return not self.rest

    def rows(self) -> Iterator[Row]:
        """Every row in scope, by item, then location."""
        if self.items is not None:
            places = len(self.slots)
            ids: Iterable[int] = (
                item_id * places + self.slots.index(place) for item_id in sorted(self.items) for place in self.locations
            )
            found = (self.table.get(row_id) for row_id in ids)
            return (row for row in found if row is not None)
        wanted = set(self.locations)
        return (row for row in self.table.all() if row["location_id"] in wanted)

    def page(self, offset: int, limit: int | None, hide_empty: bool) -> tuple[int, list[Row]]:
        """Total and one page. Base rows of a scaled catalogue are counted, not visited."""
        lazy = self.table.lazy.ids
        if self.items is not None or not lazy:
            rows = [row for row in self.rows() if not (hide_empty and is_empty(row))]
            return len(rows), rows[offset : None if limit is None else offset + limit]
        before, after = self._stored(lazy, hide_empty)
        block = Block(self, lazy, hide_empty)
        total = len(before) + len(block) + len(after)
        count = total if limit is None else limit
        found = before[offset : offset + count]
        inner = max(0, offset - len(before))
        found += block.cut(inner, min(count - len(found), max(0, len(block) - inner)))
        last = max(0, offset - len(before) - len(block))
        return total, found + after[last : last + count - len(found)]

    def _stored(self, lazy: range, hide_empty: bool) -> tuple[list[Row], list[Row]]:
        """Rows of items before and after the computed ones; to the latter those filled since the seed."""
        wanted = set(self.locations)
        rows = [row for row in self.table.stored() if row["location_id"] in wanted]
        rows = sorted((row for row in rows if not (hide_empty and is_empty(row))), key=lambda row: int(row["id"]))
        filled = [row for row in rows if hide_empty and row["id"] in lazy and is_empty(self.table.lazy.base(row["id"]))]
        before = [row for row in rows if row["id"] < lazy.start]
        return before, [row for row in rows if row["id"] >= lazy.stop] + filled


EMPTY_EVERY = 31  # the computed stock of row n is zero everywhere exactly when 31 divides n (seed.base_stock)


class Block:
    """The computed rows of the wanted locations as one countable sequence."""

    def __init__(self, scope: Scope, lazy: range, hide_empty: bool) -> None:
        self.table, self.hide_empty = scope.table, hide_empty
        self.width = len(scope.slots)
        self.first_item = lazy.start // self.width
        self.items = len(lazy) // self.width
        stocked = [place for place in scope.locations if place not in scope.service.unstocked]
        self.columns = [scope.slots.index(place) for place in (stocked if hide_empty else scope.locations)]
        self.emptied = sorted(
            self._place(row["id"])
            for row in (self.table.stored() if hide_empty else ())
            if row["id"] in lazy
            and row["id"] % self.width in self.columns
            and is_empty(row)
            and not is_empty(self.table.lazy.base(row["id"]))
        )

    def __len__(self) -> int:
        full = self.items - self.items // EMPTY_EVERY if self.hide_empty else self.items
        return full * len(self.columns) - len(self.emptied)

    def cut(self, offset: int, limit: int) -> list[Row]:
        """Rows `offset` to `offset + limit`."""
        place, found = offset, list[Row]()
        for gone in self.emptied:
            if gone > place:
                break
            place += 1
        gone_places = set(self.emptied)
        while len(found) < limit:
            if place not in gone_places:
                row = self.table.get(self._id(place))
                if row is not None:
                    found.append(row)
            place += 1
        return found

    def _id(self, place: int) -> int:
        """The stock id at a place of the sequence."""
        number, column = divmod(place, len(self.columns))
        if self.hide_empty:  # skip rows 31, 62, ...: 30 of every 31 are shown
            number += number // (EMPTY_EVERY - 1)
        return (self.first_item + number) * self.width + self.columns[column]

    def _place(self, row_id: int) -> int:
        """The place of a stock id in the sequence; the reverse of `_id`."""
        number, column = row_id // self.width - self.first_item, self.columns.index(row_id % self.width)
        if self.hide_empty:
            number -= (number + 1) // EMPTY_EVERY
        return number * len(self.columns) + column


def _chosen(one: Any) -> tuple[str, set[int]] | None:
    if isinstance(one, Condition) and one.field in GROUPS and one.op in ("$eq", "$in"):
        return one.field, set(one.operand if one.op == "$in" else [one.operand])
    return None
