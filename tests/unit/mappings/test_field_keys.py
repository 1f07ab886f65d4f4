"""Each option of the store has a custom field of its own in Heartland, whatever letters its name has."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.core.heartland.field_keys import field_keys, fields_to_make

NAMES = st.lists(st.text(min_size=1, max_size=12).map(str.strip).filter(bool), max_size=6, unique_by=str.casefold)


def made(names: list[str], known: list[dict[str, str]]) -> list[dict[str, str]]:
    """The fields as Heartland makes them (its notes §6)."""
    fresh = fields_to_make(names, known).values()
    return [*known, *({"name": name, "key": re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")} for name in fresh)]


@given(names=NAMES)
def test_every_name_finds_a_field_and_no_two_the_same(names: list[str]) -> None:
    fields = made(names, [])
    keys = field_keys(names, fields)
    assert set(keys) == set(names)
    assert len(set(keys.values()) - {""}) == len(names)
    assert made(names, fields) == fields  # a second product of the kind needs none


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Размер", "Цвет"], ["Размер (razmer)", "Цвет (tsvet)"]),
        (["Größe", "Taille", "Łódź"], ["Größe (grosse)", "Taille", "Łódź (lodz)"]),
        (["Shoe size", "Shoe-size"], ["Shoe size", "Shoe-size (shoe_size_option_a41c2b)"]),
    ],
)
def test_names_stay_readable(names: list[str], expected: list[str]) -> None:
    found = list(fields_to_make(names, []).values())
    assert [re.sub(r"option_\w{6}", "option", name) for name in found] == [
        re.sub(r"option_\w{6}", "option", name) for name in expected
    ]


def test_fields_that_exist_are_used_by_name_or_by_the_key_that_the_name_makes() -> None:
    known = [{"name": "Größe", "key": "gr_e"}, {"name": "Farbe des Artikels", "key": "color"}]
    assert field_keys(["größe", "Color"], known) == {"größe": "gr_e", "Color": "color"}
    assert field_keys(["Color"], known, taken={"color"}) == {}
