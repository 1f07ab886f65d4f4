"""The states of a Magento order. Its notes §8.1.

The state is the machine's word. Merchants name statuses of their own inside a state, and those mean what their state
does; `fraud` alone is a status of the machine. How far shipping has come, the lines tell: no state says "in part".
"""

from collections.abc import Mapping

from mappings.core.canonical.statuses import Disposition, Status, Statuses, StatusMeaning

NEW, PENDING_PAYMENT, REVIEW, PROCESSING = "new", "pending_payment", "payment_review", "processing"
HELD, COMPLETE, CLOSED, CANCELED = "holded", "complete", "closed", "canceled"  # as Magento spells them
PART_SHIPPED, SHIPPED = "part_shipped", "shipped"  # not complete, and some have left, or all
FRAUD = "fraud"  # a status of two states

_M, _D = StatusMeaning, Disposition
_ROWS = (
    (NEW, "Pending", _M.UNPAID, _D.SEND, "Placed; nothing was captured, invoiced or shipped yet."),
    (PENDING_PAYMENT, "Pending Payment", _M.UNPAID, _D.SKIP, "The shopper is at the payment page, or has left it."),
    (REVIEW, "Payment Review", _M.CHECK, _D.SKIP, "The payment provider looks at it first."),
    (FRAUD, "Suspected Fraud", _M.CHECK, _D.SKIP, "Someone has to look at it in the store first."),
    (PROCESSING, "Processing", _M.OPEN, _D.SEND, "Paid or invoiced, and waiting to be packed."),
    (PART_SHIPPED, "Partly Shipped", _M.PART_SHIPPED, _D.SKIP, "Processing, and part of it has left already."),
    (SHIPPED, "All Shipped", _M.SHIPPED, _D.SEND, "All of it has left; not all was invoiced, or some was refunded."),
    (HELD, "On Hold", _M.CHECK, _D.SKIP, "Somebody has put it on hold in the store."),
    (COMPLETE, "Complete", _M.SHIPPED, _D.SEND, "All of it was invoiced and has left."),
    (CLOSED, "Closed", _M.REFUNDED, _D.SKIP, "All money was given back; there is nothing to fulfil."),
    (CANCELED, "Canceled", _M.CANCELLED, _D.CANCEL, "Canceled in the store: cancelled in Heartland, or never booked."),
)
STATUSES: Statuses = {
    key: Status(
        key=key,
        name=name,
        meaning=meaning,
        default_disposition=disposition,
        sentence=sentence,
        is_settable=key in {HELD, CANCELED},
    )
    for key, name, meaning, disposition, sentence in _ROWS
}

LABELS: Mapping[str, str] = {  # statuses of a fresh installation, which say no more than their state
    "pending": "Pending",
    **{key: status.name for key, status in STATUSES.items() if key not in {PART_SHIPPED, SHIPPED}},
}


def key_of(state: str, status: str, *, has_left: bool, has_all_left: bool) -> str:
    """Which of `STATUSES` an order is in; the state itself for one that the notes do not know."""
    if status == FRAUD and state in {REVIEW, PROCESSING}:
        return FRAUD
    if state != PROCESSING or not has_left:
        return state
    return SHIPPED if has_all_left else PART_SHIPPED


def meaning_of(key: str) -> StatusMeaning:
    """What a key means; UNKNOWN for a state that the notes do not know."""
    status = STATUSES.get(key)
    return status.meaning if status else StatusMeaning.UNKNOWN


def name_of(key: str) -> str:
    """As people know it; an unknown state as the store writes it."""
    return STATUSES[key].name if key in STATUSES else key


def label_of(key: str, status: str) -> str:
    """A status that the merchant added, as its code reads; else the name."""
    return name_of(key) if not status or status in LABELS else status.replace("_", " ").capitalize()
