"""Ways to pay and what the shop notes of them: payment rows and transactions (apis/magento.md §8.1, §13)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ipaas.sandbox.magento.sales.cents import Row
from ipaas.sandbox.magento.state import State

Outcome = Literal["captured", "authorized", "offline", "left", "declined", "review"]


@dataclass(frozen=True, slots=True)
class Method:
    """A payment method. Online ones have a gateway that keeps transactions."""

    code: str
    title: str
    is_online: bool = False


@dataclass(frozen=True, slots=True)
class Payment:
    """How a checkout ends: by which method, and with what of the money."""

    method: Method
    outcome: Outcome


CARD = Method("braintree", "Credit Card (Braintree)", True)
PAYPAL = Method("paypal_express", "PayPal Express Checkout", True)
CHECK = Method("checkmo", "Check / Money order")
BANK = Method("banktransfer", "Bank Transfer Payment")
CASH = Method("cashondelivery", "Cash On Delivery")
INVOICE = Method("purchaseorder", "Purchase Order")
FREE = Method("free", "No Payment Information Required")
METHODS = {method.code: method for method in (CARD, PAYPAL, CHECK, BANK, CASH, INVOICE, FREE)}
PAYMENTS = {
    "card": Payment(CARD, "captured"),
    "paypal": Payment(PAYPAL, "captured"),
    "test": Payment(CARD, "captured"),
    "authorized": Payment(CARD, "authorized"),
    "offline": Payment(CHECK, "offline"),
    "pending": Payment(BANK, "offline"),
    "cod": Payment(CASH, "offline"),
    "purchaseorder": Payment(INVOICE, "offline"),
    "declined": Payment(PAYPAL, "declined"),
    "abandoned": Payment(PAYPAL, "left"),
    "review": Payment(PAYPAL, "review"),
}


def is_online(payment: Row) -> bool:
    """Whether a payment has a gateway; a method that nobody knows has none."""
    method = METHODS.get(payment["method"])
    return method is not None and method.is_online


def payment_of(state: State, order_id: int) -> Row:
    """The one payment of an order."""
    row = state.payments.first(parent_id=order_id)
    if row is None:
        raise LookupError(f"order {order_id} has no payment")
    return row


def transaction(state: State, order_id: int, kind: str, amount: Decimal, *, is_closed: bool, parent: str = "") -> Row:
    """Note what the gateway did; `kind` is authorization, capture, refund or void."""
    payment = payment_of(state, order_id)
    number = state.transactions.next_id
    before = state.transactions.first(order_id=order_id, txn_id=parent) if parent else None
    row = state.insert(
        state.transactions,
        {
            "order_id": order_id,
            "payment_id": payment["entity_id"],
            "txn_id": f"{payment['method'][:2]}{order_id:06x}{number:06x}",
            "parent_txn_id": parent or None,
            "parent_id": before["transaction_id"] if before else None,
            "txn_type": kind,
            "is_closed": int(is_closed),
            "additional_information": [json.dumps({"amount": f"{amount:.2f}"})],
            "created_at": state.now(),
        },
    )
    state.update(state.payments, payment["entity_id"], last_trans_id=row["txn_id"])
    return row


def open_authorization(state: State, order_id: int) -> Row | None:
    """The authorisation that can still be captured or voided."""
    return state.transactions.first(order_id=order_id, txn_type="authorization", is_closed=0)


def closed(state: State, row: Row) -> None:
    """Note that a transaction can be followed by none."""
    state.update(state.transactions, row["transaction_id"], is_closed=1)
