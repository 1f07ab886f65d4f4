"""What of a return at the till the store is asked to give back: pieces, an amount, and by what. Pure.

The store is never asked for more than the shopper paid, nor for what was given back before. What the till handed out
itself is only noted there: no provider moves money for it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from mappings.core.canonical.order import ZERO, Line, Order
from mappings.core.canonical.refund import Refund
from mappings.core.canonical.till_return import TillReturn
from mappings.core.rules.money import CENT, allocate, cents
from mappings.core.rules.split_back import Share, split_back


@dataclass(frozen=True, kw_only=True)
class Tender:
    """Something that paid for the order, as the store can give it back."""

    key: str  # the store's own
    name: str  # as people know it
    paid: Decimal
    left: Decimal  # not given back yet
    taken_at: datetime | None = None  # by its provider; None where nothing has to settle
    by_hand: bool = False  # no provider is behind it: a person pays it back


@dataclass(frozen=True, kw_only=True)
class Quote:
    """What the store says some pieces come to, and what is left of the order's money."""

    parts: tuple[Decimal, ...]  # what the shopper paid for the pieces, with tax: one for each refund that it takes
    left: Decimal  # of the order's money, all refunds taken off, noted ones too
    tenders: tuple[Tender, ...]

    @property
    def total(self) -> Decimal:
        return sum(self.parts, ZERO)


@dataclass(frozen=True, kw_only=True)
class Payback:
    """What goes back to one tender; without one it is only noted as given at the till."""

    amount: Decimal
    tender: Tender | None = None
    is_paid_by_hand: bool = False  # a person says that they paid it back: no provider is asked

    @property
    def is_noted(self) -> bool:
        return self.tender is None or self.is_paid_by_hand


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """Which pieces of the order came back."""

    by_line: Mapping[str, int]  # those that were given back for this very return already, too
    beyond: Mapping[str, int]  # by item: more than the order has left, given back before
    strangers: Mapping[str, int]  # … that the order never held
    worth: Decimal  # what the till gave for `by_line`, with tax

    @property
    def count(self) -> int:
        return sum(self.by_line.values())


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """What the store is to give back for the pieces, beyond what it gave for them already."""

    asked: Decimal  # in all: what is paid back and what is only noted
    online: Decimal  # of it what goes back to what paid
    kept: Decimal  # paid for the pieces and not given back: a fee, or a rest that is gone already
    too_much: Decimal  # given at the till beyond what the shopper paid

    @property
    def noted(self) -> Decimal:
        return self.asked - self.online


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A refund as the store is asked for it: one part of what it quoted."""

    pieces: Mapping[str, int]  # by line of the order, of all that was quoted; never empty, unless it is of an amount
    amount: Decimal = ZERO  # for nothing that was sold, in place of pieces; tax does not move with it
    kept: Decimal = ZERO  # of what the part comes to
    paybacks: tuple[Payback, ...] = ()  # what it comes to less `kept`; none where all of it is
    note: str  # which no shopper sees: see `note_of`

    @property
    def noted(self) -> Decimal:
        return sum((one.amount for one in self.paybacks if one.is_noted), ZERO)

    @property
    def online(self) -> Decimal:
        return sum((one.amount for one in self.paybacks if not one.is_noted), ZERO)


def pieces_back(order: Order, till: TillReturn, items: Mapping[str, str], given: Mapping[str, int]) -> Pieces:
    """Pair what came back with the order's lines; `items` are Heartland's by SKU.

    `given`: pieces by line that were given back for this very return already. Of equal items the line whose price is
    nearest to the till's comes first.
    """
    left = {one.source_id: one.quantity - one.quantity_refunded + given.get(one.source_id, 0) for one in order.lines}
    by_line, beyond, strangers = Counter[str](), Counter[str](), Counter[str]()
    value = ZERO
    for goods in till.goods:
        near = partial(_distance, goods.value / goods.quantity)
        lines = sorted((one for one in order.lines if items.get(one.sku) == goods.item_id), key=near)
        rest = goods.quantity
        for line in lines:
            count = min(rest, left[line.source_id])
            by_line[line.source_id] += count
            left[line.source_id] -= count
            rest -= count
        value += goods.value * (goods.quantity - rest) / goods.quantity
        (beyond if lines else strangers)[goods.name] += rest
    whole = sum((goods.value for goods in till.goods), ZERO)
    worth = cents(till.worth * value / whole) if whole else ZERO
    return Pieces(by_line=dict(+by_line), beyond=dict(+beyond), strangers=dict(+strangers), worth=worth)


def amounts(
    till: TillReturn, pieces: Pieces, quote: Quote, *, by_store: Decimal, made: Refund | None = None
) -> Amounts:
    """`by_store`: what of the ticket's money the store is to give back; the till handed out the rest itself.

    `made`: what the store gave for a part of the pieces already; the quote is about the others. Whoever took other
    goods or a card instead was given the whole of what they had paid; the tax of such a ticket is a net one, so that it
    does not tell.
    """
    before = made.total + made.fee if made else ZERO
    whole = quote.total + before
    told = whole if till.taken_instead else pieces.worth
    told -= cents(told * before / whole) if before else ZERO
    asked = max(min(told, quote.total, quote.left), ZERO)
    part = by_store if pieces.worth == till.worth else cents(by_store * pieces.worth / till.worth)
    part -= sum((one.amount for one in made.tenders if not one.is_offline), ZERO) if made else ZERO
    return Amounts(
        asked=asked,
        online=max(min(asked, part), ZERO),
        kept=max(quote.total - asked, ZERO),
        too_much=max(told - asked, ZERO) if told > quote.total or told > quote.left else ZERO,
    )


def amounts_of_money(amount: Decimal, quote: Quote, *, by_store: Decimal) -> Amounts:
    """The same of money that a till gave for no goods."""
    asked = max(min(amount, quote.total, quote.left), ZERO)
    return Amounts(asked=asked, online=max(min(asked, by_store), ZERO), kept=ZERO, too_much=amount - asked)


def paybacks(sums: Amounts, quote: Quote) -> tuple[Payback, ...]:
    """To whom it goes: in proportion to what each tender paid, and what the till gave as a note."""
    shares = [Share(paid=one.paid, left=one.left) for one in quote.tenders]
    parts = split_back(sums.online, shares) if sums.online else [ZERO for _ in shares]
    found = [Payback(amount=part, tender=one) for one, part in zip(quote.tenders, parts, strict=True) if part]
    return (*found, *([Payback(amount=sums.noted)] if sums.noted else []))


def wishes_of(back: Sequence[Payback], quote: Quote, like: Wish) -> tuple[Wish, ...]:
    """The refunds that the store is to be asked for, one for each part of the quote, otherwise as `like`.

    What providers give back comes first, so that as few parts as can be are mixed.
    """
    rest = sorted(back, key=lambda one: one.is_noted)
    found = []
    for part, asked in zip(quote.parts, allocate(sum((one.amount for one in back), ZERO), quote.parts), strict=True):
        mine, rest = _poured(rest, asked)
        found.append(replace(like, kept=part - asked, paybacks=tuple(mine)))
    return tuple(found)


def _poured(back: Sequence[Payback], amount: Decimal) -> tuple[list[Payback], list[Payback]]:
    """The first of `back` that make up an amount, and what is left of them."""
    taken, left = list[Payback](), list[Payback]()
    for one in back:
        part = min(one.amount, amount)
        amount -= part
        taken += [replace(one, amount=part)] if part else []
        left += [replace(one, amount=one.amount - part)] if one.amount > part else []
    return taken, left


def settles_at(back: Sequence[Payback], quote: Quote, rest: timedelta) -> datetime | None:
    """When the providers that are asked for a part can give one: a payment that has not settled is voided whole.

    None where all is given back, which a void does rightly, and where there is nothing to wait for.
    """
    asked = sum((one.amount for one in back if not one.is_noted), ZERO)
    is_whole = asked == quote.left and all(one.left == one.paid for one in quote.tenders)
    if is_whole:
        return None
    taken = [one.tender.taken_at for one in back if one.tender and not one.is_noted and one.tender.taken_at]
    return max(taken) + rest if taken else None


def _distance(price: Decimal, line: Line) -> Decimal:
    """How far a line's price is from another; in whole cents, so that equal ones keep the order's sequence."""
    return abs(line.net / line.quantity - price).quantize(CENT) if line.quantity else ZERO


def note_of(till: TillReturn) -> str:
    """What we write on the store's refund: by it our own is known again, whatever its amount (`Refund.till_return`)."""
    return f"Return at the till, ticket {till.number} [heartland:return:{till.id}]"
