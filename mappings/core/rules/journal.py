"""What orders, rows of payouts and a person's words are in a journal: entries whose debits equal their credits.

An order is booked as it was placed: what pays for it against what was sold. A gateway owes the merchant what its
payments brought, until a payout takes it to the bank. What no order explains stands in an account of its own, never
in sales.
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
    UNEXPLAINED = "unexplained"


NAMES: Mapping[Account, str] = {
    Account.GATEWAY: "Payments at the gateway",
    Account.UNPAID: "Orders not paid yet",
    Account.GIFT_CARDS: "Gift cards",
    Account.STORE_CREDIT: "Store credit",
    Account.POINTS: "Reward points",
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
    Account.UNMATCHED: "Money of no booked order",
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
    RowKind.REFUND: Account.REFUNDS,
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


def row_postings(row: PayoutRow, *, is_of_booked: bool) -> Postings:
    """What a gateway's row moved. Of a sale whose order is booked the fee alone: the order brought the rest.

    Money of an order that is not booked, or of none, comes into an account of its own, and leaves it again.
    """
    found: Postings = {}
    if row.kind == RowKind.PAYOUT:
        return _balanced({Account.BANK: -row.net, Account.GATEWAY: row.net})
    _add(found, Account.FEES, row.fee)
    _add(found, Account.GATEWAY, -row.fee)
    if row.kind == RowKind.SALE and is_of_booked:
        return _balanced(found)
    against = Account.UNMATCHED if row.kind == RowKind.REFUND and not is_of_booked else ROWS[row.kind]
    _add(found, against, -row.gross)
    _add(found, Account.GATEWAY, row.gross)
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


def _balanced(postings: Postings) -> Postings:
    _add(postings, Account.UNEXPLAINED, -sum(postings.values(), ZERO))
    return _without_nothing(postings)


def _add(postings: Postings, account: Account, amount: Decimal) -> None:
    postings[account] = postings.get(account, ZERO) + amount


def _without_nothing(postings: Postings) -> Postings:
    return {account: amount for account, amount in postings.items() if amount}
