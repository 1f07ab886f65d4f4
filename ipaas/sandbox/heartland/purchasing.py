"""Transfers, purchase orders and receipts, as far as they move stock (§8.5)."""

from collections.abc import Mapping
from typing import Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.heartland.adjustments import check_qty
from ipaas.sandbox.heartland.errors import Problems
from ipaas.sandbox.heartland.fields import ID, READ, STAMPS, Resource, number, text, whole
from ipaas.sandbox.heartland.inputs import exists, fill
from ipaas.sandbox.heartland.items import resolve
from ipaas.sandbox.heartland.replies import changed, created, list_reply
from ipaas.sandbox.heartland.routes import add_create, add_list, add_read
from ipaas.sandbox.heartland.service import Heartland
from ipaas.sandbox.heartland.stock import move

routes: Router[Heartland] = Router()

TRANSFERS = Resource(
    table="transfers",
    path="/inventory/transfers",
    fields={
        **ID,
        "status": text("pending"),
        "from_location_id": whole(),
        "to_location_id": whole(),
        **STAMPS,
    },
)
PURCHASES = Resource(
    table="purchase_orders",
    path="/purchasing/orders",
    fields={
        **ID,
        "public_id": text(),
        "status": text("pending"),
        "vendor_id": whole(),
        "receive_at_location_id": whole(),
        **{name: number(0, **READ) for name in ("total_qty", "total_cost", "total_received_qty", "total_open_qty")},
        **STAMPS,
    },
    plain=frozenset(("status",)),
)
RECEIPTS = Resource(
    table="receipts",
    path="/purchasing/receipts",
    fields={
        **ID,
        "status": text("pending"),
        "order_id": whole(),
        "receive_at_location_id": whole(),
        **STAMPS,
    },
    plain=frozenset(("status", "order_id")),
)
LINE_FIELDS = {**ID, "item_id": whole(), "qty": number(), "unit_cost": number(), **STAMPS}


def check_transfer(service: Heartland, row: Row, problems: Problems) -> None:
    """Two locations."""
    exists(service, "locations", row, "from_location_id", problems, need=True)
    exists(service, "locations", row, "to_location_id", problems, need=True)


def check_purchase(service: Heartland, row: Row, problems: Problems) -> None:
    """Vendor and receiving location."""
    exists(service, "vendors", row, "vendor_id", problems, need=True)
    exists(service, "locations", row, "receive_at_location_id", problems, need=True)


def check_receipt(service: Heartland, row: Row, problems: Problems) -> None:
    """A purchase order and where the goods arrive."""
    exists(service, "purchase_orders", row, "order_id", problems, need=True)
    exists(service, "locations", row, "receive_at_location_id", problems, need=True)


def _lines(resource: Resource, table: str, owner: str) -> Resource:
    """The line calls of a document: list, add, and for transfers and receipts the list over all documents."""
    lines = Resource(table=table, path=f"{resource.path}/lines", fields={**LINE_FIELDS, owner: whole(**READ)})
    path = f"/api{resource.path}/<int:document_id>/lines"

    @routes.route("GET", path)
    def line_list(service: Heartland, request: Request, document_id: int) -> Reply:
        service.one(resource.table, document_id)
        return list_reply(service, request, lines, service.table(table).find(**{owner: document_id}))

    @routes.route("POST", path, needs="purchasing.manage")
    def line_create(service: Heartland, request: Request, document_id: int) -> Reply:
        document = service.one(resource.table, document_id)
        row = _new_line(service, lines, document, request.json_object())
        line = service.table(table).insert({**row, owner: document_id, "id": None})
        _after_line(service, resource, document)
        return created(service, request, lines, line, path=f"{resource.path}/{document_id}/lines")

    return lines


def _new_line(service: Heartland, lines: Resource, document: Row, body: dict[str, Any]) -> Row:
    problems = service.problems()
    row = fill(service, lines, body, problems)
    item = resolve(service, body, problems)
    check_qty(item, row.get("qty"), problems)
    if document["status"] not in ("pending", "open"):
        problems.add("status", f"is {document['status']}")
    problems.check()
    found = item or {}
    cost = found.get("cost") if row.get("unit_cost") is None else row["unit_cost"]
    return {**row, "item_id": found.get("id"), "unit_cost": cost}


def _after_line(service: Heartland, resource: Resource, document: Row) -> None:
    if resource is PURCHASES:
        _count_purchase(service, document["id"])


TRANSFER_LINES = _lines(TRANSFERS, "transfer_lines", "transfer_id")
PURCHASE_LINES = _lines(PURCHASES, "purchase_order_lines", "order_id")
RECEIPT_LINES = _lines(RECEIPTS, "receipt_lines", "receipt_id")

for _resource in (TRANSFERS, PURCHASES, RECEIPTS):
    add_list(routes, _resource)
    add_read(routes, _resource)
add_list(routes, TRANSFER_LINES)
add_create(routes, TRANSFERS, check_transfer, needs="purchasing.manage")
add_create(routes, PURCHASES, check_purchase, needs="purchasing.manage")
add_create(routes, RECEIPTS, check_receipt, needs="purchasing.manage")


def _count_purchase(service: Heartland, order_id: int) -> None:
    lines = service.table("purchase_order_lines").find(order_id=order_id)
    receipts = [row for row in service.table("receipts").all() if row["order_id"] == order_id]
    received = sum(
        line["qty"]
        for receipt in receipts
        if receipt["status"] == "complete"
        for line in service.table("receipt_lines").find(receipt_id=receipt["id"])
    )
    ordered = sum(line["qty"] for line in lines)
    cost = sum(line["qty"] * (line["unit_cost"] or 0) for line in lines)
    counted = {"total_qty": ordered, "total_received_qty": received, "total_open_qty": max(0, ordered - received)}
    service.table("purchase_orders").update(order_id, counted, total_cost=cost)


def _update(service: Heartland, request: Request, resource: Resource, row_id: int) -> tuple[Row, Row]:
    before = service.one(resource.table, row_id)
    problems = service.problems()
    changes = fill(service, resource, request.json_object(), problems, before)
    problems.check()
    return before, service.table(resource.table).update(row_id, changes)


def _step(service: Heartland, before: Row, after: Row, allowed: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether the status changed, in an allowed way."""
    if before["status"] == after["status"]:
        return False
    if after["status"] not in allowed.get(before["status"], ()):
        raise service.refuse(status=f"cannot change from {before['status']} to {after['status']}")
    return True


@routes.route("PUT", "/api/purchasing/orders/<int:row_id>", needs="purchasing.manage")
def purchase_update(service: Heartland, request: Request, row_id: int) -> Reply:
    """Open counts the pieces as on order; closing or cancelling takes the rest off."""
    before, row = _update(service, request, PURCHASES, row_id)
    walk = {"pending": ("open", "canceled"), "open": ("closed", "canceled")}
    if _step(service, before, row, walk):
        direction = 1 if row["status"] == "open" else -1 if before["status"] == "open" else 0
        for item_id, qty in _open_pieces(service, row).items():
            item = service.one("items", item_id)
            place, source = row["receive_at_location_id"], ("PurchaseOrder", row_id)
            move(service, item, place, on_po=direction * qty, kind="PurchaseOrder", source=source)
    return changed(service, PURCHASES, row)


def _open_pieces(service: Heartland, order: Row) -> dict[int, Any]:
    """Pieces per item ordered and not received."""
    left: dict[int, Any] = {}
    for line in service.table("purchase_order_lines").find(order_id=order["id"]):
        left[line["item_id"]] = left.get(line["item_id"], 0) + line["qty"]
    for receipt in service.table("receipts").all():
        if receipt["order_id"] == order["id"] and receipt["status"] == "complete":
            for line in service.table("receipt_lines").find(receipt_id=receipt["id"]):
                left[line["item_id"]] = left.get(line["item_id"], 0) - line["qty"]
    return {item_id: qty for item_id, qty in left.items() if qty > 0}


@routes.route("PUT", "/api/purchasing/receipts/<int:row_id>", needs="purchasing.manage")
def receipt_update(service: Heartland, request: Request, row_id: int) -> Reply:
    """`complete` (or `accepted`) raises on hand and lowers what is on order."""
    before, row = _update(service, request, RECEIPTS, row_id)
    if row["status"] == "accepted":
        row = service.table("receipts").update(row_id, status="complete")
    if _step(service, before, row, {"pending": ("complete",)}):
        order = service.one("purchase_orders", row["order_id"])
        service.table("receipts").update(row_id, status="pending")
        expected = _open_pieces(service, order) if order["status"] == "open" else {}
        service.table("receipts").update(row_id, status="complete")
        for line in service.table("receipt_lines").find(receipt_id=row_id):
            _receive(service, row, line, expected)
        _count_purchase(service, order["id"])
    return changed(service, RECEIPTS, row)


def _receive(service: Heartland, receipt: Row, line: Row, expected: dict[int, Any]) -> None:
    off = min(line["qty"], expected.get(line["item_id"], 0))
    expected[line["item_id"]] = expected.get(line["item_id"], 0) - off
    item, place = service.one("items", line["item_id"]), receipt["receive_at_location_id"]
    move(service, item, place, on_hand=line["qty"], on_po=-off, kind="Receipt", source=("Receipt", receipt["id"]))


@routes.route("PUT", "/api/inventory/transfers/<int:row_id>", needs="purchasing.manage")
def transfer_update(service: Heartland, request: Request, row_id: int) -> Reply:
    """`shipped` takes from one location into transit, `received` puts into the other (status names are a guess)."""
    before, row = _update(service, request, TRANSFERS, row_id)
    walk = {"pending": ("shipped", "canceled"), "shipped": ("received",)}
    if _step(service, before, row, walk) and row["status"] != "canceled":
        for line in service.table("transfer_lines").find(transfer_id=row_id):
            transfer(service, row, line, arriving=row["status"] == "received")
    return changed(service, TRANSFERS, row)


def transfer(service: Heartland, document: Row, line: Row, *, arriving: bool) -> None:
    """Move one line out of the first location, or into the second."""
    item, source = service.one("items", line["item_id"]), ("Transfer", document["id"])
    there = document["to_location_id"]
    if arriving:
        move(service, item, there, on_hand=line["qty"], in_transit=-line["qty"], kind="Transfer", source=source)
    else:
        move(service, item, document["from_location_id"], on_hand=-line["qty"], kind="Transfer", source=source)
        move(service, item, there, in_transit=line["qty"], kind="Transfer", source=source)
