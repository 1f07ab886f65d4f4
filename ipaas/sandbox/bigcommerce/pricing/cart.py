"""What a shopper is about to buy, with everything looked up: the input of `price`. Pure data."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum

from ipaas.sandbox.bigcommerce.rows import ZERO, Row


class CouponKind(IntEnum):
    """The `type` of a coupon (note §12)."""

    PER_ITEM = 0
    PERCENT = 1
    TOTAL = 2
    SHIPPING = 3
    FREE_SHIPPING = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRate:
    """One sales tax of a destination; `rate` in per cent."""

    id: int
    name: str
    rate: Decimal
    on_shipping: bool = True  # shipping, handling, wrapping and fees too


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """One sellable thing as the order will remember it. `product_id` 0: a custom line."""

    name: str
    price: Decimal  # unit, as entered in the catalogue: with or without tax by the store's setting
    product_id: int = 0
    variant_id: int | None = None
    sku: str = ""
    upc: str = ""
    type: str = "physical"  # physical, digital, giftcertificate
    cost: Decimal = ZERO
    weight: Decimal = ZERO
    size: tuple[Decimal, Decimal, Decimal] = (ZERO, ZERO, ZERO)  # width, height, depth
    brand: str = ""
    option_set_id: int | None = None
    bin_picking_number: str = ""
    is_taxable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapping:
    """Gift wrap of a line, price per piece."""

    id: int
    name: str
    price: Decimal
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CartLine:
    """Some pieces of one thing. `options` are rows of `rows.OPTION`: variant choices and modifiers mixed (§10.2)."""

    goods: Goods
    quantity: int
    options: tuple[Row, ...] = ()
    extra: Decimal = ZERO  # what modifiers add to the unit price
    wrapping: Wrapping | None = None
    children: tuple[CartLine, ...] = ()  # components chosen in pick lists; their price is not counted
    address: int | None = None  # position in `Cart.destinations`; None: digital, certificate or pickup
    gift_certificate: Row | None = None
    takes_coupon: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A shipping address (a row of `rows.STREET_ADDRESS`) with the method chosen for it."""

    address: Row
    method: str = ""
    cost: Decimal = ZERO
    handling: Decimal = ZERO
    zone_id: int = 1
    zone_name: str = "US"
    taxes: tuple[TaxRate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupon:
    """An accepted coupon. `amount` is money or per cent by its kind."""

    id: int
    code: str
    name: str
    kind: CouponKind
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A checkout fee, as entered."""

    name: str
    amount: Decimal
    is_taxable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """What takes the rest of the total after certificates and store credit (fields as in `rows.TENDER`)."""

    display_name: str = "Credit Card"
    method: str = "credit_card"
    gateway: str = "squarev2"
    payment_method_id: str = "squarev2.card"
    gateway_transaction_id: str = ""
    credit_card: Row | None = None
    test: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cart:
    """Everything that decides what an order costs and says."""

    lines: tuple[CartLine, ...]
    billing: Row
    destinations: tuple[Destination, ...] = ()
    home_taxes: tuple[TaxRate, ...] = ()  # of lines that go to no destination
    pickup: Row | None = None
    customer_id: int = 0
    coupon: Coupon | None = None
    discount: Decimal = ZERO  # manual, on the order
    fees: tuple[Fee, ...] = ()
    certificates: tuple[tuple[str, Decimal], ...] = ()  # code and balance, in the order they are used
    store_credit: Decimal = ZERO  # at most this much
    gateway: Gateway = field(default_factory=Gateway)
    prices_include_tax: bool = False
    extra: Row = field(default_factory=dict)  # further fields of the order row: message, locale, cart id...
