"""What may be done with an order, and which state it comes to: apis/magento.md §8.1, to the letter.

An order and its items are rows of the tables. An item's `children_calculated` and `ships_separately` say of a bundle,
on the parent as on the parts, who carries money and pieces; a plain item is nobody's parent and nobody's part.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ipaas.sandbox.magento.sales.cents import ZERO, Row, number

NEW, PENDING_PAYMENT, PAYMENT_REVIEW = "new", "pending_payment", "payment_review"
PROCESSING, HOLDED, COMPLETE, CLOSED, CANCELED = "processing", "holded", "complete", "closed", "canceled"
LEAST = Decimal("0.0001")  # less money than this is none

#: Labels of a fresh installation; the first of a state is its default.
STATUSES: dict[str, tuple[str, ...]] = {
    NEW: ("pending",),
    PENDING_PAYMENT: ("pending_payment",),
    PAYMENT_REVIEW: ("payment_review", "fraud"),
    PROCESSING: ("processing", "fraud"),
    HOLDED: ("holded",),
    COMPLETE: ("complete",),
    CLOSED: ("closed",),
    CANCELED: ("canceled",),
}
COMPOSITES = {"configurable", "bundle"}
BESIDE = {  # what pays beside money -> how its counters begin (§18)
    "gift_cards_amount": "gift_cards",
    "customer_balance_amount": "customer_balance",
    "reward_currency_amount": "reward_currency",
}


# --- pieces ---------------------------------------------------------------------------------------


def is_money_dummy(item: Row) -> bool:
    """Whether another row is invoiced and refunded in this one's place."""
    if item.get("parent_item_id"):
        return not item.get("children_calculated")
    return item["product_type"] in COMPOSITES and bool(item.get("children_calculated"))


def is_shipping_dummy(item: Row) -> bool:
    """Whether another row is shipped in this one's place."""
    if item.get("parent_item_id"):
        return not item.get("ships_separately")
    return item["product_type"] in COMPOSITES and bool(item.get("ships_separately"))


def qty_to_invoice(item: Row) -> Decimal:
    """Pieces of a row that can still be invoiced."""
    if is_money_dummy(item):
        return ZERO
    return max(number(item, "qty_ordered") - number(item, "qty_invoiced") - number(item, "qty_canceled"), ZERO)


def qty_to_ship(item: Row) -> Decimal:
    """Pieces of a row that can still be shipped: refunding takes none away that shipping has not reached."""
    if item.get("is_virtual") or is_shipping_dummy(item):
        return ZERO
    gone = max(number(item, "qty_shipped"), number(item, "qty_refunded"))
    return max(number(item, "qty_ordered") - gone - number(item, "qty_canceled"), ZERO)


def qty_to_refund(item: Row) -> Decimal:
    """Pieces of a row that can still be refunded: invoiced ones."""
    if is_money_dummy(item):
        return ZERO
    return max(number(item, "qty_invoiced") - number(item, "qty_refunded"), ZERO)


def qty_to_cancel(item: Row) -> Decimal:
    """Pieces of a row that are neither invoiced nor shipped."""
    if item.get("is_virtual") or item.get("children_calculated"):
        return qty_to_invoice(item)
    return min(qty_to_invoice(item), qty_to_ship(item))


# --- what may be done -----------------------------------------------------------------------------


def refundable(order: Row) -> Decimal:
    """Money that came and has not gone back, in the shopper's currency."""
    return number(order, "total_paid") - number(order, "total_refunded")


def can_invoice(order: Row, items: Sequence[Row]) -> bool:
    """Whether pieces are left to invoice, in a state that lets them be."""
    stopped = order["state"] in {HOLDED, PAYMENT_REVIEW, CANCELED, COMPLETE, CLOSED}
    return not stopped and any(qty_to_invoice(item) > 0 for item in items)


def can_ship(order: Row, items: Sequence[Row]) -> bool:
    """Whether pieces are left to ship; money plays no part in it."""
    stopped = order["state"] in {HOLDED, PAYMENT_REVIEW, CANCELED} or order.get("is_virtual")
    return not stopped and any(qty_to_ship(item) > 0 for item in items)


def can_creditmemo(order: Row, items: Sequence[Row]) -> bool:
    """Whether money is left to give back, or what was paid beside it; of what cost nothing, whether pieces are."""
    if order["state"] in {HOLDED, PAYMENT_REVIEW, CANCELED, CLOSED}:
        return False
    if abs(number(order, "grand_total")) < LEAST:
        return any(qty_to_refund(item) > 0 for item in items)
    return refundable(order) > LEAST or _beside_left(order) > LEAST


def _beside_left(order: Row) -> Decimal:
    """What gift cards, credit and points paid and have not got back (Adobe Commerce)."""
    return sum((number(order, f"{one}_invoiced") - number(order, f"{one}_refunded") for one in BESIDE.values()), ZERO)


def can_cancel(order: Row, items: Sequence[Row]) -> bool:
    """Whether something is left to invoice that can be given up."""
    stopped = order["state"] in {HOLDED, PAYMENT_REVIEW, CANCELED, COMPLETE, CLOSED}
    return not stopped and any(qty_to_invoice(item) > 0 for item in items)


def can_hold(order: Row) -> bool:
    """Whether the order is under way and not held yet."""
    return order["state"] not in {CANCELED, PAYMENT_REVIEW, COMPLETE, CLOSED, HOLDED}


def can_unhold(order: Row) -> bool:
    """Whether the order is held."""
    return bool(order["state"] == HOLDED)


# --- where it comes to ----------------------------------------------------------------------------


def state_on_save(order: Row, items: Sequence[Row], *, in_process: bool = False) -> str:
    """The state an order is saved in; `in_process` when an invoice or a shipment began it."""
    state: str = PROCESSING if in_process and order["state"] == NEW else order["state"]
    seen = order | {"state": state}
    if state not in {PROCESSING, COMPLETE} or can_invoice(seen, items) or can_ship(seen, items):
        return state
    if not can_creditmemo(seen, items) and not order.get("is_virtual"):
        return CLOSED
    return COMPLETE


def state_after_refund(order: Row, items: Sequence[Row]) -> str:
    """The state a credit memo leaves: closed when all money is back and nothing is left to do."""
    if can_invoice(order, items) or can_ship(order, items):
        return state_on_save(order, items)
    return COMPLETE if can_creditmemo(order, items) else CLOSED


def state_after_cancel(items: Sequence[Row]) -> str:
    """The state a cancellation leaves, asked before pieces are cancelled: what was invoiced lives on."""
    kept = [item for item in items if qty_to_refund(item) > 0]
    if not kept:
        return CANCELED
    return PROCESSING if any(qty_to_ship(item) > qty_to_cancel(item) for item in kept) else COMPLETE


def default_status(state: str) -> str:
    """The label a state has of its own."""
    return STATUSES[state][0]
