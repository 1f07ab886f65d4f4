"""Names: compared without regard to spelling, tidied only where somebody shouted or whispered."""

import pytest

from mappings.core.rules.names import key, tidied


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("Ana", "López"), ("LOPEZ", "ana")),
        (("Ana Maria", "Ruiz"), ("Ruiz,", "Ana Maria")),
        (("Cher", ""), (".", "Cher")),
    ],
)
def test_spellings_of_one_name_are_equal(first: tuple[str, str], second: tuple[str, str]) -> None:
    assert key(*first) == key(*second) != ""


def test_other_names_differ_and_no_name_has_no_key() -> None:
    assert key("Ana", "Lopez") != key("Ana", "Lopes")
    assert key("", ".") == key("", "") == ""


@pytest.mark.parametrize(
    ("typed", "tidy"),
    [
        ("JOHN", "John"), ("smith jones", "Smith Jones"), ("O'BRIEN", "O'Brien"), ("ANNE-MARIE", "Anne-Marie"),
        ("ludwig van beethoven", "Ludwig van Beethoven"), ("van dyke", "Van Dyke"), ("HENRY VIII", "Henry VIII"),
        ("J.R.", "J.R."), ("JP", "JP"), ("McDonald", "McDonald"), ("deVries", "deVries"), ("ÉMILE", "Émile"),
        ("李", "李"), ("", ""),
    ],
)  # fmt: skip
def test_only_names_in_one_case_are_tidied(typed: str, tidy: str) -> None:
    assert tidied(typed) == tidy
