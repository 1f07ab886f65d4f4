"""Money that a store gave back of an order, with what it was for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from errors.failures import Violation
from mappings.core.canonical.order import ZERO, Charge, TenderKind

FROM_TILL = re.compile(r"\[heartland:return:(\d{1,20})\]")  # in the reason of one that we made for a return there

AGREED = re.compile(r"\[tillbridge:row:\d{1,20}\]")  # … of one that a person agreed to, on both sides


def agreed_mark(row: int) -> str:
    """What is written on a refund that we have a store make for a gateway's row."""
    return f"[tillbridge:row:{row}]"


class RefundState(StrEnum):
    """What became of it; only what is done moved money."""

    DONE = "done"
    PENDING = "pending"  # the provider has not answered yet
    DECLINED = "declined"


@dataclass(frozen=True, kw_only=True)
class RefundLine:
    """Pieces of an order line that the shopper is paid back."""

    line_id: str
    quantity: int
    net: Decimal  # given back for them: after discounts, before tax
    tax: Decimal


@dataclass(frozen=True, kw_only=True)
class RefundTender:
    """By what the money went back."""

    kind: TenderKind
    amount: Decimal  # > 0
    method: str  # in the store's words: a provider's name
    reference: str = ""  # the provider's transaction; never card data
    is_offline: bool = False  # only noted: the store moved no money


@dataclass(frozen=True, kw_only=True)
class Refund:
    """One refund as the store's record tells it. Amounts are taken from that, in the currency of the order.

    total = Σ nets + shipping + Σ charges + amount − fee + tax, unless `violations` says why not.
    """

    source_id: str
    number: str  # as people know it
    order_id: str
    made_at: datetime
    state: RefundState
    total: Decimal  # of all tenders, with tax
    tax: Decimal  # all tax that went back
    lines: tuple[RefundLine, ...] = ()
    shipping: Decimal = ZERO  # before tax
    charges: tuple[Charge, ...] = ()  # fees and wrapping that were given back, before tax
    amount: Decimal = ZERO  # given for nothing that was sold; it bears no tax
    fee: Decimal = ZERO  # kept of what came back
    tenders: tuple[RefundTender, ...] = ()  # their sum is the total
    reason: str = ""  # as staff wrote it, or whoever else made the refund
    note: str = ""  # what the shopper saw of it, where that is another amount: "46.00 EUR"
    violations: tuple[Violation, ...] = ()  # money that does not add up; such a refund is never booked

    @property
    def is_done(self) -> bool:
        return self.state is RefundState.DONE

    @property
    def till_return(self) -> str:
        """The return ticket that it was made for; "" for one that began in the store."""
        found = FROM_TILL.search(self.reason)
        return found[1] if found else ""

    @property
    def is_agreed(self) -> bool:
        """A person said of it, before it was made, that Heartland books it too."""
        return bool(AGREED.search(self.reason))

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def sum_of_parts(self) -> Decimal:
        """What the parts make: the total of a refund that adds up."""
        goods = sum((line.net for line in self.lines), ZERO)
        charges = sum((charge.amount for charge in self.charges), ZERO)
        return goods + charges + self.shipping + self.amount - self.fee + self.tax


def together(refunds: Sequence[Refund]) -> Refund:
    """Some refunds of one order as one; what one of them lacks, all lack. Raises IndexError where there are none."""
    states = {one.state for one in refunds}
    worst = (RefundState.DECLINED, RefundState.PENDING, RefundState.DONE)
    return replace(
        refunds[0],
        number=", ".join(one.number for one in refunds),
        made_at=min(one.made_at for one in refunds),
        state=next(state for state in worst if state in states),
        total=sum((one.total for one in refunds), ZERO),
        tax=sum((one.tax for one in refunds), ZERO),
        lines=tuple(line for one in refunds for line in one.lines),
        shipping=sum((one.shipping for one in refunds), ZERO),
        charges=tuple(charge for one in refunds for charge in one.charges),
        amount=sum((one.amount for one in refunds), ZERO),
        fee=sum((one.fee for one in refunds), ZERO),
        tenders=tuple(tender for one in refunds for tender in one.tenders),
        violations=tuple(violation for one in refunds for violation in one.violations),
    )
