"""Whether the money of an order was taken; an unknown state is never *paid*."""

from collections.abc import Collection

from mappings.core.canonical.order import Order, PaymentState, TenderKind


def payment_state(order: Order, paid_methods: Collection[str]) -> PaymentState:
    """As the order says; of methods that the merchant calls paid when ordered, also when it does not say."""
    gateway = [tender for tender in order.tenders if tender.kind is TenderKind.GATEWAY]
    if not gateway:
        return PaymentState.TAKEN
    if order.is_payment_untold and all(tender.method in paid_methods for tender in gateway):
        return PaymentState.TAKEN
    return order.payment


def words(order: Order, state: PaymentState) -> str:
    """The state as a person understands it, for the middle of a sentence."""
    if state is PaymentState.UNKNOWN:
        return f"the store does not say whether “{order.payment_method or 'its payment'}” was paid"
    return f"its payment is {order.payment_status or 'not captured yet'}"
