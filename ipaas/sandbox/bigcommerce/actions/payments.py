"""Payment of orders: tenders to transactions, capture and void with their late results (note §15, §16, §26)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ipaas.sandbox.bigcommerce.actions import orders
from ipaas.sandbox.bigcommerce.actions.orders import order_changed, order_get
from ipaas.sandbox.bigcommerce.errors import Refused
from ipaas.sandbox.bigcommerce.rows import ZERO, PayOutcome
from ipaas.sandbox.bigcommerce.state import Row, State

OWN_MONEY = ("gift_certificate", "store_credit")
SPECIAL_GATEWAYS = {"gift_certificate": "giftcertificate", "store_credit": "storecredit"}
SPECIAL_METHODS = {"gift_certificate": "bigcommerce.gift_certificate", "store_credit": "bigcommerce.store_credit"}


def order_pay(state: State, order_id: int, outcome: PayOutcome = "captured") -> Row:
    """End the checkout of an order: take the tenders, write transactions, move the status (§26).

    captured     0 -> 11 (10 when nothing is to be shipped), one `purchase` per tender
    authorized   0 -> 7 or 11 by switch, `authorization` for the gateway, own money is taken at once
    offline      0 -> 7, 1 or 11 by switch, no transaction unless the switch says so
    declined     0 -> 6, a failed `purchase` stays in the list, nothing is taken
    incomplete   nothing: the shopper left
    """
    order = order_get(state, order_id)
    if outcome == "incomplete":
        return order
    tenders = state.tenders.find(order_id=order_id)
    if outcome == "declined":
        for tender in tenders:
            if tender["method"] not in OWN_MONEY:
                transaction_write(state, order, tender, "purchase", status="error")
        return order_changed(state, order_id, status_id=orders.DECLINED, payment_status="declined")
    for tender in tenders:
        _take_tender(state, order, tender, outcome)
    _certificates_activate(state, order_id)
    return order_changed(
        state,
        order_id,
        status_id=_status_after(state, order, outcome),
        payment_status=_payment_status(state, outcome, tenders),
    )


def _status_after(state: State, order: Row, outcome: PayOutcome) -> int:
    if outcome == "authorized":
        return int(state.switches["authorized_status"])
    if outcome == "offline":
        return int(state.switches["offline_status"])
    return orders.COMPLETED if order["order_is_digital"] else orders.AWAITING_FULFILLMENT


def _payment_status(state: State, outcome: PayOutcome, tenders: list[Row]) -> str:
    if outcome == "offline":
        return str(state.switches["offline_payment_status"])
    if outcome == "authorized" and any(tender["method"] not in OWN_MONEY for tender in tenders):
        return "authorized"
    return str(state.switches["paid_status_name"]) if tenders else ""


def _take_tender(state: State, order: Row, tender: Row, outcome: PayOutcome) -> None:
    if tender["method"] == "gift_certificate":
        _draw_certificate(state, order, tender)
    elif tender["method"] == "store_credit":
        _draw_credit(state, order, tender)
    elif outcome == "authorized":
        transaction_write(state, order, tender, "authorization")
    elif outcome == "offline":
        if state.switches["offline_transactions"]:
            transaction_write(state, order, {**tender, "method": "offline"}, "pending")
    elif tender["gateway"] not in state.switches["silent_gateways"]:
        transaction_write(state, order, tender, "purchase")


def _draw_certificate(state: State, order: Row, tender: Row) -> None:
    """Take a gift certificate's money; the transaction shows the balances (§15)."""
    row = state.gift_certificates.first(code=tender["gift_certificate_code"])
    if row is None or row["status"] != "active" or row["balance"] < tender["amount"]:
        raise Refused(422, "The gift certificate cannot cover this amount")
    row = state.gift_certificates.update(row["id"], balance=row["balance"] - tender["amount"])
    shown = {
        "code": row["code"],
        "original_balance": row["amount"],
        "starting_balance": row["balance"] + tender["amount"],
        "remaining_balance": row["balance"],
        "status": row["status"],
    }
    transaction_write(state, order, tender, "purchase", gift_certificate=shown)


def _draw_credit(state: State, order: Row, tender: Row) -> None:
    customer = state.customers.get(order["customer_id"])
    if customer is None or customer["store_credit"] < tender["amount"]:
        raise Refused(422, "The store credit cannot cover this amount")
    left = customer["store_credit"] - tender["amount"]
    state.customers.update(customer["id"], store_credit=left)
    transaction_write(state, order, tender, "purchase", store_credit={"remaining_balance": left})


def _certificates_activate(state: State, order_id: int) -> None:
    for line in state.lines.find(order_id=order_id):
        if line["gift_certificate_id"]:
            state.gift_certificates.update(line["gift_certificate_id"], status="active")


def transaction_write(
    state: State, order: Row, tender: Row, event: str, *, status: str = "ok", reference: int | None = None, **more: Any
) -> Row:
    """Add a transaction and announce it (§15, §25.2)."""
    method, amount = tender["method"], tender["amount"]
    gateway = SPECIAL_GATEWAYS.get(method) or tender["gateway"]
    number = state.transactions.next_id
    row = state.transactions.insert(
        {
            "order_id": order["id"],
            "event": event,
            "method": method,
            "amount": amount,
            "currency": order["default_currency_code"],
            "gateway": gateway,
            "gateway_transaction_id": _gateway_number(tender, event, number),
            "payment_method_id": SPECIAL_METHODS.get(method) or tender["payment_method_id"] or f"{gateway}.card",
            "status": status,
            "test": tender["test"],
            "fraud_review": False,
            "reference_transaction_id": reference,
            "date_created": state.now(),
            "credit_card": tender["credit_card"] if method == "credit_card" else None,
            "gift_certificate": None,
            "store_credit": None,
            "offline": {"display_name": tender["display_name"]} if method == "offline" else None,
            "custom": {"payment_method": tender["display_name"]} if method == "custom" else None,
            **more,
        }
    )
    transaction_announce(state, row, "created")
    return row


def _gateway_number(tender: Row, event: str, number: int) -> str:
    if tender["method"] in OWN_MONEY or tender["method"] == "offline":
        return ""
    given = str(tender["gateway_transaction_id"])
    return given if given and event in ("purchase", "authorization") else f"gw{number:x}"


def transaction_announce(state: State, row: Row, what: str) -> None:
    """`store/order/transaction/created` or `/updated`: ids as text (§25.2)."""
    ok = row["status"] == "ok"
    state.emit(
        f"store/order/transaction/{what}",
        {
            "type": "transaction",
            "order_id": str(row["order_id"]),
            "transaction_id": str(row["id"]),
            "transaction_status": "complete" if ok else "failed",
            "transaction_type": row["event"],
            "result": {
                "code": "0" if ok else "1",
                "message": "" if ok else "Declined",
                "type": "success" if ok else "failure",
            },
            "platform_transaction_id": str(row["id"]),
            "provider_transaction_id": row["gateway_transaction_id"],
        },
    )


# --- capture and void -----------------------------------------------------------------------------


def _open_authorization(state: State, order_id: int) -> Row | None:
    """The authorization that no capture or void has closed yet."""
    found = state.transactions.find(order_id=order_id)
    closed = {
        row["reference_transaction_id"]
        for row in found
        if row["event"] in ("capture", "void") and row["status"] == "ok"
    }
    return next(
        (row for row in found if row["event"] == "authorization" and row["status"] == "ok" and row["id"] not in closed),
        None,
    )


def capture(state: State, order_id: int) -> None:
    """Begin a capture: 201 now, the result after `capture_delay` seconds (§16)."""
    _begin(state, order_id, "capture")


def void(state: State, order_id: int) -> None:
    """Begin a void (§16)."""
    _begin(state, order_id, "void")


def authorize_again(state: State, order_id: int, amount: Decimal | None = None) -> None:
    """The shopper pays once more after a void, by a link that staff sent: another authorization [I].

    The order keeps its status and names the new payment.
    """
    order = order_get(state, order_id)
    orders.ensure_open(order)
    if order["payment_status"] not in ("void", "declined"):
        raise Refused(422, f"Order {order_id} has a payment")
    for tender in state.tenders.find(order_id=order_id):
        if tender["method"] not in OWN_MONEY:
            paid = {**tender, "gateway_transaction_id": "", "amount": amount or tender["amount"]}
            row = transaction_write(state, order, paid, "authorization")
            order_changed(
                state, order_id, payment_status="authorized", payment_provider_id=row["gateway_transaction_id"]
            )


def _begin(state: State, order_id: int, action: str) -> None:
    order = order_get(state, order_id)
    orders.ensure_open(order)
    if order["payment_status"] != "authorized" or _open_authorization(state, order_id) is None:
        raise Refused(422, f"Order {order_id} has no payment to {action}")
    order_changed(state, order_id, payment_status=f"{action} pending")
    state.at(state.switches["capture_delay"], action, order_id=order_id)


def _as_tender(row: Row) -> Row:
    """A transaction seen as the tender it came from."""
    return {**row, "display_name": "", "test": row["test"]}


def capture_finish(state: State, order_id: int) -> None:
    """The gateway's answer to a capture, by the switch `capture_outcome`."""
    order, opened = order_get(state, order_id), _open_authorization(state, order_id)
    outcome = str(state.switches["capture_outcome"])
    if opened is None or order["payment_status"] != "capture pending":
        return
    if outcome in ("declined", "authorized"):
        transaction_write(state, order, _as_tender(opened), "capture", status="error", reference=opened["id"])
        order_changed(state, order_id, payment_status=outcome)
        return
    transaction_write(state, order, _as_tender(opened), "capture", reference=opened["id"])
    waiting = order["status_id"] == orders.AWAITING_PAYMENT
    order_changed(
        state,
        order_id,
        payment_status=outcome,
        status_id=_status_after(state, order, "captured") if waiting else order["status_id"],
    )


def void_finish(state: State, order_id: int) -> None:
    """The gateway's answer to a void, by the switch `void_outcome`."""
    order, opened = order_get(state, order_id), _open_authorization(state, order_id)
    if opened is None or order["payment_status"] != "void pending":
        return
    if state.switches["void_outcome"] == "authorized":
        order_changed(state, order_id, payment_status="authorized")
        return
    transaction_write(state, order, _as_tender(opened), "void", reference=opened["id"])
    order_changed(state, order_id, payment_status="void", status_id=int(state.switches["void_status"]))


def paid_amounts(state: State, order_id: int) -> list[Row]:
    """Per settled payment: its transaction and what is left to refund of it."""
    found = state.transactions.find(order_id=order_id)
    taken = [row for row in found if row["status"] == "ok" and row["event"] in ("purchase", "capture", "settled")]
    back: dict[int, Decimal] = {}
    for row in found:
        if row["event"] == "refund" and row["status"] == "ok" and row["reference_transaction_id"]:
            parent = row["reference_transaction_id"]
            back[parent] = back.get(parent, ZERO) + row["amount"]
    return [{"transaction": row, "left": row["amount"] - back.get(row["id"], ZERO)} for row in taken]
