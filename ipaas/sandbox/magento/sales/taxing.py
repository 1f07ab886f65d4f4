"""Tax of rows: per unit, per row or over the whole, outside or inside the price, before and after discount (§7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ipaas.sandbox.magento.sales.cart import Algorithm, TaxRate
from ipaas.sandbox.magento.sales.cents import NUDGE, ZERO, Carry, cents

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxable:
    """A row to tax: unit price in the currency of the run, pieces, discount of the row, its taxes."""

    price: Decimal
    qty: Decimal
    discount: Decimal = ZERO
    rates: tuple[TaxRate, ...] = ()

    @property
    def percent(self) -> Decimal:
        return sum((rate.percent for rate in self.rates), ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxed:
    """A taxed row. `compensation` is the tax inside the discount, which the total adds back; `by_rate`: code -> tax."""

    price: Decimal
    price_incl_tax: Decimal
    row_total: Decimal
    row_total_incl_tax: Decimal
    tax: Decimal
    compensation: Decimal
    by_rate: dict[str, Decimal]


class Calculator:
    """Taxes the rows of one run in turn; a rounding over the whole carries what one row leaves to the next."""

    def __init__(self, algorithm: Algorithm, *, includes_tax: bool) -> None:
        self.per_unit = algorithm == "UNIT_BASE_CALCULATION"
        self.carries = algorithm != "ROW_BASE_CALCULATION"
        self.includes_tax = includes_tax
        self._carry = Carry(NUDGE)

    def tax(self, row: Taxable) -> Taxed:
        """Tax one row."""
        return self._inside(row) if self.includes_tax else self._outside(row)

    def _round(self, kind: object, amount: Decimal) -> Decimal:
        return self._carry.round(kind, amount) if self.carries else cents(amount)

    def _counted(self, row: Taxable) -> tuple[Decimal, Decimal, Decimal]:
        """What is taxed at a time, its discount, and how many times it counts: a piece, or the row."""
        if self.per_unit:
            return row.price, row.discount / row.qty, row.qty
        return row.price * row.qty, row.discount, Decimal(1)

    def _outside(self, row: Taxable) -> Taxed:
        amount, discount, times = self._counted(row)
        before = ZERO
        by_rate: dict[str, Decimal] = {}
        for rate in row.rates:
            share = rate.percent / HUNDRED
            before += self._round(("before", rate.code), amount * share) * times
            by_rate[rate.code] = self._round(("after", rate.code), max(amount - discount, ZERO) * share) * times
        row_total = cents(row.price * row.qty)
        gross = row_total + before
        return Taxed(
            price=row.price,
            price_incl_tax=cents(gross / row.qty),
            row_total=row_total,
            row_total_incl_tax=gross,
            tax=sum(by_rate.values(), ZERO),
            compensation=ZERO,
            by_rate=by_rate,
        )

    def _inside(self, row: Taxable) -> Taxed:
        amount, discount, times = self._counted(row)
        inside = row.percent / (HUNDRED + row.percent)
        before = self._round("before", amount * inside) * times
        after = self._round("after", max(amount - discount, ZERO) * inside) * times
        gross = cents(row.price * row.qty)
        return Taxed(
            price=cents((gross - before) / row.qty),
            price_incl_tax=row.price,
            row_total=gross - before,
            row_total_incl_tax=gross,
            tax=after,
            compensation=before - after,
            by_rate=self._split(row, after),
        )

    def _split(self, row: Taxable, tax: Decimal) -> dict[str, Decimal]:
        """A tax inside the price, dealt over its rates; the last takes what is left."""
        by_rate: dict[str, Decimal] = {}
        for rate in row.rates:
            by_rate[rate.code] = cents(tax * rate.percent / row.percent) if row.percent else ZERO
        if row.rates:
            last = row.rates[-1].code
            by_rate[last] += tax - sum(by_rate.values(), ZERO)
        return by_rate


def total_by_rate(rows: Sequence[Taxed], rate: TaxRate) -> Decimal:
    """What all rows pay of one rate."""
    return sum((row.by_rate.get(rate.code, ZERO) for row in rows), ZERO)
