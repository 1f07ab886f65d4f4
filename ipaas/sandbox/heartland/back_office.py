"""Roles, tax rules and merging of items: paths that public clients call; their fields are a guess (§14, §5)."""

from typing import Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import Reply, Request, Router, empty
from ipaas.sandbox.heartland import permissions
from ipaas.sandbox.heartland.errors import Problems, not_found
from ipaas.sandbox.heartland.fields import ID, READ, STAMPS, Field, Resource, flag, number, text, whole
from ipaas.sandbox.heartland.inputs import exists
from ipaas.sandbox.heartland.items import ITEMS
from ipaas.sandbox.heartland.replies import changed, list_reply
from ipaas.sandbox.heartland.routes import add_create, add_list, add_read, add_update
from ipaas.sandbox.heartland.service import Heartland
from ipaas.sandbox.heartland.stock import QUANTITIES, move, slots, stock_at

routes: Router[Heartland] = Router()

ROLES = Resource(
    table="roles",
    path="/roles",
    fields={**ID, "name": text(**READ), "permissions": Field("list", write=False, filter=False), **STAMPS},
)
TAX_RULES = Resource(
    table="tax_rules",
    path="/tax_rules",
    fields={
        **ID,
        "name": text(),
        "rate": number(),
        "location_id": whole(),
        "tax_jurisdiction_id": whole(),
        "active": flag(True),
        **STAMPS,
    },
    plain=frozenset(("active",)),
)


@routes.route("GET", "/api/roles")
def role_list(service: Heartland, request: Request) -> Reply:
    """The one role there is: whoever has the token may do everything."""
    row: Row = {"id": 1, "name": "Administrator", "permissions": list(permissions.EVERYTHING)}
    return list_reply(service, request, ROLES, [row])


def check_rule(service: Heartland, row: Row, problems: Problems) -> None:
    """A rule has a name and a rate, and a place that exists."""
    problems.need("name", row.get("name"))
    problems.need("rate", row.get("rate"))
    exists(service, "locations", row, "location_id", problems)


add_list(routes, TAX_RULES)
add_read(routes, TAX_RULES)
add_create(routes, TAX_RULES, check_rule, needs="settings.manage")
add_update(routes, TAX_RULES, check_rule, needs="settings.manage")


@routes.route("DELETE", "/api/tax_rules/<int:row_id>", needs="settings.manage")
def tax_rule_delete(service: Heartland, request: Request, row_id: int) -> Reply:
    """Remove a rule."""
    service.one("tax_rules", row_id)
    service.table("tax_rules").delete(row_id)
    return empty(204)


@routes.route("POST", "/api/items/<int:item_id>/merge", needs="item.manage")
def item_merge(service: Heartland, request: Request, item_id: int) -> Reply:
    """Take other items into this one: their stock moves over and they are inactive from then on."""
    kept = service.one("items", item_id)
    body = request.json_object()
    named: Any = body.get("item_ids") or [body.get("item_id")]
    others = [service.table("items").get(one) if isinstance(one, int) else None for one in named]
    if not others or any(other is None or other["id"] == item_id for other in others):
        raise not_found("Item")
    for other in others:
        _take_in(service, kept, other or {})
    return changed(service, ITEMS, service.one("items", item_id))


def _take_in(service: Heartland, kept: Row, other: Row) -> None:
    for place in slots(service):
        there = stock_at(service, other["id"], place)
        figures = {name: there[name] for name in QUANTITIES}
        move(
            service,
            other,
            place,
            **{name: -qty for name, qty in figures.items()},
            kind="merge",
            source=("Item", kept["id"]),
        )
        move(service, kept, place, **figures, kind="merge", source=("Item", other["id"]))
    service.emit("item_updated", ITEMS, service.table("items").update(other["id"], active=False))
