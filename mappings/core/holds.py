"""Every reason why an order cannot be booked yet, all at once, each with its fix."""

from errors.failures import Violation
from mappings.core.canonical import Order
from mappings.core.lookups import OrderLookups


def order_violations(order: Order, lookups: OrderLookups) -> tuple[Violation, ...]:
    """All reasons that hold the order; empty when it may be shaped. Customer and address ids are not needed."""
    raise NotImplementedError
