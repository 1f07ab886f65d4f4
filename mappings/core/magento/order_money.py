"""The money of a Magento order before tax, to the cent, proven by its own total. Magento notes §7, §8.

grand_total + gift cards + store credit + points = subtotal + shipping + discount + tax + compensation of both + fixed
product taxes + gift wrapping + fees. Amounts are taken from the order, never computed anew; where a part of it was
cancelled, what is left of each is what counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from errors.failures import Violation
from ipaas.types import JSON
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import ZERO, Charge
from mappings.core.canonical.order_amounts import LineMoney, OrderMoney
from mappings.core.magento.order_rows import Kept, times
from mappings.core.magento.product_taxes import product_taxes
from mappings.core.magento.sides import Side
from mappings.core.rules.disagreements import disagreement
from mappings.core.rules.money import CENT, allocate, cents, rounded_to

EXTRA = "extension_attributes"  # what modules add to a record
COMPENSATION = "discount_tax_compensation_amount"
BESIDE = ("gift_cards_amount", "customer_balance_amount", "reward_currency_amount")  # taken off grand_total
WRAPS = {"gw_price": "Gift wrapping", "gw_card_price": "Printed card"}  # of the whole order


@dataclass(frozen=True, kw_only=True)
class MagentoMoney(OrderMoney):
    """With what of the total was paid by BESIDE."""

    beside: tuple[Decimal, Decimal, Decimal]


@dataclass(frozen=True, kw_only=True)
class _Statement:
    """The order's own amounts in whole cents, without what was cancelled."""

    label: str
    total: Decimal
    beside: tuple[Decimal, Decimal, Decimal]
    subtotal: Decimal
    shipping: Decimal  # before its discount
    shipping_discount: Decimal
    shipping_compensation: Decimal
    goods_discount: Decimal
    compensation: Decimal
    tax: Decimal
    shipping_tax: Decimal

    @property
    def goods(self) -> Decimal:
        """What the goods bring after discounts, before tax."""
        return self.subtotal - self.goods_discount + self.compensation

    @property
    def shipped_for(self) -> Decimal:
        return self.shipping - self.shipping_discount + self.shipping_compensation


def order_money(order: Row, lines: Sequence[Kept], side: Side, *, is_whole: bool) -> MagentoMoney:
    """Settle the amounts of an order. Contradictions become violations; the numbers are then only for showing."""
    s = _statement(order, lines, side, is_whole=is_whole)
    wraps = [cents(times(side.money(one.row.inside(EXTRA), "gw_price") * one.ordered, one.left)) for one in lines]
    charges = tuple(_charges(order, lines, side, s, sum(wraps, ZERO)))
    totals, nets = _totals(lines, side, s.subtotal), _nets(lines, side, s.goods)
    taxes = _taxes(lines, side, s.tax - s.shipping_tax)
    found = tuple(_violations(s, lines, side, charges, sum(wraps, ZERO)))
    if totals is None or nets is None:
        totals = nets = [cents(_net(one, side)) for one in lines]
    return MagentoMoney(
        total=s.total,
        beside=s.beside,
        subtotal=s.subtotal,
        discount=sum(totals, ZERO) - sum(nets, ZERO),
        shipping=s.shipped_for,
        shipping_discount=s.shipping - s.shipped_for,
        charges=charges,
        wrapping=sum(wraps, ZERO),
        tax=s.tax,
        lines=tuple(
            LineMoney(total=total, discount=total - net, tax=tax, wrapping=wrap)
            for total, net, tax, wrap in zip(totals, nets, taxes, wraps, strict=True)
        ),
        violations=found,
    )


def _statement(order: Row, lines: Sequence[Kept], side: Side, *, is_whole: bool) -> _Statement:
    extra = order.inside(EXTRA)

    def money(field: str) -> Decimal:
        return cents(side.money(order, field))

    def left(field: str, cancelled: str) -> Decimal:
        return abs(money(field)) if is_whole else abs(money(field)) - abs(money(cancelled))

    gift_cards, credit, points = (cents(side.money(extra, field)) for field in BESIDE)
    beside = gift_cards, credit, points
    shipping_discount = money("shipping_discount_amount")
    return _Statement(
        label=order.label,
        total=left("grand_total", "total_canceled") + sum(beside, ZERO),
        beside=beside,
        subtotal=left("subtotal", "subtotal_canceled"),
        shipping=left("shipping_amount", "shipping_canceled"),
        shipping_discount=shipping_discount,
        shipping_compensation=money("shipping_" + COMPENSATION),
        goods_discount=left("discount_amount", "discount_canceled") - shipping_discount,
        compensation=_compensation(order, lines, side),
        tax=left("tax_amount", "tax_canceled"),
        shipping_tax=money("shipping_tax_amount"),
    )


def _compensation(order: Row, lines: Sequence[Kept], side: Side) -> Decimal:
    """The order's own; of one that was cancelled in part what is left on its lines, since it keeps no sum of these."""
    if all(one.left == 1 for one in lines):
        return cents(side.money(order, COMPENSATION))
    return cents(sum((times(side.money(one.row, COMPENSATION), one.left) for one in lines if one.has_money), ZERO))


def _charges(order: Row, lines: Sequence[Kept], side: Side, s: _Statement, wrapping: Decimal) -> Iterator[Charge]:
    """Money that belongs to no line, without what costs nothing."""
    extra = order.inside(EXTRA)
    rest = [(name, cents(side.money(extra, field))) for field, name in WRAPS.items()]
    for fee in extra.rows("custom_fees", "fee"):
        amount = cents(side.money(fee, "custom_fee_amount"))
        rest.append((fee.free_text("custom_fee_label") or fee.free_text("custom_fee_code") or "Fee", amount))
    taxed = [(name, amount) for name, amount in product_taxes(lines, side).items() if amount]
    composed = s.goods + s.shipped_for + s.tax + wrapping + sum((amount for _, amount in rest), ZERO)
    if composed == s.total:  # a shop may count them among its prices or its tax: then they are in there already
        taxed = []
    yield from (Charge(name=name, amount=amount) for name, amount in [*taxed, *rest] if amount)


def _totals(lines: Sequence[Kept], side: Side, subtotal: Decimal) -> list[Decimal] | None:
    return _settled([_total(one, side) for one in lines], subtotal)


def _nets(lines: Sequence[Kept], side: Side, goods: Decimal) -> list[Decimal] | None:
    return _settled([_net(one, side) for one in lines], goods)


def _total(one: Kept, side: Side) -> Decimal:
    return times(side.money(one.row, "row_total"), one.left) if one.has_money else ZERO


def _net(one: Kept, side: Side) -> Decimal:
    """A line's row_total − discount + compensation."""
    if not one.has_money:
        return ZERO
    row = one.row
    exact = side.money(row, "row_total") - side.money(row, "discount_amount") + side.money(row, COMPENSATION)
    return times(exact, one.left)


def _taxes(lines: Sequence[Kept], side: Side, tax: Decimal) -> list[Decimal]:
    """The tax on goods per line, as far as the lines tell: only the order's tax is booked."""
    told = [max(times(side.money(one.row, "tax_amount"), one.left), ZERO) if one.has_money else ZERO for one in lines]
    near = _settled(told, tax)
    if near is not None:
        return near
    return allocate(tax, told) if tax > 0 and any(told) else [ZERO for _ in lines]


def _settled(values: Sequence[Decimal], total: Decimal) -> list[Decimal] | None:
    """Exact values in whole cents that sum to a total, which they may miss by a cent each; None when by more."""
    exact = rounded_to(values, total)
    if exact is not None:
        return exact
    near = [cents(value) for value in values]
    rest = total - sum(near, ZERO)
    if abs(rest) > CENT * len(near):
        return None
    by_size = sorted(range(len(near)), key=lambda at: (-near[at], at))
    for at in by_size[: int(abs(rest) / CENT)]:
        near[at] += CENT if rest > 0 else -CENT
    return near


def _violations(
    s: _Statement, lines: Sequence[Kept], side: Side, charges: Sequence[Charge], wrapping: Decimal
) -> Iterator[Violation]:
    extra = sum((charge.amount for charge in charges), ZERO)
    parts: JSON = {
        "goods": s.subtotal, "discount": -s.goods_discount, "its tax compensation": s.compensation,
        "shipping": s.shipped_for, "fees": extra, "gift wrapping": wrapping, "tax": s.tax,
    }  # fmt: skip
    if sum(parts.values(), ZERO) != s.total:
        named = " + ".join(f"{name} {amount}" for name, amount in parts.items() if amount)
        sentence = f"{named} make {sum(parts.values(), ZERO)}, but its total is {s.total}"
        yield disagreement(s.label, "order total", sentence)
    if (totals := _totals(lines, side, s.subtotal)) is None:
        summed = cents(sum((_total(one, side) for one in lines), ZERO))
        yield disagreement(s.label, "order lines", f"its lines make {summed}, but its subtotal is {s.subtotal}")
    if (nets := _nets(lines, side, s.goods)) is None:
        summed = cents(sum((_net(one, side) for one in lines), ZERO))
        yield disagreement(s.label, "discounts", f"after discounts its lines bring {summed}, the order {s.goods}")
    amounts = [s.shipped_for, s.tax, s.total - sum(s.beside, ZERO), *(nets or [])]
    if min(amounts) < 0 or any(total < net for total, net in zip(totals or [], nets or [], strict=False)):
        yield disagreement(s.label, "signs", "one of its amounts is below zero")
