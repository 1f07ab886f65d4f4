"""What holds for a checkout beside the goods: taxes of an address, delivery, coupons, currency."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from ipaas.sandbox import catalog
from ipaas.sandbox.catalog.marketing import COUPONS, METHODS, TAX_RATES, ZONES, Method
from ipaas.sandbox.magento.sales.cart import Algorithm, Coupon, CouponKind, TaxRate, TaxRules
from ipaas.sandbox.magento.sales.cents import Row
from ipaas.sandbox.magento.settings import setting
from ipaas.sandbox.magento.shop.unsellable import Unsellable
from ipaas.sandbox.magento.state import State

#: The shared shop's coupons in Magento's words; what it cannot say becomes the nearest cart rule.
COUPON_KINDS: tuple[CouponKind, ...] = ("by_fixed", "by_percent", "cart_fixed", "shipping_fixed", "free_shipping")
CARRIERS = {"Flat Rate": "flatrate_flatrate", "Free Shipping": "freeshipping_freeshipping"}
TABLE_RATE = "tablerate_bestway"
PICKUP, PICKUP_TITLE = "instore_pickup", "In-Store Pickup Delivery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A way of shipping: machine code, what the order calls it, and its cost in base currency, without handling."""

    code: str
    title: str
    cost: Callable[[int], Decimal]  # of so many pieces
    handling: Decimal = Decimal(0)


def taxes_at(country: str, region: str) -> tuple[tuple[TaxRate, ...], tuple[TaxRate, ...]]:
    """(taxes of goods, taxes of the delivery) at an address."""
    rows = [row for row in TAX_RATES if (row.country_code, row.state) == (country, region)]
    goods = tuple(TaxRate(code=row.name, percent=row.rate) for row in rows)
    return goods, tuple(TaxRate(code=row.name, percent=row.rate) for row in rows if row.on_shipping)


def rules_of(state: State, store_id: int) -> TaxRules:
    """How the website of a store view taxes."""
    return TaxRules(
        algorithm=cast(Algorithm, setting(state, "tax/calculation/algorithm", store_id) or TaxRules().algorithm),
        prices_include_tax=bool(setting(state, "tax/calculation/price_includes_tax", store_id)),
        shipping_includes_tax=bool(setting(state, "tax/calculation/shipping_includes_tax", store_id)),
        discounts_gross=bool(setting(state, "tax/calculation/discount_tax", store_id)),
    )


def deliveries_to(country: str) -> list[Delivery]:
    """Ways of shipping to a country, the usual one first."""
    zone = next((name for name, (code, _) in ZONES.items() if code == country), "Rest of the World")
    return [_delivery(method, ZONES[zone][1]) for method in METHODS if method.zone == zone]


def _delivery(method: Method, handling: Decimal) -> Delivery:
    def cost(pieces: int) -> Decimal:
        return method.rate * pieces if method.kind == "peritem" else method.rate

    code = CARRIERS.get(method.name, TABLE_RATE)
    return Delivery(code=code, title=f"{method.name} - Fixed", cost=cost, handling=handling)


def delivery_named(country: str, name: str) -> Delivery:
    """The way of shipping that a shopper chose, by the beginning of its title. Raises `Unsellable`."""
    ways = deliveries_to(country)
    if not name:
        return ways[0]
    for way in ways:
        if way.title.startswith(name):
            return way
    raise Unsellable("shipping", f"{name} does not go to {country}.")


def coupon_of(code: str, worth: Decimal) -> Coupon:
    """A coupon of the shop, for goods of that worth. Raises `Unsellable`."""
    row = next((row for row in COUPONS if row.code == code and row.enabled), None)
    if row is None or worth < row.minimum:
        raise Unsellable("coupon", f"The coupon code {code} is not valid.")
    return Coupon(code=row.code, label=row.name, kind=COUPON_KINDS[row.kind], amount=row.amount)


def coupon_covers(code: str, sku: str) -> bool:
    """Whether a coupon goes for a SKU: those of some categories do not go for the goods of others."""
    wanted = next((row.categories for row in COUPONS if row.code == code), ())
    if not wanted:
        return True
    category = next((product.category for product, variant in catalog.variants() if variant.sku == sku), "")
    return any(category.startswith(name) for name in wanted)


def rate_of(state: State, store_id: int, currency: str) -> Decimal:
    """What one unit of the website's base currency is in the order's. Raises `Unsellable`."""
    own = setting(state, "currency/options/base", store_id)
    if currency in ("", own):
        return Decimal(1)
    row = state.currencies.first(currency_from=own, currency_to=currency)
    if row is None:
        raise Unsellable("currency", f"The shop has no rate from {own} to {currency}.")
    return Decimal(row["rate"])


def region_of(state: State, country: str, name: str) -> Row:
    """A region by name or code, with its id where the country has a list of them (§17)."""
    for row in state.countries.all():
        about = row["information"]
        if about["id"] != country:
            continue
        for region in about.get("available_regions") or ():
            if name in (region["name"], region["code"]):
                return {"region": region["name"], "region_code": region["code"], "region_id": int(region["id"])}
    return {"region": name or None, "region_code": None, "region_id": None}
