"""Physical counts (§8.4): accepted ones reach the stock late."""

from datetime import timedelta
from typing import Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.heartland.adjustments import check_qty
from ipaas.sandbox.heartland.errors import Problems, not_found
from ipaas.sandbox.heartland.fields import ID, READ, STAMPS, Resource, number, text, whole
from ipaas.sandbox.heartland.inputs import exists, fill
from ipaas.sandbox.heartland.items import resolve
from ipaas.sandbox.heartland.replies import changed, created, list_reply
from ipaas.sandbox.heartland.routes import add_list, add_read, create
from ipaas.sandbox.heartland.service import Heartland
from ipaas.sandbox.heartland.stock import move, stock_at
from ipaas.sandbox.heartland.times import read_time, stamp

routes: Router[Heartland] = Router()
WALK = ("pending", "counting", "finalizing", "accepted")

COUNTS = Resource(
    table="counts",
    path="/inventory/physical_counts",
    fields={
        **ID,
        "status": text("pending"),
        "location_id": whole(),
        "adjustment_reason_id": whole(),
        "description": text(),
        "scope": text("full"),
        **STAMPS,
    },
)
BATCHES = Resource(
    table="count_batches",
    path="/inventory/physical_counts/{id}/batches",
    fields={**ID, "description": text(), **STAMPS},
)
LINES = Resource(
    table="count_lines",
    path="/inventory/physical_counts/{id}/batches/{id}/lines",
    fields={**ID, "item_id": whole(**READ), "qty": number(), **STAMPS},
)
add_list(routes, COUNTS)
add_read(routes, COUNTS)
PATH = "/api/inventory/physical_counts/<int:count_id>"


def check_count(service: Heartland, row: Row, problems: Problems) -> None:
    """Location and reason are required."""
    exists(service, "locations", row, "location_id", problems, need=True)
    exists(service, "reasons", row, "adjustment_reason_id", problems, need=True)


@routes.route("POST", "/api/inventory/physical_counts", needs="inventory.adjustment.manage")
def count_create(service: Heartland, request: Request) -> Reply:
    """Begin a count."""
    body = {**request.json_object(), "status": "pending"}
    return created(service, request, COUNTS, create(service, COUNTS, body, check_count))


@routes.route("PUT", PATH, needs="inventory.adjustment.manage")
def count_update(service: Heartland, request: Request, count_id: int) -> Reply:
    """Walk the status forward, one step at a time; acceptance posts adjustments later."""
    before = service.one("counts", count_id)
    problems = service.problems()
    changes = fill(service, COUNTS, request.json_object(), problems, before)
    wish = changes.get("status", before["status"])
    step = WALK.index(before["status"])
    if wish != before["status"] and wish not in WALK[step + 1 : step + 2]:
        problems.add("status", f"cannot change from {before['status']} to {wish}")
    problems.check()
    row = service.table("counts").update(count_id, changes)
    if wish == "accepted" and before["status"] != "accepted":
        accept(service, row)
    return changed(service, COUNTS, row)


@routes.route("GET", f"{PATH}/batches")
def batch_list(service: Heartland, request: Request, count_id: int) -> Reply:
    """Batches of a count."""
    service.one("counts", count_id)
    return list_reply(service, request, BATCHES, service.table("count_batches").find(count_id=count_id))


@routes.route("POST", f"{PATH}/batches", needs="inventory.adjustment.manage")
def batch_create(service: Heartland, request: Request, count_id: int) -> Reply:
    """One person's counting."""
    service.one("counts", count_id)
    row = fill(service, BATCHES, request.json_object(), service.problems())
    batch = service.table("count_batches").insert({**row, "count_id": count_id, "id": None})
    return created(service, request, BATCHES, batch, path=f"/inventory/physical_counts/{count_id}/batches")


@routes.route("POST", f"{PATH}/batches/<int:batch_id>/lines", needs="inventory.adjustment.manage")
def line_create(service: Heartland, request: Request, count_id: int, batch_id: int) -> Reply:
    """A counted item."""
    batch, count = service.one("count_batches", batch_id), service.one("counts", count_id)
    if batch["count_id"] != count_id:
        raise not_found()
    line = add_line(service, count, batch, request.json_object())
    path = f"/inventory/physical_counts/{count_id}/batches/{batch_id}/lines"
    return created(service, request, LINES, line, path=path)


def add_line(service: Heartland, count: Row, batch: Row, body: dict[str, Any]) -> Row:
    """Validate and store a counted item; zero is a count too."""
    problems = service.problems()
    row = fill(service, LINES, body, problems)
    item = resolve(service, body, problems)
    if row.get("qty") != 0:
        check_qty(item, row.get("qty"), problems)
    if count["status"] == "accepted":
        problems.add("status", "the count is accepted")
    problems.check()
    made = {**row, "item_id": (item or {}).get("id"), "batch_id": batch["id"], "id": None}
    return service.table("count_lines").insert(made)


def accept(service: Heartland, count: Row) -> Row:
    """Accept a count; its adjustments come `count_lag_seconds` later."""
    due = service.clock.now() + timedelta(seconds=float(service.switches["count_lag_seconds"]))
    row = service.table("counts").update(count["id"], status="accepted", apply_at=stamp(due))
    apply_due(service)
    return row


def apply_due(service: Heartland) -> None:
    """Post the adjustments of accepted counts whose time has come; runs ahead of every call."""
    for count in service.table("counts").find(status="accepted"):
        due = count.get("apply_at")
        if due is not None and read_time(due) <= service.clock.now():
            service.table("counts").update(count["id"], apply_at=None)
            _apply(service, count)


def _apply(service: Heartland, count: Row) -> None:
    counted: dict[int, Any] = {}
    for batch in service.table("count_batches").find(count_id=count["id"]):
        for line in service.table("count_lines").find(batch_id=batch["id"]):
            counted[line["item_id"]] = counted.get(line["item_id"], 0) + line["qty"]
    for item_id, qty in sorted(counted.items()):
        off = qty - stock_at(service, item_id, count["location_id"])["on_hand"]
        item = service.one("items", item_id)
        move(
            service,
            item,
            count["location_id"],
            on_hand=off,
            kind="PhysicalCount",
            source=("PhysicalCount", count["id"]),
        )
