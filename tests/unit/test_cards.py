"""Card numbers are found however they are written, and little else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipaas.cards import CODE_REMOVED, REMOVED, is_card, mask

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


@pytest.mark.parametrize(
    "gap", ["\n", "\r\n", "   ", "      ", "\u200b", "\u200b\u200d", ": ", ", ", ",", ":", " - ", "*", "\\n", "\\u200b",
            "%20", "&nbsp;", "\u00ad", "\u3000", "\u200b ", "\x01", ") ("]
)  # fmt: skip
@pytest.mark.parametrize(
    "card", ["4111 1111 1111 1111", "3714 496353 98431", "6759 6498 2643 8453", "4222 2222 2222 2"]
)
def test_what_stands_between_the_groups_hides_nothing(card: str, gap: str) -> None:
    assert mask(f"take {card.replace(' ', gap)} now") == f"take {REMOVED} now"


@pytest.mark.parametrize("gap", ["\u200b", " ", "\n", ",", "-"])
def test_single_digits_hide_nothing(gap: str) -> None:
    assert mask(gap.join(CARDS[0])) == REMOVED


@pytest.mark.parametrize(
    "text", ["41111111\n11111111", "411111\t1111111111", "4①¹1111111111111", "4\ufe0f\u20e3111111111111111"]
)
def test_odd_forms_hide_nothing(text: str) -> None:
    assert mask(text) == REMOVED


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("cvv 737", f"cvv {CODE_REMOVED}"),
        ("CVC: 7373", f"CVC: {CODE_REMOVED}"),
        ('{"cvv2": "737"}', f'{{"cvv2": "{CODE_REMOVED}"}}'),
        ("security code is 737!", f"security code is {CODE_REMOVED}!"),
        ("card_cvv=737&x", f"card_cvv={CODE_REMOVED}&x"),
        ("cvv ７３７", f"cvv {CODE_REMOVED}"),
        ("4111 1111 1111 1111 12/27 737", REMOVED),
        ("4111111111111111, exp 1/2027, 737.", f"{REMOVED}."),
        ("%B4111111111111111^RUIZ/ANA^27121010000000000?", REMOVED),
        (";4111111111111111=27121010000000000?", REMOVED),
    ],
)
def test_what_belongs_to_a_card_goes_too(text: str, left: str) -> None:
    assert mask(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "Order 45001, 45002 and 45003",
        "Orders 10457, 10458, 10459, 10460, 10461",
        "Orders\n100457\n100458\n100459",
        "tracking 1Z5R89390357567127",  # UPS, its check digit right
        "tracking 1Z4485253888539336",  # … whose end would be a card's number
        "tracking 9400111899223197428490, 9400 1118 9922 3197 4284 90",  # USPS
        "420787019400111899223197428490",
        "tracking 9400111899223115055613",  # … within which one would be
        "FedEx 449044304137821",
        "EAN 4006381333931 and 5012345678900",
        "EAN 4006381333023",  # right by either check digit
        "GTIN 00012345600012",
        "call 512-555-0100 or (512) 555-0101",
        "+44 20 7946 0958, +1 512 555 0100",
        "2026-01-06 14:05:09.123456",
        "1767708309123",  # milliseconds
        "prices 49.99, 24.99, 12.50, 5.00, 4.25",
        "sku 4111-BLK-1111-XL-1111",
        "code 737 cvvx 737",
    ],
)
def test_false_alarms_that_matter_are_none(text: str) -> None:
    assert mask(text) == text


@given(st.integers(10**12, 10**18 - 1).map(str))
def test_every_number_of_a_brand_with_a_right_check_digit_goes(number: str) -> None:
    for digits in (f"4{number[:14]}{check}" for check in range(10)):
        assert mask(digits) == (REMOVED if is_card(digits) else digits)
