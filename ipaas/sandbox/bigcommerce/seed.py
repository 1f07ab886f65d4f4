"""Fills a furnished store from the shared catalogue.

`fill` goes through the actions wherever they exist, so that the seed is a state the API could have made.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from ipaas.sandbox import catalog
from ipaas.sandbox.bigcommerce import actions
from ipaas.sandbox.bigcommerce.furnish import location_row
from ipaas.sandbox.bigcommerce.pricing import CouponKind
from ipaas.sandbox.bigcommerce.seed_orders import fill_orders
from ipaas.sandbox.bigcommerce.shop import terms
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.catalog import marketing

DAY = 86_400
PICKUP_LOCATION = 2
RENAMED_STATUS = (11, "Pack me")
DEFAULT_LOCATION = 1


def fill(state: State, seed: int) -> None:
    """The shop's goods, people, terms and 60 orders; equal seeds give equal stores."""
    with state.backdated(state.now() - 90 * DAY):
        _places(state)
        _terms(state)
        _goods(state, seed)
        _people(state, seed)
    fill_orders(state, catalog.orders(seed))


def _places(state: State) -> None:
    """The pickup location, and the label one merchant chose for one status (§9.1)."""
    state.locations.insert(
        location_row(
            {
                "code": "PINE-ANNEX",
                "label": "Pine Annex",
                "time_zone": "America/Chicago",
                "description": "Pickup counter",
                "address": {
                    "address1": "77 Bay Street",
                    "city": "Austin",
                    "state": "Texas",
                    "zip": "78704",
                    "email": "annex@example.com",
                    "phone": "5125550177",
                    "country_code": "US",
                },
            },
            state.now(),
        )
        | {"id": PICKUP_LOCATION}
    )
    number, label = RENAMED_STATUS
    state.statuses.update(number, custom_label=label)


# --- terms ----------------------------------------------------------------------------------------


def _terms(state: State) -> None:
    _shipping(state)
    for rate in marketing.TAX_RATES:
        terms.tax_table(state).insert(
            {
                "name": rate.name,
                "country_iso2": rate.country_code,
                "state": rate.state,
                "rate": rate.rate,
                "on_shipping": rate.on_shipping,
            }
        )
    for wrap in marketing.WRAPS:
        terms.wrap_table(state).insert({"name": wrap.name, "price": wrap.price, "takes_message": wrap.takes_message})
    for certificate in marketing.CERTIFICATES:
        _certificate(state, certificate)


def _shipping(state: State) -> None:
    """Zones with their handling fee and methods, in place of the furnished ones."""
    for table in (state.shipping_methods, state.shipping_zones):
        for row in list(table.all()):
            table.delete(row["id"])
    zones: dict[str, int] = {}
    for number, (name, (country, handling)) in enumerate(marketing.ZONES.items(), start=1):
        places = [{"id": number, "country_iso2": country}] if country else []
        fees = {"fixed_surcharge": handling, "display_separately": True} if handling else {}
        zones[name] = state.shipping_zones.insert(
            {
                "id": number,
                "name": name,
                "type": "country" if country else "global",
                "locations": places,
                "enabled": True,
                "handling_fees": fees,
            }
        )["id"]
    for number, method in enumerate(marketing.METHODS, start=1):
        state.shipping_methods.insert(
            {
                "id": number,
                "zone_id": zones[method.zone],
                "name": method.name,
                "type": method.kind,
                "rate": method.rate,
                "enabled": True,
            }
        )


def _certificate(state: State, row: marketing.Certificate) -> None:
    ends = state.now() + (90 + row.expires_in_days) * DAY if row.expires_in_days else None
    state.gift_certificates.insert(
        {
            "customer_id": 0,
            "order_id": 0,
            "code": row.code,
            "amount": row.amount,
            "balance": row.balance,
            "status": row.status,
            "to_name": "Ben Okafor",
            "to_email": "ben@example.com",
            "from_name": "Ana Lopez",
            "from_email": "ana@example.com",
            "template": "celebration.html",
            "message": "Enjoy",
            "purchase_date": state.now(),
            "expiry_date": ends,
            "currency_code": "USD",
        }
    )


def _coupons(state: State, categories: dict[str, int]) -> None:
    """V2 coupon rows; `ids` [0] means every category."""
    texts = {number: name for name, number in terms.COUPON_KINDS.items()}
    for row in marketing.COUPONS:
        state.coupons.insert(
            {
                "code": row.code,
                "name": row.name,
                "type": texts[CouponKind(row.kind)],
                "amount": row.amount,
                "min_purchase": row.minimum,
                "expires": None,
                "enabled": row.enabled,
                "num_uses": 0,
                "max_uses": 0,
                "max_uses_per_customer": 0,
                "restricted_to": {},
                "shipping_methods": [],
                "date_created": state.now(),
                "applies_to": {"entity": "categories", "ids": [categories[name] for name in row.categories] or [0]},
            }
        )


# --- goods ----------------------------------------------------------------------------------------


def _goods(state: State, seed: int) -> None:
    sold = [row for row in catalog.products(seed) if "bigcommerce" in row.systems and row.kind != "gift_certificate"]
    categories = _categories(state, (row.category for row in sold))
    _coupons(state, categories)
    for product in sold:
        _product(state, product, categories)
    for product in sold:  # after all products are there, because pick lists name others
        for order, modifier in enumerate(product.modifiers):
            _modifier(state, product, modifier, order)


def _categories(state: State, paths: Iterable[str]) -> dict[str, int]:
    """Departments and their parts: path -> id."""
    made: dict[str, int] = {}
    for path in dict.fromkeys(paths):
        top, part = path.split("/")
        if top not in made:
            made[top] = actions.category_create(state, {"name": top})["id"]
        made[path] = actions.category_create(state, {"name": part, "parent_id": made[top]})["id"]
    return made


def _product(state: State, product: catalog.Product, categories: dict[str, int]) -> None:
    first = product.variants[0]
    body: Row = {
        "name": product.name,
        "type": product.kind,
        "weight": first.weight,
        "price": first.price,
        "cost_price": first.cost,
        "retail_price": first.msrp,
        "description": f"<p>{product.description}</p>",
        "sku": product.code,
        "categories": [categories[product.category.split("/")[0]], categories[product.category]],
        "brand_name": product.brand,
        "is_visible": product.is_active,
        "condition": "New",
        "gift_wrapping_options_type": "any" if product.gift_wrap else "none",
        "inventory_tracking": _tracking(product),
        "width": Decimal(7),
        "height": Decimal(9),
        "depth": Decimal(3),
        "availability": "available" if product.is_active else "disabled",
    }
    body |= {"variants": [_variant(row) for row in product.variants]} if product.is_grid else {"upc": first.upc}
    row = actions.product_create(state, body)
    stored = {variant["sku"]: variant for variant in state.variants.find(product_id=row["id"])}
    for variant in product.variants if product.tracks_inventory else ():
        for location, onhand in _levels(variant).items():
            actions.stock_set(state, stored[variant.sku], location, onhand)


def _tracking(product: catalog.Product) -> str:
    if not product.tracks_inventory:
        return "none"
    return "variant" if product.is_grid else "product"


def _levels(variant: catalog.Variant) -> dict[int, int]:
    """What the shop believed before it knew the POS: main and depot by parcel, the annex at its counter."""
    stock = variant.stock
    return {DEFAULT_LOCATION: max(0, stock["main"] + stock["depot"]), PICKUP_LOCATION: max(0, stock["annex"])}


def _variant(row: catalog.Variant) -> Row:
    values = [
        {"option_display_name": name, "label": label, "type": "swatch" if name == "Color" else "rectangles"}
        for name, label in row.options
    ]
    return {"sku": row.sku, "upc": row.upc, "cost_price": row.cost, "option_values": values}


def _modifier(state: State, product: catalog.Product, modifier: catalog.Modifier, order: int) -> None:
    owner = state.products.find(sku=product.code)[0]
    config: Row = {"text_max_length": modifier.max_length} if modifier.max_length else {}
    if modifier.kind.startswith("product_list"):
        config = {"product_list_adjusts_inventory": True, "product_list_adjusts_pricing": False}
    actions.modifier_create(
        state,
        owner["id"],
        {
            "display_name": modifier.name,
            "type": modifier.kind,
            "required": modifier.required,
            "sort_order": order,
            "config": config,
            "option_values": _modifier_values(state, modifier),
        },
    )


def _modifier_values(state: State, modifier: catalog.Modifier) -> list[Row]:
    if modifier.kind == "checkbox":
        return [
            {"label": "Yes", "value_data": {"checked_value": True}, **_adjusters(modifier.price)},
            {"label": "No", "value_data": {"checked_value": False}},
        ]
    values = []
    for choice in modifier.choices:
        value: Row = {"label": choice.label, "value_data": None, **_adjusters(choice.price)}
        if choice.sku:
            value["value_data"] = {"product_id": state.products.find(sku=choice.sku)[0]["id"]}
        values.append(value)
    return values


def _adjusters(price: Decimal) -> Row:
    return {"adjusters": {"price": {"adjuster": "relative", "adjuster_value": price}}} if price else {}


# --- people ---------------------------------------------------------------------------------------


def _people(state: State, seed: int) -> None:
    for person in catalog.customers(seed):
        if "bigcommerce" in person.systems:
            actions.customers_create(state, [_customer(person)])


def _customer(person: catalog.Customer) -> Row:
    body: Row = {
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "company": person.company,
        "phone": person.phone,
        "addresses": [_address(person, address) for address in person.addresses],
    }
    return body | ({"store_credit_amounts": [{"amount": person.store_credit}]} if person.store_credit else {})


def _address(person: catalog.Customer, address: catalog.Address) -> Row:
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "company": person.company,
        "address1": address.line_1,
        "address2": address.line_2,
        "city": address.city,
        "state_or_province": address.state,
        "postal_code": address.postal_code,
        "country_code": address.country_code,
        "phone": person.phone,
    }
