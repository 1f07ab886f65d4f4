"""The numbers that a store order takes in Heartland: BC-10457, and BC-10457-2, … where one is taken already."""

from collections.abc import Iterator
from itertools import count


def numbers_of(number: str) -> Iterator[str]:
    """They never run out: a number stays taken by whatever sales order bears it, cancelled or somebody else's."""
    yield number
    yield from (f"{number}-{turn}" for turn in count(2))


def is_number_of(text: str, number: str) -> bool:
    """True for the number itself and those that follow it."""
    base, _, turn = text.rpartition("-")
    return text == number or (base == number and turn.isdecimal())
