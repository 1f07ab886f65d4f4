"""What people type to find something, and what is kept so that it is found: terms, compared from their beginning.

A part in the middle of a number is the beginning of one of its ends, so ends are kept as terms of their own. Whoever
stores a term of a person stores it under a keyed digest (`mappings.person_keys`): those are equal or not, nothing else,
so the beginnings of a name are terms too.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

LONGEST = 80  # characters of a term
SHORTEST_PART = 3  # characters of a number that find it
SHORTEST_WORD = 2
NAME_BEGINNINGS = range(3, 7)  # lengths of the beginnings by which a name is found while it is typed
PHONE_WITHOUT_AREA = 7  # digits
MOST_WORDS = 6  # of what is typed
WORD = re.compile(r"[^\W_]+")
SKU_ENDS = re.compile(r"(?<=[\s\-_./+])(?=[^\s\-_./+])")  # between the parts of a SKU


def plain(text: str) -> str:
    """Lower case, without accents, blanks made one."""
    apart = unicodedata.normalize("NFKD", " ".join(text.split()).casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def words(text: str) -> list[str]:
    """The words of a text in their order, each once."""
    return list(dict.fromkeys(WORD.findall(plain(text))))


def number_terms(numbers: Iterable[str]) -> list[str]:
    """Each number and its ends: "bc-10457", "c-10457", "10457", "0457", "457"."""
    found: dict[str, None] = {}
    for number in filter(None, (plain(number)[:LONGEST] for number in numbers)):
        found[number] = None
        ends = (number[start:] for start in range(1, len(number) - SHORTEST_PART + 1))
        found |= dict.fromkeys(end for end in ends if end[0].isalnum())
    return list(found)


def sku_terms(skus: Iterable[str]) -> list[str]:
    """Each SKU, and what follows on each of its dashes, dots and blanks."""
    found: dict[str, None] = {}
    for sku in filter(None, map(plain, skus)):
        starts = [0, *(match.start() for match in SKU_ENDS.finditer(sku))]
        found |= dict.fromkeys(end[:LONGEST] for start in starts if len(end := sku[start:]) >= SHORTEST_WORD)
    return list(found)


def name_terms(names: Iterable[str]) -> Iterator[str]:
    """The words of names with their beginnings, as terms of a person."""
    found: dict[str, None] = {}
    for word in (word for name in names for word in words(name)):
        found |= dict.fromkeys(word[:length] for length in NAME_BEGINNINGS if length < len(word))
        found[word] = None
    return (f"name:{word}" for word in found)


def mail_terms(addresses: Iterable[str]) -> Iterator[str]:
    """Whole addresses, and what stands before the @ as if it were a name."""
    known = dict.fromkeys(plain(address) for address in addresses if "@" in address)
    yield from (f"mail:{address}" for address in known)
    yield from name_terms(address.partition("@")[0] for address in known)


def phone_terms(phones: Iterable[str]) -> Iterator[str]:
    """Digits, and the last of them: people leave the area code out."""
    found: dict[str, None] = {}
    for digits in filter(None, (phone_digits(phone) for phone in phones)):
        found |= dict.fromkeys((digits, digits[-PHONE_WITHOUT_AREA:]))
    return (f"phone:{digits}" for digits in found)


def phone_digits(text: str) -> str:
    """The digits of what looks like a phone number, without North America's 1; "" for anything else."""
    number = re.split(r"(?:x|ext\.?)\s*\d*$", text.strip().lower())[0]
    digits = re.sub(r"\D", "", number)
    if re.search(r"[^\d\s().+\-/]", number) or len(digits) < PHONE_WITHOUT_AREA:
        return ""
    return digits[1:] if len(digits) == 11 and digits.startswith("1") else digits


def person_asked(text: str) -> list[str]:
    """The terms that a person must have, all of them, to be meant by what was typed; none where it can mean nobody."""
    if "@" in text:
        return [f"mail:{plain(text)}"]
    if digits := phone_digits(text):
        return [f"phone:{digits if len(digits) > PHONE_WITHOUT_AREA + 2 else digits[-PHONE_WITHOUT_AREA:]}"]
    asked = words(text)[:MOST_WORDS]
    return [f"name:{word}" for word in asked] if all(len(word) >= SHORTEST_WORD for word in asked) else []


def after(term: str) -> str:
    """What sorts behind everything that begins with the term, byte by byte."""
    return f"{term}\U0010ffff"
