"""Postal addresses as Magento writes them. Its notes §8.2."""

from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import Address
from mappings.core.rules import countries, names, phones
from mappings.core.rules.addresses import streets, tidy


def address_from_magento(source: Row) -> Address:
    """Read a billing or shipping address: trimmed, street lines tidied, state abbreviated, phone normalised."""
    country_code = source.text("country_id").upper()
    company = tidy(source.free_text("company"))
    first_name, last_name = names.person(
        tidy(source.free_text("firstname")), tidy(source.free_text("lastname")), company
    )
    line_1, line_2 = streets(*_street(source))
    return Address(
        first_name=first_name,
        last_name=last_name,
        company="" if company == " ".join(filter(None, [first_name, last_name])) else company,
        line_1=line_1,
        line_2=line_2,
        city=tidy(source.free_text("city")),
        state=_state(source, country_code),
        postal_code=tidy(source.text("postcode")),
        country=country_code,
        phone=phones.normalise(source.text("telephone"), country_code or "US"),
    )


def _state(source: Row, country_code: str) -> str:
    """Its code where the country has codes that post knows: the shop numbers regions of every country."""
    code = source.text("region_code").upper()
    if code in countries.country(country_code).state_codes.values():
        return code
    return countries.state_code(country_code, tidy(source.free_text("region")) or source.text("region_code"))


def _street(source: Row) -> tuple[str, str]:
    """The first line and the others; `street` is a list of up to four, from old releases one text."""
    value = source.data.get("street")
    lines = value if isinstance(value, list) else [value]
    typed = [Row({"line": line}, source.label).free_text("line") for line in lines]
    return typed[0] if typed else "", "\n".join(typed[1:])
