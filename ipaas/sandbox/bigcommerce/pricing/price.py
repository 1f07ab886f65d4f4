"""`price`: a cart becomes the rows of an order, to the cent (note §9-§12, §15).

Choices where the note is silent:
- taxes of several rates are rounded per line and rate, so that the rows of §12 add up to the taxes of the order;
- a shipping coupon lowers `shipping_cost_*` and the address's `cost_*`; the `base_*` fields keep the full cost;
- in a store with prices including tax a line's `total_tax` is the tax before discounts (§10.1), while the order's
  `subtotal_tax` and the rows of §12 are after them;
- fees are taxed like the first destination and have no row in §12, whose `line_item_type` knows none for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ipaas.sandbox.bigcommerce.pricing import discounts
from ipaas.sandbox.bigcommerce.pricing.cart import Cart, CartLine, Destination, Fee, Goods, TaxRate
from ipaas.sandbox.bigcommerce.pricing.money import cents, taxes_of, unit_sides
from ipaas.sandbox.bigcommerce.pricing.tenders import pay
from ipaas.sandbox.bigcommerce.rows import ZERO, PricedOrder, Row

SHIPPING_CLASS, WRAPPING_CLASS = (2, "Shipping"), (3, "Gift Wrapping")
GOODS_CLASS = (0, "Default Tax Class")


@dataclass(frozen=True, slots=True)
class Sides:
    """An amount as entered, without tax, with tax; and its tax per rate."""

    base: Decimal
    ex: Decimal
    inc: Decimal
    taxes: tuple[Decimal, ...] = ()

    @property
    def tax(self) -> Decimal:
        return self.inc - self.ex

    def fields(self, base: str, stem: str) -> Row:
        """As the four fields of a cost."""
        return {base: self.base, f"{stem}_ex_tax": self.ex, f"{stem}_inc_tax": self.inc, f"{stem}_tax": self.tax}


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with its discounts and both sides of it before and after them."""

    row: Row
    rates: tuple[TaxRate, ...]
    before: Sides
    after: Sides
    wrapping: Sides


def price(cart: Cart) -> PricedOrder:
    """Compute the order. Everything the rows need is in the cart; nothing is looked up."""
    lines = _price_lines(cart)
    shipping = _price_shipping(cart)
    handling = [_sides(cart, stop.handling, _rates_beside(stop.taxes)) for stop in cart.destinations]
    fees = [_price_fee(cart, fee) for fee in cart.fees]
    coupon = sum((_taken(line, "coupon", "total-coupon") for line in lines), ZERO)
    manual = sum((_taken(line, "manual-discount") for line in lines), ZERO)
    order = _order_row(cart, lines, shipping, handling, fees, coupon=coupon, manual=manual)
    tenders, paid = pay(cart, order["total_inc_tax"])
    return PricedOrder(
        order={**order, **paid},
        lines=_rows_with_children(cart, lines),
        addresses=[_address_row(*parts) for parts in zip(cart.destinations, shipping, handling, strict=True)],
        taxes=_tax_rows(cart, lines, shipping, handling),
        coupons=_coupon_rows(cart, coupon, shipping),
        fees=[_fee_row(fee, sides) for fee, sides in zip(cart.fees, fees, strict=True)],
        tenders=tenders,
        pickup=cart.pickup,
    )


# --- amounts --------------------------------------------------------------------------------------


def _sides(cart: Cart, amount: Decimal, rates: Sequence[TaxRate], base: Decimal | None = None) -> Sides:
    taxes = tuple(taxes_of(amount, rates, included=cart.prices_include_tax))
    tax = sum(taxes, ZERO)
    shown = amount if base is None else base
    if cart.prices_include_tax:
        return Sides(shown, amount - tax, amount, taxes)
    return Sides(shown, amount, amount + tax, taxes)


def _rates_beside(rates: Iterable[TaxRate]) -> tuple[TaxRate, ...]:
    """The rates that apply to shipping, handling, wrapping and fees."""
    return tuple(rate for rate in rates if rate.on_shipping)


def _rates_of(cart: Cart, line: CartLine) -> tuple[TaxRate, ...]:
    if not line.goods.is_taxable or line.goods.type == "giftcertificate":
        return ()
    return cart.home_taxes if line.address is None else cart.destinations[line.address].taxes


def _price_lines(cart: Cart) -> list[PricedLine]:
    coupon = discounts.coupon_shares(cart)
    manual = discounts.manual_shares(cart, coupon)
    return [_price_line(cart, *parts) for parts in zip(cart.lines, coupon, manual, strict=True)]


def _price_line(cart: Cart, line: CartLine, coupon: Decimal, manual: Decimal) -> PricedLine:
    rates = _rates_of(cart, line)
    amount = discounts.worth(line)
    before, after = _sides(cart, amount, rates), _sides(cart, amount - coupon - manual, rates)
    wrap = cents(line.wrapping.price * line.quantity) if line.wrapping else ZERO
    wrapping = _sides(cart, wrap, _rates_beside(rates))
    row = {
        **_goods_fields(line.goods),
        **_unit_fields(cart, line, rates),
        "quantity": line.quantity,
        "base_total": amount,
        "total_ex_tax": before.ex,
        "total_inc_tax": before.inc,
        "total_tax": before.tax if cart.prices_include_tax else after.tax,
        "discounted_total_inc_tax": after.inc,
        "address": line.address,
        "gift_certificate": line.gift_certificate,
        "product_options": line.options,
        "applied_discounts": discounts.applied(cart, coupon, manual),
        "order_pickup_method_id": cart.pickup["pickup_method_id"] if cart.pickup and _is_physical(line) else 0,
        **_wrapping_fields(line, wrapping),
    }
    return PricedLine(row, rates, before, after, wrapping)


def _is_physical(line: CartLine) -> bool:
    return line.goods.type == "physical"


def _unit_fields(cart: Cart, line: CartLine, rates: Sequence[TaxRate]) -> Row:
    entered = line.goods.price + line.extra
    ex, inc = unit_sides(entered, rates, included=cart.prices_include_tax)
    return {"base_price": entered, "price_ex_tax": ex, "price_inc_tax": inc, "price_tax": inc - ex}


def _goods_fields(goods: Goods) -> Row:
    width, height, depth = goods.size
    return {
        "product_id": goods.product_id,
        "variant_id": goods.variant_id,
        "name": goods.name,
        "name_customer": goods.name,
        "name_merchant": goods.name,
        "sku": goods.sku,
        "upc": goods.upc,
        "type": goods.type,
        "base_cost_price": goods.cost,
        "cost_price_ex_tax": goods.cost,
        "cost_price_inc_tax": goods.cost,
        "weight": goods.weight,
        "width": width,
        "height": height,
        "depth": depth,
        "brand": goods.brand,
        "option_set_id": goods.option_set_id,
        "bin_picking_number": goods.bin_picking_number,
    }


def _wrapping_fields(line: CartLine, sides: Sides) -> Row:
    wrap = line.wrapping
    if wrap is None:
        return {}
    named = {"wrapping_id": wrap.id, "wrapping_name": wrap.name, "wrapping_message": wrap.message}
    return {**named, **sides.fields("base_wrapping_cost", "wrapping_cost")}


def _price_shipping(cart: Cart) -> list[Sides]:
    costs = [stop.cost for stop in cart.destinations]
    off = discounts.shipping_shares(cart.coupon, costs)
    return [
        _sides(cart, stop.cost - less, _rates_beside(stop.taxes), base=stop.cost)
        for stop, less in zip(cart.destinations, off, strict=True)
    ]


def _price_fee(cart: Cart, fee: Fee) -> Sides:
    rates = cart.destinations[0].taxes if cart.destinations else cart.home_taxes
    return _sides(cart, fee.amount, _rates_beside(rates) if fee.is_taxable else ())


def _taken(line: PricedLine, *ids: str) -> Decimal:
    return sum((found["amount"] for found in line.row["applied_discounts"] if found["id"] in ids), ZERO)


# --- rows -----------------------------------------------------------------------------------------


def _total(parts: Iterable[Sides]) -> Sides:
    rows = list(parts)
    return Sides(sum((p.base for p in rows), ZERO), sum((p.ex for p in rows), ZERO), sum((p.inc for p in rows), ZERO))


def _order_row(
    cart: Cart,
    lines: list[PricedLine],
    shipping: list[Sides],
    handling: list[Sides],
    fees: list[Sides],
    *,
    coupon: Decimal,
    manual: Decimal,
) -> Row:
    """The money of §9.2 with the identities of §9.3."""
    goods, net, wrap = (_total(getattr(line, side) for line in lines) for side in ("before", "after", "wrapping"))
    ship, hand, fee = _total(shipping), _total(handling), _total(fees)
    beside = (ship, hand, wrap, fee)
    tax = net.tax + sum((part.tax for part in beside), ZERO)
    if cart.prices_include_tax:
        inc = goods.inc + sum((part.inc for part in beside), ZERO) - coupon - manual
        ex = inc - tax
    else:
        ex = goods.ex + sum((part.ex for part in beside), ZERO) - coupon - manual
        inc = ex + tax
    return {
        "customer_id": cart.customer_id,
        "billing_address": cart.billing,
        "subtotal_ex_tax": goods.ex,
        "subtotal_inc_tax": goods.inc,
        "subtotal_tax": net.tax,
        **ship.fields("base_shipping_cost", "shipping_cost"),
        **hand.fields("base_handling_cost", "handling_cost"),
        **wrap.fields("base_wrapping_cost", "wrapping_cost"),
        "total_ex_tax": ex,
        "total_inc_tax": inc,
        "total_tax": tax,
        "is_tax_inclusive_pricing": cart.prices_include_tax,
        "discount_amount": manual,
        "coupon_discount": coupon,
        "order_is_digital": all(line.goods.type != "physical" for line in cart.lines),
        **cart.extra,
    }


def _rows_with_children(cart: Cart, lines: list[PricedLine]) -> list[Row]:
    """Each line followed by the lines its pick lists make: own SKU, price 0 (§10.1)."""
    rows: list[Row] = []
    for line, priced in zip(cart.lines, lines, strict=True):
        place = len(rows)
        rows.append(priced.row)
        rows.extend(_child_row(line, child, place, priced.row["order_pickup_method_id"]) for child in line.children)
    return rows


def _child_row(line: CartLine, child: CartLine, parent: int, pickup: int) -> Row:
    return {
        **_goods_fields(child.goods),
        "quantity": line.quantity * child.quantity,
        "address": line.address,
        "parent": parent,
        "is_bundled_product": True,
        "product_options": child.options,
        "order_pickup_method_id": pickup,
    }


def _address_row(stop: Destination, shipping: Sides, handling: Sides) -> Row:
    return {
        **stop.address,
        "shipping_method": stop.method,
        "shipping_zone_id": stop.zone_id,
        "shipping_zone_name": stop.zone_name,
        **shipping.fields("base_cost", "cost"),
        **handling.fields("base_handling_cost", "handling_cost"),
    }


def _fee_row(fee: Fee, sides: Sides) -> Row:
    return {"display_name_customer": fee.name, "display_name_merchant": fee.name, **sides.fields("base_cost", "cost")}


def _coupon_rows(cart: Cart, goods: Decimal, shipping: list[Sides]) -> list[Row]:
    if cart.coupon is None:
        return []
    side = "inc" if cart.prices_include_tax else "ex"
    off = sum((part.base - getattr(part, side) for part in shipping), ZERO)
    return [
        {
            "coupon_id": cart.coupon.id,
            "code": cart.coupon.code,
            "amount": cart.coupon.amount,
            "type": int(cart.coupon.kind),
            "discount": goods + off,
        }
    ]


def _tax_rows(cart: Cart, lines: list[PricedLine], shipping: list[Sides], handling: list[Sides]) -> list[Row]:
    """A row per taxed thing and rate; `priority_amount` is the whole tax of the order's rows (§12)."""
    rows: list[Row] = []
    place = 0
    for source, line in zip(cart.lines, lines, strict=True):
        at = {"line": place, "address": source.address, "order_pickup_method_id": line.row["order_pickup_method_id"]}
        rows += _tax_rows_of(line.after, line.rates, "item", GOODS_CLASS, at)
        if source.wrapping:
            rows += _tax_rows_of(line.wrapping, _rates_beside(line.rates), "gift-wrapping", WRAPPING_CLASS, at)
        place += 1 + len(source.children)
    for number, stop in enumerate(cart.destinations):
        rates = _rates_beside(stop.taxes)
        at = {"line": None, "address": number}
        rows += _tax_rows_of(shipping[number], rates, "shipping", SHIPPING_CLASS, at)
        if stop.handling:
            rows += _tax_rows_of(handling[number], rates, "handling", SHIPPING_CLASS, at)
    whole = sum((row["line_amount"] for row in rows), ZERO)
    return [{**row, "priority_amount": whole} for row in rows]


def _tax_rows_of(sides: Sides, rates: Sequence[TaxRate], kind: str, tax_class: tuple[int, str], at: Row) -> list[Row]:
    return [
        {
            **at,
            "tax_rate_id": rate.id,
            "name": rate.name,
            "rate": rate.rate,
            "line_amount": amount,
            "line_item_type": kind,
            "tax_class_id": tax_class[0],
            "class": tax_class[1],
        }
        for rate, amount in zip(rates, sides.taxes, strict=True)
    ]
