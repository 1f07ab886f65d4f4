"""What orders, rows of payouts and a person's words are in a journal: entries whose debits equal their credits.

An order is booked as it was placed: what pays for it against what was sold. A refund takes it back by what it went
back by: a provider, a card, or somebody's hand at a till. A gateway owes the merchant what its payments brought, until
a payout takes it to the bank. What no order and no refund explains stands in an account of its own, never in sales.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from mappings.core.canonical.order import ZERO, TenderKind
from mappings.core.canonical.payout import PayoutRow, RowKind

Postings = dict["Account", Decimal]  # debits positive, credits negative; they sum to nothing


class Account(StrEnum):
    """What the amounts of a close are sorted by; the merchant maps each to an account of their own."""

    GATEWAY = "gateway"
    UNPAID = "unpaid"
    GIFT_CARDS = "gift_cards"
    STORE_CREDIT = "store_credit"
    POINTS = "points"
    BY_HAND = "by_hand"
    BANK = "bank"
    SALES = "sales"
    DISCOUNTS = "discounts"
    SHIPPING = "shipping"
    WRAPPING = "wrapping"
    SURCHARGES = "surcharges"
    TAX = "tax"
    REFUNDS = "refunds"
    DISPUTES = "disputes"
    FEES = "fees"
    LOANS = "loans"
    RESERVE = "reserve"
    OTHER = "other"
    UNMATCHED = "unmatched"
    WRITTEN_OFF = "written_off"
    UNEXPLAINED = "unexplained"


NAMES: Mapping[Account, str] = {
    Account.GATEWAY: "Payments at the gateway",
    Account.UNPAID: "Orders not paid yet",
    Account.GIFT_CARDS: "Gift cards",
    Account.STORE_CREDIT: "Store credit",
    Account.POINTS: "Reward points",
    Account.BY_HAND: "Given back at a till or by hand",
    Account.BANK: "Bank",
    Account.SALES: "Sales",
    Account.DISCOUNTS: "Discounts",
    Account.SHIPPING: "Shipping charged",
    Account.WRAPPING: "Gift wrapping charged",
    Account.SURCHARGES: "Fees charged to shoppers",
    Account.TAX: "Sales tax",
    Account.REFUNDS: "Refunds",
    Account.DISPUTES: "Disputes",
    Account.FEES: "Gateway fees",
    Account.LOANS: "Loan of the gateway",
    Account.RESERVE: "Reserve at the gateway",
    Account.OTHER: "Other movements at the gateway",
    Account.UNMATCHED: "Money of no booked order or refund",
    Account.WRITTEN_OFF: "Written off",
    Account.UNEXPLAINED: "Unexplained",
}
TENDERS = {
    TenderKind.GIFT_CERTIFICATE: Account.GIFT_CARDS,
    TenderKind.STORE_CREDIT: Account.STORE_CREDIT,
    TenderKind.REWARD_POINTS: Account.POINTS,
}
TERMS = {  # parts of an order's total, as its facts name them; any other is a fee that the shopper was charged
    "Goods": Account.SALES,
    "Discounts": Account.DISCOUNTS,
    "Shipping": Account.SHIPPING,
    "Gift wrapping": Account.WRAPPING,
    "Tax": Account.TAX,
}
ROWS = {
    RowKind.SALE: Account.UNMATCHED,
    RowKind.REFUND: Account.UNMATCHED,
    RowKind.DISPUTE: Account.DISPUTES,
    RowKind.FEE: Account.FEES,
    RowKind.OTHER: Account.OTHER,
}
WORDS = {"fee": Account.FEES, "loan": Account.LOANS, "reserve": Account.RESERVE, "other": Account.OTHER}


@dataclass(frozen=True, kw_only=True)
class BookedOrder:
    """What of a booked order counts for the journal. Amounts in its currency."""

    total: Decimal
    terms: tuple[tuple[str, Decimal], ...]  # parts of the total by name; discounts are negative
    tenders: tuple[tuple[str, Decimal], ...]  # what paid, by kind
    cards_sold: Decimal  # of the goods: gift cards, which are owed and not earned
    due: Decimal  # of the gateway's money, what was not taken yet


def order_postings(order: BookedOrder) -> Postings:
    """What pays against what was sold. Parts that do not come to the total are shown as unexplained."""
    found: Postings = {}
    for kind, amount in order.tenders:
        _add(found, TENDERS.get(TenderKind(kind), Account.GATEWAY), amount)
    due = min(max(order.due, ZERO), found.get(Account.GATEWAY, ZERO))
    _add(found, Account.GATEWAY, -due)
    _add(found, Account.UNPAID, due)
    for name, amount in order.terms:
        _add(found, TERMS.get(name, Account.SURCHARGES), -amount)
    _add(found, Account.SALES, order.cards_sold)
    _add(found, Account.GIFT_CARDS, -order.cards_sold)
    return _balanced(found)


@dataclass(frozen=True, kw_only=True)
class GivenBack:
    """A refund as the store's record tells it. Amounts > 0, in the order's currency."""

    tax: Decimal
    cards: Decimal  # gift cards that were sold and are owed no more
    tenders: tuple[tuple[str, Decimal, bool], ...]  # kind, amount, whether the store only noted it and moved nothing

    def by(self, account: Account) -> Decimal:
        """What of it went back by this account."""
        return sum((amount for kind, amount, noted in self.tenders if _went_by(kind, noted) is account), ZERO)


def refund_postings(refund: GivenBack) -> Postings:
    """What came back against what it went back by."""
    found: Postings = {}
    for kind, amount, noted in refund.tenders:
        _add(found, _went_by(kind, noted), -amount)
    _add(found, Account.TAX, refund.tax)
    _add(found, Account.GIFT_CARDS, refund.cards)
    _add(found, Account.REFUNDS, sum((amount for _, amount, _ in refund.tenders), ZERO) - refund.tax - refund.cards)
    return _without_nothing(found)


def till_postings(*, handed_out: Decimal, cards: Decimal, noted: Decimal) -> Postings:
    """What a till gave for goods beside what the store noted of that: more of it, and cards that are owed."""
    beyond = max(handed_out + cards - noted, ZERO)
    return _without_nothing({Account.REFUNDS: beyond, Account.BY_HAND: cards - beyond, Account.GIFT_CARDS: -cards})


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the store tells of an order's refunds, which rows of refunds are held against in turn."""

    online: Decimal = ZERO  # booked with the refunds themselves
    noted: Decimal = ZERO  # booked as given by hand: a gateway's row says that it was the gateway
    untold: Decimal = ZERO  # given back as the store says, and no refund of it was read

    def accounts(self, before: Decimal, after: Decimal) -> Postings:
        """What a row that brings the gateway's refunds from one sum to another is against, beside the gateway."""
        places = (Account.GATEWAY, Account.BY_HAND, Account.REFUNDS)
        found: Postings = {}
        floor = ZERO
        for account, room in zip(places, (self.online, self.noted, self.untold), strict=True):
            _add(found, account, _within(after, floor, floor + room) - _within(before, floor, floor + room))
            floor += room
        _add(found, Account.UNMATCHED, after - before - sum(found.values(), ZERO))
        return found


def _within(amount: Decimal, floor: Decimal, ceiling: Decimal) -> Decimal:
    return min(max(amount, floor), ceiling)


def row_postings(
    row: PayoutRow, *, is_of_booked: bool, against: Postings | None = None, is_written_off: bool = False
) -> Postings:
    """What a gateway's row moved. Of a sale whose order is booked the fee alone: the order brought the rest.

    `against`: of a refund of a booked order, see `Told`. Money of an order that is not booked, or of none, comes into
    an account of its own, and leaves it again; what a person wrote off is in one of that name.
    """
    found: Postings = {}
    if row.kind == RowKind.PAYOUT:
        return _balanced({Account.BANK: -row.net, Account.GATEWAY: row.net})
    _add(found, Account.FEES, row.fee)
    _add(found, Account.GATEWAY, -row.fee)
    if row.kind == RowKind.SALE and is_of_booked:
        return _balanced(found)
    _add(found, Account.GATEWAY, row.gross)
    for account, amount in (against or {ROWS[row.kind]: -row.gross}).items():
        _add(found, Account.WRITTEN_OFF if is_written_off and account is Account.UNMATCHED else account, amount)
    return _balanced(found)


def word_postings(meaning: str, amount: Decimal) -> Postings:
    """What a person called a payout's difference; `amount` < 0 is what the bank got less."""
    return _balanced({WORDS[meaning]: -amount, Account.GATEWAY: amount})


def change(now: Mapping[Account, Decimal], before: Mapping[Account, Decimal]) -> Postings:
    """What has to be posted so that what was posted before becomes what is so now."""
    found: Postings = dict(now)
    for account, amount in before.items():
        _add(found, account, -amount)
    return _without_nothing(found)


def sums_of(postings: Iterable[Mapping[Account, Decimal]]) -> Postings:
    """By account, in the order of `Account`."""
    found: Postings = {}
    for one in postings:
        for account, amount in one.items():
            _add(found, account, amount)
    return {account: found[account] for account in Account if found.get(account)}


def _went_by(kind: str, noted: bool) -> Account:
    return TENDERS.get(TenderKind(kind), Account.BY_HAND if noted else Account.GATEWAY)


def _balanced(postings: Postings) -> Postings:
    _add(postings, Account.UNEXPLAINED, -sum(postings.values(), ZERO))
    return _without_nothing(postings)


def _add(postings: Postings, account: Account, amount: Decimal) -> None:
    postings[account] = postings.get(account, ZERO) + amount


def _without_nothing(postings: Postings) -> Postings:
    return {account: amount for account, amount in postings.items() if amount}
