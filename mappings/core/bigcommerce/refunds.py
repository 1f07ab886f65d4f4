"""How much money the store gave back of an order: told by its refund records alone (BigCommerce note §9, §17)."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import ZERO, Order


def refunded_from_bigcommerce(order_id: str, refunds: Iterable[Mapping[str, Any]]) -> Decimal:
    """The sum of an order's refunds, less the payments that were declined afterwards. Raises ContractBroken."""
    return sum((_given(Row(refund, f"A refund of order {order_id}")) for refund in refunds), ZERO)


def _given(refund: Row) -> Decimal:
    declined = (row.amount("amount") for row in refund.rows("payments", "payment") if row.flag("is_declined"))
    return max(ZERO, refund.amount("total_amount") - sum(declined, ZERO))


def hints_at_refund(order: Order) -> bool:
    """True when the order itself says that money may have gone back; how much, it never says."""
    return order.has_refunds or order.status_id == FULLY or "refund" in order.payment_status


FULLY = 4  # status Refunded
