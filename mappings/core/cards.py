"""Card numbers never pass: they are dropped from every free text and reference."""

import re
import unicodedata

REMOVED = "[card number removed]"
SHORTEST, LONGEST = 13, 19

# digits that a person may have parted with single spaces, dashes, dots or slashes
_RUN = re.compile(r"\d(?:[ \u00a0._/-]{0,2}\d){12,}")
# how cards of the brands begin, and how long they are: Visa, Mastercard, American Express, Discover, Diners, JCB,
# UnionPay, Maestro
_BRANDS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|6(?:011|4[4-9]\d|5\d\d)\d{12}"
    r"|3(?:0[0-5]|[689]\d)\d{11}|35\d{14}|62\d{14,17}|(?:5[06-8]|6[37])\d{14}"
)


def mask(text: str) -> str:
    """The text with anything that may be a card number replaced by "[card number removed]".

    That is each run of 13 to 19 digits with a valid check digit (Luhn), and each longer run in which a brand's card
    number hides. One in ten harmless numbers of that length goes too: losing a reference is better than keeping a card.
    """
    plain = "".join(_ascii_digit(character) for character in text)
    kept, end = [], 0
    for match in _RUN.finditer(plain):
        if _holds_card(re.sub(r"\D", "", match.group())):
            kept += [text[end : match.start()], REMOVED]
            end = match.end()
    return "".join([*kept, text[end:]])


def is_card(digits: str) -> bool:
    """True when the digits are as many as a card has and their check digit is right."""
    return SHORTEST <= len(digits) <= LONGEST and digits.strip("0") != "" and _luhn(digits)


def _holds_card(digits: str) -> bool:
    if is_card(digits):
        return True
    windows = (
        digits[start : start + length]
        for start in range(len(digits) - SHORTEST + 1)
        for length in range(SHORTEST, min(LONGEST, len(digits) - start) + 1)
    )
    return any(_BRANDS.fullmatch(window) and is_card(window) for window in windows)


def _luhn(digits: str) -> bool:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _ascii_digit(character: str) -> str:
    """The same character, digits of every script as 0-9, so that full-width digits hide nothing."""
    if character.isascii():
        return character
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)
