"""What is kept of a record so that what people type finds it."""

import pytest

from mappings.core.rules import search_terms as terms


def test_a_number_is_found_by_any_part_of_three_signs() -> None:
    assert terms.number_terms(["10457", "BC-10457"]) == ["10457", "0457", "457", "bc-10457", "c-10457"]
    assert terms.number_terms(["", "7"]) == ["7"]


def test_a_part_is_the_beginning_of_a_term() -> None:
    kept = terms.number_terms(["BC-10457-2"])
    for part in ("bc-10457-2", "10457", "045", "457-2", "c-10"):
        assert [term for term in kept if part <= term < terms.after(part)], part
    assert not [term for term in kept if "46" <= term < terms.after("46")]


def test_a_sku_is_found_by_each_of_its_parts() -> None:
    assert terms.sku_terms(["HP-CHM-SLT-XL", "Big Mug/2"]) == [
        "hp-chm-slt-xl", "chm-slt-xl", "slt-xl", "xl", "big mug/2", "mug/2",
    ]  # fmt: skip


def test_names_are_found_while_they_are_typed() -> None:
    assert list(terms.name_terms(["Zoë Anastasia", "Li"])) == [
        "name:zoe", "name:ana", "name:anas", "name:anast", "name:anasta", "name:anastasia", "name:li",
    ]  # fmt: skip


def test_an_address_is_a_term_and_what_stands_before_the_at_a_name() -> None:
    assert list(terms.mail_terms(["Ana.Li@Example.com", "", "nobody"])) == [
        "mail:ana.li@example.com",
        "name:ana",
        "name:li",
    ]


def test_phones_are_digits_with_and_without_the_area() -> None:
    assert list(terms.phone_terms(["+1 (512) 555-0100", "5125550100 x12", "44 20 7946 0018", "12"])) == [
        "phone:5125550100", "phone:5550100", "phone:442079460018", "phone:9460018",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("ANA.li@example.com", ["mail:ana.li@example.com"]),
        ("(512) 555-0100", ["phone:5125550100"]),
        ("+1 512 555 0100", ["phone:5125550100"]),
        ("555-0100", ["phone:5550100"]),
        ("Zoë  anas", ["name:zoe", "name:anas"]),
        ("x", []),
        ("", []),
        ("--", []),
    ],
)
def test_what_is_typed_asks_for_terms(typed: str, asked: list[str]) -> None:
    assert terms.person_asked(typed) == asked


def test_hostile_text_is_bounded() -> None:
    assert [len(term) for term in terms.number_terms(["9" * 400])] == [*range(terms.LONGEST, 2, -1)]
    assert len(terms.person_asked("ab " * 500)) == 1
    assert len(terms.person_asked(" ".join(f"w{n}" for n in range(50)))) == terms.MOST_WORDS
