"""Loyalty points: what an order earns and spends, what is left of what was earned, and which tier that makes.

Points are whole. A balance is the sum of movements, each with its cause; no number that a system shows is ever written
over another one. What an order is worth is computed from what of it was kept, not from what came back, so that parts
given back one after the other end where the whole would have.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from mappings.core.canonical.order import ALL_OF_IT, ZERO, Line, LineKind, Order, TenderKind
from mappings.core.canonical.statuses import ENDED
from mappings.core.rules.money import cents


@dataclass(frozen=True, kw_only=True)
class Program:
    """The merchant's rules. `points` for each whole `amount` of goods paid, order by order."""

    points: int
    amount: Decimal  # > 0
    coupon_prefix: str = ""  # coupons that begin so are paid for with points; "": none is
    worth: int = 0  # points taken off for each 1.00 that points paid; 0: whoever lets them be spent takes them off
    months: int = 0  # points expire at the end of the month so many months later; 0: never


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What an order means in points as it is now."""

    earned: int
    spent: int


NOTHING = Worth(earned=0, spent=0)


def worth_of(order: Order, program: Program, earns: Collection[str] | None = None) -> Worth:
    """Points of the goods that were kept; nothing of an order that was cancelled or given back whole.

    `earns`: the SKUs that earn, None for all. Tax, shipping, fees, sold gift cards and what points paid earn nothing.
    """
    if order.meaning in ENDED or order.given_back == ALL_OF_IT:
        return NOTHING
    goods = [line for line in order.lines if line.kind is not LineKind.GIFT_CERTIFICATE]
    ordered, kept = _paid(goods), _kept(goods)
    tendered = sum((one.amount for one in order.tenders if one.kind is TenderKind.REWARD_POINTS), ZERO)
    share = kept / ordered if ordered else Decimal(0 if _is_all_back(goods) else 1)
    earning = [line for line in goods if earns is None or line.sku in earns]
    money = _kept(earning) - cents(tendered * share)
    spent = (tendered + order.points_coupon(program.coupon_prefix)) * program.worth * share
    earned = max(0, int(money // program.amount)) * program.points
    return Worth(earned=earned, spent=int(spent.quantize(Decimal(1), ROUND_HALF_UP)))


def _paid(lines: Iterable[Line]) -> Decimal:
    return sum((line.net for line in lines), ZERO)


def _kept(lines: Iterable[Line]) -> Decimal:
    """What is paid for the pieces that did not come back, each line to the cent."""
    return sum((cents(line.net * _left(line) / line.quantity) for line in lines if line.quantity), ZERO)


def _left(line: Line) -> int:
    return max(0, line.quantity - line.quantity_refunded)


def _is_all_back(lines: Sequence[Line]) -> bool:
    return bool(lines) and not any(map(_left, lines))


class Cause(StrEnum):
    """Why points moved."""

    OPENING = "opening"  # what somebody had before the two sides were joined
    EARNED = "earned"  # by an order; a minus is what of it came back
    SPENT = "spent"  # on an order; a plus is given back with goods
    TILL = "till"  # Heartland's field was changed there
    STORE = "store"  # the store's field was changed there
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True)
class Movement:
    """One change of a balance."""

    points: int
    cause: Cause
    on: date  # the merchant's day
    order: str = ""  # tells whose order it is of; "" for none
    expires_on: date | None = None  # the last day on which they can be spent


@dataclass
class _Lot:
    left: int
    expires_on: date | None
    order: str


def expiring(movements: Sequence[Movement], today: date) -> dict[date, int]:
    """What is left of points whose last day is over, by that day. `movements` in the order in which they happened.

    What is taken off takes the oldest first; what an order's return takes back, that order's own.
    """
    lots: list[_Lot] = []
    owed = 0
    for one in movements:
        if one.points > 0:
            paid = min(owed, one.points)
            owed -= paid
            lots.append(_Lot(left=one.points - paid, expires_on=one.expires_on, order=one.order))
        else:
            owed += _take(lots, one)
    over: dict[date, int] = {}
    for lot in lots:
        if lot.left and lot.expires_on and lot.expires_on < today:
            over[lot.expires_on] = over.get(lot.expires_on, 0) + lot.left
    return over


def _take(lots: list[_Lot], movement: Movement) -> int:
    """Take a movement's points off; answers what nothing was left for."""
    wanted, is_back = -movement.points, movement.cause is Cause.EARNED

    def turn(lot: _Lot) -> tuple[bool, date]:
        return (not (is_back and lot.order == movement.order), lot.expires_on or date.max)

    for lot in sorted(lots, key=turn):
        taken = min(lot.left, wanted)
        lot.left -= taken
        wanted -= taken
    return wanted


def last_day(on: date, months: int) -> date | None:
    """The last day of points that came on a day: the end of the month so many months later."""
    if not months:
        return None
    first_after = on.year * 12 + on.month + months  # counted in months, of the month behind that one
    return date.fromordinal(date(first_after // 12, first_after % 12 + 1, 1).toordinal() - 1)


@dataclass(frozen=True, kw_only=True)
class Tier:
    """A level, from so many points earned in twelve months on."""

    name: str
    earned: int
    group: str = ""  # the store's customer group of who has it; "" leaves the group alone


def earned_lately(movements: Sequence[Movement], today: date) -> int:
    """What was earned within twelve months: what was spent or expired since takes nothing off.

    What came back of an order counts where that order does, however late it came.
    """
    since = date(today.year - 1, today.month, min(today.day, 28))
    placed: dict[str, date] = {}
    total = 0
    for one in movements:
        if one.cause is Cause.EARNED:
            on = placed.setdefault(one.order, one.on)
            total += one.points if on > since else 0
        elif one.cause in {Cause.OPENING, Cause.TILL, Cause.STORE}:
            total += max(0, one.points) if one.on > since else 0
    return total


def tier_of(earned: int, tiers: Sequence[Tier], *, before: str = "", falls: bool = True) -> Tier | None:
    """The highest tier that is reached; None below the first. Where tiers do not fall, no lower one than before."""
    reached = max((one for one in tiers if one.earned <= earned), key=lambda one: one.earned, default=None)
    had = next((one for one in tiers if one.name == before), None)
    if not falls and had and (reached is None or reached.earned < had.earned):
        return had
    return reached


@dataclass(frozen=True, kw_only=True)
class Untold:
    """A field that holds what neither our write nor what was before explains: a person says which it was."""

    if_arrived: int  # what moved there, where our write had arrived
    if_lost: int  # … and where it had not


def moved(shown: int | None, known: int | None, begun: int | None) -> int | Untold:
    """What moved at a side since we knew it. `begun`: what a write without an answer was to make of it.

    An empty field says nothing: it is written again.
    """
    if shown is None:
        return 0
    if begun is None:
        return shown - (known or 0)
    if shown in {begun, known or 0}:
        return 0
    return Untold(if_arrived=shown - begun, if_lost=shown - (known or 0))
