"""Whether the money of an order was taken. BigCommerce note §9.2, §15; an unknown state is never *paid*."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import Order, TenderKind

OWN_MONEY = {"gift_certificate", "store_credit"}  # methods of transactions that are the store's own money


class PaymentState(StrEnum):
    TAKEN = "taken"
    AUTHORISED = "authorised"  # promised by the gateway, captured later
    OUTSTANDING = "outstanding"  # not paid yet, refused or taken back
    UNKNOWN = "unknown"


TAKEN, AUTHORISED = PaymentState.TAKEN, PaymentState.AUTHORISED
OUTSTANDING, UNKNOWN = PaymentState.OUTSTANDING, PaymentState.UNKNOWN

#: What BigCommerce's words mean; "" and any other word is unknown.
MEANINGS: Mapping[str, PaymentState] = {
    "captured": TAKEN,
    "paid": TAKEN,
    "partially refunded": TAKEN,
    "refunded": TAKEN,
    "authorized": AUTHORISED,
    "capture pending": AUTHORISED,
    "pending": OUTSTANDING,
    "held for review": OUTSTANDING,
    "declined": OUTSTANDING,
    "void": OUTSTANDING,
    "void pending": OUTSTANDING,
}
OFFLINE = {"", "pending"}  # what offline methods leave there, whether somebody paid or not


def payment_state(order: Order, paid_methods: Collection[str]) -> PaymentState:
    """As the order says; of methods that the merchant calls paid when ordered, also when it does not say."""
    gateway = [tender for tender in order.tenders if tender.kind is TenderKind.GATEWAY]
    if not gateway:
        return TAKEN
    if order.payment_status in OFFLINE and all(tender.method in paid_methods for tender in gateway):
        return TAKEN
    return MEANINGS.get(order.payment_status, UNKNOWN)


def state_by_transactions(order: Order, rows: Iterable[Mapping[str, Any]]) -> PaymentState:
    """What the gateways reported: taken when they took what certificates and store credit left to pay."""
    due = sum((tender.amount for tender in order.tenders if tender.kind is TenderKind.GATEWAY), Decimal(0))
    taken, is_promised = Decimal(0), False
    for row in (Row(row, f"Order {order.source_id}, transaction {row.get('id', '?')}") for row in rows):
        if row.text("status") != "ok" or row.text("method") in OWN_MONEY:
            continue
        match row.text("event"):
            case "purchase" | "capture":
                taken += row.amount("amount")
            case "refund":
                taken -= row.amount("amount")
            case "authorization":
                is_promised = True
    if taken >= due:
        return TAKEN
    return AUTHORISED if is_promised else UNKNOWN


def words(order: Order, state: PaymentState) -> str:
    """The state as a person understands it, for the middle of a sentence."""
    if state is UNKNOWN:
        return f"the store does not say whether “{order.payment_method or 'its payment'}” was paid"
    return f"its payment is {order.payment_status or 'not captured yet'}"
