"""Whether the money of an order was taken. BigCommerce note §9.2, §15; an unknown state is never *paid*."""

from collections.abc import Collection, Mapping

from mappings.core.canonical.order import Order, PaymentState, TenderKind

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


def words(order: Order, state: PaymentState) -> str:
    """The state as a person understands it, for the middle of a sentence."""
    if state is UNKNOWN:
        return f"the store does not say whether “{order.payment_method or 'its payment'}” was paid"
    return f"its payment is {order.payment_status or 'not captured yet'}"
