"""Which orders go to Heartland: by what their status means, by age and by what has happened to them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from mappings.core.canonical.order import ALL_OF_IT, Order, PaymentState
from mappings.core.canonical.statuses import ENDED, LEFT, Statuses, StatusMeaning
from mappings.core.rules.payments import words

GIVEN_BACK = "All money was given back; there is nothing to fulfil."
NOT_PLACED = "The shopper left at the payment page; there is no order yet."


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
UNKNOWN_STATUS = "status_unknown"


def status_name(order: Order) -> str:
    """The status as the merchant knows it: with their own label beside the system name where they differ."""
    name = order.status or f"status {order.status_key}"
    return name if order.status_label in {"", name} else f"{order.status_label} ({name})"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The store's statuses, and the merchant's word on which orders go to Heartland."""

    statuses: Statuses
    store: str  # what its kind is called
    eligible: Collection[str]  # keys of statuses
    held: Collection[str] = ()  # … that wait for a person
    history_start_at: datetime | None = None
    is_asked_for: bool = False  # a person fetched it: the start date does not hold
    store_ships: bool = False  # outside fulfilment: an order comes down once the store has shipped it


def decide(order: Order, rules: Rules, *, is_booked: bool) -> Decision:
    """Go on, cancel in Heartland, or skip with a code and a sentence.

    A booked order goes on whatever has become of it, unless it was cancelled: it is compared, nothing is doubled.
    A partially refunded order goes on whatever the list says, so that it is held with its reason and not skipped.
    """
    if order.meaning is StatusMeaning.NOT_PLACED:
        return _skip(order, "incomplete", NOT_PLACED)
    if order.meaning in ENDED:
        return _ended(order, rules.eligible, is_booked=is_booked)
    if is_booked:
        return Go()
    if order.is_deleted:
        return _skip(order, "archived", "It was archived in the store.")
    if order.given_back == ALL_OF_IT:
        return _skip(order, "refunded", GIVEN_BACK)
    start = rules.history_start_at
    if start is not None and order.placed_at < start and not rules.is_asked_for:
        return _skip(order, "before_history_start", f"It is older than {start:%Y-%m-%d}, your start date.")
    if rules.store_ships and order.meaning not in LEFT:
        return _skip(order, NOT_SHIPPED, f"Its status is {status_name(order)}. It comes once the store has shipped it.")
    if order.status_key in rules.held or order.meaning is StatusMeaning.UNKNOWN:
        return _hold(order, rules)
    if order.status_key not in rules.eligible and order.meaning is not StatusMeaning.PART_REFUNDED:
        return _not_eligible(order, rules)
    return Go()


def not_paid(order: Order, state: PaymentState) -> Skip:
    """For merchants who bring only orders whose money was taken."""
    sentence = f"{words(order, state)}: it comes once the store says that the money was taken."
    if state is PaymentState.UNKNOWN:
        sentence += " Where that method is always paid, say so among the payment methods."
    return _skip(order, NOT_PAID, sentence)


def _ended(order: Order, eligible: Collection[str], *, is_booked: bool) -> Decision:
    """Cancelled and declined orders never open; those that are booked are cancelled there too."""
    name = order.meaning.value
    if not is_booked:
        return _skip(order, f"{name}_before_booking", f"It was {name} before it was booked in Heartland.")
    if order.status_key not in eligible:
        sentence = f"It was {name} in the store, but {name} orders are not in your list: Heartland's order stays open."
        return _skip(order, f"{name}_not_eligible", sentence)
    return Cancel(code=f"{name}_in_store", sentence=f"Order {order.title}: it was {name} in the store.")


def _hold(order: Order, rules: Rules) -> Hold:
    name = f"Order {order.title}: its status is {status_name(order)}"
    if order.meaning is not StatusMeaning.UNKNOWN:
        fix = f"Change its status in {rules.store} once it is settled, or the table of statuses; or book it by hand."
        return Hold(code="status_held", sentence=f"{name}, and orders in it need you.", fix=fix)
    fix = f"Say which of {rules.store}’s own {len(rules.statuses)} statuses it stands for, or change it there."
    return Hold(code=UNKNOWN_STATUS, sentence=f"{name}, which is none that {rules.store} documents.", fix=fix)


def _not_eligible(order: Order, rules: Rules) -> Skip:
    if order.meaning is StatusMeaning.PICKUP:
        return _skip(order, "awaiting_pickup", "The shopper collects the order; not sent unless you choose so.")
    if order.meaning is StatusMeaning.COMPLETED:
        digital = f" {rules.store} completes orders of digital goods at once." if order.is_digital else ""
        sentence = f"Its status is {status_name(order)}, which is its last: it comes only when you choose that status."
        return _skip(order, "status_not_eligible", f"{sentence}{digital}")
    chosen = [one.name for one in rules.statuses.values() if one.key in rules.eligible and one.meaning not in ENDED]
    wanted = ", ".join(chosen) or "none chosen"
    sentence = f"Its status is {status_name(order)}. It is taken up when it becomes one of: {wanted}."
    return _skip(order, "status_not_eligible", sentence)


def _skip(order: Order, code: str, sentence: str) -> Skip:
    return Skip(code=code, sentence=f"Order {order.title}: {sentence[0].lower()}{sentence[1:]}")
