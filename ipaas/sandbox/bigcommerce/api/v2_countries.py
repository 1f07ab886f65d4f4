"""V2 countries and their states (official schema); those the sandbox knows."""

from __future__ import annotations

from typing import Any

from ipaas.sandbox.bigcommerce.actions.customers import COUNTRIES, STATES
from ipaas.sandbox.bigcommerce.api.common import Call, Endpoints, v2_list
from ipaas.sandbox.bigcommerce.api.orders_render import link
from ipaas.sandbox.bigcommerce.errors import not_found
from ipaas.sandbox.bigcommerce.scopes import INFORMATION
from ipaas.sandbox.bigcommerce.state import Row
from ipaas.sandbox.core.web import Reply, Router

router: Router[Any] = Router()
v2 = Endpoints(router, "v2")
ISO3 = {
    **{"US": "USA", "CA": "CAN", "AU": "AUS", "GB": "GBR", "DE": "DEU", "FR": "FRA", "MX": "MEX", "NZ": "NZL"},
    **{"IE": "IRL", "NL": "NLD", "ES": "ESP", "IT": "ITA", "SE": "SWE", "NO": "NOR", "DK": "DNK", "JP": "JPN"},
    **{"CH": "CHE", "AT": "AUT", "BE": "BEL", "PL": "POL", "FI": "FIN", "PT": "PRT", "BR": "BRA"},
}
US_CODES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR"
    " PA RI SC SD TN TX UT VT VA WA WV WI WY"
)
US_NAMES = (
    "Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware District_of_Columbia Florida Georgia"
    " Hawaii Idaho Illinois Indiana Iowa Kansas Kentucky Louisiana Maine Maryland Massachusetts Michigan Minnesota"
    " Mississippi Missouri Montana Nebraska Nevada New_Hampshire New_Jersey New_Mexico New_York North_Carolina"
    " North_Dakota Ohio Oklahoma Oregon Pennsylvania Rhode_Island South_Carolina South_Dakota Tennessee Texas Utah"
    " Vermont Virginia Washington West_Virginia Wisconsin Wyoming"
)
ELSEWHERE = {
    **{"Puerto Rico": "PR", "Guam": "GU", "American Samoa": "AS", "Virgin Islands": "VI"},
    **{"Armed Forces Americas": "AA", "Armed Forces Europe": "AE", "Armed Forces Pacific": "AP"},
    **{"Alberta": "AB", "British Columbia": "BC", "Manitoba": "MB", "New Brunswick": "NB", "Nova Scotia": "NS"},
    **{"Newfoundland and Labrador": "NL", "Northwest Territories": "NT", "Nunavut": "NU", "Ontario": "ON"},
    **{"Prince Edward Island": "PE", "Quebec": "QC", "Saskatchewan": "SK", "Yukon": "YT", "Yukon Territory": "YT"},
    **{"Australian Capital Territory": "ACT", "New South Wales": "NSW", "Northern Territory": "NT"},
    **{"Queensland": "QLD", "South Australia": "SA", "Tasmania": "TAS", "Victoria": "VIC", "Western Australia": "WA"},
}
SHORT = {
    **{name.replace("_", " "): code for name, code in zip(US_NAMES.split(), US_CODES.split(), strict=True)},
    **ELSEWHERE,
}
COUNTRY_ROWS = tuple(
    {"id": number, "country": name, "country_iso2": code, "country_iso3": ISO3[code]}
    for number, (code, name) in enumerate(sorted(COUNTRIES.items(), key=lambda pair: pair[1]), 1)
)
STATE_ROWS = tuple(
    {"id": number, "state": name, "state_abbreviation": SHORT.get(name, name), "country_id": country["id"]}
    for number, (country, name) in enumerate(
        ((row, name) for row in COUNTRY_ROWS for name in sorted(STATES.get(str(row["country_iso2"]), ()))), 1
    )
)


def _country(call: Call, row: Row) -> Row:
    return {**row, "states": link(call, f"/countries/{row['id']}/states")}


def _one(country_id: int) -> Row:
    row = next((row for row in COUNTRY_ROWS if row["id"] == country_id), None)
    if row is None:
        raise not_found()
    return row


def _chosen(call: Call, rows: Any, names: tuple[str, ...]) -> list[Row]:
    return [row for row in rows if all(call.arg(name) in (None, "", row[name]) for name in names)]


def _of(country_id: int) -> list[Row]:
    _one(country_id)
    return [row for row in STATE_ROWS if row["country_id"] == country_id]


@v2("GET", "/countries", INFORMATION)
def countries_list(call: Call) -> Reply:
    """Countries by name or code."""
    rows = _chosen(call, COUNTRY_ROWS, ("country", "country_iso2", "country_iso3"))
    return v2_list(call, rows, lambda row: _country(call, row))


@v2("GET", "/countries/count", INFORMATION)
def countries_count(call: Call) -> Reply:
    """How many."""
    return call.reply({"count": len(COUNTRY_ROWS)})


@v2("GET", "/countries/states", INFORMATION)
def all_states_list(call: Call) -> Reply:
    """States of all countries."""
    return v2_list(call, _chosen(call, STATE_ROWS, ("state", "state_abbreviation")), lambda row: row)


@v2("GET", "/countries/states/count", INFORMATION)
def all_states_count(call: Call) -> Reply:
    """How many of all."""
    return call.reply({"count": len(STATE_ROWS)})


@v2("GET", "/countries/<int:country_id>", INFORMATION)
def country_get(call: Call, country_id: int) -> Reply:
    """One country."""
    return call.reply(_country(call, _one(country_id)))


@v2("GET", "/countries/<int:country_id>/states", INFORMATION)
def states_list(call: Call, country_id: int) -> Reply:
    """States of a country."""
    return v2_list(call, _chosen(call, _of(country_id), ("state", "state_abbreviation")), lambda row: row)


@v2("GET", "/countries/<int:country_id>/states/count", INFORMATION)
def states_count(call: Call, country_id: int) -> Reply:
    """How many a country has."""
    return call.reply({"count": len(_of(country_id))})


@v2("GET", "/countries/<int:country_id>/states/<int:state_id>", INFORMATION)
def state_get(call: Call, country_id: int, state_id: int) -> Reply:
    """One state."""
    row = next((row for row in _of(country_id) if row["id"] == state_id), None)
    if row is None:
        raise not_found()
    return call.reply(row)
