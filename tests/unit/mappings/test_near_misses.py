"""Near misses: which number looks like the SKU, and how it differs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.core.rules.near_misses import explain, search_word


@pytest.mark.parametrize(
    ("sku", "known", "difference"),
    [
        ("CMP-KETL", "cmp-ketl", "capital and small letters"),
        ("CMP-BOWL", "CMP-BOWL ", "spaces at its beginning or end"),
        ("CMP-POT1", "CMP-P0T1", "characters that look alike, such as 0 and O"),
        ("0417", "417", "leading zeros"),
        ("KNF-FOLD", "KNF_FOLD", "the separators between its parts"),
        ("BIN-8X32", "BIN-8×32", "characters that look alike, such as 0 and O"),
        ("TEE RED", "TEERED", "spaces"),
        ("TEE-RED", "TEE-\u200bRED", "invisible characters"),
        ("TEE-RED", "ТEE-RED", "characters that look alike, such as 0 and O"),
        ("TEE-RED", "tee red", "the separators between its parts"),
        ("0007712", "7712", "leading zeros"),
        ("САМP-9", "CAMP-9", "characters that look alike, such as 0 and O"),
        ("CAMP-9", "САМP-9", "characters that look alike, such as 0 and O"),
        ("CAFE\u0301-1", "CAFÉ-1", "how its accents are written"),
        ("SKU１", "SKU1", "characters that look alike, such as 0 and O"),
    ],
)
def test_a_near_miss_is_named_with_its_difference(sku: str, known: str, difference: str) -> None:
    assert explain(sku, ["AXE-FELL", known]) == f"Heartland has “{known}”, which differs in {difference}."


@pytest.mark.parametrize(
    ("sku", "word"),
    [
        ("0007712", "7712"),
        ("САМP-9", "CAMP"),
        ("CAFE\u0301-1", "CAF"),
        ("TEE-007", "TEE"),
        ("00-0", "00-0"),
        ("A-7", "A-7"),
    ],
)
def test_what_is_searched_for(sku: str, word: str) -> None:
    assert search_word(sku) == word


def test_several_near_misses_are_all_named() -> None:
    assert explain("ab-1", ["AB-1", "Ab-1", "AB1"]) == (
        "Heartland has “AB-1”, “Ab-1”, which differs in capital and small letters."
    )


@pytest.mark.parametrize(("sku", "known"), [("AXE-FELL", ["AXE-SPLT"]), ("AXE", []), ("", [""]), ("--", ["__"])])
def test_nothing_near(sku: str, known: list[str]) -> None:
    assert explain(sku, known) == ""


def test_the_same_number_is_no_near_miss() -> None:
    assert explain("AXE", ["AXE"]) == ""


@given(st.text(max_size=12), st.lists(st.text(max_size=12), max_size=5))
def test_only_other_known_numbers_are_named(sku: str, known: list[str]) -> None:
    sentence = explain(sku, known)
    assert not sentence or any(f"“{number}”" in sentence for number in known if number != sku)


@given(st.text(alphabet="ABCxyz0123 -_", min_size=1, max_size=12), st.lists(st.text(max_size=12), max_size=5))
def test_a_spelling_in_other_case_is_always_found(sku: str, known: list[str]) -> None:
    swapped = sku.swapcase()
    if swapped != sku:
        assert f"“{swapped}”" in explain(sku, [*known, swapped]) or explain(sku, known)
