"""Countries with their regions, and currencies (apis/magento.md §17, §21)."""

from __future__ import annotations

from decimal import Decimal

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import Refused
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.settings import setting
from ipaas.sandbox.magento.state import Row

routes = Routes()
SYMBOLS = {"USD": "$", "EUR": "€", "CAD": "CA$", "GBP": "£", "JPY": "¥"}
NO_COUNTRY = "The country isn't available."


@routes.get("/V1/directory/currency")
def currency(call: Call) -> Row:
    """Base and display currency of the store view in the URL, with the rates from the base."""
    base = setting(call.state, "currency/options/base", call.store_id)
    display = setting(call.state, "currency/options/default", call.store_id)
    allowed = setting(call.state, "currency/options/allow", call.store_id).split(",")
    rates = [row for row in call.state.currencies.all() if row["currency_from"] == base]
    return {
        "base_currency_code": base,
        "base_currency_symbol": SYMBOLS[base],
        "default_display_currency_code": display,
        "default_display_currency_symbol": SYMBOLS[display],
        "available_currency_codes": allowed,
        "exchange_rates": [
            {"currency_to": row["currency_to"], "rate": Decimal(row["rate"])}
            for row in rates
            if row["currency_to"] in allowed
        ],
    }


@routes.get("/V1/directory/countries")
def countries(call: Call) -> list[Row]:
    """Every country that the shop ships to."""
    return [country["information"] for country in call.state.countries.all()]


@routes.get("/V1/directory/countries/{countryId}")
def country_get(call: Call) -> Row:
    """One country by its two letters."""
    for country in call.state.countries.all():
        if country["information"]["id"] == call.path["countryId"]:
            return dict(country["information"])
    raise Refused(404, NO_COUNTRY)
