"""Payments on orders and tickets, and the list of them all (§11.2 to §11.4, §16)."""

from typing import Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.heartland import gift_cards
from ipaas.sandbox.heartland.errors import UNKNOWN, Problems, not_found
from ipaas.sandbox.heartland.fields import ID, READ, STAMPS, Field, Resource, moment, number, text, whole
from ipaas.sandbox.heartland.inputs import fill
from ipaas.sandbox.heartland.order_model import PAYMENTS, payments_of, recalculate, touch
from ipaas.sandbox.heartland.payment_types import ask_hook, hook_of
from ipaas.sandbox.heartland.replies import changed, created, list_reply, record_reply
from ipaas.sandbox.heartland.routes import add_list, add_read
from ipaas.sandbox.heartland.service import Heartland
from ipaas.sandbox.heartland.totals import cents

routes: Router[Heartland] = Router()
PATH = "/api/sales/orders/<int:order_id>/payments"
TYPES = ("CustomPayment", "ExternalPayment", "CashPayment", "CheckPayment", "CreditCardPayment", "GiftCardPayment")
STATUSES = ("complete", "pending", "void")

ALL_PAYMENTS = Resource(
    table="payments",
    path="/payments",
    fields={
        **ID,
        "type": text(**READ),
        "status": text(**READ),
        "amount": number(**READ),
        "deposit": Field("bool", write=False, mark=False),
        "payment_type_id": whole(**READ),
        "description": text(**READ),
        "reference": text(**READ),
        "completed_at": moment(**READ),
        "local_completed_at": Field("local", write=False),
        **STAMPS,
    },
)

add_list(routes, ALL_PAYMENTS, needs="sales.order.read")
add_read(routes, ALL_PAYMENTS, needs="sales.order.read")


def read_payment(service: Heartland, body: dict[str, Any], location_id: int, *, on_order: bool) -> Row:
    """Validate a payment (§21.3) and fill in what its type says; nothing is stored."""
    problems = service.problems()
    row = fill(service, PAYMENTS, body, problems)
    row["type"] = str(row.get("type") or "CustomPayment").removeprefix("Payments::")
    if row["type"] not in TYPES:
        problems.add("type", "is not a payment type")
    problems.need("amount", row.get("amount"))
    if row.get("amount") is not None and cents(row["amount"]) == 0:
        problems.add("amount", "must not be zero")
    elif row.get("amount") is not None and cents(row["amount"]) != row["amount"]:
        problems.add("amount", "must be rounded to cents")
    row["status"] = row.get("status") or "complete"
    taken_as = ("complete", "pending") if service.switches["pending_payments"] else ("complete",)
    if row["status"] not in taken_as:
        problems.add("status", "is not a status")
    kind = _kind(service, row, problems, on_order=on_order)
    problems.check()
    row["amount"] = cents(row["amount"])
    row["description"] = row.get("description") or (kind["name"] if kind else row["type"].removesuffix("Payment"))
    row["deposit"] = on_order if row.get("deposit") is None else row["deposit"]
    row["number"] = str(body.get("number") or body.get("gift_card_number") or "")
    return row | _completion(service, row, location_id)


def _completion(service: Heartland, row: Row, location_id: int) -> Row:
    if row["status"] != "complete":
        return {"completed_at": None, "local_completed_at": None}
    at = row.get("completed_at") or service.stamp()
    return {"completed_at": at, "local_completed_at": row.get("local_completed_at") or service.local(at, location_id)}


def _kind(service: Heartland, row: Row, problems: Problems, *, on_order: bool) -> Row | None:
    """The payment type of a custom payment: there, active, accepted on orders."""
    type_id = row.get("payment_type_id")
    kind = service.table("payment_types").get(type_id) if type_id is not None else None
    if row["type"] == "CustomPayment" and type_id is None:
        problems.need("payment_type_id", None)
    elif type_id is not None and kind is None:
        problems.add("payment_type_id", UNKNOWN)
    elif kind is not None and not kind["active"]:
        problems.add("payment_type_id", "is not active")
    elif kind is not None and on_order and not kind["accept_on_sales_orders"]:
        problems.add("payment_type_id", "is not accepted on sales orders")
    return kind


def charge(service: Heartland, row: Row) -> None:
    """Ask the type's capture or refund hook before the payment is stored. Call it outside the lock."""
    operation = "capture" if row["amount"] > 0 else "refund"
    with service.lock:
        kind = service.table("payment_types").get(row.get("payment_type_id") or 0)
        payment_id = service.table("payments").next_id
    url = hook_of(kind, operation) if row["status"] == "complete" else ""
    if url:
        ask_hook(url, payment_id, row["amount"], row["number"])


def store(service: Heartland, row: Row, **owner: int) -> Row:
    """Store a validated payment; a gift card tender draws on its card."""
    if row["type"] == "GiftCardPayment":
        gift_cards.draw(service, row["number"], row["amount"])
    return service.table("payments").insert({**row, **owner, "id": None})


@routes.route("GET", PATH, needs="sales.order.read")
def payment_list(service: Heartland, request: Request, order_id: int) -> Reply:
    """Payments of an order."""
    service.one("orders", order_id, "Order")
    return list_reply(service, request, PAYMENTS, payments_of(service, order_id))


@routes.route("POST", PATH, needs="sales.order.manage", locked=False)
def payment_create(service: Heartland, request: Request, order_id: int) -> Reply:
    """Book a payment; never charges a card by itself."""
    with service.transaction():
        order = _payable(service, order_id)
        row = read_payment(service, request.json_object(), order["source_location_id"], on_order=True)
    charge(service, row)
    with service.transaction():
        _payable(service, order_id)
        payment = add_payment(service, order_id, row)
        return created(service, request, PAYMENTS, payment, path=f"/sales/orders/{order_id}/payments")


def add_payment(service: Heartland, order_id: int, row: Row) -> Row:
    """Store a validated payment on an order and bring its balance up to date."""
    payment = store(service, row, order_id=order_id)
    recalculate(service, order_id)
    touch(service, order_id)
    return payment


def _payable(service: Heartland, order_id: int) -> Row:
    order = service.one("orders", order_id, "Order")
    if order["status"] in ("closed", "canceled"):
        raise service.refuse(status=f"the order is {order['status']}")
    return order


def _payment(service: Heartland, order_id: int, payment_id: int) -> Row:
    row = service.table("payments").get(payment_id)
    if row is None or row.get("order_id") != order_id:
        raise not_found("Payment")
    return row


@routes.route("GET", f"{PATH}/<int:payment_id>", needs="sales.order.read")
def payment_read(service: Heartland, request: Request, order_id: int, payment_id: int) -> Reply:
    """One payment."""
    return record_reply(service, request, PAYMENTS, _payment(service, order_id, payment_id))


@routes.route("PUT", f"{PATH}/<int:payment_id>", needs="sales.order.manage", locked=False)
def payment_update(service: Heartland, request: Request, order_id: int, payment_id: int) -> Reply:
    """Complete a pending payment (charge upon shipment, §18.1), or void it; other fields but the money change too."""
    body = request.json_object()
    with service.transaction():
        before = _payment(service, order_id, payment_id)
        wish = _wish(service, before, body.get("status", before["status"]))
    if wish != before["status"]:
        ask_change(service, before, wish)
    with service.transaction():
        row = settle(service, order_id, payment_id, wish, body)
        return changed(service, PAYMENTS, row)


def _wish(service: Heartland, before: Row, wish: Any) -> str:
    allowed = {"pending": STATUSES, "complete": ("complete", "void"), "void": ("void",)}
    if wish not in allowed[before["status"]]:
        raise service.refuse(status=f"cannot change from {before['status']} to {wish}")
    return str(wish)


def ask_change(service: Heartland, before: Row, wish: str) -> None:
    """The hook of a capture or a void, outside the lock."""
    with service.lock:
        kind = service.table("payment_types").get(before.get("payment_type_id") or 0)
    if url := hook_of(kind, "capture" if wish == "complete" else "void"):
        ask_hook(url, before["id"], before["amount"], before.get("number") or "")


def settle(service: Heartland, order_id: int, payment_id: int, wish: str, body: dict[str, Any]) -> Row:
    """Write a payment's new status and notes."""
    before = _payment(service, order_id, payment_id)
    problems = service.problems()
    notes = {name: body[name] for name in body if name in ("description", "reference") or name.startswith("custom")}
    changes = fill(service, PAYMENTS, notes, problems, before)
    problems.check()
    changes["status"] = wish
    if wish == "complete" and before["status"] != "complete":
        location_id = service.one("orders", order_id)["source_location_id"]
        changes |= _completion(service, {"status": "complete"}, location_id)
    row = service.table("payments").update(payment_id, changes)
    recalculate(service, order_id)
    touch(service, order_id)
    return row
