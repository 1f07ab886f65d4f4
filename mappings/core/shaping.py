"""Shapes a canonical order for Heartland, exact to the cent. Heartland note §10, §11.2, §21.2."""

from mappings.core.canonical import HeartlandOrder, Order, Tender
from mappings.core.lookups import OrderLookups

__all__ = ["OrderLookups", "order_to_heartland", "public_id", "shipping_key", "tender_key"]


def public_id(order_prefix: str, source_id: str) -> str:
    """Our reference in Heartland: prefix + store order number."""
    return f"{order_prefix}{source_id}"


def tender_key(tender: Tender) -> str:
    """What the payment value map knows a tender by: the method's text, or the kind of store money."""
    raise NotImplementedError


def shipping_key(order: Order) -> str:
    """What the shipping value map knows the order's delivery by; "" when nothing is shipped."""
    raise NotImplementedError


def order_to_heartland(order: Order, lookups: OrderLookups) -> HeartlandOrder:
    """The order as Heartland should hold it. Raises ConfigurationFailure when `holds.order_violations` finds any."""
    raise NotImplementedError
