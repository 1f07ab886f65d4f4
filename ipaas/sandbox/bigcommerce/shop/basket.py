"""A basket and how it becomes a cart to price: the same way for the shop's pages and for scripted shoppers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from ipaas.sandbox.bigcommerce.pricing import Cart, CartLine, Destination, Fee, Gateway, Goods
from ipaas.sandbox.bigcommerce.pricing.discounts import worth
from ipaas.sandbox.bigcommerce.rows import ZERO, PayOutcome
from ipaas.sandbox.bigcommerce.shop import goods, terms
from ipaas.sandbox.bigcommerce.shop.goods import Found, Unsellable
from ipaas.sandbox.bigcommerce.state import Row, State

CERTIFICATE_SKU = "GIFT-CERT"
VISA: Row = {
    "card_type": "visa",
    "card_iin": "411111",
    "card_last4": "1111",
    "card_expiry_month": 12,
    "card_expiry_year": 2030,
}


@dataclass(frozen=True, slots=True)
class Payment:
    """A way to pay: what the gateway is and how the checkout ends. `status_id` is set afterwards."""

    label: str
    outcome: PayOutcome
    gateway: Gateway
    status_id: int | None = None


CARD = Gateway(credit_card=VISA)
BANK = Gateway(display_name="Bank Deposit", method="offline", gateway="bankdeposit", payment_method_id="bankdeposit")
CASH = Gateway(display_name="Cash on Delivery", method="offline", gateway="cod", payment_method_id="cod")
PAYPAL = Gateway(
    display_name="PayPal",
    method="electronic_wallet",
    gateway="paypalcommerce",
    payment_method_id="paypalcommerce.paypal",
)
TEST = Gateway(
    display_name="Test Payment Gateway",
    gateway="testgateway",
    payment_method_id="testgateway.card",
    credit_card=VISA,
    test=True,
)
PAYMENTS = {
    "card": Payment("Credit card", "captured", CARD),
    "paypal": Payment("PayPal", "captured", PAYPAL),
    "test": Payment("Test gateway", "captured", TEST),
    "authorized": Payment("Credit card, authorised only", "authorized", CARD),
    "offline": Payment("Bank deposit (pay later)", "offline", BANK),
    "cod": Payment("Cash on delivery", "offline", CASH),
    "pending": Payment("Bank deposit, order stays pending", "offline", BANK, status_id=1),
    "declined": Payment("Credit card that is declined", "declined", CARD),
    "abandoned": Payment("Leave at the payment page", "incomplete", CARD),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing in the basket. `modifiers`: display name -> what was filled in."""

    sku: str
    quantity: int = 1
    modifiers: Mapping[str, Any] = field(default_factory=dict)
    wrap: str = ""
    wrap_message: str = ""
    certificate: Row | None = None  # recipient and sender of a sold gift certificate, with its `amount`


@dataclass(frozen=True, slots=True, kw_only=True)
class Custom:
    """A line the catalogue does not know."""

    name: str
    price: Decimal
    sku: str = ""
    quantity: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """Everything a shopper decided. `ship_to` empty: to the billing address."""

    items: tuple[Item, ...] = ()
    customs: tuple[Custom, ...] = ()
    customer_id: int = 0
    billing: Row = field(default_factory=dict)
    ship_to: tuple[Row, ...] = ()
    pickup: int | None = None  # a location's id
    shipping: str = ""  # a method's name; empty: the first of the zone
    coupon: str = ""
    certificates: tuple[str, ...] = ()
    store_credit: Decimal = ZERO
    discount: Decimal = ZERO
    handling: Decimal | None = None  # None: the zone's
    fees: tuple[Fee, ...] = ()
    payment: str = "card"
    message: str = ""
    channel_id: int = 1
    checks_stock: bool = False


def cart_of(state: State, basket: Basket) -> Cart:
    """Look everything up. Raises `Unsellable` naming what the shopper can mend."""
    pairs = _pairs(state, basket)
    lines, destinations = _delivered(state, basket, [line for line, _ in pairs])
    cart = Cart(
        lines=lines,
        billing=basket.billing,
        destinations=destinations,
        home_taxes=terms.taxes_at(state, _home(state, basket)),
        pickup=_pickup(state, basket, lines),
        customer_id=basket.customer_id,
        discount=basket.discount,
        fees=basket.fees,
        certificates=tuple(terms.certificate(state, code) for code in basket.certificates),
        store_credit=min(basket.store_credit, terms.credit_of(state, basket.customer_id)),
        gateway=_gateway(state, basket),
        prices_include_tax=state.profile()["is_price_entered_with_tax"],
        extra=_extra(basket),
    )
    return _with_coupon(state, basket, cart, [found for _, found in pairs])


def lines_of(state: State, basket: Basket) -> list[CartLine]:
    """The lines alone, before there is an address. Raises `Unsellable`."""
    return [line for line, _ in _pairs(state, basket)]


def _gateway(state: State, basket: Basket) -> Gateway:
    way = PAYMENTS[basket.payment].gateway
    return way if way.method == "offline" else replace(way, gateway_transaction_id=f"ch_{state.orders.next_id:x}")


def _extra(basket: Basket) -> Row:
    source = {"customer_message": basket.message, "channel_id": basket.channel_id}
    country = basket.billing.get("country_iso2") or "US"
    return source | {"geoip_country": basket.billing.get("country") or "United States", "geoip_country_iso2": country}


# --- lines ----------------------------------------------------------------------------------------


def _pairs(state: State, basket: Basket) -> list[tuple[CartLine, Found | None]]:
    pairs = [_item_line(state, item, basket) for item in basket.items]
    pairs += [(_custom_line(custom), None) for custom in basket.customs]
    if not pairs:
        raise Unsellable("lines", "The basket is empty.")
    return pairs


def _item_line(state: State, item: Item, basket: Basket) -> tuple[CartLine, Found | None]:
    if item.quantity < 1:
        raise Unsellable("quantity", "Please take at least one.")
    if item.sku == CERTIFICATE_SKU:
        return _certificate_line(item, basket), None
    found = goods.find(state, item.sku)
    if basket.checks_stock:
        _check_stock(state, found, item.quantity)
    filled = goods.fill(state, found.product["id"], item.modifiers)
    return CartLine(
        goods=goods.goods_of(state, found),
        quantity=item.quantity,
        extra=filled.extra,
        children=filled.children,
        options=goods.choices_of(state, found) + filled.options,
        wrapping=terms.wrapping(state, item.wrap, item.wrap_message),
    ), found


def _check_stock(state: State, found: Found, quantity: int) -> None:
    left = goods.left(state, found)
    if left is not None and quantity > left:
        name = found.product["name"]
        raise Unsellable("quantity", f"Only {left} of {name} left." if left > 0 else f"{name} is sold out.")


def _certificate_line(item: Item, basket: Basket) -> CartLine:
    """The sale of a gift certificate: no product, no SKU, no stock (§10.1); one certificate a line."""
    if item.quantity != 1:
        raise Unsellable("quantity", "Gift certificates are bought one by one.")
    name = f"{basket.billing.get('first_name', '')} {basket.billing.get('last_name', '')}".strip()
    sender = {"from_name": name, "from_email": basket.billing.get("email", "")}
    sale = {"to_name": name, "to_email": sender["from_email"], **sender, **(item.certificate or {})}
    worth_ = Decimal(sale.pop("amount", 50))
    thing = Goods(name=f"${worth_:.2f} Gift Certificate", price=worth_, type="giftcertificate", is_taxable=False)
    return CartLine(goods=thing, quantity=item.quantity, gift_certificate=sale, takes_coupon=False)


def _custom_line(custom: Custom) -> CartLine:
    thing = Goods(name=custom.name, price=custom.price, sku=custom.sku)
    return CartLine(goods=thing, quantity=custom.quantity, takes_coupon=False)


# --- where it goes --------------------------------------------------------------------------------


def _home(state: State, basket: Basket) -> Row:
    """Where lines without a shipping address are taxed: at the pickup place, else at the billing address."""
    location = state.locations.get(basket.pickup) if basket.pickup else None
    if location is None:
        return basket.billing
    return {"country_iso2": location["address"]["country_code"], "state": location["address"]["state"]}


def _pickup(state: State, basket: Basket, lines: tuple[CartLine, ...]) -> Row | None:
    if basket.pickup is None or not any(line.goods.type == "physical" for line in lines):
        return None
    return terms.pickup_at(state, basket.pickup)


def _delivered(
    state: State, basket: Basket, lines: list[CartLine]
) -> tuple[tuple[CartLine, ...], tuple[Destination, ...]]:
    """Lines with their destination, dealt in turn over several addresses, and the destinations."""
    physical = [place for place, line in enumerate(lines) if line.goods.type == "physical"]
    if basket.pickup is not None or not physical:
        return tuple(lines), ()
    stops = (basket.ship_to or (basket.billing,))[: len(physical)]
    for turn, place in enumerate(physical):
        lines[place] = replace(lines[place], address=turn % len(stops))
    return tuple(lines), tuple(_destination(state, basket, stop, number, lines) for number, stop in enumerate(stops))


def _destination(state: State, basket: Basket, address: Row, number: int, lines: list[CartLine]) -> Destination:
    zone, methods = terms.zone_at(state, address), terms.methods_at(state, address)
    method = next((row for row in methods if row["name"] == basket.shipping), methods[0])
    if basket.shipping and method["name"] != basket.shipping and number == 0:
        raise Unsellable("shipping", f"{basket.shipping} does not go to {address.get('country', 'this address')}.")
    pieces = sum(line.quantity for line in lines if line.address == number)
    handling = terms.zone_handling(zone) if basket.handling is None else basket.handling if number == 0 else ZERO
    return Destination(
        address=address,
        method=method["name"],
        cost=terms.method_cost(method, pieces),
        handling=handling,
        zone_id=zone["id"],
        zone_name=zone["name"],
        taxes=terms.taxes_at(state, address),
    )


def _with_coupon(state: State, basket: Basket, cart: Cart, founds: list[Found | None]) -> Cart:
    if not basket.coupon:
        return cart
    coupon, row = terms.coupon(state, basket.coupon, sum((worth(line) for line in cart.lines), ZERO))
    covered = tuple(
        replace(line, takes_coupon=line.takes_coupon and terms.coupon_covers(row, found))
        for line, found in zip(cart.lines, founds, strict=True)
    )
    return replace(cart, lines=covered, coupon=coupon)
