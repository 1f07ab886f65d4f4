"""The shop's terms, looked up in the state: taxes, delivery, gift wrap, coupons, certificates (note §12, §23, §24)."""

from __future__ import annotations

from decimal import Decimal

from ipaas.sandbox.bigcommerce.pricing import Coupon, CouponKind, TaxRate, Wrapping
from ipaas.sandbox.bigcommerce.rows import ZERO
from ipaas.sandbox.bigcommerce.shop.goods import Found, Unsellable
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.core.tables import Table

#: V2 coupon type -> the number an order's coupon carries (§12).
COUPON_KINDS = {
    "per_item_discount": CouponKind.PER_ITEM,
    "percentage_discount": CouponKind.PERCENT,
    "per_total_discount": CouponKind.TOTAL,
    "shipping_discount": CouponKind.SHIPPING,
    "free_shipping": CouponKind.FREE_SHIPPING,
}
PICKUP_METHOD = 1


def tax_table(state: State) -> Table:
    """Tax rates: {name, country_iso2, state, rate, on_shipping}. No endpoint of the note lists them."""
    return state.db.table("tax_rates")


def wrap_table(state: State) -> Table:
    """Gift wrap options: {name, price, takes_message}. No endpoint of the note lists them."""
    return state.db.table("gift_wraps")


def taxes_at(state: State, address: Row) -> tuple[TaxRate, ...]:
    """The taxes of a destination; none where no rate is set up."""
    return tuple(
        TaxRate(id=row["id"], name=row["name"], rate=Decimal(row["rate"]), on_shipping=row["on_shipping"])
        for row in tax_table(state).find(country_iso2=address.get("country_iso2", ""), state=address.get("state", ""))
    )


def zone_at(state: State, address: Row) -> Row:
    """The shipping zone of an address; the zone without countries takes the rest of the world."""
    rest: Row | None = None
    for zone in state.shipping_zones.all():
        countries = [place["country_iso2"] for place in zone["locations"]]
        if address.get("country_iso2") in countries:
            return zone
        rest = zone if not countries else rest
    if rest is None:
        raise Unsellable("shipping", "We do not ship to this country.")
    return rest


def methods_at(state: State, address: Row) -> list[Row]:
    """The shipping methods an address can choose from."""
    zone = zone_at(state, address)
    return [row for row in state.shipping_methods.find(zone_id=zone["id"]) if row["enabled"]]


def method_cost(method: Row, pieces: int) -> Decimal:
    """What a method costs for so many pieces."""
    rate = Decimal(method["rate"])
    return rate * pieces if method["type"] == "peritem" else rate


def zone_handling(zone: Row) -> Decimal:
    """The handling fee of a zone."""
    return Decimal((zone.get("handling_fees") or {}).get("fixed_surcharge") or 0)


def wrapping(state: State, name: str, message: str = "") -> Wrapping | None:
    """A gift wrap by name; none for no name. Raises `Unsellable`."""
    if not name:
        return None
    row = wrap_table(state).first(name=name)
    if row is None:
        raise Unsellable("gift_wrap", f"There is no gift wrap called {name}.")
    return Wrapping(id=row["id"], name=row["name"], price=Decimal(row["price"]), message=message)


def coupon(state: State, code: str, worth: Decimal) -> tuple[Coupon, Row]:
    """An accepted coupon with its row. Raises `Unsellable` with the shopper's reason."""
    row = state.coupons.first(code=code.strip().upper())
    if row is None:
        raise Unsellable("coupon", f"{code} is not a coupon.")
    if not row["enabled"]:
        raise Unsellable("coupon", f"{row['code']} has ended.")
    if worth < Decimal(row["min_purchase"]):
        raise Unsellable("coupon", f"{row['code']} needs a purchase of ${row['min_purchase']:.2f} or more.")
    kind = COUPON_KINDS[row["type"]]
    return Coupon(id=row["id"], code=row["code"], name=row["name"], kind=kind, amount=Decimal(row["amount"])), row


def coupon_covers(row: Row, found: Found | None) -> bool:
    """Whether a coupon applies to a product: by category or product ids; a custom line has neither."""
    if found is None:
        return False
    to = row["applies_to"]
    ids = set(to["ids"])
    if to["entity"] == "products":
        return found.product["id"] in ids or not ids
    return 0 in ids or not ids.isdisjoint(found.product["categories"])


def certificate(state: State, code: str) -> tuple[str, Decimal]:
    """Code and balance of a usable certificate. Raises `Unsellable`."""
    row = state.gift_certificates.first(code=code.strip().upper())
    if row is None:
        raise Unsellable("gift_certificate", f"{code} is not a gift certificate of ours.")
    status = row["status"]
    if status == "active" and row["expiry_date"] and row["expiry_date"] < state.now():
        status = "expired"
    if status != "active":
        raise Unsellable("gift_certificate", f"{row['code']} is {status}.")
    return row["code"], Decimal(row["balance"])


def pickup_at(state: State, location_id: int) -> Row:
    """The pickup consignment of a location (§11). Raises `Unsellable`."""
    location = state.locations.get(location_id)
    if location is None:
        raise Unsellable("pickup", "There is no such place to pick up.")
    address = location["address"]
    return {
        "pickup_method_id": PICKUP_METHOD,
        "pickup_method_display_name": f"Pick up at {location['label']}",
        "collection_instructions": "Bring your order number.",
        "collection_time_description": "Ready in two hours.",
        "location": {
            "name": location["label"],
            "code": location["code"],
            "address_line_1": address["address1"],
            "address_line_2": address["address2"],
            "city": address["city"],
            "state": address["state"],
            "postal_code": address["zip"],
            "country_alpha2": address["country_code"],
            "email": address["email"],
            "phone": address["phone"],
        },
    }


def credit_of(state: State, customer_id: int) -> Decimal:
    """A customer's store credit."""
    customer = state.customers.get(customer_id) if customer_id else None
    return Decimal(customer["store_credit"]) if customer else ZERO
