"""Postal addresses as BigCommerce writes them. Its note §11."""

from collections.abc import Mapping
from typing import Any

from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import Address
from mappings.core.rules import countries, names, phones
from mappings.core.rules.addresses import streets, tidy


def address_from_bigcommerce(row: Mapping[str, Any]) -> Address:
    """Read a billing or shipping address: trimmed, street lines tidied, state abbreviated, phone normalised."""
    source = Row(row, "Address")
    country_code = source.text("country_iso2").upper()
    company = tidy(source.free_text("company"))
    first_name, last_name = names.person(
        tidy(source.free_text("first_name")), tidy(source.free_text("last_name")), company
    )
    line_1, line_2 = streets(source.free_text("street_1"), source.free_text("street_2"))
    return Address(
        first_name=first_name,
        last_name=last_name,
        company="" if company == " ".join(filter(None, [first_name, last_name])) else company,
        line_1=line_1,
        line_2=line_2,
        city=tidy(source.free_text("city")),
        state=countries.state_code(country_code, tidy(source.free_text("state"))),
        postal_code=tidy(source.text("zip")),
        country=country_code,
        phone=phones.normalise(source.text("phone"), country_code or "US"),
    )
