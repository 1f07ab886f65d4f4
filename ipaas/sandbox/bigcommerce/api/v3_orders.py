"""V3 endpoints of orders: transactions, capture, void, refunds (note §15-§17)."""

from __future__ import annotations

from typing import Any

from ipaas.sandbox.bigcommerce import actions
from ipaas.sandbox.bigcommerce.api.common import Call, Endpoints, numbers, pagination, v3_list, v3_one, v3_page, words
from ipaas.sandbox.bigcommerce.errors import Refused, bad_fields
from ipaas.sandbox.bigcommerce.scopes import PAYMENT_ACTIONS, PAYMENT_METHODS, TRANSACTIONS
from ipaas.sandbox.bigcommerce.state import Row
from ipaas.sandbox.bigcommerce.wire import iso_offset, iso_z, number, parse_date
from ipaas.sandbox.core.web import Reply, Router, empty

router: Router[Any] = Router()
v3 = Endpoints(router, "v3")
ACTIONS = "/orders/<int:order_id>/payment_actions"


def _order(call: Call, order_id: int) -> Row:
    try:
        return actions.order_get(call.state, order_id)
    except Refused as exc:
        raise Refused(404, f"Order {order_id} not found") from exc


# --- transactions ---------------------------------------------------------------------------------


def transaction_object(row: Row) -> Row:
    """A transaction of §15; `order_id` is text, gift-certificate balances are numbers."""
    shown = row["gift_certificate"]
    return {
        "id": row["id"],
        "order_id": str(row["order_id"]),
        "event": row["event"],
        "method": row["method"],
        "amount": number(row["amount"]),
        "currency": row["currency"],
        "gateway": row["gateway"],
        "gateway_transaction_id": row["gateway_transaction_id"],
        "payment_method_id": row["payment_method_id"],
        "status": row["status"],
        "test": row["test"],
        "fraud_review": row["fraud_review"],
        "reference_transaction_id": row["reference_transaction_id"],
        "date_created": iso_z(row["date_created"]),
        "payment_instrument_token": None,
        "avs_result": {"code": "", "message": "", "street_match": "", "postal_match": ""},
        "cvv_result": {"code": "", "message": ""},
        "credit_card": row["credit_card"],
        "gift_certificate": shown,
        "store_credit": row["store_credit"],
        "offline": row["offline"],
        "custom": row["custom"],
    }


@v3("GET", "/orders/<int:order_id>/transactions", TRANSACTIONS)
def transactions_list(call: Call, order_id: int) -> Reply:
    """Transactions, newest first; 204 when there are none, 503 when the vault is away."""
    _order(call, order_id)
    mode = call.state.switches["transactions"]
    if mode == "503":
        raise Refused(503, "Payment vault is unavailable")
    rows = call.state.transactions.find(order_id=order_id)[::-1]
    if mode == "204" or not rows:
        return empty(204)
    page, limit = v3_page(call)
    shown = rows[(page - 1) * limit : page * limit]
    meta = pagination(len(rows), len(shown), page, limit)
    return call.reply({"data": [transaction_object(row) for row in shown], "meta": {"pagination": meta}})


# --- capture, void --------------------------------------------------------------------------------


@v3("POST", f"{ACTIONS}/capture", PAYMENT_ACTIONS)
def capture_post(call: Call, order_id: int) -> Reply:
    """Begin a capture; the result comes later."""
    _order(call, order_id)
    actions.capture(call.state, order_id)
    return call.reply({}, 201)


@v3("POST", f"{ACTIONS}/void", PAYMENT_ACTIONS)
def void_post(call: Call, order_id: int) -> Reply:
    """Begin a void; the result comes later."""
    _order(call, order_id)
    actions.void(call.state, order_id)
    return call.reply({}, 201)


# --- refunds --------------------------------------------------------------------------------------


def refund_object(refund: Row) -> Row:
    """A refund of §17.1."""
    items = [
        {
            "item_type": item["item_type"],
            "item_id": item["item_id"],
            "quantity": item["quantity"],
            "requested_amount": number(item["requested_amount"]),
            "reason": item["reason"],
            "adjustments": item["adjustments"],
        }
        for item in refund["items"]
    ]
    payments = [{**payment, "amount": number(payment["amount"])} for payment in refund["payments"]]
    return {
        "id": refund["id"],
        "order_id": refund["order_id"],
        "user_id": refund["user_id"],
        "created": iso_offset(refund["created"]),
        "reason": refund["reason"],
        "total_amount": number(refund["total_amount"]),
        "total_tax": number(refund["total_tax"]),
        "uses_merchant_override_values": refund["uses_merchant_override_values"],
        "items": items,
        "payments": payments,
    }


def _tax_service(call: Call, order_id: int) -> None:
    if call.state.switches["refund_service"] == "503":
        entry = {"order_id": order_id, "status": 503, "error": "Tax service gone away"}
        raise Refused(503, "Tax service gone away", body={"data": [entry], "meta": {}})


@v3("POST", f"{ACTIONS}/refund_quotes", PAYMENT_ACTIONS)
def refund_quote_post(call: Call, order_id: int) -> Reply:
    """What a refund would come to, and how it can be paid back."""
    _order(call, order_id)
    _tax_service(call, order_id)
    return v3_one(call, actions.quote(call.state, order_id, call.body()), 201)


@v3("POST", f"{ACTIONS}/refunds", PAYMENT_ACTIONS)
def refund_post(call: Call, order_id: int) -> Reply:
    """Refund."""
    _order(call, order_id)
    _tax_service(call, order_id)
    return v3_one(call, refund_object(actions.refund_create(call.state, order_id, call.body())), 201)


@v3("GET", f"{ACTIONS}/refunds", PAYMENT_ACTIONS)
def order_refunds_list(call: Call, order_id: int) -> Reply:
    """Refunds of one order; none is an empty list."""
    _order(call, order_id)
    rows = call.state.refunds.find(order_id=order_id)
    return call.reply({"data": [refund_object(row) for row in rows], "meta": {}})


def _date(call: Call, name: str) -> int | None:
    text = call.arg(name)
    try:
        return parse_date(text) if text else None
    except ValueError as exc:
        raise bad_fields({name: "must be a date"}) from exc


@v3("GET", "/orders/payment_actions/refunds", PAYMENT_ACTIONS)
def refunds_list(call: Call) -> Reply:
    """Refunds of the whole store: by id, order, date or transaction."""
    rows = list(call.state.refunds.all())
    for name, field in (("id:in", "id"), ("order_id:in", "order_id")):
        if text := call.arg(name):
            wanted = numbers(name, text)
            rows = [row for row in rows if row[field] in wanted]
    least, most = _date(call, "created:min"), _date(call, "created:max")
    if text := call.arg("transaction_id"):
        wanted_ids = words(text)
        rows = [row for row in rows if any(p["transaction_id"] in wanted_ids for p in row["payments"])]
    rows = [
        row for row in rows if (least is None or row["created"] >= least) and (most is None or row["created"] <= most)
    ]
    return v3_list(call, rows, refund_object)


@v3("GET", "/orders/payment_actions/refunds/<int:refund_id>", PAYMENT_ACTIONS)
def refund_get(call: Call, refund_id: int) -> Reply:
    """One refund."""
    refund = call.state.refunds.get(refund_id)
    if refund is None:
        raise Refused(404, f"Refund {refund_id} not found")
    return v3_one(call, refund_object(refund))


@v3("GET", "/payments/methods", PAYMENT_METHODS)
def methods_list(call: Call) -> Reply:
    """Accepted payment methods; needs `order_id` or `checkout_id` (§24)."""
    if not call.arg("order_id") and not call.arg("checkout_id"):
        raise bad_fields({"order_id": "order_id or checkout_id is required"})
    rows = [
        {
            "id": f"{row['code']}.card",
            "name": row["name"],
            "test_mode": row["test_mode"],
            "type": "card",
            "supported_instruments": [],
            "stored_instruments": [],
        }
        for row in call.state.payment_methods.all()
    ]
    return call.reply({"data": rows, "meta": {}})
