"""Card numbers are found however they are written, and little else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.core.cards import REMOVED, is_card, mask

CARDS = ["4111111111111111", "4222222222222", "5555555555554444", "2223003122003222", "371449635398431",
         "6011000990139424", "30569309025904", "3530111333300000", "6200000000000005", "6759649826438453"]  # fmt: skip


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("form", ["{}", "card {}!", "x{}y", "12/30 {} 123"])
def test_a_card_is_removed(card: str, form: str) -> None:
    assert card not in mask(form.format(card))
    assert REMOVED in mask(form.format(card))


@pytest.mark.parametrize("separator", [" ", "-", ".", "\u00a0", " - "[:2]])
def test_groups_hide_nothing(separator: str) -> None:
    grouped = separator.join(["4111", "1111", "1111", "1111"])
    assert mask(f"use {grouped} please") == f"use {REMOVED} please"


def test_digits_of_other_scripts_hide_nothing() -> None:
    wide = "".join(chr(ord("０") + int(digit)) for digit in CARDS[0])
    arabic = "".join(chr(ord("٠") + int(digit)) for digit in CARDS[0])
    assert mask(wide) == mask(arabic) == REMOVED


def test_what_stands_around_stays() -> None:
    assert mask("first 4111111111111111, then 5555555555554444.") == f"first {REMOVED}, then {REMOVED}."


@pytest.mark.parametrize(
    "text", ["", "ch_9x1", "5125550100", "1234567890123456", "order 10432 of 2026-01-06", "0" * 16, "12 Elm St"]
)
def test_harmless_texts_stay(text: str) -> None:
    assert mask(text) == text


@given(st.text(max_size=60))
def test_what_is_left_holds_no_card(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@given(st.integers(10**12, 10**18 - 1).map(str))
def test_every_number_with_a_right_check_digit_goes(number: str) -> None:
    digits = next(f"{number}{check}" for check in range(10) if is_card(f"{number}{check}"))
    assert mask(digits) == REMOVED
