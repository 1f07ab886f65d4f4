"""Reads a BigCommerce V2 order into the canonical record. BigCommerce note §8–§12."""

from collections.abc import Mapping
from typing import Any

from mappings.core.canonical import Order


def order_from_bigcommerce(order: Mapping[str, Any]) -> Order:
    """Read an order as `GET /v2/orders/{id}?include=consignments.line_items,fees` answers it.

    `products` may hold the rows of `/products` instead of a link; they then win over the lines inside.
    Money that does not add up is told in `Order.violations`. Raises ContractBroken naming order and field.
    """
    raise NotImplementedError
