"""Postal addresses: cleansed, shaped for Heartland, compared. Heartland note §9."""

import hashlib
import textwrap
from collections.abc import Mapping
from typing import Any

from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import Address
from mappings.core.rules import countries, names, phones

LINE_LENGTH = 100  # Heartland publishes no lengths; longer street lines go on in the second line
NOT_APPLICABLE = "N/A"  # for a part that Heartland demands and the country does not have

#: Words that people shorten, in the one spelling that addresses are compared in.
_STREET_WORDS = {
    "apartment": "apt", "avenue": "ave", "boulevard": "blvd", "building": "bldg", "circle": "cir", "court": "ct",
    "drive": "dr", "east": "e", "expressway": "expy", "floor": "fl", "fort": "ft", "freeway": "fwy", "heights": "hts",
    "highway": "hwy", "lane": "ln", "mount": "mt", "north": "n", "northeast": "ne", "northwest": "nw",
    "parkway": "pkwy", "place": "pl", "plaza": "plz", "road": "rd", "room": "rm", "saint": "st", "south": "s",
    "southeast": "se", "southwest": "sw", "square": "sq", "street": "st", "suite": "ste", "terrace": "ter",
    "trail": "trl", "west": "w",
}  # fmt: skip


def address_from_heartland(row: Mapping[str, Any]) -> Address:
    """Read a customer's address as Heartland holds it, to compare it with one of the store."""
    source = Row(row, "Heartland address")
    country_code = source.text("country").upper()
    return Address(
        first_name=tidy(source.text("first_name")),
        last_name=tidy(source.text("last_name")),
        line_1=tidy(source.text("line_1")),
        line_2=tidy(source.text("line_2")),
        city=tidy(source.text("city")),
        state=countries.state_code(country_code, tidy(source.text("state"))),
        postal_code=tidy(source.text("postal_code")),
        country=country_code,
        phone=phones.as_held(source.text("phone"), country_code or "US"),
    )


def missing_parts(address: Address) -> tuple[str, ...]:
    """The fields without which nobody can deliver there and Heartland refuses the address; "name" when it has none."""
    rules = countries.country(address.country)
    needed = {
        "line_1": True,
        "city": rules.needs_city,
        "state": rules.needs_state,
        "postal_code": rules.needs_postal_code,
    }
    missing = tuple(name for name, is_needed in needed.items() if is_needed and not getattr(address, name))
    return missing if address.first_name or address.last_name else ("name", *missing)


def address_body(address: Address) -> dict[str, Any]:
    """JSON for `POST /customers/{id}/addresses`. The company, for which Heartland has no field, joins the second line.

    A street longer than `LINE_LENGTH` goes on in the second line; what the country does not have is "N/A".
    """
    first_name, last_name = names.both(address.first_name, address.last_name)
    line_1, line_2 = _wrapped(address.line_1, ", ".join(filter(None, [address.line_2, address.company])))
    return {
        "first_name": first_name,
        "last_name": last_name,
        "line_1": line_1,
        "line_2": line_2 or None,
        "city": address.city or NOT_APPLICABLE,
        "state": address.state or NOT_APPLICABLE,
        "postal_code": address.postal_code or NOT_APPLICABLE,
        "country": address.country or None,
        "phone": address.phone or None,
    }


def fingerprint(address: Address) -> str:
    """64 characters, equal for spellings of the same address ("12 Elm St." and "12 elm street").

    An address of the store and what Heartland holds of it are equal too: both are compared as Heartland holds them.
    """
    body = address_body(address)
    street = countries.comparable(f"{body['line_1']} {body['line_2'] or ''}").split()
    parts = [
        countries.comparable(f"{address.first_name} {address.last_name}"),
        " ".join(_STREET_WORDS.get(word, word) for word in street),
        countries.comparable(body["city"]),
        countries.comparable(body["state"]),
        countries.comparable(body["postal_code"]).replace(" ", ""),
        address.country,
        phones.comparable(address.phone) or address.phone,
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def tidy(text: str) -> str:
    """One line without outer or double white space."""
    return " ".join(text.split())


def streets(first: str, second: str) -> tuple[str, str]:
    """Two tidy street lines: further lines typed into the first join the second, a repeated line goes."""
    lines = [line for text in (first, second) for line in map(tidy, text.splitlines()) if line]
    lines = list(dict.fromkeys(lines))
    return (lines[0], ", ".join(lines[1:])) if lines else ("", "")


def _wrapped(line_1: str, line_2: str) -> tuple[str, str]:
    """Street lines in which the end of a too long first line begins the second."""
    if len(line_1) <= LINE_LENGTH:
        return line_1, line_2
    head = textwrap.wrap(line_1, LINE_LENGTH, break_on_hyphens=False)[0]
    return head, ", ".join(filter(None, [line_1[len(head) :].strip(), line_2]))
