"""Phone numbers in one spelling."""

import re

import phonenumbers

NORTH_AMERICA = 1  # country calling code


def normalise(text: str, country: str = "US") -> str:
    """Ten digits for North America, E.164 without "+" elsewhere; as typed when unreadable. `country` is alpha-2.

    An extension is kept: "5125550100 x12".
    """
    typed = " ".join(text.split())
    try:
        number = phonenumbers.parse(typed, country.upper() or "US")
    except phonenumbers.NumberParseException:
        return typed
    if not phonenumbers.is_possible_number(number):
        return typed
    national = phonenumbers.national_significant_number(number)
    digits = national if number.country_code == NORTH_AMERICA else f"{number.country_code}{national}"
    return f"{digits} x{number.extension}" if number.extension else digits


def found_in(text: str, country: str = "US") -> str:
    """The one number that stands in a text, in our spelling; "" when none does, or several."""
    region = country.upper() or "US"
    found = {match.raw_string for match in phonenumbers.PhoneNumberMatcher(text, region)}
    return normalise(found.pop(), region) if len(found) == 1 else ""


def as_held(text: str, country: str = "US") -> str:
    """A number as Heartland holds it, in our spelling: digits alone are taken as ours, the rest is normalised."""
    typed = " ".join(text.split())
    return typed if re.fullmatch(r"\d+( x\d+)?", typed, re.ASCII) else normalise(typed, country)


def comparable(text: str) -> str:
    """What two spellings of a normalised number share: its digits without the extension; "" when too few to compare."""
    digits = re.sub(r"\D", "", text.lower().partition("x")[0])  # an extension begins with x or ext
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    return digits if len(digits) >= 7 else ""
