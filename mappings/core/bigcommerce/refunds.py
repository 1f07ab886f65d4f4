"""How much money the store gave back of an order: told by its refund records alone (BigCommerce note §9, §17)."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from mappings.core.bigcommerce.statuses import meaning_of
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import ZERO, Order, RefundHint
from mappings.core.canonical.statuses import StatusMeaning


def refunded_from_bigcommerce(order_id: str, refunds: Iterable[Mapping[str, Any]]) -> Decimal:
    """The sum of an order's refunds, less the payments that were declined afterwards. Raises ContractBroken."""
    return sum((_given(Row(refund, f"A refund of order {order_id}")) for refund in refunds), ZERO)


def _given(refund: Row) -> Decimal:
    declined = (row.amount("amount") for row in refund.rows("payments", "payment") if row.flag("is_declined"))
    return max(ZERO, refund.amount("total_amount") - sum(declined, ZERO))


def hints_at_refund(order: Order) -> bool:
    """True when the order itself says that money may have gone back; how much, it never says."""
    return order.has_refunds or "refund" in order.payment_status


def refund_hint(status_key: str, payment_status: str) -> RefundHint:
    """What the status and the state of the payment, in lower case, say."""
    meaning = meaning_of(status_key)
    if meaning is StatusMeaning.REFUNDED or payment_status == "refunded":
        return RefundHint.ALL
    is_part = meaning is StatusMeaning.PART_REFUNDED or payment_status == "partially refunded"
    return RefundHint.PART if is_part else RefundHint.NONE
