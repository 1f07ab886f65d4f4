"""The stock ledger, adjustments and reason codes (§8.2, §8.3, §14)."""

from typing import Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.heartland.errors import Problems, not_found
from ipaas.sandbox.heartland.fields import ID, READ, STAMPS, Resource, flag, moment, number, text, whole
from ipaas.sandbox.heartland.inputs import exists, fill
from ipaas.sandbox.heartland.items import resolve
from ipaas.sandbox.heartland.replies import changed, created, list_reply, record_reply
from ipaas.sandbox.heartland.routes import add_create, add_list, add_read, create
from ipaas.sandbox.heartland.service import Heartland
from ipaas.sandbox.heartland.stock import move

routes: Router[Heartland] = Router()

LEDGER = Resource(
    table="ledger",
    path="/inventory/transactions",
    fields={
        **ID,
        "item_id": whole(**READ),
        "location_id": whole(**READ),
        "delta_qty": number(**READ),
        "delta_qty_committed": number(**READ),
        "type": text(**READ),
        "source_type": text(**READ),
        "source_id": whole(**READ),
        "unit_cost": number(**READ),
        "created_at": moment(**READ),
    },
    plain=frozenset(("item_id", "location_id")),
)

SETS = Resource(
    table="adjustment_sets",
    path="/inventory/adjustment_sets",
    fields={
        **ID,
        "status": text("pending"),
        "location_id": whole(),
        "adjustment_reason_id": whole(),
        "note": text(),
        **STAMPS,
    },
    plain=frozenset(("location_id", "status")),
)
SET_LINES = Resource(
    table="adjustment_lines",
    path="/inventory/adjustment_sets/{id}/lines",
    fields={
        **ID,
        "adjustment_set_id": whole(**READ),
        "item_id": whole(),
        "qty": number(),
        "unit_cost": number(),
    },
)
SINGLES = Resource(
    table="adjustment_lines",
    path="/inventory/adjustments",
    fields={
        **ID,
        "location_id": whole(),
        "item_id": whole(),
        "adjustment_reason_id": whole(),
        "qty": number(),
        "unit_cost": number(),
        "created_at": moment(**READ),
    },
)


def visible(service: Heartland, request: Request) -> list[Row] | None:
    """Ledger rows of the enabled locations; None when the user has them all."""
    allowed = service.allowed_locations(request)
    return None if allowed is None else [row for row in service.table("ledger").all() if row["location_id"] in allowed]


add_list(routes, LEDGER, visible, needs="inventory.transaction.read")

add_list(routes, SETS)
add_read(routes, SETS)


def check_qty(item: Row | None, qty: Any, problems: Problems, field: str = "qty") -> None:
    """A quantity is given, not zero, and whole unless the item allows fractions (§4.3)."""
    if qty is None:
        problems.need(field, qty)
    elif item is not None and not item["allow_fractional_qty"] and qty != int(qty):
        problems.add(field, "must be a whole number")
    elif qty == 0:
        problems.add(field, "must not be zero")


def check_set(service: Heartland, row: Row, problems: Problems) -> None:
    """Location and reason are required; a set is made pending."""
    exists(service, "locations", row, "location_id", problems, need=True)
    exists(service, "reasons", row, "adjustment_reason_id", problems, need=True)
    if row.get("status") not in ("pending", "complete"):
        problems.add("status", "is not a status")


@routes.route("POST", "/api/inventory/adjustment_sets", needs="inventory.adjustment.manage")
def set_create(service: Heartland, request: Request) -> Reply:
    """Open a set."""
    body = {**request.json_object(), "status": "pending"}
    row = create(service, SETS, body, check_set)
    service.check_location(request, row["location_id"])
    return created(service, request, SETS, row)


@routes.route("PUT", "/api/inventory/adjustment_sets/<int:set_id>", needs="inventory.adjustment.manage")
def set_update(service: Heartland, request: Request, set_id: int) -> Reply:
    """`{"status": "complete"}` moves the stock, once."""
    before = service.one("adjustment_sets", set_id)
    problems = service.problems()
    changes = fill(service, SETS, request.json_object(), problems, before)
    if before["status"] == "complete":
        problems.add("status", "is complete and cannot be changed")
    check_set(service, {**before, **changes}, problems)
    problems.check()
    row = service.table("adjustment_sets").update(set_id, changes)
    if row["status"] == "complete":
        for line in service.table("adjustment_lines").find(adjustment_set_id=set_id):
            _adjust(service, row["location_id"], line, ("AdjustmentSet", set_id))
    return changed(service, SETS, row)


def _adjust(service: Heartland, location_id: int, line: Row, source: tuple[str, int]) -> None:
    item = service.table("items").get(line["item_id"])
    if item is not None:
        move(service, item, location_id, on_hand=line["qty"], kind="Adjustment", source=source)


@routes.route("GET", "/api/inventory/adjustment_sets/<int:set_id>/lines")
def set_lines(service: Heartland, request: Request, set_id: int) -> Reply:
    """Lines of a set."""
    service.one("adjustment_sets", set_id)
    return list_reply(service, request, SET_LINES, service.table("adjustment_lines").find(adjustment_set_id=set_id))


@routes.route("GET", "/api/inventory/adjustment_sets/<int:set_id>/lines/<int:line_id>")
def set_line(service: Heartland, request: Request, set_id: int, line_id: int) -> Reply:
    """One line of a set."""
    row = service.one("adjustment_lines", line_id)
    if row.get("adjustment_set_id") != set_id:
        raise not_found()
    return record_reply(service, request, SET_LINES, row)


@routes.route("POST", "/api/inventory/adjustment_sets/<int:set_id>/lines", needs="inventory.adjustment.manage")
def set_line_create(service: Heartland, request: Request, set_id: int) -> Reply:
    """Add a line to a pending set."""
    owner = service.one("adjustment_sets", set_id)
    row = _line(service, request.json_object(), closed=owner["status"] == "complete")
    line = service.table("adjustment_lines").insert({**row, "adjustment_set_id": set_id})
    return created(service, request, SET_LINES, line, path=f"/inventory/adjustment_sets/{set_id}/lines")


def _line(service: Heartland, body: dict[str, Any], *, closed: bool = False) -> Row:
    problems = service.problems()
    row = fill(service, SET_LINES, body, problems)
    item = resolve(service, body, problems)
    check_qty(item, row.get("qty"), problems)
    if closed:
        problems.add("status", "the set is complete")
    problems.check()
    cost = row["unit_cost"] if row.get("unit_cost") is not None else (item or {}).get("cost")
    return {"item_id": (item or {}).get("id"), "qty": row["qty"], "unit_cost": cost, "created_at": row["created_at"]}


@routes.route("POST", "/api/inventory/adjustments", needs="inventory.adjustment.manage")
def adjustment_create(service: Heartland, request: Request) -> Reply:
    """A single adjustment: moves at once."""
    body = request.json_object()
    problems = service.problems()
    head = fill(service, SINGLES, body, problems)
    exists(service, "locations", head, "location_id", problems, need=True)
    exists(service, "reasons", head, "adjustment_reason_id", problems, need=True)
    problems.check()
    service.check_location(request, head["location_id"])
    row = _line(service, body)
    place = {"location_id": head["location_id"], "adjustment_reason_id": head["adjustment_reason_id"]}
    line = service.table("adjustment_lines").insert({**row, **place})
    _adjust(service, place["location_id"], line, ("Adjustment", line["id"]))
    return created(service, request, SINGLES, line)


# --- reason codes ---------------------------------------------------------------------------------

KINDS = ("inventory_adjustment_reasons", "gift_card_adjustment_reasons")


def _reasons(kind: str) -> None:
    """The calls of one family of reason codes."""
    fields = {**ID, "name": text(), "description": text(), "active": flag(True)}
    resource = Resource(table="reasons", path=f"/reason_codes/{kind}", fields=fields)

    def check(service: Heartland, row: Row, problems: Problems) -> None:
        row["kind"] = kind
        problems.need("name", row.get("name"))

    add_list(routes, resource, lambda service, request: service.table("reasons").find(kind=kind))
    add_create(routes, resource, check, needs="settings.manage")


for _kind in KINDS:
    _reasons(_kind)
