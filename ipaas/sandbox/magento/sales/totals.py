"""The totals of an order as the shop collects them, once in the website's base currency and once in the shopper's (§7).

grand_total = subtotal + discount (negative) + shipping + tax (the delivery's is in it) + discount tax compensation
+ the delivery's compensation + fixed product taxes - gift cards - store credit - reward points.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from decimal import Decimal

from ipaas.sandbox.magento.sales.cart import Cart, Coupon, Place, TaxRate, places
from ipaas.sandbox.magento.sales.cents import ZERO, Row, base, cents
from ipaas.sandbox.magento.sales.discounting import Discounted, discounts
from ipaas.sandbox.magento.sales.paid_beside import paid_beside
from ipaas.sandbox.magento.sales.taxing import Calculator, Taxable, Taxed, total_by_rate

ONE_CURRENCY = {"tax_percent", "discount_percent", "weee_tax_applied", "gift_cards"}  # columns without a base twin
SUMS = ("price", "price_incl_tax", "row_total", "row_total_incl_tax", "tax_amount")


@dataclass(frozen=True, slots=True)
class Totals:
    """Columns of the order, columns of its items in the rows' order, and the taxes that make them up.

    `applied`: {code, percent, amount, base_amount}; `item_applied`: {index (None: the delivery), applied: the same}.
    """

    order: Row
    items: list[Row]
    applied: list[Row]
    item_applied: list[Row]


@dataclass(frozen=True, slots=True)
class _Side:
    """The whole calculation in one currency."""

    order: Row
    items: list[Row]
    taxed: list[Taxed | None]
    delivery: Taxed


def totals(cart: Cart) -> Totals:
    """Collect the totals of a cart."""
    rows = places(cart)
    own, theirs = _side(cart, rows, Decimal(1)), _side(cart, rows, cart.to_order_rate)
    order = _twin(*paid_beside(cart, own.order, theirs.order))
    items = [_twin(mine, other) for mine, other in zip(own.items, theirs.items, strict=True)]
    return Totals(order, items, _applied(cart, own, theirs), _item_applied(cart, own, theirs))


def _twin(own: Row, theirs: Row) -> Row:
    """Amounts of both currencies in one row."""
    return theirs | {base(name): value for name, value in own.items() if name not in ONE_CURRENCY}


# --- one currency ---------------------------------------------------------------------------------


def _side(cart: Cart, rows: list[Place], rate: Decimal) -> _Side:
    prices = [_converted(row.line.price, rate) if row.carries_money(rows) else ZERO for row in rows]
    shipping = ZERO if cart.ships_free else _converted(cart.shipping, rate)
    off = _discounts(cart, rows, prices, shipping, rate)
    calculator = Calculator(cart.rules.algorithm, includes_tax=cart.rules.prices_include_tax)
    taxed = [
        calculator.tax(Taxable(price=price, qty=row.qty, discount=cut, rates=cart.rates if row.line.is_taxable else ()))
        if row.carries_money(rows)
        else None
        for row, price, cut in zip(rows, prices, off.rows, strict=True)
    ]
    items = [_item(cart, row, one, cut, rate) for row, one, cut in zip(rows, taxed, off.rows, strict=True)]
    _fill_parents(cart, rows, items)
    delivery = Calculator(cart.rules.algorithm, includes_tax=cart.rules.shipping_includes_tax).tax(
        Taxable(price=shipping, qty=Decimal(1), discount=off.shipping, rates=cart.shipping_rates)
    )
    paying = [item for item, one in zip(items, taxed, strict=True) if one is not None]
    return _Side(_order(paying, delivery, off), items, taxed, delivery)


def _converted(amount: Decimal, rate: Decimal) -> Decimal:
    return amount if rate == 1 else cents(amount * rate)


def _discounts(cart: Cart, rows: list[Place], prices: list[Decimal], shipping: Decimal, rate: Decimal) -> Discounted:
    """A coupon's shares, taken of prices with or without tax as the shop is set up."""
    percent = sum((one.percent for one in cart.rates), ZERO) / 100
    worths = [
        (_worth(cart, price, percent if row.line.is_taxable else ZERO) if row.line.takes_coupon else ZERO, row.qty)
        for row, price in zip(rows, prices, strict=True)
    ]
    return discounts([_coupon_at(coupon, rate) for coupon in cart.coupons], worths, shipping)


def _worth(cart: Cart, price: Decimal, percent: Decimal) -> Decimal:
    if cart.rules.discounts_gross == cart.rules.prices_include_tax:
        return price
    return cents(price * (1 + percent)) if cart.rules.discounts_gross else cents(price / (1 + percent))


def _coupon_at(coupon: Coupon, rate: Decimal) -> Coupon:
    return coupon if coupon.kind == "by_percent" else replace(coupon, amount=_converted(coupon.amount, rate))


def _item(cart: Cart, row: Place, taxed: Taxed | None, cut: Decimal, rate: Decimal) -> Row:
    """The money columns of one row; a row that carries none has zeros."""
    line = row.line
    original = _converted(line.price if line.original_price is None else line.original_price, rate)
    item: Row = {"original_price": original, "discount_amount": cut, "discount_percent": ZERO, "tax_percent": ZERO}
    if taxed is None:
        zeros = dict.fromkeys((*SUMS, "discount_tax_compensation_amount"), ZERO)
        return item | zeros | {"original_price": ZERO}
    if line.takes_coupon:
        percents = (coupon.amount for coupon in cart.coupons if coupon.kind == "by_percent")
        item["discount_percent"] = sum(percents, ZERO)
    if line.is_taxable:
        item["tax_percent"] = sum((one.percent for one in cart.rates), ZERO)
    return item | {
        "price": taxed.price,
        "price_incl_tax": taxed.price_incl_tax,
        "row_total": taxed.row_total,
        "row_total_incl_tax": taxed.row_total_incl_tax,
        "tax_amount": taxed.tax,
        "discount_tax_compensation_amount": taxed.compensation,
        **_weee(line.weee, row.qty, rate),
    }


def _weee(amount: Decimal, qty: Decimal, rate: Decimal) -> Row:
    """Fixed product tax of a row; the schema has it as text of JSON (§8.3)."""
    if not amount:
        return {}
    own, theirs = amount, _converted(amount, rate)
    applied = {
        "title": "FPT",
        "base_amount": f"{own:.4f}",
        "amount": f"{theirs:.4f}",
        "row_amount": f"{theirs * qty:.4f}",
        "base_row_amount": f"{own * qty:.4f}",
        "base_amount_incl_tax": f"{own:.4f}",
        "amount_incl_tax": f"{theirs:.4f}",
        "row_amount_incl_tax": f"{theirs * qty:.4f}",
        "base_row_amount_incl_tax": f"{own * qty:.4f}",
    }
    return {
        "weee_tax_applied": json.dumps([applied]),
        "weee_tax_applied_amount": theirs,
        "weee_tax_applied_row_amount": theirs * qty,
        "weee_tax_disposition": ZERO,
        "weee_tax_row_disposition": ZERO,
    }


def _fill_parents(cart: Cart, rows: list[Place], items: list[Row]) -> None:
    """What stands on rows that are not paid: a bundle's sum, and in some releases the child's price (§8.3)."""
    for index, row in enumerate(rows):
        if row.line.children and row.line.children_calculated:
            own = [item for place, item in zip(rows, items, strict=True) if place.parent == index]
            items[index] |= {name: sum((item[name] for item in own), ZERO) for name in SUMS[2:]}
            items[index] |= {"price": cents(items[index]["row_total"] / row.qty)}
            items[index] |= {"price_incl_tax": cents(items[index]["row_total_incl_tax"] / row.qty)}
        if cart.repeats_child_price and row.parent is not None and rows[row.parent].line.product_type == "configurable":
            items[index] |= {name: items[row.parent][name] for name in ("original_price", *SUMS[:4])}


def _order(paying: list[Row], delivery: Taxed, off: Discounted) -> Row:
    """Sum up the rows that carry money."""

    def total(name: str) -> Decimal:
        return sum((item.get(name, ZERO) for item in paying), ZERO)

    order: Row = {
        "subtotal": total("row_total"),
        "subtotal_incl_tax": total("row_total_incl_tax"),
        "discount_amount": -(total("discount_amount") + off.shipping),
        "tax_amount": total("tax_amount") + delivery.tax,
        "discount_tax_compensation_amount": total("discount_tax_compensation_amount"),
        "shipping_amount": delivery.row_total,
        "shipping_incl_tax": delivery.row_total_incl_tax,
        "shipping_tax_amount": delivery.tax,
        "shipping_discount_amount": off.shipping,
        "shipping_discount_tax_compensation_amount": delivery.compensation,
    }
    weee = total("weee_tax_applied_row_amount")
    return order | {"grand_total": whole(order) + weee}


def whole(row: Row) -> Decimal:
    """Sum of a document's parts, without fixed product taxes and before what gift cards and the like pay (§7)."""
    parts = (
        "subtotal",
        "discount_amount",
        "shipping_amount",
        "tax_amount",
        "discount_tax_compensation_amount",
        "shipping_discount_tax_compensation_amount",
    )
    return sum((row.get(name) or ZERO for name in parts), ZERO)


# --- which tax is how much ------------------------------------------------------------------------


def _all_rates(cart: Cart) -> dict[str, TaxRate]:
    return {rate.code: rate for rate in (*cart.rates, *cart.shipping_rates)}


def _applied(cart: Cart, own: _Side, theirs: _Side) -> list[Row]:
    """Each rate with what the whole order pays of it."""
    mine, other = _taxed(own), _taxed(theirs)
    return [
        {
            "code": rate.code,
            "title": rate.code,
            "percent": rate.percent,
            "amount": total_by_rate(other, rate),
            "base_amount": total_by_rate(mine, rate),
        }
        for rate in _all_rates(cart).values()
    ]


def _taxed(side: _Side) -> list[Taxed]:
    return [*(one for one in side.taxed if one is not None), side.delivery]


def _item_applied(cart: Cart, own: _Side, theirs: _Side) -> list[Row]:
    """The same row by row; the delivery's comes last, with an index of None."""
    rows: list[tuple[int | None, Taxed | None, Taxed | None]] = [
        (index, mine, other) for index, (mine, other) in enumerate(zip(own.taxed, theirs.taxed, strict=True))
    ]
    found: list[Row] = []
    for index, mine, other in [*rows, (None, own.delivery, theirs.delivery)]:
        if mine is None or other is None or not mine.by_rate:
            continue
        applied = [
            {"code": code, "title": code, "percent": rate.percent}
            | {"amount": other.by_rate[code], "base_amount": mine.by_rate[code]}
            for code, rate in _all_rates(cart).items()
            if code in mine.by_rate
        ]
        found.append({"index": index, "applied": applied})
    return found
