"""What payouts add up to: sales, refunds, fees, what the bank got, and what no row explains, never rounded away."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import Decimal

from mappings.core.canonical.payout import PayoutRow, RowKind

ZERO = Decimal("0.00")


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Of some rows: refunds, fees and disputes as amounts that left, all else as money that came."""

    sales: Decimal
    refunds: Decimal
    disputed: Decimal  # taken by banks and not given back
    fees: Decimal
    other: Decimal  # signed: reserve, loan, corrections
    net: Decimal  # what these rows bring


@dataclass(frozen=True, kw_only=True)
class Payout:
    """One transfer to the bank beside the rows it is made of."""

    id: str
    on: date | None
    rows: int
    sums: Sums
    bank: Decimal | None  # what the payout's own row says; None where the file has none
    explained: Decimal  # what a person put a name to

    @property
    def difference(self) -> Decimal:
        """What the bank got more than the rows and a person's words explain; negative is missing."""
        return ZERO if self.bank is None else self.bank - self.sums.net - self.explained


def sums_of(rows: Iterable[PayoutRow]) -> Sums:
    """What these rows add up to; payouts among them are no money earned and are left out."""
    found = [row for row in rows if row.kind != RowKind.PAYOUT]
    return Sums(
        sales=_gross(found, RowKind.SALE),
        refunds=-_gross(found, RowKind.REFUND),
        disputed=-_gross(found, RowKind.DISPUTE),
        fees=sum((row.fee for row in found), ZERO) - _gross(found, RowKind.FEE),
        other=_gross(found, RowKind.OTHER),
        net=sum((row.net for row in found), ZERO),
    )


def payouts_of(rows: Iterable[PayoutRow], explained: Mapping[str, Decimal]) -> list[Payout]:
    """The payouts that rows belong to, the newest first; rows of none are outstanding and in no payout."""
    groups: dict[str, list[PayoutRow]] = {}
    for row in rows:
        name = row.payout or (row.reference or row.id if row.kind == RowKind.PAYOUT else "")
        if name:
            groups.setdefault(name, []).append(row)
    found = [_payout(name, group, explained.get(name, ZERO)) for name, group in groups.items()]
    return sorted(found, key=lambda one: (one.on or date.min, one.id), reverse=True)


def outstanding(rows: Iterable[PayoutRow], at: date, zone: tzinfo) -> Decimal:
    """What the gateway still holds at the end of the merchant's day: earned until then and not yet at the bank."""
    earned = (row for row in rows if row.kind != RowKind.PAYOUT and row.happened_at.astimezone(zone).date() <= at)
    return sum((row.net for row in earned if not _is_paid(row, at)), ZERO)


def _is_paid(row: PayoutRow, at: date) -> bool:
    return row.available_on is not None and row.available_on <= at


def _payout(name: str, rows: list[PayoutRow], explained: Decimal) -> Payout:
    own = [row for row in rows if row.kind == RowKind.PAYOUT]
    days = [row.available_on or row.happened_at.date() for row in own] or [
        row.available_on for row in rows if row.available_on
    ]
    return Payout(
        id=name,
        on=max(days, default=None),
        rows=len(rows) - len(own),
        sums=sums_of(rows),
        bank=-sum((row.net for row in own), ZERO) if own else None,
        explained=explained,
    )


def _gross(rows: Iterable[PayoutRow], kind: RowKind) -> Decimal:
    return sum((row.gross for row in rows if row.kind == kind), ZERO)
