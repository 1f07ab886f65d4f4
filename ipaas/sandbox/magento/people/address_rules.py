"""What an address must have to be saved in an address book (apis/magento.md §17)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ipaas.sandbox.magento.errors import REQUIRED, several
from ipaas.sandbox.magento.state import Row, State

INVALID = 'Invalid value of "%value" provided for the %fieldName field.'
NEEDED = {
    "firstname": "firstname",
    "lastname": "lastname",
    "street": "street",
    "city": "city",
    "telephone": "telephone",
}
WITHOUT_POSTCODE = {"HK", "IE", "MO", "PA"}
PLAIN = (
    *("firstname", "lastname", "middlename", "prefix", "suffix", "company", "street", "city", "postcode"),
    *("country_id", "telephone", "fax", "vat_id", "custom_attributes"),
)


def address_row(state: State, given: Row) -> Row:
    """The columns of an address as it is sent, its region told in full. Raises `Refused`, all complaints in one."""
    row = {name: given[name] for name in PLAIN if name in given} | _region(state, given)
    if complaints := list(_complaints(state, row)):
        raise several(complaints)
    return row


def as_sent(row: Row) -> Row:
    """A stored address in the form in which one is sent."""
    return {**row, "region": {name: row[name] for name in ("region_id", "region_code", "region")}}


def _region(state: State, given: Row) -> Row:
    """Region by its id, which may stand inside the object or beside it; else as it is written."""
    region: Any = given.get("region") or {}
    region_id = region.get("region_id") or given.get("region_id")
    for known in regions_of(state, given.get("country_id") or ""):
        if int(known["id"]) == region_id or (not region_id and region.get("region_code") == known["code"]):
            return {"region_id": int(known["id"]), "region_code": known["code"], "region": known["name"]}
    return {"region_id": region_id, "region_code": region.get("region_code"), "region": region.get("region")}


def regions_of(state: State, country: str) -> list[Row]:
    """The regions that a country has a list of."""
    found: list[Row] = next(
        (
            row["information"].get("available_regions", [])
            for row in _countries(state)
            if row["information"]["id"] == country
        ),
        [],
    )
    return found


def _countries(state: State) -> Iterator[Row]:
    return state.countries.all()


def _complaints(state: State, row: Row) -> Iterator[Row]:
    for name, field in NEEDED.items():
        if not row.get(name):
            yield _missing(field)
    country = row.get("country_id")
    if not country:
        yield _missing("countryId")
        return
    if country not in {one["information"]["id"] for one in _countries(state)}:
        yield {"message": INVALID, "parameters": {"fieldName": "countryId", "value": country}}
        return
    if not row.get("postcode") and country not in WITHOUT_POSTCODE:
        yield _missing("postcode")
    listed = {int(one["id"]) for one in regions_of(state, country)}
    if listed and not row.get("region_id"):
        yield _missing("regionId")
    elif listed and row["region_id"] not in listed:
        yield {"message": INVALID, "parameters": {"fieldName": "regionId", "value": row["region_id"]}}


def _missing(field: str) -> Row:
    return {"message": REQUIRED, "parameters": {"fieldName": field}}
