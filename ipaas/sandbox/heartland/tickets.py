"""POS tickets and returns (§12.1, §12.4)."""

from decimal import Decimal
from typing import Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import ApiError, Reply, Request, Router
from ipaas.sandbox.heartland import errors, gift_cards, payments
from ipaas.sandbox.heartland.adjustments import check_qty
from ipaas.sandbox.heartland.errors import BLANK, UNKNOWN, Problems, not_found
from ipaas.sandbox.heartland.inputs import exists, fill, unique_public_id
from ipaas.sandbox.heartland.items import resolve
from ipaas.sandbox.heartland.order_model import PAYMENTS
from ipaas.sandbox.heartland.replies import changed, created, list_reply, record_reply
from ipaas.sandbox.heartland.service import Heartland
from ipaas.sandbox.heartland.stock import move
from ipaas.sandbox.heartland.totals import cents
from ipaas.sandbox.heartland.transaction_model import (
    DONE,
    LINE_TYPES,
    LINES,
    TICKETS,
    completed,
    item_line,
    lines_of,
    names,
    payments_of,
    recalculate,
)

routes: Router[Heartland] = Router()
PATH = "/api/sales/tickets/<int:ticket_id>"
DEEP = 10_000
OPEN = ("incomplete", "suspended")


def ticket_or_404(service: Heartland, ticket_id: int) -> Row:
    """A ticket or return, not an invoice."""
    row = service.table("transactions").get(ticket_id)
    if row is None or row["type"] == "Invoice":
        raise not_found("Ticket")
    return row


@routes.route("GET", "/api/sales/tickets", needs="sales.ticket.read")
def ticket_list(service: Heartland, request: Request) -> Reply:
    """Tickets and returns; very deep pages fail (§4.7)."""
    size = request.args.get("per_page", 20, type=int)
    deep = (request.args.get("page", 1, type=int) - 1) * size >= DEEP
    if deep and service.switches["deep_page_500"]:
        raise ApiError(500, errors.body("internal_error", "Something went wrong"))
    rows = [row for row in service.table("transactions").all() if row["type"] != "Invoice"]
    return list_reply(service, request, TICKETS, rows)


@routes.route("GET", PATH, needs="sales.ticket.read")
def ticket_read(service: Heartland, request: Request, ticket_id: int) -> Reply:
    """One ticket or return."""
    return record_reply(service, request, TICKETS, ticket_or_404(service, ticket_id))


@routes.route("POST", "/api/sales/tickets", needs="sales.ticket.manage")
def ticket_create(service: Heartland, request: Request) -> Reply:
    """Begin a ticket, or import a finished sale in one call."""
    body = request.json_object()
    ticket = create_ticket(service, body)
    service.check_location(request, ticket["source_location_id"])
    return created(service, request, TICKETS, ticket)


def create_ticket(service: Heartland, body: dict[str, Any]) -> Row:
    """Validate and store a header with its inline lines and payments; complete it when asked."""
    problems = service.problems()
    row = fill(service, TICKETS, {**body, "status": "incomplete"}, problems)
    row["type"] = row.get("type") or "Ticket"
    unique_public_id(service, TICKETS, row, problems)
    _check_header(service, row, problems)
    problems.check()
    flags = {name: body.get(name) is not False for name in ("affect_inventory", "recalculate")}
    ticket = service.table("transactions").insert({**row, **flags, **names(service, row), "id": None})
    if not ticket.get("public_id"):
        ticket = service.table("transactions").update(ticket["id"], public_id=str(ticket["id"]))
    for line in body.get("item_lines") or []:
        add_line(service, ticket, {**line, "type": "ItemLine"})
    for line in body.get("tax_lines") or []:
        add_line(service, ticket, {**line, "type": "TaxLine"})
    ticket = recalculate(service, ticket["id"])
    for payment in body.get("payments") or []:
        add_payment(
            service, ticket, payments.read_payment(service, payment, ticket["source_location_id"], on_order=False)
        )
    if body.get("status") == "complete":
        given = {name: row[name] for name in ("completed_at", "local_completed_at") if row.get(name)}
        return complete(service, service.table("transactions").update(ticket["id"], given))
    return service.one("transactions", ticket["id"])


def _check_header(service: Heartland, row: Row, problems: Problems) -> None:
    if row["type"] not in ("Ticket", "Return"):
        problems.add("type", "is not a ticket type")
    exists(service, "customers", row, "customer_id", problems)
    exists(service, "locations", row, "source_location_id", problems, need=True)
    exists(service, "stations", row, "station_id", problems, need=True)
    settings = {one["key"]: one["value"] for one in service.table("settings").all()}
    if settings.get("pos.tickets.customer_required") is True and row.get("customer_id") is None:
        problems.add("customer_id", BLANK)
    if settings.get("pos.tickets.sales_rep_required") is True and not row.get("sales_rep"):
        problems.add("sales_rep", BLANK)
    parent = row.get("parent_transaction_id")
    if parent is not None and parent not in service.table("transactions"):
        problems.add("parent_transaction_id", UNKNOWN)
    if row["type"] == "Return" and parent is None and service.switches["restrict_returns"]:
        problems.add("parent_transaction_id", BLANK)


# --- lines and payments ---------------------------------------------------------------------------


@routes.route("GET", f"{PATH}/lines", needs="sales.ticket.read")
def line_list(service: Heartland, request: Request, ticket_id: int) -> Reply:
    """All lines."""
    ticket_or_404(service, ticket_id)
    return list_reply(service, request, LINES, lines_of(service, ticket_id))


@routes.route("GET", f"{PATH}/item_lines", needs="sales.ticket.read")
def item_line_list(service: Heartland, request: Request, ticket_id: int) -> Reply:
    """Item lines only."""
    ticket_or_404(service, ticket_id)
    rows = [line for line in lines_of(service, ticket_id) if line["type"] == "ItemLine"]
    return list_reply(service, request, LINES, rows)


@routes.route("POST", f"{PATH}/lines", needs="sales.ticket.manage")
def line_create(service: Heartland, request: Request, ticket_id: int) -> Reply:
    """Add a line to an unfinished ticket."""
    ticket = ticket_or_404(service, ticket_id)
    line = add_line(service, ticket, request.json_object())
    recalculate(service, ticket_id)
    return created(service, request, LINES, line, path=f"/sales/tickets/{ticket_id}/lines")


def add_line(service: Heartland, ticket: Row, body: dict[str, Any]) -> Row:
    """Validate and store a line of any type; the caller recalculates."""
    problems = service.problems()
    row = fill(service, LINES, body, problems)
    row["type"] = row.get("type") or "ItemLine"
    if row["type"] not in LINE_TYPES:
        problems.add("type", "is not a line type")
    if ticket["status"] not in OPEN:
        problems.add("status", f"the ticket is {ticket['status']}")
    problems.check()
    if row["type"] == "ItemLine":
        row = _item_line(service, ticket, row, body, problems)
    else:
        problems.need("value", row.get("value"))
        if row["type"] == "GiftCardLine" and not gift_cards.NUMBER.fullmatch(gift_cards.spelled(row.get("number"))):
            problems.add("number", "must be letters and digits")
        problems.check()
        row["value"] = cents(row["value"])
    return service.table("transaction_lines").insert({**row, "transaction_id": ticket["id"], "id": None})


def _item_line(service: Heartland, ticket: Row, row: Row, body: dict[str, Any], problems: Problems) -> Row:
    item = resolve(service, body, problems)
    check_qty(item, row.get("qty"), problems)
    problems.check()
    found = item or {}
    if ticket["type"] == "Return" and ticket.get("parent_transaction_id") is not None and row["qty"] < 0:
        left = returnable(service, ticket["parent_transaction_id"], found["id"])
        if -row["qty"] > left:
            raise service.refuse(qty=f"is more than sold and not yet returned ({left})")
    return item_line(row, found)


def returnable(service: Heartland, parent_id: int, item_id: int) -> Any:
    """Pieces of an item sold on a transaction and not yet on a return of it."""
    sold = sum(line["qty"] for line in lines_of(service, parent_id) if line.get("item_id") == item_id)
    returns = service.table("transactions").find(parent_transaction_id=parent_id)
    back = sum(
        line["qty"]
        for ticket in returns
        if ticket["status"] != "void"
        for line in lines_of(service, ticket["id"])
        if line.get("item_id") == item_id and line["qty"] < 0
    )
    return sold + back


@routes.route("GET", f"{PATH}/payments", needs="sales.ticket.read")
def payment_list(service: Heartland, request: Request, ticket_id: int) -> Reply:
    """Payments of a ticket."""
    ticket_or_404(service, ticket_id)
    return list_reply(service, request, PAYMENTS, payments_of(service, ticket_id))


@routes.route("POST", f"{PATH}/payments", needs="sales.ticket.manage", locked=False)
def payment_create(service: Heartland, request: Request, ticket_id: int) -> Reply:
    """Take a payment; negative gives money back."""
    with service.transaction():
        ticket = _payable(service, ticket_id)
        body = request.json_object()
        row = payments.read_payment(service, body, ticket["source_location_id"], on_order=False)
    payments.charge(service, row)
    with service.transaction():
        payment = add_payment(service, _payable(service, ticket_id), row)
        return created(service, request, PAYMENTS, payment, path=f"/sales/tickets/{ticket_id}/payments")


def _payable(service: Heartland, ticket_id: int) -> Row:
    ticket = ticket_or_404(service, ticket_id)
    if ticket["status"] in DONE:
        raise service.refuse(status=f"the ticket is {ticket['status']}")
    return ticket


def add_payment(service: Heartland, ticket: Row, row: Row) -> Row:
    """Store a validated payment on a ticket."""
    payment = payments.store(service, row, transaction_id=ticket["id"])
    recalculate(service, ticket["id"])
    return payment


# --- status ---------------------------------------------------------------------------------------


@routes.route("PUT", PATH, needs="sales.ticket.manage")
def ticket_update(service: Heartland, request: Request, ticket_id: int) -> Reply:
    """Change the header while unfinished, custom fields any time, the status to complete, void or suspended."""
    before = ticket_or_404(service, ticket_id)
    body = request.json_object()
    problems = service.problems()
    changes = fill(service, TICKETS, {k: v for k, v in body.items() if k not in ("status", "type")}, problems, before)
    if before["status"] in DONE:
        for name in changes.keys() - {"custom", "updated_at"}:
            if changes[name] != before.get(name):
                problems.add(name, f"cannot be changed on a {before['status']} ticket")
    _check_header(service, {**before, **changes}, problems)
    problems.check()
    ticket = service.table("transactions").update(ticket_id, changes, **names(service, {**before, **changes}))
    wish = body.get("status", before["status"])
    if wish != before["status"]:
        ticket = set_status(service, ticket, wish)
    return changed(service, TICKETS, ticket)


def set_status(service: Heartland, ticket: Row, wish: Any) -> Row:
    """Complete, void or suspend an unfinished ticket."""
    if ticket["status"] in DONE or wish not in ("complete", "void", "suspended", "incomplete"):
        raise service.refuse(status=f"cannot change from {ticket['status']} to {wish}")
    if wish == "complete":
        return complete(service, ticket)
    return service.table("transactions").update(
        ticket["id"], status=wish, voided=wish == "void", updated_at=service.stamp()
    )


def complete(service: Heartland, ticket: Row) -> Row:
    """Finish a ticket: balance zero, stock moves at its location, gift cards load, the event fires."""
    ticket = recalculate(service, ticket["id"])
    lines = lines_of(service, ticket["id"])
    problems = service.problems()
    if not lines:
        problems.add("lines", BLANK)
    if ticket["balance"] != 0:
        problems.add("balance", "must be zero")
    problems.check()
    for line in lines:
        _take_effect(service, ticket, line)
    row = service.table("transactions").update(ticket["id"], completed(service, ticket))
    service.emit("sales_transaction_completed", TICKETS, row)
    return row


def _take_effect(service: Heartland, ticket: Row, line: Row) -> None:
    if line["type"] == "GiftCardLine":
        gift_cards.load(service, line["number"], Decimal(line["value"]))
    elif line["type"] == "ItemLine" and ticket.get("affect_inventory") is not False:
        move(
            service,
            service.one("items", line["item_id"]),
            ticket["source_location_id"],
            on_hand=-line["qty"],
            kind=ticket["type"],
            source=(ticket["type"], ticket["id"]),
            at=ticket.get("completed_at"),
        )
