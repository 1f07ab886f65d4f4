"""What the value maps know a payment or a delivery by."""

from mappings.core.canonical.order import Order, Tender, TenderKind

PICKUP = "Pickup"


def tender_key(tender: Tender) -> str:
    """The payment method's text, or the kind of store money, such as "gift_certificate"."""
    return tender.method if tender.kind is TenderKind.GATEWAY else tender.kind.value


def shipping_key(order: Order) -> str:
    """The shipping method's text; "Pickup" for orders that are collected; "" when nothing is shipped."""
    if order.is_pickup:
        return PICKUP
    return order.consignments[0].method if order.consignments else ""
