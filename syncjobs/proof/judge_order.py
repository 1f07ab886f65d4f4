"""What a proof says of one order: our word held against the store's list and Heartland's. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal

from ipaas.types import JSON
from mappings.core.canonical.order import ZERO
from mappings.core.canonical.statuses import ENDED, StatusMeaning

IN_FLIGHT, DISAGREES = "in_flight", "disagrees"  # the second is a proof's own: no record ever has it
FOUND, QUEUED, LOOKED_AT = "found_by_proof", "queued", "looked_at_now"
MADE_THERE = "made_in_heartland"  # recorded in the store by choice: the sales order is the original
KEPT = ("kept_", "settled", MADE_THERE)  # what a person chose begins so: a known difference
DISAGREEMENTS = {
    "missing_in_heartland": "We say booked; Heartland has no sales order of it.",
    "not_ours_in_heartland": "We say booked; the sales order that we named is not this order's.",
    "cancelled_in_heartland": "We say booked; Heartland holds it cancelled.",
    "several_in_heartland": "Several sales orders of it are alive in Heartland.",
    "not_opened_in_heartland": "We say booked; its sales order was never opened.",
    "ended_in_store": "We say booked; the store says cancelled or declined.",
    "edited_in_heartland": "We say booked; its sales order was changed in Heartland, and nobody was asked.",
    "total_differs": "Its totals are not the same in both systems.",
    "balance_differs": "The shopper has paid it all; its sales order does not say so.",
    "still_in_heartland": "We say that it is not in Heartland; its sales order is alive there.",
}


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """An order by the store's own list."""

    id: str
    total: Decimal
    currency: str
    meaning: StatusMeaning
    is_paid: bool = False


@dataclass(frozen=True, kw_only=True)
class Held:
    """A sales order by Heartland's own list."""

    id: str
    number: str
    status: str  # pending, open, closed, canceled
    total: Decimal
    balance: Decimal
    order: str  # of the store, by its mark; "": it bears none of ours
    state: str = ""  # digest of what counts of it: is it the one that was judged last?

    @property
    def is_alive(self) -> bool:
        return self.status != "canceled"


@dataclass(frozen=True, kw_only=True)
class Said:
    """What we say of an order."""

    disposition: str = ""  # of its record; "": there is none
    code: str = ""
    target_id: str = ""  # the sales order that we named
    judged: str = ""  # the state in which the order's flow saw it last; "": not kept
    is_moving: bool = False  # a job waits or runs
    is_unread: bool = False  # its record was made when it was queued, and not read yet

    @property
    def is_kept(self) -> bool:
        """True when a person has settled what differs."""
        return self.disposition == "settled" or self.code.startswith(KEPT)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One order of the store: what became of it, and what Heartland's list says. Amounts as text."""

    order: str  # the store's id
    disposition: str  # a Record.Disposition, or DISAGREES
    number: str = ""  # of the sales order in Heartland
    code: str = ""  # of a skip, a hold, a dead letter, or of DISAGREEMENTS
    said: str = ""  # the record's disposition where this line's is another
    currency: str = ""
    total: str = ""
    heartland: str = ""  # status of the sales order; "": none bears the order's mark
    heartland_total: str = ""
    heartland_balance: str = ""

    def stored(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Stray:
    """A sales order that is alive and bears our mark, while the store has no living order of it."""

    number: str
    id: str
    order: str
    status: str
    total: str
    is_known: bool  # it waits for a person, or one has settled it

    def stored(self) -> JSON:
        return asdict(self)


def line_of(ordered: Ordered, said: Said, held: Sequence[Held], named: Held | None = None) -> Line:
    """The one line of an order. `held` bear its mark; `named` is the sales order that we named, where it is there."""
    alive = [one for one in held if one.is_alive]
    by_hand = [named] if named and (said.disposition == "settled" or said.code == MADE_THERE) else []
    shown = next(iter([*alive, *held, *by_hand]), None)
    why = disagreement(ordered, said, held, named)
    disposition, code = said.disposition, said.code
    if not said.disposition or said.is_unread:
        disposition, code = IN_FLIGHT, QUEUED if said.is_moving else FOUND
    elif why:
        disposition, code = (IN_FLIGHT, LOOKED_AT) if said.is_moving else (DISAGREES, why)
    is_ours = why or disposition in {"booked", "cancelled", "settled"}
    return Line(
        order=ordered.id,
        disposition=disposition,
        number=shown.number if shown else "",
        code=code if why or not is_ours or said.is_kept else "",
        said=said.disposition if disposition != said.disposition else "",
        currency=ordered.currency,
        total=str(ordered.total),
        heartland=shown.status if shown else "",
        heartland_total=str(shown.total) if shown else "",
        heartland_balance=str(shown.balance) if shown else "",
    )


def disagreement(ordered: Ordered, said: Said, held: Sequence[Held], named: Held | None = None) -> str:
    """A code of DISAGREEMENTS; "" where all say the same, or a person has been asked or has answered."""
    alive = [one for one in held if one.is_alive]
    if said.is_kept:
        return _unseen(said, held)
    if said.disposition == "booked":
        return _of_booked(ordered, held, alive, named) or _unseen(said, held)
    if said.disposition == "cancelled" or (said.disposition == "skipped" and not said.code.endswith("_not_eligible")):
        return "still_in_heartland" if alive else ""
    return ""


def _of_booked(ordered: Ordered, held: Sequence[Held], alive: Sequence[Held], named: Held | None) -> str:
    if not held:
        return "not_ours_in_heartland" if named else "missing_in_heartland"
    if not alive:
        return "cancelled_in_heartland"
    if len(alive) > 1:
        return "several_in_heartland"
    if ordered.meaning in ENDED:
        return "ended_in_store"
    if alive[0].status == "pending":
        return "not_opened_in_heartland"
    if alive[0].total != ordered.total:
        return "total_differs"
    return "balance_differs" if ordered.is_paid and alive[0].balance else ""


def _unseen(said: Said, held: Sequence[Held]) -> str:
    """What the desk did without moving the order's time of change, or its sums: no feed tells of it."""
    named = [one for one in held if one.id == said.target_id]
    is_news = said.disposition == "booked" and said.judged and any(one.state != said.judged for one in named)
    return "edited_in_heartland" if is_news else ""


def sums_of(lines: Iterable[Line]) -> JSON:
    """By currency: orders and their total by the store's list, those alive in Heartland, and their total there."""
    found: dict[str, dict[str, Decimal | int]] = {}
    for line in lines:
        row = found.setdefault(line.currency, {"orders": 0, "store": ZERO, "booked": 0, "heartland": ZERO})
        row["orders"] += 1
        row["store"] += Decimal(line.total)
        if line.heartland not in {"", "canceled"}:
            row["booked"] += 1
            row["heartland"] += Decimal(line.heartland_total)
    return {
        currency: {name: str(value) if isinstance(value, Decimal) else value for name, value in row.items()}
        for currency, row in sorted(found.items())
    }
