"""What every store has before anybody fills it: profile, statuses, locations, channels, taxes, shipping (note §24).

`furnish` runs before the seed, which may change any of it; `furnish_rest` after it, where it left a table empty.
"""

from __future__ import annotations

from decimal import Decimal

from ipaas.sandbox.bigcommerce.actions.app import token_insert
from ipaas.sandbox.bigcommerce.scopes import ALL_SCOPES, FURTHER_SCOPES
from ipaas.sandbox.bigcommerce.state import Row, State

STORE_HASH = "a1b2c3d4e5"
CLIENT_ID = "simclientid0001"
CLIENT_SECRET = "sim-client-secret-0001"
TOKEN = "sim-bigcommerce-token"
LIMITED_TOKEN = "sim-bigcommerce-limited"
OWNER_EMAIL = "owner@example.com"
ACCOUNT_UUID = "1f0c2c1e-8f5b-4d63-9a51-2b6c1d9f7e10"

STATUSES = (
    ("Incomplete", "The shopper reached the payment page and left."),
    ("Pending", "The order was started and its payment is not finished."),
    ("Shipped", "The order was shipped; receipt is not confirmed."),
    ("Partially Shipped", "Some of the items were shipped."),
    ("Refunded", "The order was refunded in full."),
    ("Cancelled", "The order was cancelled; this does not refund it."),
    ("Declined", "The order was declined."),
    ("Awaiting Payment", "The order waits for its payment."),
    ("Awaiting Pickup", "The order waits to be picked up."),
    ("Awaiting Shipment", "The order is packed and waits for its carrier."),
    ("Completed", "The order was shipped or picked up, and receipt is confirmed."),
    ("Awaiting Fulfillment", "The order is paid and waits to be packed."),
    ("Manual Verification Required", "The order is on hold until somebody looked at it."),
    ("Disputed", "The shopper disputes the payment."),
    ("Partially Refunded", "A part of the order was refunded."),
)
LIST_ORDER = (0, 1, 8, 2, 12, 10, 11, 6, 9, 5, 7, 3, 13, 14, 4)


def furnish(state: State) -> None:
    """Fill the empty tables with the store's furniture."""
    _profile(state)
    _app(state)
    for number, (name, text) in enumerate(STATUSES):
        state.statuses.insert(
            {
                "id": number,
                "name": name,
                "system_label": name,
                "custom_label": name,
                "system_description": text,
                "order": LIST_ORDER.index(number),
            }
        )
    _places(state)
    _money(state)
    _zones(state)


def further_store(store_hash: str) -> Row:
    """What tells another store of the same owner from the first."""
    return {
        "store_hash": store_hash,
        "name": f"Harbor & Pine {store_hash[:2].upper()}",
        "domain": f"store-{store_hash}.mybigcommerce.com",
    }


def furnish_rest(state: State) -> None:
    """What a store needs and the seed left out: a category tree, a way to ship."""
    if not len(state.trees):
        state.trees.insert({"name": "Default catalog tree", "channels": [1]})
    if not len(state.shipping_methods):
        state.shipping_methods.insert(
            {"zone_id": 1, "name": "Flat Rate", "type": "perorder", "enabled": True, "rate": Decimal(8)}
        )


def _profile(state: State) -> None:
    state.store.insert(
        {
            "id": 1,
            "store_hash": STORE_HASH,
            "store_id": 1001234567,
            "account_uuid": ACCOUNT_UUID,
            "name": "Harbor & Pine",
            "domain": f"store-{STORE_HASH}.mybigcommerce.com",
            "status": "live",
            "first_name": "Olive",
            "last_name": "Owner",
            "address": "1 Harbor Street, Austin, Texas 78701",
            "country": "United States",
            "country_code": "US",
            "phone": "5125550100",
            "admin_email": OWNER_EMAIL,
            "order_email": "orders@example.com",
            "language": "en",
            "timezone_name": "America/Chicago",
            "timezone_raw_offset": -21600,
            "timezone_dst_offset": -18000,
            "currency": "USD",
            "currency_symbol": "$",
            "decimal_separator": ".",
            "thousands_separator": ",",
            "decimal_places": 2,
            "weight_units": "LBS",
            "dimension_units": "Inches",
            "plan_name": "Pro",
            "plan_level": "Pro",
            "plan_is_trial": False,
            "is_price_entered_with_tax": False,
            "update_stock_behavior": "order_placed",
            "edit_order_stock_adjustment": True,
            "refund_order_stock_adjustment": True,
            "product_out_of_stock_behavior": "hide_product",
            "default_out_of_stock_message": "Currently out of stock",
            "show_out_of_stock_message": False,
            "hook_emails": [OWNER_EMAIL],
        }
    )


def _app(state: State) -> None:
    state.app.insert(
        {
            "id": 1,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "account_uuid": ACCOUNT_UUID,
            "auth_callback": "",
            "load_callback": "",
            "uninstall_callback": "",
            "remove_user_callback": "",
            "scopes": [scope for scope in ALL_SCOPES if scope != "store_v2_default"],
            "installed": False,
        }
    )
    for token, scopes in (
        (TOKEN, (*ALL_SCOPES, *FURTHER_SCOPES)),
        (LIMITED_TOKEN, ("store_v2_information_read_only",)),
    ):
        token_insert(state, token, scopes, fixed=True)
    state.users.insert({"id": 500, "email": OWNER_EMAIL, "locale": "en-US", "has_access": True})
    state.users.insert({"id": 501, "email": "staff@example.com", "locale": "en-US", "has_access": True})


def _places(state: State) -> None:
    now = state.now()
    state.channels.insert(
        {
            "id": 1,
            "external_id": "",
            "name": "Harbor & Pine",
            "type": "storefront",
            "platform": "bigcommerce",
            "status": "active",
            "is_listable_from_ui": True,
            "is_visible": True,
            "icon_url": "",
            "date_created": now,
            "date_modified": now,
        }
    )
    state.locations.insert(
        location_row(
            {
                "code": "BC-LOCATION-1",
                "label": "Default location",
                "type_id": "PHYSICAL",
                "time_zone": "America/Chicago",
                "managed_by_external_source": False,
                "storefront_visibility": True,
                "address": {
                    "address1": "1 Harbor Street",
                    "city": "Austin",
                    "state": "Texas",
                    "zip": "78701",
                    "email": OWNER_EMAIL,
                    "phone": "5125550100",
                    "country_code": "US",
                    "geo_coordinates": {"latitude": Decimal("30.2"), "longitude": Decimal("-97.7")},
                },
            },
            now,
        )
        | {"id": 1}
    )


def location_row(body: Row, now: int) -> Row:
    """A stored location with every field of §21."""
    blank = {
        "address1": "",
        "address2": "",
        "city": "",
        "state": "",
        "zip": "",
        "email": "",
        "phone": "",
        "country_code": "US",
        "geo_coordinates": {"latitude": Decimal(0), "longitude": Decimal(0)},
    }
    hours = {
        day: {"open": True, "opening": "09:00", "closing": "17:00"}
        for day in ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
    }
    return {
        "code": "",
        "label": "",
        "description": "",
        "managed_by_external_source": False,
        "type_id": "PHYSICAL",
        "enabled": True,
        "operating_hours": hours,
        "time_zone": "Etc/UTC",
        "storefront_visibility": True,
        "special_hours": [],
        "created_at": now,
        "updated_at": now,
        **body,
        "address": {**blank, **(body.get("address") or {})},
    }


def _money(state: State) -> None:
    for code, name, country, rate in (("USD", "US Dollar", "US", "1"), ("CAD", "Canadian Dollar", "CA", "1.35")):
        state.currencies.insert(_currency(code, name, country, Decimal(rate)))
    for name in ("Shipping", "Gift Wrapping", "Non-Taxable Products"):
        state.tax_classes.insert({"name": name})
    for code, name in (
        ("squarev2", "Square"),
        ("paypalcommerce", "PayPal"),
        ("bankdeposit", "Bank Deposit"),
        ("cod", "Cash on Delivery"),
        ("testgateway", "Test Payment Gateway"),
    ):
        state.payment_methods.insert({"code": code, "name": name, "test_mode": code == "testgateway"})
    state.customer_groups.insert(
        {"name": "Wholesale", "is_default": False, "category_access": {"type": "all"}, "discount_rules": []}
    )


def _currency(code: str, name: str, country: str, rate: Decimal) -> Row:
    """A currency: shoppers pay in the first, the others are shown beside it at a rate (§24)."""
    own = code == "USD"
    return {
        "is_default": own,
        "country_iso2": country,
        "default_for_country_codes": [],
        "currency_code": code,
        "currency_exchange_rate": rate,
        "name": name,
        "token": "$",
        "auto_update": False,
        "token_location": "left",
        "decimal_token": ".",
        "thousands_token": ",",
        "decimal_places": 2,
        "enabled": True,
        "is_transactional": own,
        "use_default_name": True,
    }


def _zones(state: State) -> None:
    home: list[Row] = [{"id": 1, "country_iso2": "US"}]
    for name, kind, places in (("US", "country", home), ("Rest of the World", "global", [])):
        state.shipping_zones.insert(
            {"name": name, "type": kind, "enabled": True, "handling_fees": {}, "locations": places}
        )
