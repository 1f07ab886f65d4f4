"""How a refund of the store is known among our records."""

REFUNDS, RETURNS = "refunds", "returns"  # names of the flows: from the store, and from a till
PENDING = "refund_pending"  # code of what waits for a payment provider
WENT_BACK = "went_back"  # fact of a refund's record: a person says so, as its provider never did
CREDIT_OF = "credit_of"  # fact of a record: the account whose store credit paid, or was given back to
TO_CREDIT = "to_credit"  # … and how much of a refund went there
FROM_TILL = "from_till"  # fingerprint of a link whose refund was made for a return at a till


def refund_record_id(order_id: str, refund_id: str) -> str:
    return f"{order_id}:{refund_id}"


def refund_of(external_id: str) -> tuple[str, str]:
    """The ids of the order and of the refund."""
    order_id, _, refund_id = external_id.partition(":")
    return order_id, refund_id
