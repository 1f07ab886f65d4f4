"""Addresses and phones: cleansed, complete, and equal when they mean the same."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.core.bigcommerce.addresses import address_from_bigcommerce
from mappings.core.canonical.order import Address
from mappings.core.rules import phones
from mappings.core.rules.addresses import (
    LINE_LENGTH,
    address_body,
    address_from_heartland,
    fingerprint,
    missing_parts,
)
from mappings.core.rules.countries import state_code
from tests.unit.mappings.payloads import ADDRESS


def address(**changes: Any) -> Address:
    return address_from_bigcommerce(ADDRESS | changes)


def test_a_plain_address_as_heartland_takes_it() -> None:
    assert address_body(address()) == {
        "first_name": "Ana", "last_name": "Lopez", "line_1": "12 Elm St", "line_2": None, "city": "Austin",
        "state": "TX", "postal_code": "78701", "country": "US", "phone": "5125550100",
    }  # fmt: skip


def test_white_space_is_tidied() -> None:
    read = address(first_name=" Ana ", street_1=" 12  Elm\tSt ", city="\nAustin ", country_iso2="us")
    assert (read.first_name, read.line_1, read.city, read.country) == ("Ana", "12 Elm St", "Austin", "US")


@pytest.mark.parametrize(
    ("street_1", "street_2", "lines"),
    [
        ("12 Elm St\nApt 4", "", ("12 Elm St", "Apt 4")),
        ("12 Elm St\r\nApt 4", "Rear", ("12 Elm St", "Apt 4, Rear")),
        ("", "12 Elm St", ("12 Elm St", "")),
        ("12 Elm St", "12 Elm St", ("12 Elm St", "")),
        ("", "", ("", "")),
    ],
)
def test_street_lines_are_split_and_joined(street_1: str, street_2: str, lines: tuple[str, str]) -> None:
    read = address(street_1=street_1, street_2=street_2)
    assert (read.line_1, read.line_2) == lines


@pytest.mark.parametrize(
    ("country", "state", "code"),
    [
        ("US", "Texas", "TX"), ("US", "texas ", "TX"), ("US", "TX", "TX"), ("US", "Tx.", "TX"),
        ("US", "District of Columbia", "DC"), ("US", "Armed Forces Pacific", "AP"), ("US", "Puerto Rico", "PR"),
        ("CA", "Québec", "QC"), ("CA", "Quebec", "QC"), ("CA", "Ontario", "ON"), ("AU", "New South Wales", "NSW"),
        ("US", "Somewhere", "Somewhere"), ("MX", "Jalisco", "Jalisco"), ("DE", "Bayern", "Bayern"), ("", "X", "X"),
    ],
)  # fmt: skip
def test_states_are_abbreviated_where_codes_are_known(country: str, state: str, code: str) -> None:
    assert state_code(country, state) == code


def test_a_company_joins_the_second_line() -> None:
    body = address_body(address(company="Harbor & Pine", street_2="Floor 2"))
    assert (body["line_1"], body["line_2"]) == ("12 Elm St", "Floor 2, Harbor & Pine")


def test_a_street_too_long_goes_on_in_the_second_line_at_a_word() -> None:
    street = "Apartment 12, Building C, behind the old cannery, " * 3
    body = address_body(address(street_1=street, street_2="Rear"))
    assert len(body["line_1"]) <= LINE_LENGTH
    assert " ".join([body["line_1"], body["line_2"].removesuffix(", Rear")]) == street.strip()
    assert body["line_2"].endswith("cannery,, Rear")


def test_what_a_country_does_not_have_is_not_missing() -> None:
    berlin = address(city="Berlin", state="", zip="10115", country_iso2="DE", phone="030 901820")
    assert missing_parts(berlin) == ()
    assert address_body(berlin)["state"] == "N/A"
    assert berlin.phone == "4930901820"
    hong_kong = address(city="", state="Kowloon", zip="", country_iso2="HK", phone="")
    assert missing_parts(hong_kong) == ()
    assert address_body(hong_kong)["postal_code"] == "N/A"


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"state": ""}, ("state",)),
        ({"zip": " "}, ("postal_code",)),
        ({"city": "", "street_1": ""}, ("line_1", "city")),
        ({"first_name": "", "last_name": ""}, ("name",)),
        ({"country_iso2": "CA", "state": ""}, ("state",)),
        ({"country_iso2": "", "state": ""}, ("state",)),
    ],
)
def test_what_is_missing_is_named(changes: dict[str, str], missing: tuple[str, ...]) -> None:
    assert missing_parts(address(**changes)) == missing


def test_a_whole_name_in_one_field_is_split() -> None:
    read = address(first_name="Ana Maria Lopez", last_name="")
    assert (read.first_name, read.last_name) == ("Ana Maria", "Lopez")
    read = address(first_name="", last_name="Ana Lopez")
    assert (read.first_name, read.last_name) == ("Ana", "Lopez")


@pytest.mark.parametrize(
    ("typed", "names", "line_2"),
    [
        (("Suharto", "", ""), ("Suharto", "."), None),
        (("", "Suharto", ""), (".", "Suharto"), None),
        (("Suharto", "", "Batik Ltd"), ("Suharto", "."), "Batik Ltd"),
        (("", "", "Harbor Hotel LLC"), ("Harbor Hotel", "LLC"), None),
        (("", "", "Pine"), ("Pine", "."), None),
    ],
)
def test_one_name_is_enough_and_a_company_stands_in(
    typed: tuple[str, str, str], names: tuple[str, str], line_2: str | None
) -> None:
    read = address(first_name=typed[0], last_name=typed[1], company=typed[2])
    body = address_body(read)
    assert missing_parts(read) == ()
    assert (body["first_name"], body["last_name"], body["line_2"]) == (*names, line_2)
    assert fingerprint(address_from_heartland(body)) == fingerprint(read)


@pytest.mark.parametrize("country", ["AU", "TW", "AE", "HK", "IT", "BR", "IN", "JP", "MX", "PR", "GU"])
def test_a_state_is_asked_for_in_the_united_states_and_canada_only(country: str) -> None:
    read = address(country_iso2=country, state="", phone="")
    assert missing_parts(read) == ()
    assert address_body(read)["state"] == "N/A"


@pytest.mark.parametrize(
    "changes",
    [
        {"street_1": "12 ELM STREET"}, {"street_1": "12 Elm St."}, {"street_1": "12 elm  st"}, {"state": "TX"},
        {"phone": "+1 (512) 555-0100"}, {"city": "AUSTIN"}, {"zip": "78701 "}, {"first_name": "ANA"},
    ],
)  # fmt: skip
def test_spellings_of_one_address_are_equal(changes: dict[str, str]) -> None:
    assert fingerprint(address(**changes)) == fingerprint(address())


@pytest.mark.parametrize(
    "changes",
    [{"street_1": "13 Elm St"}, {"street_2": "Apt 4"}, {"zip": "78702"}, {"last_name": "Ruiz"}, {"company": "Pine"},
     {"phone": "5125550199"}, {"country_iso2": "CA"}, {"street_1": "12 Elm Ave"}],
)  # fmt: skip
def test_other_addresses_differ(changes: dict[str, str]) -> None:
    assert fingerprint(address(**changes)) != fingerprint(address())
    assert len(fingerprint(address(**changes))) == 64


text = st.text(max_size=30)


@given(st.fixed_dictionaries({name: text for name in ADDRESS if name != "form_fields"}))
def test_what_heartland_gives_back_is_recognised(row: dict[str, str]) -> None:
    read = address_from_bigcommerce(row)
    assert fingerprint(address_from_heartland(address_body(read))) == fingerprint(read)


@pytest.mark.parametrize(
    ("country", "typed"), [("DE", "030 901820"), ("DE", "+44 20 7946 0958"), ("US", "+49 30 901820"), ("US", "call me")]
)
def test_a_foreign_phone_given_back_is_recognised(country: str, typed: str) -> None:
    read = address(country_iso2=country, phone=typed)
    assert fingerprint(address_from_heartland(address_body(read))) == fingerprint(read)


@given(st.fixed_dictionaries({name: text for name in ADDRESS if name != "form_fields"}))
def test_reading_is_tidy_and_final(row: dict[str, str]) -> None:
    read = address_from_bigcommerce(row)
    for value in (read.first_name, read.last_name, read.line_1, read.line_2, read.city, read.state, read.company):
        assert value == " ".join(value.split())


@pytest.mark.parametrize(
    ("typed", "country", "normal"),
    [
        ("(251) 555-0100", "US", "2515550100"), ("+1 251 555 0100", "US", "2515550100"),
        ("1-251-555-0100", "US", "2515550100"), ("251.555.0100", "CA", "2515550100"),
        ("+1 251 555 0100", "DE", "2515550100"), ("+44 20 7946 0958", "US", "442079460958"),
        ("020 7946 0958", "GB", "442079460958"), ("251-555-0100 ext. 12", "US", "2515550100 x12"),
        (" call  me ", "US", "call me"), ("12345", "US", "12345"), ("", "US", ""), ("2515550100", "XX", "2515550100"),
    ],
)  # fmt: skip
def test_phones_in_one_spelling(typed: str, country: str, normal: str) -> None:
    assert phones.normalise(typed, country) == normal


@given(text, st.sampled_from(["US", "DE", "GB", "", "ZZ"]))
def test_any_phone_text_is_answered(typed: str, country: str) -> None:
    normal = phones.normalise(typed, country)
    assert normal == normal.strip()


def test_comparable_phones_leave_country_code_and_extension_out() -> None:
    assert phones.comparable("12515550100") == phones.comparable("2515550100 x12") == "2515550100"
    assert phones.comparable("911") == ""


def test_the_phone_does_not_hide_in_the_address() -> None:
    assert fingerprint(replace(address(), phone="call me")) != fingerprint(replace(address(), phone=""))
