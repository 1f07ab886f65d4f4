"""What others say is kept without card data, people and secrets; what is needed to act on it stays."""

import re
import sys
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors.failures import SyncFailure, Violation
from ipaas import cards, masking
from ipaas.masking import EMAIL, LONGEST, NAME, PHONE, SECRET, STREET, Redactor, masked, told

REFUSED = "Heartland refused the request (400): "


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("ana.ruiz+shop@mail.example.com is taken", f"{EMAIL} is taken"),
        ("<o'hara@example.com>", f"<{EMAIL}>"),
        ("?a=1&email='ana@example.com'&b", f"?a=1&email='{EMAIL}'&b"),
        ("mailto:ana@example.com, bob@example.org", f"mailto:{EMAIL}, {EMAIL}"),
        ("ana%40example.com", EMAIL),
        ("ana\u200b@exam\u200bple.com", EMAIL),
        ("josé@exämple.de", EMAIL),
        (f"{'a' * 100}@example.com", EMAIL),
        ("call (512) 555-0100.", f"call {PHONE}."),
        ("512-555-0100, 512.555.0101", f"{PHONE}, {PHONE}"),
        ("+44 20 7946 0958", PHONE),
        ("phone_number: 5125550100", f"phone_number: {PHONE}"),
        ('{"phone":"5125550100"}', f'{{"phone":"{PHONE}"}}'),
        ("The buyer 5125550100 is known", f"The buyer {PHONE} is known"),
        ("Tel. 030 1234567", f"Tel. {PHONE}"),
        ("mobile 07700 900123", f"mobile {PHONE}"),
        ("1420 Barton Creek Blvd is no address", f"{STREET} is no address"),
        ("12 elm st", STREET),
        ("220 E 5th St Apt 4B, Austin", f"{STREET}, Austin"),
        ("7 Rosewood Court", STREET),
        ("P.O. Box 1234", STREET),
        ("Hauptstraße 12a", STREET),
        ("12 rue de la Paix", STREET),
        ("Bearer abcdefghijkl", f"Bearer {SECRET}"),
        ("access_token=abcdefgh", f"access_token={SECRET}"),
        ('"client_secret": "hush-hush"', f'"client_secret": "{SECRET}"'),
        ("got r7k2m9x4q8w1z5c3v6b0n2j4 instead", f"got {SECRET} instead"),
        ("at /hooks/another/Zm9vYmFyYmF6cXV4MTIzNDU2", f"at /hooks/another/{SECRET}"),
        ("at /hooks/heartland/Zm9vYmFyYmF6cXV4MTIzNDU2", f"at /hooks/heartland/{SECRET}"),
        ("card 4111 1111 1111 1111", f"card {cards.REMOVED}"),
    ],
)
def test_what_is_personal_or_secret_goes(text: str, left: str) -> None:
    assert masked(text) == left
    assert masked(REFUSED + text) == REFUSED + left


@pytest.mark.parametrize(
    "text",
    [
        "Heartland refused the request (400): Public id has already been taken.",
        "Order 10457 waits: link JOUR-BLK-2026-XL-COTTON to a Heartland item",
        "tracking number 5125550100",
        '{"id": 5125550100, "customer_id": 7135550199}',
        "invoice 4155550100 and order #3125550100",
        "Tracking 1Z5R89390357567127, 9400111899223197428490, 449044304137821",
        "EAN 4006381333931, UPC 0012345678905, SKU 100-200-3000-40",
        "token is invalid; the access token has expired; secret is missing",
        "2026-01-06T14:05:09.123+00:00",
        "request 123e4567-e89b-12d3-a456-426614174000",
        "12 items in 3 orders are on the way to location 4",
        "sent via UPS Ground 12345",
        "2026-11-29, 10.50 USD, 1,234.56, 1.000,00",
        "Location 3 has 5125550.100 of it",
        "lines.0.price: must be a number",
        "GET /api/sales/orders/10457 → 422",
    ],
)
def test_what_helps_to_mend_stays(text: str) -> None:
    assert masked(text) == text


def test_what_we_sent_is_known_by_value() -> None:
    redactor = Redactor(["hush-hush", "a/b c"])
    redactor.conceal(NAME, ["Ana", "Ruiz", "Ana  Ruiz", "", "x"])
    redactor.conceal(STREET, ["Casa Bonita"])
    text = "hush-hush a%2Fb%20c: ANA RUIZ, ana\nruiz and Anabel of casa bonita"
    assert redactor.masked(text) == f"{SECRET} {SECRET}: {NAME}, {NAME} and Anabel of {STREET}"


def test_it_says_what_it_took_out() -> None:
    text = masked("4111111111111111, 5555555555554444 cvv 737, ana@example.com")
    assert told(text) == "2 card numbers, 1 card code and 1 e-mail address removed"
    assert told(masked("a@b.example"), "nothing") == "1 e-mail address removed"
    assert told("nothing", "") == ""


def test_a_failure_keeps_nothing_of_it_whoever_raised_it() -> None:
    said = "4111111111111111 of ana@example.com"
    line = Violation(code="x", sentence=said, fix=said)
    failure = SyncFailure(said, detail=said, violations=(line,))
    left = f"{cards.REMOVED} of {EMAIL}"
    assert (failure.summary, str(failure), failure.detail) == (left, left, left)
    assert [(one.sentence, one.fix) for one in failure.violations] == [(left, left)]


@given(st.text(max_size=80))
def test_a_second_time_finds_nothing(text: str) -> None:
    assert masked(masked(text)) == masked(text)


def test_only_the_beginning_of_a_long_text_is_looked_at_and_no_half_of_a_secret_kept() -> None:
    for place in range(40):
        text = "word " * ((LONGEST - place) // 5) + " " * (place % 5) + "4111 1111 1111 1111 ana@example.com" * 9
        kept = masked(text)
        assert len(kept) <= LONGEST + 40
        assert not re.search("1111|ana|example", kept)


def patterns() -> list[re.Pattern[str]]:
    found = [value for module in (cards, masking) for value in vars(module).values()]
    flat = [one for value in found for one in (value if isinstance(value, tuple) else (value,))]
    return [one for one in flat if isinstance(one, re.Pattern)]


def repeats(tree: Any) -> list[Any]:
    """Every repetition of a parsed pattern: (fewest, most, what)."""
    found = []
    for code, argument in tree:
        if str(code) in {"MAX_REPEAT", "MIN_REPEAT"}:
            found += [argument, *repeats(argument[2])]
        elif isinstance(argument, tuple):
            parts = argument[1] if str(code) == "BRANCH" else argument
            found += [one for part in parts if isinstance(part, parser.SubPattern) for one in repeats(part)]
    return found


@pytest.mark.parametrize("pattern", patterns(), ids=lambda pattern: pattern.pattern[:30])
def test_no_pattern_looks_further_than_it_says(pattern: re.Pattern[str]) -> None:
    """Only a pattern that is one run of signs may be as long as the text: it never begins anew inside."""
    tree = parser.parse(pattern.pattern, pattern.flags)
    endless = [most for _, most, _ in repeats(tree) if most > 10_000]
    assert endless == [] or (len(tree) == 1 and len(endless) == 1)


@pytest.mark.parametrize(
    "sign", ["4", "4 ", "4,", "1 a ", "@", "a@", "%B4", "\\", "&#", "cvv", "4\u200b", "a", "a-1", "1 a st"]
)
def test_steps_grow_as_the_text_does(sign: str) -> None:
    def steps(size: int) -> int:
        count = 0

        def note(*_: object) -> None:
            nonlocal count
            count += 1

        sys.setprofile(note)
        try:
            masked(sign * (size // len(sign)))
        finally:
            sys.setprofile(None)
        return count

    assert steps(8_000) <= 2.3 * steps(4_000)
