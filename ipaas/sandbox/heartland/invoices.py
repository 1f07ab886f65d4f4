"""Invoices: the fulfilment of an order, one per location and shipment (§12.2)."""

from decimal import Decimal
from typing import Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.heartland import order_model
from ipaas.sandbox.heartland.adjustments import check_qty
from ipaas.sandbox.heartland.errors import Problems, not_found
from ipaas.sandbox.heartland.inputs import exists, fill, unique_public_id
from ipaas.sandbox.heartland.items import resolve
from ipaas.sandbox.heartland.replies import changed, created, list_reply, record_reply
from ipaas.sandbox.heartland.service import Heartland
from ipaas.sandbox.heartland.stock import move
from ipaas.sandbox.heartland.totals import cents, share
from ipaas.sandbox.heartland.transaction_model import INVOICES, LINES, completed, item_line, lines_of, names

routes: Router[Heartland] = Router()
PATH = "/api/sales/invoices/<int:invoice_id>"


def invoice_or_404(service: Heartland, invoice_id: int) -> Row:
    """An invoice, not just any transaction."""
    row = service.table("transactions").get(invoice_id)
    if row is None or row["type"] != "Invoice":
        raise not_found("Invoice")
    return row


@routes.route("GET", "/api/sales/invoices", needs="sales.order.read")
def invoice_list(service: Heartland, request: Request) -> Reply:
    """Invoices, of an order with `order_id`."""
    return list_reply(service, request, INVOICES, service.table("transactions").find(type="Invoice"))


@routes.route("GET", PATH, needs="sales.order.read")
def invoice_read(service: Heartland, request: Request, invoice_id: int) -> Reply:
    """One invoice."""
    return record_reply(service, request, INVOICES, invoice_or_404(service, invoice_id))


@routes.route("POST", "/api/sales/invoices", needs="sales.invoice.manage")
def invoice_create(service: Heartland, request: Request) -> Reply:
    """Begin an invoice for an open order at the location that ships."""
    row = create_invoice(service, request.json_object())
    service.check_location(request, row["source_location_id"])
    return created(service, request, INVOICES, row)


def create_invoice(service: Heartland, body: dict[str, Any]) -> Row:
    """Validate and store a pending invoice."""
    problems = service.problems()
    row = fill(service, INVOICES, {**body, "type": "Invoice", "status": "pending"}, problems)
    unique_public_id(service, INVOICES, row, problems)
    exists(service, "orders", row, "order_id", problems, need=True)
    exists(service, "locations", row, "source_location_id", problems, need=True)
    exists(service, "stations", row, "station_id", problems, need=True)
    exists(service, "customers", row, "customer_id", problems)
    order = service.table("orders").get(row.get("order_id") or 0)
    if order is not None and order["status"] != "open":
        problems.add("order_id", "is not open")
    problems.check()
    row["customer_id"] = row.get("customer_id") or (order or {}).get("customer_id")
    made = service.table("transactions").insert({**row, **names(service, row), "id": None})
    if not made.get("public_id"):
        made = service.table("transactions").update(made["id"], public_id=str(made["id"]))
    return made


@routes.route("GET", f"{PATH}/lines", needs="sales.order.read")
def invoice_lines(service: Heartland, request: Request, invoice_id: int) -> Reply:
    """Lines of an invoice."""
    invoice_or_404(service, invoice_id)
    return list_reply(service, request, LINES, lines_of(service, invoice_id))


@routes.route("POST", f"{PATH}/lines", needs="sales.invoice.manage")
def invoice_line_create(service: Heartland, request: Request, invoice_id: int) -> Reply:
    """Add pieces the order still has open at this location."""
    invoice = invoice_or_404(service, invoice_id)
    line = add_invoice_line(service, invoice, request.json_object())
    return created(service, request, LINES, line, path=f"/sales/invoices/{invoice_id}/lines")


def open_at(service: Heartland, invoice: Row) -> list[Row]:
    """Order lines with open pieces at the invoice's location, less what this invoice already takes."""
    taken: dict[int, Any] = {}
    for line in lines_of(service, invoice["id"]):
        taken[line["order_line_id"]] = taken.get(line["order_line_id"], 0) + line["qty"]
    here = [
        line
        for line in order_model.lines_of(service, invoice["order_id"])
        if line["ship_from_location_id"] == invoice["source_location_id"]
    ]
    return [{**line, "qty_open": line["qty_open"] - taken.get(line["id"], 0)} for line in here]


def add_invoice_line(service: Heartland, invoice: Row, body: dict[str, Any]) -> Row:
    """Validate and store a line; a quantity over several order lines is split. Answers the first one made."""
    problems = service.problems()
    row = fill(service, LINES, body, problems)
    if (row.get("type") or "ItemLine") != "ItemLine":
        problems.add("type", "only item lines can be added to an invoice")
    if invoice["status"] != "pending":
        problems.add("status", f"the invoice is {invoice['status']}")
    item = resolve(service, body, problems)
    check_qty(item, row.get("qty"), problems)
    problems.check()
    lines = [line for line in open_at(service, invoice) if item and line["item_id"] == item["id"]]
    if row["qty"] < 0 or row["qty"] > sum((line["qty_open"] for line in lines), Decimal(0)):
        problems.add("qty", "is more than the order has open at this location")
    problems.check()
    return _take(service, invoice, row, lines)[0]


def _take(service: Heartland, invoice: Row, row: Row, lines: list[Row]) -> list[Row]:
    """Take the pieces from the order lines in turn, at their prices."""
    left, made = row["qty"], []
    for line in lines:
        qty = min(left, line["qty_open"])
        if qty <= 0:
            continue
        prices = {name: line[name] for name in ("original_unit_price", "adjusted_unit_price")}
        about = {"transaction_id": invoice["id"], "order_line_id": line["id"], "qty": qty}
        item = service.one("items", line["item_id"])
        made.append(
            service.table("transaction_lines").insert({**item_line({**row, **prices, **about}, item), "id": None})
        )
        left -= qty
    recalculate(service, invoice["id"])
    return made


def recalculate(service: Heartland, invoice_id: int) -> Row:
    """Total of an invoice: its lines, its share of tax and discount, the order's shipping once.

    Shipping comes with the order's first invoice; the invoice that takes the last piece takes the remainders.
    """
    invoice = service.one("transactions", invoice_id)
    order = service.one("orders", invoice["order_id"])
    others = [
        row
        for row in service.table("transactions").find(order_id=order["id"])
        if row["type"] == "Invoice" and row["status"] == "complete" and row["id"] != invoice_id
    ]
    lines = lines_of(service, invoice_id)
    subtotal = sum((line["value"] for line in lines), Decimal(0))
    last = subtotal + _sum(others, "subtotal") == order["subtotal"]
    tax, cut = (
        cents(order[name]) - _sum(others, part) if last else share(cents(order[name]), subtotal, order["subtotal"])
        for name, part in (("total_tax", "total_tax"), ("total_discounts", "order_discount"))
    )
    shipping = Decimal(0) if others else cents(order["shipping_charge"])
    total = subtotal + tax - cut + shipping
    original = sum((cents(Decimal(line["qty"]) * line["original_unit_price"]) for line in lines), Decimal(0))
    covered = order["total_paid"] >= order["total"]
    return service.table("transactions").update(
        invoice_id,
        subtotal=subtotal,
        original_subtotal=original,
        order_discount=cut,
        total_discounts=original - subtotal + cut,
        total_tax=tax,
        total=total,
        total_paid=total if covered else Decimal(0),
        balance=Decimal(0) if covered else total,
        updated_at=service.stamp(),
    )


def _sum(rows: list[Row], name: str) -> Decimal:
    return sum((cents(row.get(name)) for row in rows), Decimal(0))


@routes.route("PUT", PATH, needs="sales.invoice.manage")
def invoice_update(service: Heartland, request: Request, invoice_id: int) -> Reply:
    """Change custom fields any time, the header while pending, the status to complete or void."""
    before = invoice_or_404(service, invoice_id)
    body = request.json_object()
    problems = service.problems()
    fixed = ("type", "order_id", "status", "completed_at", "local_completed_at")
    changes = fill(service, INVOICES, {k: v for k, v in body.items() if k not in fixed}, problems, before)
    if before["status"] != "pending":
        _only_custom(changes, before, problems)
    exists(service, "locations", changes, "source_location_id", problems)
    problems.check()
    invoice = service.table("transactions").update(invoice_id, changes, **names(service, {**before, **changes}))
    wish = body.get("status", before["status"])
    if wish != before["status"]:
        invoice = set_status(service, invoice, wish)
    return changed(service, INVOICES, invoice)


def _only_custom(changes: Row, before: Row, problems: Problems) -> None:
    for name in changes:
        if name not in ("custom", "updated_at") and changes[name] != before.get(name):
            problems.add(name, f"cannot be changed on a {before['status']} invoice")


def set_status(service: Heartland, invoice: Row, wish: Any) -> Row:
    """Complete a pending invoice; void a pending one, or a complete one while its switch allows that."""
    was, can_void = invoice["status"], service.switches["invoice_void_complete"]
    if wish == "void" and (was == "pending" or (was == "complete" and can_void)):
        return void(service, invoice)
    if was != "pending" or wish != "complete":
        raise service.refuse(status=f"cannot change from {was} to {wish}")
    return complete(service, invoice)


def void(service: Heartland, invoice: Row) -> Row:
    """Take an invoice back: what a complete one shipped is there and promised again, its order open. No event."""
    if invoice["status"] == "complete":
        for line in lines_of(service, invoice["id"]):
            _ship(service, invoice, line, sign=-1)
        service.table("orders").update(invoice["order_id"], status="open", updated_at=service.stamp())
        order_model.touch(service, invoice["order_id"])
    changes: Row = {"status": "void", "completed": False, "voided": True, "updated_at": service.stamp()}
    return service.table("transactions").update(invoice["id"], changes)


def complete(service: Heartland, invoice: Row) -> Row:
    """Ship: stock and commitment go down, the order closes with its last piece, the event fires."""
    if not lines_of(service, invoice["id"]) and service.switches["invoice_autofill"]:
        _autofill(service, invoice)
    _check_complete(service, invoice)
    for line in lines_of(service, invoice["id"]):
        _ship(service, invoice, line)
    row = recalculate(service, invoice["id"])
    row = service.table("transactions").update(row["id"], completed(service, row))
    if all(not line["qty_open"] for line in order_model.lines_of(service, row["order_id"])):
        service.table("orders").update(row["order_id"], status="closed", updated_at=service.stamp())
    order_model.touch(service, row["order_id"])
    service.emit("sales_transaction_completed", INVOICES, row)
    return row


def _autofill(service: Heartland, invoice: Row) -> None:
    for line in open_at(service, invoice):
        if line["qty_open"] > 0:
            _take(service, invoice, {"qty": line["qty_open"]}, [line])


def _check_complete(service: Heartland, invoice: Row) -> None:
    lines = lines_of(service, invoice["id"])
    problems = service.problems()
    if not lines:
        problems.add("lines", "can't be blank")
    if service.one("orders", invoice["order_id"])["status"] != "open":
        problems.add("order_id", "is not open")
    for line in lines:
        owner = service.table("order_lines").get(line["order_line_id"])
        if owner is None or line["qty"] > owner["qty_open"]:
            problems.add("qty", "is more than the order has open at this location")
        elif owner["ship_from_location_id"] != invoice["source_location_id"]:
            problems.add("source_location_id", "is not where the line ships from")
    problems.check()


def _ship(service: Heartland, invoice: Row, line: Row, sign: int = 1) -> None:
    owner, qty = service.one("order_lines", line["order_line_id"]), sign * line["qty"]
    counted = {"qty_invoiced": owner["qty_invoiced"] + qty, "qty_open": owner["qty_open"] - qty}
    service.table("order_lines").update(owner["id"], counted, updated_at=service.stamp())
    move(
        service,
        service.one("items", line["item_id"]),
        invoice["source_location_id"],
        on_hand=-qty,
        committed=-qty,
        kind="Invoice",
        source=("Invoice", invoice["id"]),
    )
