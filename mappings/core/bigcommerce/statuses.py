"""The fifteen order statuses of BigCommerce. Its note §9.1."""

from mappings.core.canonical.statuses import Disposition, Status, Statuses, StatusMeaning

_M, _D = StatusMeaning, Disposition
_ENDED = "in the store: cancelled in Heartland, or never booked."
_ROWS = (
    ("0", "Incomplete", _M.NOT_PLACED, _D.SKIP, "The shopper left at the payment page; there is no order yet."),
    ("1", "Pending", _M.UNPAID, _D.SKIP, "The payment has not been finished."),
    ("2", "Shipped", _M.SHIPPED, _D.SEND, "Paid and shipped."),
    ("3", "Partially Shipped", _M.PART_SHIPPED, _D.SKIP, "Part of the order has left already."),
    ("4", "Refunded", _M.REFUNDED, _D.SKIP, "All money was given back; there is nothing to fulfil."),
    ("5", "Cancelled", _M.CANCELLED, _D.CANCEL, f"Cancelled {_ENDED}"),
    ("6", "Declined", _M.DECLINED, _D.CANCEL, f"Declined {_ENDED}"),
    ("7", "Awaiting Payment", _M.UNPAID, _D.SKIP, "Nobody has paid yet."),
    ("8", "Awaiting Pickup", _M.PICKUP, _D.SKIP, "The shopper collects the order; not sent unless you choose so."),
    ("9", "Awaiting Shipment", _M.PACKED, _D.SKIP, "Packed and waiting for the carrier."),
    ("10", "Completed", _M.COMPLETED, _D.SKIP, "Finished in the store."),
    ("11", "Awaiting Fulfillment", _M.OPEN, _D.SEND, "Paid and waiting to be packed."),
    ("12", "Manual Verification Required", _M.CHECK, _D.SKIP, "Someone has to check the order in the store first."),
    ("13", "Disputed", _M.DISPUTED, _D.SKIP, "The shopper disputes the payment."),
    (
        "14",
        "Partially Refunded",
        _M.PART_REFUNDED,
        _D.HOLD,
        "Part of the money went back: you decide.",
    ),
)
STATUSES: Statuses = {
    key: Status(key=key, name=name, meaning=meaning, default_disposition=disposition, sentence=sentence)
    for key, name, meaning, disposition, sentence in _ROWS
}


def meaning_of(key: str) -> StatusMeaning:
    """What a status means; UNKNOWN for one that is not documented."""
    status = STATUSES.get(key)
    return status.meaning if status else StatusMeaning.UNKNOWN
