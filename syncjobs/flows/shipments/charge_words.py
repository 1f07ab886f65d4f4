"""What is said where the money of leaving goods is not to be had: to staff of the shop, in both systems."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from errors.failures import Violation
from syncjobs.flows.shipments.shipment_context import ShipmentContext

REFUSED, MISSING, UNPROVEN, UNANSWERED = "charge_refused", "charge_missing", "charge_unproven", "charge_unanswered"
DIFFERS = "charge_differs"


def refused(context: ShipmentContext, words: str) -> Violation:
    """The provider was asked and did not give it; `words` are the store's."""
    said = f": {words}" if words else "."
    return charge_violation(
        context,
        REFUSED,
        f"The payment of order {context.order_title} was refused when goods were to leave with invoice "
        f"{context.invoice.number}{said}",
        "Agree with the shopper on another payment and take it in the store, then retry: the shipment is told once the "
        "money is there. Retrying asks the payment provider again.",
    )


def missing(context: ShipmentContext) -> Violation:
    """Nothing is promised that could be taken."""
    return charge_violation(
        context,
        MISSING,
        f"No payment is promised for order {context.order_title}, of which goods are to leave with invoice "
        f"{context.invoice.number}: its authorisation lapsed, was voided or never came.",
        "Take the money in the store, then retry: the shipment is told once it is there.",
    )


def unproven(context: ShipmentContext) -> Violation:
    """The store's invoice says paid, and nobody took anything."""
    return charge_violation(
        context,
        UNPROVEN,
        f"{context.store_name} says that the goods of invoice {context.invoice.number} of order {context.order_title} "
        "are paid, but no transaction of its payment provider is behind that.",
        "Look at the order's invoices and transactions in the store. Take the money there, then retry.",
    )


def differs(context: ShipmentContext, promised: Decimal, due: Decimal) -> Violation:
    """The whole of what is promised would be taken, and that is not what the order comes to now."""
    return charge_violation(
        context,
        DIFFERS,
        f"{promised} of the payment of order {context.order_title} was authorised, and it comes to {due} by now. "
        f"{context.store_name} takes the whole or nothing: nothing was taken for invoice {context.invoice.number}.",
        f"Void the payment in the store and have the shopper pay {due} anew, then retry: the shipment is told once the "
        "money is there.",
    )


def unanswered(context: ShipmentContext) -> Violation:
    """Asked, and no answer for long."""
    return charge_violation(
        context,
        UNANSWERED,
        f"{context.store_name} was asked for the money of order {context.order_title} an hour ago, and its payment "
        "provider has not answered.",
        "Look at the order's payment in the store. This goes on by itself once it is decided there.",
    )


def as_told(context: ShipmentContext, told: Mapping[str, Any]) -> Violation:
    """A refusal that was told, once more."""
    return charge_violation(context, str(told["code"]), str(told["sentence"]), str(told["fix"]))


def charge_violation(context: ShipmentContext, code: str, sentence: str, fix: str) -> Violation:
    return Violation(code=code, sentence=sentence, field="payment", value=context.invoice.id, fix=fix, fix_page="store")
