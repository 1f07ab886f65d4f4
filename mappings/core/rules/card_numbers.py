"""Numbers of gift cards as they are printed, typed and exported; and until when a card is good."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from mappings.core.rules.tables import is_shortened

LONGEST = 60
BETWEEN = re.compile(r"[\s\-–—./_]+")  # what people and printers put between the groups of a number
SIGNS = re.compile(r"[0-9A-Z]+")


class OddNumber(ValueError):
    """What cannot be a card's number; the sentence says why."""


def card_number(text: str) -> str:
    """A number as both systems can keep it: capital letters and digits, every zero kept.

    Raises OddNumber, also for what a spreadsheet left of a long number: its digits are lost, and what is left may be
    another card's.
    """
    shown = text.strip()
    if is_shortened(shown):
        raise OddNumber(f"“{shown[:LONGEST]}” is a number that a spreadsheet shortened: its digits are lost.")
    bare = BETWEEN.sub("", shown).upper()
    if not bare:
        raise OddNumber("There is no card number.")
    if len(bare) > LONGEST:
        raise OddNumber("The card number is too long.")
    if not SIGNS.fullmatch(bare):
        raise OddNumber("A card number is made of letters and digits.")
    return bare


def last_signs(number: str) -> str:
    """What is shown of a number: its end, which opens no card."""
    return number[-4:] if len(number) > 7 else number[-2:]


def is_over(expires_on: date | None, now: datetime, zone: ZoneInfo) -> bool:
    """Whether a card's time is over: it is good through the whole day that is printed on it, where the shop is."""
    return expires_on is not None and now.astimezone(zone).date() > expires_on
