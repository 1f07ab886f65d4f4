"""Whether the money of an order was taken, in BigCommerce's words. Its note §9.2, §15."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import Order, PaymentState, TenderKind
from mappings.core.rules.money import cents

TAKEN, AUTHORISED = PaymentState.TAKEN, PaymentState.AUTHORISED
OUTSTANDING, UNKNOWN = PaymentState.OUTSTANDING, PaymentState.UNKNOWN

#: What the words of `payment_status` mean, in lower case; "" and any other word is unknown.
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
VOID = "void"
CAPTURE_PENDING = "capture pending"
REFUSING = {"declined", "void"}  # what a gateway that was asked for its money may leave
OFFLINE = {"", "pending"}  # what offline methods leave there, whether somebody paid or not
TAKES = {"purchase", "capture"}  # events of transactions
OWN_MONEY = {"gift_certificate", "store_credit"}  # methods of transactions that are the store's own money


def state_by_transactions(order: Order, rows: Iterable[Mapping[str, Any]]) -> PaymentState:
    """What the gateways reported: taken when they took what certificates and store credit left to pay."""
    due = sum((tender.amount for tender in order.tenders if tender.kind is TenderKind.GATEWAY), Decimal(0))
    taken, is_promised = Decimal(0), False
    for row in _done(order, rows):
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


def taken_in_part(order: Order, rows: Iterable[Mapping[str, Any]]) -> Decimal | None:
    """What the gateways took, where it is less than they have to bring; None where it is not, or no row tells.

    An order that staff made larger stays `captured`: nobody asked the gateway for the rest. Notes §15.
    """
    due = sum((tender.amount for tender in order.tenders if tender.kind is TenderKind.GATEWAY), Decimal(0))
    taken = sum((row.amount("amount") for row in _done(order, rows) if row.text("event") in TAKES), Decimal(0))
    return cents(taken) if 0 < taken < due else None


def _done(order: Order, rows: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    """What gateways did, without what failed and the store's own money."""
    for row in (Row(row, f"Order {order.source_id}, transaction {row.get('id', '?')}") for row in rows):
        if row.text("status") == "ok" and row.text("method") not in OWN_MONEY:
            yield row


def promised_of(order: Order, rows: Iterable[Mapping[str, Any]]) -> Decimal | None:
    """What gateways reserved and neither took nor let go; None where no transaction tells. Notes §15."""
    found = [Row(row, f"Order {order.source_id}, transaction {row.get('id', '?')}") for row in rows]
    done = [row for row in found if row.text("status") == "ok"]
    ended = {row.identifier("reference_transaction_id") for row in done if row.text("event") in {"capture", "void"}}
    reserved = [row for row in done if row.text("event") == "authorization"]
    standing = [row.amount("amount") for row in reserved if row.identifier("id") not in ended]
    return cents(sum(standing, Decimal(0))) if reserved else None
