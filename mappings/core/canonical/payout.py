"""What a gateway tells of the money it pays out, row by row, whatever its file looks like."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class RowKind(StrEnum):
    """What a row is about."""

    SALE = "sale"
    REFUND = "refund"
    DISPUTE = "dispute"  # taken by the shopper's bank, or given back by it: the sign tells
    FEE = "fee"  # of no single order
    OTHER = "other"  # reserve, loan, correction: a person says which
    PAYOUT = "payout"  # what went to the bank (negative) or was taken from it (positive): no sale


@dataclass(frozen=True, kw_only=True)
class PayoutRow:
    """One row. Amounts are signed from the merchant's side: money that comes is positive; `net` = `gross` - `fee`."""

    line: int  # of the file, its heading included
    id: str  # the gateway's own; "" where the file has none
    kind: RowKind
    reference: str  # the gateway's name of the payment, as the store keeps it; "" where there is none
    gross: Decimal
    fee: Decimal  # > 0 is kept by the gateway
    net: Decimal
    currency: str  # "" where the file does not say
    happened_at: datetime  # aware
    available_on: date | None  # when the bank has it, where the file says so
    payout: str  # the payout it is part of; "" while it is outstanding
    text: str  # what else the row says, as it stands there
