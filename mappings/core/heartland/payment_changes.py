"""What becomes of a sales order's payments once some of the money came that was still to come. Heartland note §11.2.

Heartland changes no amount: a pending payment that came in part is voided, and both parts are recorded in its place.
Pure: the flow looks, this plans, the flow writes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mappings.core.canonical.order import ZERO

Payment = Mapping[str, Any]
PENDING, COMPLETE, VOID = "pending", "complete", "void"
REFUSED = " — payment refused: do not hand out the goods"  # behind the description of a payment that did not come


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What is to be written, in this order; nothing but `added` is left where an earlier try ended after the void."""

    completed: tuple[Payment, ...] = ()
    voided: Payment | None = None
    added: tuple[tuple[str, Decimal], ...] = ()  # status and amount of payments like the voided one

    def __bool__(self) -> bool:
        return bool(self.completed or self.voided or self.added)


def changes(payments: Iterable[Payment], *, due: Decimal, whole: Decimal) -> Changes:
    """What brings the payments so far that no more than `due` waits, and all come to `whole` together.

    What waits and is too much came in the meantime: never more is completed than that.
    """
    payments = [one for one in payments if one.get("status") != VOID]
    pending = sorted((one for one in payments if one.get("status") == PENDING), key=amount_of)
    excess = sum(map(amount_of, pending), ZERO) - due
    completed, voided = [], None
    for payment in pending:
        if excess <= ZERO:
            break
        if amount_of(payment) > excess:
            voided = payment
            break
        completed.append(payment)
        excess -= amount_of(payment)
    gone = [*completed, *([voided] if voided else [])]
    waiting = sum((amount_of(one) for one in pending if one not in gone), ZERO)
    room = whole - sum((amount_of(one) for one in payments if one is not voided), ZERO)
    rest = max(min(due - waiting, room), ZERO)
    added = ((COMPLETE, room - rest), (PENDING, rest))
    return Changes(
        completed=tuple(completed),
        voided=voided,
        added=tuple((status, amount) for status, amount in added if amount > ZERO),
    )


def amount_of(payment: Payment) -> Decimal:
    """What a payment is over."""
    return Decimal(str(payment.get("amount") or 0))


def refused(description: str) -> str:
    """The description of a payment whose money was refused."""
    return description if description.endswith(REFUSED) else f"{description}{REFUSED}"


def no_more_refused(description: str) -> str:
    """The description as it was before."""
    return description.removesuffix(REFUSED)
