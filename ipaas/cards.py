"""Card data never passes: numbers, security codes and track data are dropped from every text of others.

A number is a card's by brand, length and check digit (Luhn), however it is typed. What carries such a number by right
stays: barcodes of 13 digits and parcel numbers with their own check digit (UPS, USPS).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

REMOVED = "[card number removed]"
CODE_REMOVED = "[card code removed]"
SHORTEST, LONGEST = 13, 19
WIDEST_GAP = 24  # signs between two groups of digits of one number

# Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay, Maestro, Mir
_BRANDS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|6(?:011|4[4-9]\d|5\d\d)\d{12}"
    r"|3(?:0[0-5]|[689]\d)\d{11}|35\d{14}|62\d{14,17}|(?:5[06-8]|6[37])\d{11,17}"
)
_DIGITS = re.compile(r"\d+")
_CLOSE = re.compile(r"[ \u00a0._/–—-]{1,2}")  # what parts the groups of one number, however many there are
_WHITE = re.compile(r"\s+")
_APART = re.compile(r"[\W_]+")
_SHAPES = ((4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 5))
_FILLER = "\x00"  # stands for signs that are not seen, so that places stay what they are
_UNSEEN = {"Cf", "Mn", "Me", "Cc"}
# what JSON, addresses and HTML write for white space
_ESCAPED = re.compile(r"\\[nrt]|\\u(?:00a0|20[01][0-9a-f]|202f|3000|feff)|%20|%0[ad9]|&nbsp;|&#(?:9|10|13|160);", re.I)
_ESCAPED_UNSEEN = re.compile(r"\\u(?:200[b-f]|feff|00ad)|%e2%80%8[b-f]", re.I)
_TRACK = re.compile(r"%?B\d{12,19}\^[^\n^?]{0,40}(?:\^[\d ]{0,40}\??)?|;?(?<!\d)\d{13,19}=\d{4,30}\??", re.I)
_CODE = re.compile(
    r"(?<![a-z])(?:cvv2?|cvc2?|cvn2?|cvd|csc|cid|(?:card |cc |sec\w{0,6} )(?:security |verification )?(?:code|value))"
    r"(?:[\W_]{0,4}(?:code|number|no|nr|value|is|was|of)){0,2}[\W_]{0,4}(\d{3,4})(?!\d)",
    re.I,
)
# month and year, and code, that are typed right behind a number
_BEHIND = re.compile(
    r"(?:[ ,;|/]{1,3}(?:exp\w{0,5}\W{0,3})?(?:0?[1-9]|1[0-2]) ?[/-] ?(?:20)?\d\d(?!\d))?"
    r"(?:[ ,;|/]{1,3}\d{3,4}(?!\d|\.\d))?",
    re.I,
)
_PARCEL = re.compile(r"1Z[0-9A-Z]{16}", re.I)


class Span(NamedTuple):
    """A part of a text, and the word that takes its place."""

    start: int
    end: int
    word: str


@dataclass(frozen=True)
class _Group:
    """Digits that stand together, and where."""

    digits: str
    start: int
    end: int


def mask(text: str) -> str:
    """The text with card numbers, security codes and track data replaced by what says so; linear in its length."""
    return replaced(text, spans(plain(text)))


def spans(seen: str) -> Iterator[Span]:
    """Where card data stands in a text that went through `plain`."""
    yield from (Span(one.start(), one.end(), REMOVED) for one in _TRACK.finditer(seen) if _track_holds(one.group()))
    yield from (Span(one.start(1), one.end(1), CODE_REMOVED) for one in _CODE.finditer(seen))
    for start, end in _cards(seen):
        behind = _BEHIND.match(seen, end)
        yield Span(start, behind.end() if behind else end, REMOVED)


def replaced(text: str, found: Iterable[Span]) -> str:
    """The text with a word in place of each span; of two that overlap the first and longest wins."""
    kept, place = [], 0
    for start, end, word in sorted(found, key=lambda span: (span.start, -span.end)):
        if start >= place:
            kept += [text[place:start], word]
        place = max(place, end)
    return "".join([*kept, text[place:]])


def is_card(digits: str) -> bool:
    """True when the digits begin and end as a brand's number does and the check digit is right; no barcode."""
    return bool(_BRANDS.fullmatch(digits)) and _luhn(digits) and not (len(digits) == SHORTEST and _is_barcode(digits))


def plain(text: str) -> str:
    """As many signs: digits of every script as 0-9, what is not seen as filler, escapes of white space as spaces."""
    if not text.isascii() or not text.isprintable():
        text = "".join(map(_plain_sign, text))
    if "\\" in text or "%" in text or "&" in text:
        text = _ESCAPED_UNSEEN.sub(lambda match: _FILLER * len(match.group()), text)
        text = _ESCAPED.sub(lambda match: " " * len(match.group()), text)
    return text


def _plain_sign(sign: str) -> str:
    if sign in "\n\r\t" or " " <= sign <= "~":
        return sign
    if unicodedata.category(sign) in _UNSEEN:
        return _FILLER
    value = unicodedata.digit(sign, None)
    return sign if value is None else str(value)


def _cards(seen: str) -> Iterator[tuple[int, int]]:
    """Where card numbers stand, none over another."""
    for groups in _runs(seen):
        if _is_usps("".join(group.digits for group in groups)):
            continue
        first = 0
        while first < len(groups):
            found = _card_from(groups, first, seen)
            if found is None:
                first += 1
                continue
            start, end, first = found
            yield start, end


def _runs(seen: str) -> Iterator[list[_Group]]:
    """Groups of digits with nothing but signs between them."""
    run: list[_Group] = []
    for match in _DIGITS.finditer(seen):
        group = _Group(match.group(), match.start(), match.end())
        gap = seen[run[-1].end : group.start] if run else ""
        if run and len(gap) <= WIDEST_GAP and _is_gap(gap):
            if gap.strip(_FILLER):
                run.append(group)
            else:
                run[-1] = _Group(run[-1].digits + group.digits, run[-1].start, group.end)
            continue
        if run:
            yield run
        run = [group]
    if run:
        yield run


def _is_gap(gap: str) -> bool:
    seen = gap.replace(_FILLER, "")
    return not seen or bool(_APART.fullmatch(seen))


def _card_from(groups: list[_Group], first: int, seen: str) -> tuple[int, int, int] | None:
    """The longest card that begins with this group: from where to where, and the group behind it."""
    if len(groups[first].digits) > LONGEST:
        return _card_within(groups[first], first)
    best = None
    digits, last = "", first
    while last < len(groups) and len(digits) + len(groups[last].digits) <= LONGEST:
        digits += groups[last].digits
        if is_card(digits) and _belongs_together(groups[first : last + 1], seen):
            best = (groups[first].start, groups[last].end, last + 1)
        last += 1
    return best


def _card_within(group: _Group, place: int) -> tuple[int, int, int] | None:
    """A group longer than any card: all of it, when a card hides in it."""
    digits = group.digits
    windows = (
        digits[start : start + length]
        for start in range(min(len(digits), 4 * LONGEST) - SHORTEST + 1)
        for length in range(SHORTEST, LONGEST + 1)
    )
    return (group.start, group.end, place + 1) if any(map(is_card, windows)) else None


def _belongs_together(groups: list[_Group], seen: str) -> bool:
    """Whether groups are one number: as people part one, or shaped as a card where they stand far apart."""
    if len(groups) == 1:
        return not _is_parcel(groups[0], seen)
    gaps = [seen[one.end : other.start].replace(_FILLER, "") for one, other in pairwise(groups)]
    if all(map(_CLOSE.fullmatch, gaps)):
        return True
    sizes = tuple(len(group.digits) for group in groups)
    is_white = all(map(_WHITE.fullmatch, gaps))
    even = sizes[0] in ((1, 2, 4, 8) if is_white else (1, 4)) and set(sizes[:-1]) == {sizes[0]}
    return sizes in _SHAPES or (even and sizes[-1] <= sizes[0]) or (is_white and len(sizes) == 2)


def _is_parcel(group: _Group, seen: str) -> bool:
    """Whether the digits end a UPS number that is right."""
    begin = max(0, group.end - 18)
    number = seen[begin : group.end].upper()
    if not _PARCEL.fullmatch(number) or seen[max(0, begin - 1) : begin].isalnum():
        return False
    values = [int(sign) if sign.isdigit() else (ord(sign) - 63) % 10 for sign in number[2:]]
    return (-sum(values[:-1:2]) - 2 * sum(values[1:-1:2])) % 10 == values[-1]


def _is_usps(digits: str) -> bool:
    """A parcel number of 20 or 22 digits, with or without the postcode in front; its check digit is GS1's."""
    number = digits[-22:] if digits.startswith("420") and len(digits) in (30, 34) else digits
    return len(number) in (20, 22) and number[0] == "9" and _is_barcode(number)


def _is_barcode(digits: str) -> bool:
    """The check digit of GS1 (EAN, GTIN) and of USPS: threes and ones from the right."""
    total = sum(int(digit) * (3 - 2 * (place % 2)) for place, digit in enumerate(reversed(digits[:-1])))
    return (10 - total % 10) % 10 == int(digits[-1])


def _track_holds(track: str) -> bool:
    number = _DIGITS.search(track)
    return number is not None and is_card(number.group())


def _luhn(digits: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
