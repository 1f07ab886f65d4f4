"""`GET /inventory/values` (§8.1): rows by item and location, grouped as asked; pages cost O(page) at any scale."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import ApiError, Reply, Request, Router
from ipaas.sandbox.heartland.errors import body, invalid_request
from ipaas.sandbox.heartland.fields import READ, Field, Resource, number, whole
from ipaas.sandbox.heartland.filters import Condition
from ipaas.sandbox.heartland.items import ITEMS
from ipaas.sandbox.heartland.listing import Wanted, pick
from ipaas.sandbox.heartland.places import LOCATIONS
from ipaas.sandbox.heartland.replies import page_reply, read_wanted, render
from ipaas.sandbox.heartland.service import Heartland
from ipaas.sandbox.heartland.stock import QUANTITIES
from ipaas.sandbox.heartland.stock_scope import Scope, page, totals, units

routes: Router[Heartland] = Router()
GROUPS = ("item_id", "location_id")
NATURAL = ((), (("item_id", False),), (("item_id", False), ("location_id", False)))
WALKED = 500_000  # computed rows beyond which an ungrouped walk answers 500, as very wide calls do


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
    plain=frozenset(GROUPS),
)


@routes.route("GET", "/api/inventory/values", needs="inventory.values.read")
def values(service: Heartland, request: Request) -> Reply:
    """Stock, grouped by item, location, both or not at all."""
    groups = set(request.args.getlist("group[]") + request.args.getlist("group"))
    if unknown := sorted(groups - set(GROUPS)):
        raise invalid_request(f"unknown group: {unknown[0]}")
    wanted = _as_granted(service, read_wanted(service, request, VALUES))
    scope = Scope.of(service, service.allowed_locations(request), wanted.conditions)
    hide_empty = request.args.get("exclude_empty_locations", "").lower() in ("true", "1")
    total, found = _select(service, scope, wanted, groups, hide_empty)
    if service.switches["values_unsorted"]:
        found = found[::-1]
    return page_reply(total, wanted.pages(total), [_finished(service, request, row, groups) for row in found])


def _as_granted(service: Heartland, wanted: Wanted) -> Wanted:
    """The call as far as this tenant heeds it."""
    if service.switches["values_filter"] == "all":
        return wanted
    plain = tuple(one for one in wanted.conditions if isinstance(one, Condition) and one.op == "$eq")
    return replace(wanted, conditions=plain)


def _select(
    service: Heartland, scope: Scope, wanted: Wanted, groups: set[str], hide_empty: bool
) -> tuple[int, list[Row]]:
    """Total and the rows of the page."""
    by_item = "location_id" not in groups
    if not scope.computed:
        made = _merged(service, scope, groups, hide_empty)
        return pick(made, wanted, tuple(scope.rest))
    if "item_id" not in groups and not scope.rest:
        sums = [_summed(place, one) for place, one in totals(scope).items()]
        rows = sums if groups else [_total(sums)]
        return pick([row for row in rows if not hide_empty or any(row[name] for name in SUMMED)], wanted, ())
    if "item_id" in groups and not scope.rest and wanted.sort in NATURAL:
        total, found = page(scope, wanted.offset, wanted.per_page, by_item=by_item, hide_empty=hide_empty)
        return total, [_shown_unit(service, unit) for unit in found]
    if len(scope.table) > WALKED:
        raise ApiError(500, body("internal_error", "Something went wrong"))
    return pick(_merged(service, scope, groups, hide_empty), wanted, tuple(scope.rest))


def _merged(service: Heartland, scope: Scope, groups: set[str], hide_empty: bool) -> list[Row]:
    """The rows of a small scope, grouped; the total row is there even when nothing is."""
    rows = scope.rows()
    if "item_id" in groups:
        found = units(rows, "location_id" not in groups, hide_empty)
        return [_shown_unit(service, unit) for unit in found]
    sums: dict[int, Row] = {}
    for unit in units(rows, False, hide_empty):
        one = shown(service, unit[0])
        place = one["location_id"] if groups else 0
        sums[place] = _total([sums[place], one]) if place in sums else {**one, "unit_cost": None}
        sums[place] |= {"location_id": place}
    return list(sums.values()) if sums or groups else [{**dict.fromkeys(SUMMED, 0), "unit_cost": None}]


SUMMED = ("qty", "qty_on_hand", "qty_committed", "qty_on_po", "qty_in_transit", "qty_available")


def _figures(row: Row) -> dict[str, Any]:
    """Quantities under the API's names; `qty` and `qty_on_hand` are equal."""
    free = row["on_hand"] - row["committed"]
    held = (row["on_hand"], row["on_hand"], row["committed"], row["on_po"], row["in_transit"], free)
    return dict(zip(SUMMED, held, strict=True))


def shown(service: Heartland, row: Row) -> dict[str, Any]:
    """A stock row with the API's names."""
    item = service.table("items").get(row["item_id"])
    keys = {"item_id": row["item_id"], "location_id": row["location_id"]}
    return {**keys, **_figures(row), "unit_cost": item["cost"] if item else None}


def _shown_unit(service: Heartland, unit: list[Row]) -> dict[str, Any]:
    """One stock row, or the rows of an item in one."""
    if len(unit) == 1:
        return shown(service, unit[0])
    together = {name: sum(row[name] for row in unit) for name in QUANTITIES}
    return shown(service, {**unit[0], **together})


def _summed(place: int, sums: Row) -> dict[str, Any]:
    return {"location_id": place, **_figures(sums), "unit_cost": None}


def _total(rows: Iterable[Row]) -> dict[str, Any]:
    found = list(rows)
    return {**{name: sum(row[name] for row in found) for name in SUMMED}, "unit_cost": None}


def _finished(service: Heartland, request: Request, row: Row, groups: Sequence[str] | set[str]) -> dict[str, Any]:
    """Keep the grouped keys, embed what was asked, cut to `_only[]`."""
    answer = {name: value for name, value in row.items() if name not in GROUPS or name in groups}
    for name in request.args.getlist("_include[]"):
        if name in VALUES.includes:
            answer[name] = VALUES.includes[name](service, answer)
    only = request.args.getlist("_only[]")
    return {name: answer[name] for name in only if name in answer} if only else answer
