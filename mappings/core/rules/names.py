"""Names of people and companies: parted, compared, filled in where Heartland demands two, tidied where a merchant asks.

Some people have one name, and some orders name a company alone; Heartland demands a first and a last name (note §9).
"""

import re

from mappings.core.rules.countries import comparable

STAND_IN = "."  # for the name that somebody does not have: a comparison passes over it, and a label hardly shows it
_SMALL_WORDS = frozenset(
    {"al", "bin", "da", "das", "de", "del", "den", "der", "di", "do", "dos", "du", "e", "el", "la", "le", "ten", "ter",
     "van", "von", "y", "zu"}
)  # fmt: skip
_NUMERAL = re.compile(r"[IVX]+", re.IGNORECASE)


def person(first_name: str, last_name: str, company: str = "") -> tuple[str, str]:
    """First and last name; when one is blank and the other has several words, its last word is the last name.

    A company without a person stands in for the person.
    """
    if first_name and last_name:
        return first_name, last_name
    words = (first_name or last_name or company).rsplit(" ", maxsplit=1)
    return (words[0], words[1]) if len(words) > 1 else (first_name or company, last_name)


def both(first_name: str, last_name: str) -> tuple[str, str]:
    """First and last name as Heartland takes them: "." stands for the one that is not there."""
    return (first_name or STAND_IN, last_name or STAND_IN) if first_name or last_name else ("", "")


def key(first_name: str, last_name: str) -> str:
    """Equal for spellings of one name: "Ruiz, Ána" and "ANA RUIZ"; "" without a name."""
    return " ".join(sorted(comparable(f"{first_name} {last_name}").split()))


def tidied(name: str) -> str:
    """The name with capitals where they belong, when it was typed all in capitals or all in small letters."""
    if (name.isupper() and len(name.replace(".", "")) > 2) or name.islower():
        return " ".join(_capitals(word, is_first=index == 0) for index, word in enumerate(name.split(" ")))
    return name


def _capitals(word: str, *, is_first: bool) -> str:
    if word.lower() in _SMALL_WORDS and not is_first:
        return word.lower()
    if _NUMERAL.fullmatch(word) and not is_first:
        return word.upper()
    return "".join(part.capitalize() for part in re.split(r"([-'’.])", word))
