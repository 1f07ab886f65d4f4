"""Which location is near an address, by what the merchant wrote beside it: states, countries, beginnings of postcodes.

No map is asked: distances as the crow flies would need coordinates of both ends, which neither system has.
"""

import re
from collections.abc import Mapping, Sequence

from mappings.core.canonical.order import Address

COUNTRY, STATE, POSTCODE = 1, 2, 3  # how much a match says; of postcodes the longer beginning says more
BETWEEN = re.compile(r"[,;\n]+")


def areas_of(text: str) -> tuple[str, ...]:
    """The areas of a location, each once, in capitals and without blanks: "TX", "787", "SW1A"."""
    parts = ("".join(part.split()).upper() for part in BETWEEN.split(text))
    return tuple(dict.fromkeys(part for part in parts if part))


def nearest_first(places: Sequence[str], areas: Mapping[str, str], address: Address | None) -> list[str]:
    """Location ids, the nearest first; those that are equally near, or near to nothing, keep their turn."""
    if address is None:
        return list(places)
    return sorted(places, key=lambda place: _rank(areas.get(place, ""), address), reverse=True)


def _rank(text: str, address: Address) -> tuple[int, int]:
    return max((_match(area, address) for area in areas_of(text)), default=(0, 0))


def _match(area: str, address: Address) -> tuple[int, int]:
    postcode = "".join(address.postal_code.split()).upper()
    if any(sign.isdigit() for sign in area):
        return (POSTCODE, len(area)) if postcode.startswith(area) else (0, 0)
    if area == "".join(address.state.split()).upper():
        return STATE, 0
    return (COUNTRY, 0) if area == address.country.upper() else (0, 0)
