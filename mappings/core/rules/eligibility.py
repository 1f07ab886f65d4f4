"""Which orders go to Heartland: by status, age and what has happened to them. BigCommerce note §9.1."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mappings.core.canonical.order import ALL_OF_IT, Order, PaymentState
from mappings.core.rules.payments import words

SHIPPED_STATUSES = {2, 10}  # Shipped, Completed
INCOMPLETE, REFUNDED, CANCELLED, DECLINED, AWAITING_PICKUP, COMPLETED, PARTIALLY_REFUNDED = 0, 4, 5, 6, 8, 10, 14
AWAITING_FULFILLMENT = 11


class Disposition(StrEnum):
    """What becomes of an order in a status."""

    SEND = "new_order"
    CANCEL = "cancel"
    HOLD = "hold"
    SKIP = "skip"


@dataclass(frozen=True, kw_only=True)
class StatusInfo:
    """A BigCommerce order status and what we do with it unless the merchant says otherwise."""

    name: str
    default_disposition: Disposition
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Go:
    """The order should be in Heartland."""


@dataclass(frozen=True, kw_only=True)
class Cancel:
    """The order is in Heartland and must be cancelled there."""

    code: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Skip:
    """Nothing to do, and why."""

    code: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A person decides, and why."""

    code: str
    sentence: str
    fix: str


Decision = Go | Cancel | Skip | Hold
NOT_PAID, NOT_SHIPPED = "not_paid", "not_shipped_yet"


def _status(name: str, disposition: Disposition, sentence: str) -> StatusInfo:
    return StatusInfo(name=name, default_disposition=disposition, sentence=sentence)


STATUSES: dict[int, StatusInfo] = {
    0: _status("Incomplete", Disposition.SKIP, "The shopper left at the payment page; there is no order yet."),
    1: _status("Pending", Disposition.SKIP, "The payment has not been finished."),
    2: _status("Shipped", Disposition.SEND, "Paid and shipped."),
    3: _status("Partially Shipped", Disposition.SKIP, "Part of the order has left already."),
    4: _status("Refunded", Disposition.SKIP, "All money was given back; there is nothing to fulfil."),
    5: _status("Cancelled", Disposition.CANCEL, "Cancelled in the store: cancelled in Heartland, or never booked."),
    6: _status("Declined", Disposition.CANCEL, "Declined in the store: cancelled in Heartland, or never booked."),
    7: _status("Awaiting Payment", Disposition.SKIP, "Nobody has paid yet."),
    8: _status("Awaiting Pickup", Disposition.SKIP, "The shopper collects the order; not sent unless you choose so."),
    9: _status("Awaiting Shipment", Disposition.SKIP, "Packed and waiting for the carrier."),
    10: _status("Completed", Disposition.SKIP, "Finished in the store."),
    11: _status("Awaiting Fulfillment", Disposition.SEND, "Paid and waiting to be packed."),
    12: _status("Manual Verification Required", Disposition.SKIP, "Someone has to check the order in the store first."),
    13: _status("Disputed", Disposition.SKIP, "The shopper disputes the payment."),
    14: _status("Partially Refunded", Disposition.HOLD, "Part of the money was given back: held for you to decide."),
}
"""By status id. Which of them are sent is the merchant's list; the dispositions here are its defaults."""
LEFT = tuple(STATUSES[number].name for number in sorted(SHIPPED_STATUSES))  # whatever the merchant calls them
OVER = (*LEFT, *(STATUSES[number].name for number in (REFUNDED, CANCELLED, DECLINED)))  # nothing is to be packed


def status_name(order: Order) -> str:
    """The status as the merchant knows it: with their own label beside the system name where they differ."""
    info = STATUSES.get(order.status_id)
    name = order.status or (info.name if info else f"status {order.status_id}")
    return name if order.status_label in {"", name} else f"{order.status_label} ({name})"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The merchant's word on which orders go to Heartland."""

    eligible: Collection[int]  # status ids
    held: Collection[int] = ()  # … that wait for a person
    history_start_at: datetime | None = None
    is_asked_for: bool = False  # a person fetched it: the start date does not hold
    store_ships: bool = False  # outside fulfilment: an order comes down once the store has shipped it


def decide(order: Order, rules: Rules, *, is_booked: bool) -> Decision:
    """Go on, cancel in Heartland, or skip with a code and a sentence.

    A booked order goes on whatever has become of it, unless it was cancelled: it is compared, nothing is doubled.
    A partially refunded order goes on whatever the list says, so that it is held with its reason and not skipped.
    """
    if order.status_id == INCOMPLETE:
        return _skip(order, "incomplete", STATUSES[INCOMPLETE].sentence)
    if order.status_id in {CANCELLED, DECLINED}:
        return _ended(order, rules.eligible, is_booked=is_booked)
    if is_booked:
        return Go()
    if order.is_deleted:
        return _skip(order, "archived", "It was archived in the store.")
    if order.given_back == ALL_OF_IT:
        return _skip(order, "refunded", STATUSES[REFUNDED].sentence)
    start = rules.history_start_at
    if start is not None and order.placed_at < start and not rules.is_asked_for:
        return _skip(order, "before_history_start", f"It is older than {start:%Y-%m-%d}, your start date.")
    if rules.store_ships and order.status_id not in SHIPPED_STATUSES:
        return _skip(order, NOT_SHIPPED, f"Its status is {status_name(order)}. It comes once the store has shipped it.")
    if order.status_id in rules.held or order.status_id not in STATUSES:
        return _hold(order)
    if order.status_id not in rules.eligible and order.status_id != PARTIALLY_REFUNDED:
        return _not_eligible(order, rules.eligible)
    return Go()


def not_paid(order: Order, state: PaymentState) -> Skip:
    """For merchants who bring only orders whose money was taken."""
    sentence = f"{words(order, state)}: it comes once the store says that the money was taken."
    if state is PaymentState.UNKNOWN:
        sentence += " Where that method is always paid, say so among the payment methods."
    return _skip(order, NOT_PAID, sentence)


def _ended(order: Order, eligible: Collection[int], *, is_booked: bool) -> Decision:
    """Cancelled and declined orders never open; those that are booked are cancelled there too."""
    name = "cancelled" if order.status_id == CANCELLED else "declined"
    if not is_booked:
        return _skip(order, f"{name}_before_booking", f"It was {name} before it was booked in Heartland.")
    if order.status_id not in eligible:
        sentence = f"It was {name} in the store, but {name} orders are not in your list: Heartland's order stays open."
        return _skip(order, f"{name}_not_eligible", sentence)
    return Cancel(code=f"{name}_in_store", sentence=f"Order {order.source_id}: it was {name} in the store.")


def _hold(order: Order) -> Hold:
    name = f"Order {order.source_id}: its status is {status_name(order)}"
    if order.status_id in STATUSES:
        fix = "Change its status in BigCommerce once it is settled, or the table of statuses; or book it by hand."
        return Hold(code="status_held", sentence=f"{name}, and orders in it are held for you.", fix=fix)
    fix = "Change its status in BigCommerce to one of the fifteen, or book the order by hand."
    return Hold(code="status_unknown", sentence=f"{name}, which is none that BigCommerce documents.", fix=fix)


def _not_eligible(order: Order, eligible: Collection[int]) -> Skip:
    if order.status_id == AWAITING_PICKUP:
        return _skip(order, "awaiting_pickup", STATUSES[AWAITING_PICKUP].sentence)
    if order.status_id == COMPLETED:
        digital = " BigCommerce completes orders of digital goods at once." if order.is_digital else ""
        sentence = f"Its status is {status_name(order)}, which is its last: it comes only when you choose that status."
        return _skip(order, "status_not_eligible", f"{sentence}{digital}")
    ends = {CANCELLED, DECLINED}
    wanted = ", ".join(STATUSES[status].name for status in sorted(eligible) if status in STATUSES.keys() - ends)
    sentence = f"Its status is {status_name(order)}. It is taken up when it becomes one of: {wanted or 'none chosen'}."
    return _skip(order, "status_not_eligible", sentence)


def _skip(order: Order, code: str, sentence: str) -> Skip:
    return Skip(code=code, sentence=f"Order {order.source_id}: {sentence[0].lower()}{sentence[1:]}")
