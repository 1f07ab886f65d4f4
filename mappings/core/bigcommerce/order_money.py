"""The money of an order before tax, to the cent, with discounts and tax on its lines. BigCommerce note §9.3, §10.1.

What the store leaves open (which line bears a coupon's last cent, how much of a price with tax is tax) is split by
`money.allocate`, so that the same order always gives the same split and every sum comes out exactly.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from errors.failures import Violation
from mappings.core.bigcommerce.order_identities import statement_violations
from mappings.core.bigcommerce.order_statement import LineStatement, Statement
from mappings.core.canonical.order import ZERO, Charge
from mappings.core.canonical.order_amounts import LineMoney, OrderMoney
from mappings.core.rules.disagreements import disagreement
from mappings.core.rules.money import CENT, allocate, cents, rounded_to


@dataclass(frozen=True, kw_only=True)
class _Split:
    """The pricing side in whole cents: line totals, their discounts, and what coupons take off shipping."""

    totals: list[Decimal]
    discounts: list[Decimal]
    shipping_discount: Decimal
    violations: tuple[Violation, ...]

    @property
    def nets(self) -> list[Decimal]:
        return [total - discount for total, discount in zip(self.totals, self.discounts, strict=True)]


def order_money(statement: Statement) -> OrderMoney:
    """Settle the amounts of an order. Contradictions become violations; the numbers are then only for showing."""
    split = _split_discounts(statement)
    violations = [*statement_violations(statement), *split.violations]
    taxes = _line_taxes(statement, split)
    wraps = _wraps(statement)
    lines = tuple(map(partial(_line_money, statement), statement.lines, split.totals, split.discounts, taxes, wraps))
    removed = statement.is_inclusive
    shipping = statement.shipping - split.shipping_discount - (statement.shipping_tax if removed else ZERO)
    money = OrderMoney(
        total=statement.total_inc_tax,
        subtotal=sum((line.total for line in lines), ZERO),
        discount=sum((line.discount for line in lines), ZERO),
        shipping=shipping,
        shipping_discount=max(statement.shipping_ex_tax - shipping, ZERO) if split.shipping_discount else ZERO,
        charges=_charges(statement),
        wrapping=statement.wrapping - (statement.wrapping_tax if removed else ZERO),
        tax=statement.total_tax,
        lines=lines,
        violations=(),
    )
    return replace(money, violations=tuple(violations) or _unsettled(statement, money))


def _split_discounts(s: Statement) -> _Split:
    """Who bears the discounts: lines as far as they tell, then shipping for coupons that no line knows, then lines."""
    totals = rounded_to([line.total for line in s.lines], s.subtotal) or [cents(line.total) for line in s.lines]
    goods = sum(totals, ZERO)
    off_shipping = _shipping_discount(s)
    off_goods = s.discount - off_shipping
    if off_goods > goods:
        moved = min(off_goods - goods, s.shipping - off_shipping)
        off_shipping, off_goods = off_shipping + moved, off_goods - moved
    violations = tuple(_discount_violations(s, totals, off_goods, goods))
    discounts = [ZERO for _ in totals] if violations or off_goods <= 0 else _spread(s, totals, off_goods)
    return _Split(totals=totals, discounts=discounts, shipping_discount=off_shipping, violations=violations)


def _rounding(s: Statement) -> Decimal:
    """As much as the lines' shares of a discount may miss it by rounding."""
    return CENT * len(s.lines)


def _shipping_discount(s: Statement) -> Decimal:
    """Coupon money that no line knows although the lines tell their discounts: coupons on shipping."""
    unclaimed = s.coupon - sum((line.coupon for line in s.lines), ZERO)
    if unclaimed <= _rounding(s) or not any(line.knows_discounts for line in s.lines):
        return ZERO
    return min(cents(unclaimed), s.shipping)


def _discount_violations(s: Statement, totals: list[Decimal], off_goods: Decimal, goods: Decimal) -> list[Violation]:
    found = []
    claimed = sum((line.discount for line in s.lines), ZERO)
    if off_goods > goods:
        found.append(f"discounts of {s.discount} are more than goods {goods} and shipping {s.shipping} together")
    if claimed > off_goods + _rounding(s):
        found.append(f"its lines tell discounts of {cents(claimed)}, the order {s.discount}")
    for line, total in zip(s.lines, totals, strict=True):
        if line.discount < 0 or cents(line.discount) > total >= 0:
            name = line.label.partition(", ")[2]
            found.append(f"{name} tells a discount of {cents(line.discount)} on a price of {total}")
    return [disagreement(s.label, "discounts", sentence) for sentence in found]


def _spread(s: Statement, totals: list[Decimal], off_goods: Decimal) -> list[Decimal]:
    """Discounts per line that sum to `off_goods`: what the lines tell, the rest in proportion to what is left."""
    told = [cents(line.discount) for line in s.lines]
    rest = off_goods - sum(told, ZERO)
    if rest < 0:
        return [mine - less for mine, less in zip(told, allocate(-rest, told), strict=True)]
    room = [max(total - mine, ZERO) for total, mine in zip(totals, told, strict=True)]
    return [mine + more for mine, more in zip(told, allocate(rest, room), strict=True)] if rest else told


def _line_taxes(s: Statement, split: _Split) -> list[Decimal]:
    """The tax on goods, per line. The lines' own amounts when they sum up, else in proportion to them.

    In a store that prices with tax a line's own tax is the one before discounts, so it is scaled down with the price.
    """
    nets = split.nets
    tax = s.total_tax - s.shipping_tax - s.handling_tax - s.wrapping_tax - s.fee_tax
    told = [max(line.tax, ZERO) for line in s.lines]
    given = rounded_to(told, tax)
    if given is not None and (not s.is_inclusive or all(t <= net for t, net in zip(given, nets, strict=True))):
        return given
    if s.is_inclusive:
        told = [t * net / total if total > 0 else ZERO for t, net, total in zip(told, nets, split.totals, strict=True)]
    for weights in (told, [max(net, ZERO) for net in nets]):
        if tax > 0 and any(weights):
            return allocate(tax, weights)
    return [ZERO for _ in nets]


def _wraps(s: Statement) -> list[Decimal]:
    """Gift wrapping per line before tax, summing to the order's."""
    told = [line.wrapping for line in s.lines]
    gross = rounded_to(told, s.wrapping) or [cents(amount) for amount in told]
    if not s.is_inclusive or not any(gross):
        return gross
    own = [max(line.wrapping_tax, ZERO) for line in s.lines]
    taxes = rounded_to(own, s.wrapping_tax) or allocate(s.wrapping_tax, own if any(own) else gross)
    return [amount - tax for amount, tax in zip(gross, taxes, strict=True)]


def _line_money(
    s: Statement, line: LineStatement, total: Decimal, discount: Decimal, tax: Decimal, wrapping: Decimal
) -> LineMoney:
    if not s.is_inclusive:
        return LineMoney(total=total, discount=discount, tax=tax, wrapping=wrapping)
    net = total - discount - tax
    before = max(net, cents(line.total_ex_tax)) if discount else net
    return LineMoney(total=before, discount=before - net, tax=tax, wrapping=wrapping)


def _charges(s: Statement) -> tuple[Charge, ...]:
    """Handling and checkout fees before tax, without those that cost nothing."""
    rows = [("Handling", s.handling, s.handling_tax), *((fee.name, fee.amount, fee.tax) for fee in s.fees)]
    return tuple(
        Charge(name=name, amount=amount - tax if s.is_inclusive else amount) for name, amount, tax in rows if amount
    )


def _unsettled(s: Statement, money: OrderMoney) -> tuple[Violation, ...]:
    """The last look: everything together must be the total, and nothing below zero."""
    charges = sum((charge.amount for charge in money.charges), ZERO)
    composed = money.subtotal - money.discount + money.shipping + charges + money.wrapping + money.tax
    amounts = [money.shipping, money.wrapping, *(charge.amount for charge in money.charges)]
    amounts += [value for line in money.lines for value in (line.total - line.discount, line.wrapping)]
    if composed == money.total and all(amount >= 0 for amount in amounts):
        return ()
    sentence = f"without tax its parts and the tax of {money.tax} make {composed}, but its total is {money.total}"
    if composed == money.total:
        sentence = f"its tax of {money.tax} is more than the prices it is part of"
    return (disagreement(s.label, "tax split", sentence),)
