"""Which payment a gateway's row is: by reference, else by amount and day where one alone fits; else a person says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from mappings.core.canonical.payout import PayoutRow, RowKind

DAYS = timedelta(days=3)  # between a payment and its row without a reference
MOVES = (RowKind.SALE, RowKind.REFUND, RowKind.DISPUTE)


class How(StrEnum):
    """By what a row was matched, or why it was not."""

    REFERENCE = "reference"
    AMOUNT = "amount"
    PERSON = "person"
    NONE_FITS = "none_fits"
    SEVERAL_FIT = "several_fit"
    DIFFERS = "differs"  # the reference is an order's, and the amount is not
    ENDED = "ended"  # the reference is an order's that is cancelled, and the money was not given back


@dataclass(frozen=True, kw_only=True)
class Payment:
    """What an order was paid by, as the store tells it."""

    order: str  # our record's key
    reference: str
    former: tuple[str, ...] = ()  # other ids of the provider's for the order's money
    amount: Decimal  # taken, as was last heard
    promised: Decimal = Decimal(0)  # … and not taken yet: a row may tell of it before the store does
    currency: str
    paid_at: datetime

    @property
    def references(self) -> frozenset[str]:
        return frozenset(filter(None, (self.reference, *self.former)))


@dataclass(frozen=True, kw_only=True)
class Matched:
    """What became of a row: the orders that it is of, or that may be it."""

    row: PayoutRow
    how: How
    orders: tuple[str, ...]


def matches_of(
    rows: Sequence[PayoutRow], payments: Iterable[Payment], taken: Mapping[str, Decimal] | None = None
) -> list[Matched]:
    """Match the rows that stand for a payment. `taken` is what other rows already brought, by order.

    References come first. All sales of one payment must come to what was paid: money that came twice is a person's.
    Of the rest a payment is matched by amount and day only where the row fits one payment and no other row fits it.
    """
    all_payments = list(payments)
    by_reference: dict[str, list[Payment]] = {}
    for payment in all_payments:
        for reference in payment.references:
            by_reference.setdefault(reference, []).append(payment)
    moves = [row for row in rows if row.kind in MOVES]
    named = [row for row in moves if row.reference in by_reference]
    came = taken or {}
    brought: dict[str, Decimal] = {}
    for row in named:
        if row.kind == RowKind.SALE:
            brought[row.reference] = brought.get(row.reference, Decimal(0)) + row.gross
    found = {row.line: _by_reference(row, by_reference[row.reference], brought, came) for row in named}
    gone = set(came) | {order for one in found.values() if one.row.kind == RowKind.SALE for order in one.orders}
    free = [payment for payment in all_payments if payment.order not in gone]
    left = [row for row in moves if row.line not in found]
    fits = {row.line: _fitting(row, free) for row in left}
    rivals: dict[str, int] = {}
    for orders in fits.values():
        for order in orders:
            rivals[order] = rivals.get(order, 0) + 1
    for row in left:
        orders = fits[row.line]
        alone = len(orders) == 1 and rivals[orders[0]] == 1
        how = How.AMOUNT if alone else How.SEVERAL_FIT if orders else How.NONE_FITS
        found[row.line] = Matched(row=row, how=how, orders=orders)
    return [found[row.line] for row in moves]


def _by_reference(
    row: PayoutRow, payments: list[Payment], brought: Mapping[str, Decimal], came: Mapping[str, Decimal]
) -> Matched:
    orders = tuple(dict.fromkeys(payment.order for payment in payments))
    paid = sum((payment.amount for payment in payments), Decimal(0))
    most = paid + sum((payment.promised for payment in payments), Decimal(0))
    names = frozenset[str]().union(*(payment.references for payment in payments))
    in_all = sum((brought.get(name, Decimal(0)) for name in names), Decimal(0))
    in_all += sum((came.get(order, Decimal(0)) for order in orders), Decimal(0))
    differs = row.kind == RowKind.SALE and not paid <= in_all <= most
    return Matched(row=row, how=How.DIFFERS if differs else How.REFERENCE, orders=orders)


def _fitting(row: PayoutRow, payments: list[Payment]) -> tuple[str, ...]:
    """Orders whose payment it may be. Money that goes back is never guessed by its amount."""
    if row.kind != RowKind.SALE:
        return ()
    return tuple(
        payment.order
        for payment in payments
        if row.gross in (payment.amount, payment.amount + payment.promised)
        and (not row.currency or payment.currency == row.currency)
        and not (payment.references and row.reference)
        and abs(payment.paid_at - row.happened_at) <= DAYS
    )
