"""What an installation has before anything is sold: websites, store views, tax, an integration, an admin."""

from __future__ import annotations

from decimal import Decimal

from ipaas.sandbox.catalog import marketing
from ipaas.sandbox.magento.countries import country_rows, regions
from ipaas.sandbox.magento.settings import setting_set
from ipaas.sandbox.magento.state import State

CONSUMER_KEY = "sandboxconsumerkey00000000000001"
CONSUMER_SECRET = "sandboxconsumersecret00000000001"
ACCESS_TOKEN = "sandboxaccesstoken00000000000001"
ACCESS_SECRET = "sandboxaccesssecret0000000000001"
ADMIN_NAME, ADMIN_PASSWORD = "admin", "Harbor-and-Pine-1"
ALL_RESOURCES = ["Magento_Backend::all"]

WEBSITES = (
    {"id": 0, "code": "admin", "name": "Admin", "default_group_id": 0},
    {"id": 1, "code": "base", "name": "Main Website", "default_group_id": 1},
    {"id": 2, "code": "europe", "name": "Europe", "default_group_id": 2},
)
GROUPS = (
    {"id": 0, "website_id": 0, "root_category_id": 0, "default_store_id": 0, "name": "Default", "code": "default"},
    {
        "id": 1,
        "website_id": 1,
        "root_category_id": 2,
        "default_store_id": 1,
        "name": "Main Website Store",
        "code": "main_website_store",
    },
    {
        "id": 2,
        "website_id": 2,
        "root_category_id": 2,
        "default_store_id": 3,
        "name": "Europe Store",
        "code": "europe_store",
    },
)
VIEWS = (  # (id, code, name, website, group)
    (0, "admin", "Admin", 0, 0),
    (1, "default", "Default Store View", 1, 1),
    (2, "canada", "Canada", 1, 1),
    (3, "europe", "Europe", 2, 2),
)
TAX_CLASSES = ((2, "Taxable Goods", "PRODUCT"), (3, "Retail Customer", "CUSTOMER"))
CUSTOMER_GROUPS = ("NOT LOGGED IN", "General", "Wholesale", "Retailer")
RATES = (("USD", "USD", 1), ("USD", "CAD", "1.35"), ("EUR", "EUR", 1), ("EUR", "USD", "1.10"))


def furnish(state: State) -> None:
    """Fill the tables of the installation itself."""
    for row in WEBSITES:
        state.websites.insert(row)
    for row in GROUPS:
        state.store_groups.insert(row)
    for number, code, name, website, group in VIEWS:
        state.store_views.insert(
            {"id": number, "code": code, "name": name, "website_id": website, "store_group_id": group, "is_active": 1}
        )
    _settings(state)
    for number, label, kind in TAX_CLASSES:
        state.insert(state.tax_classes, {"class_id": number, "class_name": label, "class_type": kind})
    for number, code in enumerate(CUSTOMER_GROUPS):
        state.groups.insert({"id": number, "code": code, "tax_class_id": 3, "tax_class_name": "Retail Customer"})
    for base, other, rate in RATES:
        state.currencies.insert({"currency_from": base, "currency_to": other, "rate": Decimal(rate)})
    for row in country_rows():
        state.countries.insert(row)
    _tax(state)
    _access(state)


def _tax(state: State) -> None:
    """The shop's rates, and the one rule that applies them to everything taxable."""
    for rate in marketing.TAX_RATES:
        region = next(row for row in regions(rate.country_code) if row["name"] == rate.state)
        state.tax_rates.insert(
            {
                "code": rate.name,
                "tax_country_id": rate.country_code,
                "tax_region_id": region["id"],
                "region_name": region["code"],
                "tax_postcode": "*",
                "rate": rate.rate,
                "titles": [],
            }
        )
    rule = {"code": "Retail", "priority": 0, "position": 0, "customer_tax_class_ids": [3], "product_tax_class_ids": [2]}
    state.tax_rules.insert({**rule, "tax_rate_ids": list(state.tax_rates.ids()), "calculate_subtotal": False})


def _settings(state: State) -> None:
    setting_set(state, "currency/options/allow", "USD,CAD")
    setting_set(state, "currency/options/default", "CAD", "stores", 2)
    setting_set(state, "general/locale/code", "en_CA", "stores", 2)
    setting_set(state, "currency/options/base", "EUR", "websites", 2)
    setting_set(state, "currency/options/default", "EUR", "websites", 2)
    setting_set(state, "currency/options/allow", "EUR", "websites", 2)
    setting_set(state, "general/locale/code", "en_GB", "websites", 2)
    setting_set(state, "general/locale/timezone", "Europe/Berlin", "websites", 2)
    setting_set(state, "general/locale/weight_unit", "kgs", "websites", 2)


def _access(state: State) -> None:
    consumer = state.consumers.insert(
        {"key": CONSUMER_KEY, "secret": CONSUMER_SECRET, "activated_at": 0, "name": "Tillbridge"}
    )
    state.integrations.insert(
        {
            "name": "Tillbridge",
            "email": "",
            "endpoint": "",
            "identity_link_url": "",
            "status": 1,
            "consumer_id": consumer["id"],
            "resources": ALL_RESOURCES,
        }
    )
    state.oauth_tokens.insert(
        {
            "consumer_id": consumer["id"],
            "type": "access",
            "token": ACCESS_TOKEN,
            "secret": ACCESS_SECRET,
            "verifier": "",
            "revoked": 0,
        }
    )
    state.admins.insert({"username": ADMIN_NAME, "password": ADMIN_PASSWORD, "resources": ALL_RESOURCES, "active": 1})
