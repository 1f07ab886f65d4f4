"""Judging the money of orders from outside: what both systems say was paid and given back. Arithmetic only."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from enum import StrEnum

from ipaas.types import JSON

ZERO = Decimal(0)
UNTOLD = "on its way"  # of an order without its disposition


class MoneyAct(StrEnum):
    """What becomes of a booked order's money."""

    SHIP = "shipped"
    REFUSED = "its money refused as it was to leave, and taken later"
    OPEN_PIECE = "a piece given back before it left"
    OPEN_MONEY = "some money given back before it left"
    OPEN_ALL = "all given back before it left"
    LEFT_PIECE = "a piece given back after it left"
    LEFT_MONEY = "some money given back after it left"
    LEFT_DELIVERY = "some of its delivery given back after it left"
    LEFT_ALL = "all given back after it left"
    LEFT_OFTEN = "given back in parts after it left, money and a piece in turn"
    TILL = "a piece taken back at the till, its money given back by the store"
    TILL_CASH = "a piece taken back at the till, which paid it out"
    BOTH = "a piece given back in the store, another at the till"
    CARD = "a gift card that a shopper bought"
    BY_CARD = "paid by a gift card"


STAYS = {MoneyAct.OPEN_PIECE, MoneyAct.OPEN_MONEY, MoneyAct.OPEN_ALL, MoneyAct.CARD, MoneyAct.BY_CARD}
LEAVES = set(MoneyAct) - STAYS


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """One order's money by each system's own word. What went back counts above zero."""

    web_id: int
    act: MoneyAct
    sold: Decimal  # the store's total, all tenders
    taken: Decimal | None  # by its payment providers; None where none was asked
    is_promised: bool  # its money was to be taken as its goods left
    given_back: Decimal  # in the store
    asked: Decimal  # by staff of the store and at the till
    told: Decimal  # of that: what a till gave beyond what was paid, as our page says
    orders: Sequence[Decimal]  # totals of its living sales orders
    returns: Sequence[Decimal]  # totals of its returns
    paid: Decimal  # recorded on those sales orders, less what was recorded as given back on the returns

    @property
    def is_level(self) -> bool:
        return not any((self.cents, self.unasked, self.surplus, self.is_uncaptured))

    @property
    def is_uncaptured(self) -> bool:
        """Its goods left, and its money was not taken."""
        return self.is_promised and self.act in LEAVES and self.taken != self.sold

    @property
    def cents(self) -> Decimal:
        """By how much Heartland's order, or its payments, differ from what the store kept."""
        kept = self.sold - self.given_back - self.told
        return abs(sum(self.orders, ZERO) - sum(self.returns, ZERO) - kept) + abs(self.paid - kept)

    @property
    def unasked(self) -> Decimal:
        """Given back without anybody's wish (above zero), or wished for and neither given back nor told of."""
        return self.given_back + self.told - self.asked

    @property
    def surplus(self) -> Decimal:
        """What providers took beyond the order's total."""
        return max(ZERO, (self.taken or ZERO) - self.sold)

    def __str__(self) -> str:
        return (
            f"Order {self.web_id} ({self.act}): sold {self.sold}, taken {self.taken}, given back {self.given_back} of "
            f"{self.asked}, {self.told} told; Heartland's orders {list(map(str, self.orders))}, returns "
            f"{list(map(str, self.returns))}, paid {self.paid}"
        )


@dataclass(frozen=True, kw_only=True)
class Card:
    """One gift card at the end."""

    due: Decimal  # what it was sold for, less what both channels spent; below zero: the store let it be overdrawn
    due_in_store: Decimal  # the same; in a store that hears of no till what it was sold for, less what was spent there
    till: Decimal | None
    store: Decimal | None
    told: Decimal = ZERO  # by how much it is overdrawn, as our page says

    @property
    def is_level(self) -> bool:
        is_due = (self.till, self.store) == (max(self.due, ZERO), max(self.due_in_store, ZERO))
        return is_due and self.told == max(-self.due, ZERO)


@dataclass(frozen=True, kw_only=True)
class Person:
    """A customer whom both sides changed: what each should say, and how often Heartland has them."""

    copies: int
    expected: Mapping[str, str]
    in_store: Mapping[str, str]
    in_heartland: Mapping[str, str]

    @property
    def is_level(self) -> bool:
        return self.copies == 1 and self.in_store == self.in_heartland == self.expected


@dataclass(frozen=True, kw_only=True)
class Closed:
    """The days of a store as they were closed, beside both systems' own sums. Amounts of booked orders."""

    store: str
    rows: int  # of the gateway's file
    unmatched: Sequence[str]  # rows that no order was found for
    open_points: Mapping[str, int]  # beside orders that wait for a person
    said: Mapping[str, Decimal]  # by the closes
    there: Mapping[str, Decimal]  # by both systems

    @property
    def problems(self) -> list[str]:
        found = [f"The gateway's row {one} found no order" for one in self.unmatched]
        found += [f"The closed days of {self.store} leave open: {count} {of}" for of, count in self.open_points.items()]
        return found + [
            f"The closes of {self.store} say {self.said[name]} of {name}, both systems {self.there[name]}"
            for name in self.said
            if self.said[name] != self.there[name]
        ]


@dataclass(frozen=True, kw_only=True)
class MoneyReport:
    """Exit status 0 only when every count is 0."""

    orders: int  # that people touched
    dispositions: dict[str, int]  # of all that shoppers placed, by our word
    acts: dict[str, int]
    sums: JSON  # sold, given back and kept, by each system's own word
    lost: int  # orders without a disposition, or wishes of money that came to nothing
    doubled: int  # orders that stand twice in Heartland
    cent_differences: int
    refunded_twice: int
    captured: int  # orders whose promised money was taken as they left
    captured_twice: int
    uncaptured: int
    refused: int  # captures that a provider refused, held until staff had it asked again
    overdrawn: int
    overdrawn_by_the_store: str  # which let a card be spent that the till had spent: a person's
    till_gave_more: str  # than was paid, as our pages say: a person's, and no difference of ours
    cards_apart: int
    duplicate_customers: int
    customers_apart: int
    unmatched: int  # rows of payouts
    matched: int
    closes: list[JSON]  # what the closed days say, and both systems
    disagreements: int  # of our pages with both systems, by the auditor
    problems: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.problems

    def as_json(self) -> JSON:
        return asdict(self)


def judged(
    ledgers: Sequence[Ledger],
    cards: Mapping[str, Card],
    people: Mapping[str, Person],
    closed: Sequence[Closed] = (),
    *,
    refused: int = 0,
    acts: dict[str, int],
    dispositions: Mapping[str, int],
    problems: Sequence[str],
    disagreements: Sequence[str],
) -> MoneyReport:
    sums = {
        "sold": str(sum((one.sold for one in ledgers), ZERO)),
        "given_back": str(sum((one.given_back for one in ledgers), ZERO)),
        "kept_by_the_store": str(sum((one.sold - one.given_back for one in ledgers), ZERO)),
        "kept_by_heartland": str(sum((sum(one.orders, ZERO) - sum(one.returns, ZERO) for one in ledgers), ZERO)),
    }
    return MoneyReport(
        orders=len(ledgers),
        dispositions=dict(dispositions),
        acts=acts,
        sums=sums,
        lost=dispositions.get(UNTOLD, 0) + sum(one.unasked < 0 for one in ledgers),
        doubled=sum(len(one.orders) > 1 for one in ledgers),
        cent_differences=sum(bool(one.cents) for one in ledgers),
        refunded_twice=sum(one.unasked > 0 for one in ledgers),
        captured=sum(one.is_promised and not one.is_uncaptured for one in ledgers),
        uncaptured=sum(one.is_uncaptured for one in ledgers),
        captured_twice=sum(bool(one.surplus) for one in ledgers),
        refused=refused,
        overdrawn=sum(min(one.till or ZERO, one.store or ZERO) < 0 for one in cards.values()),
        overdrawn_by_the_store=str(sum((one.told for one in cards.values()), ZERO)),
        till_gave_more=str(sum((one.told for one in ledgers), ZERO)),
        cards_apart=sum(not one.is_level for one in cards.values()),
        duplicate_customers=sum(one.copies > 1 for one in people.values()),
        customers_apart=sum(not one.is_level for one in people.values()),
        unmatched=sum(len(one.unmatched) for one in closed),
        matched=sum(one.rows - len(one.unmatched) for one in closed),
        closes=[
            {"store": one.store, **{name: [str(said), str(one.there[name])] for name, said in one.said.items()}}
            for one in closed
        ],
        disagreements=len(disagreements),
        problems=[
            *problems,
            *disagreements,
            *(f"{count} orders are {name}" for name, count in dispositions.items() if name == UNTOLD),
            *(str(one) for one in ledgers if not one.is_level or len(one.orders) > 1),
            *(f"Card {name}: {one}" for name, one in cards.items() if not one.is_level),
            *(f"{name}: {one}" for name, one in people.items() if not one.is_level),
            *(problem for one in closed for problem in one.problems),
        ],
    )
