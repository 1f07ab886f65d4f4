"""Corrections: exact, applied only to what they were made for, and enough to let the order go."""

from typing import Any

import pytest

from mappings.core.bigcommerce.orders import order_from_bigcommerce
from mappings.core.rules.addresses import address_body
from mappings.core.rules.corrections import corrected, corrected_texts, proposals, shortened
from mappings.core.rules.holds import order_violations
from tests.unit.mappings.payloads import ADDRESS, D, Priced, lookups_for, order_json

ADDRESS_STATE = "TX"
LONG = "Apartment twelve, behind the old cannery, second door on the left, ring twice and wait, then knock, " * 3


def order(**address: Any) -> Any:
    return order_from_bigcommerce(order_json(Priced(price=D(5)), billing_address=ADDRESS | address))


@pytest.mark.parametrize(
    ("address", "after"),
    [
        ({"first_name": "A" * 101}, {"billing_address.first_name": "A" * 99 + "…"}),
        ({"city": ""}, {"billing_address.city": ADDRESS["city"]}),  # as the same street's other address says
        ({"zip": ""}, {"billing_address.postal_code": ADDRESS["zip"]}),
        ({"city": "", "street_1": "1 Elsewhere Road"}, {"billing_address.city": "N/A"}),
        ({"zip": "", "street_1": "1 Elsewhere Road"}, {"billing_address.postal_code": "N/A"}),
        ({"state": ""}, {"billing_address.state": ADDRESS_STATE}),
        ({"state": "", "zip": "90210", "street_1": "1 Elsewhere Road"}, {"billing_address.state": "CA"}),
        ({"state": "", "zip": "00000", "street_1": "1 Elsewhere Road"}, {"billing_address.state": "N/A"}),
        (
            {"phone": "please ring the back door bell, else call 512-555-0142 and ask for Kim"},
            {"billing_address.phone": "5125550142"},
        ),
        ({"email": "ann@example,com"}, {"buyer.email": "ann@example.com"}),
        ({"email": "<ann@example.com>."}, {"buyer.email": "ann@example.com"}),
        ({"email": "none"}, {"buyer.email": ""}),
        ({"street_1": ""}, {}),  # where it goes, only a person knows
    ],
)
def test_what_is_proposed(address: dict[str, str], after: dict[str, str]) -> None:
    read = order(**address)
    found = {one.field: one.after for one in proposals(read, {}) if one.field.startswith(("billing", "buyer"))}
    assert found == after
    booked = corrected(read, proposals(read, {}))
    held = {one.field for one in order_violations(booked, lookups_for(booked))}
    assert held == ({"billing_address.line_1"} if address.get("street_1") == "" else set())


@pytest.mark.parametrize(
    ("address", "confidence"),
    [
        ({"city": ""}, 85),
        ({"state": "", "zip": "90210", "street_1": "1 Elsewhere Road"}, 95),
        ({"city": "", "street_1": "1 Elsewhere Road"}, 30),
        ({"first_name": "A" * 101}, 60),
        ({"email": "ann@example,com"}, 85),
        ({"email": "none"}, 30),
    ],
)
def test_a_proposal_says_how_sure_it_is_and_why(address: dict[str, str], confidence: int) -> None:
    (one,) = [one for one in proposals(order(**address), {}) if one.field.startswith(("billing", "buyer"))]
    assert one.confidence == confidence
    assert one.why


def test_two_numbers_in_a_text_are_not_chosen_from() -> None:
    text = "512-555-0142 in the morning, later in the day rather 512-555-0199"
    (one,) = [one for one in proposals(order(phone=text), {}) if one.field == "billing_address.phone"]
    assert (one.after.endswith("…"), one.confidence) == (True, 60)


def test_a_long_second_line_is_cut_at_a_word_and_the_company_goes_with_it() -> None:
    read = order(street_2=LONG, company="Pine Ltd")
    (one,) = [one for one in proposals(read, {}) if one.field == "billing_address.line_2"]
    assert one.before == f"{LONG.strip()}, Pine Ltd"
    assert len(one.after) <= 100
    booked = corrected(read, [one])
    assert booked.billing is not None
    assert address_body(booked.billing)["line_2"] == one.after
    assert corrected(order(street_2="Floor 2"), [one]) == order(street_2="Floor 2")


def test_a_nameless_address_takes_the_other_name() -> None:
    read = order(first_name="", last_name="", company="")
    found = {one.field: one.after for one in proposals(read, {})}
    shipping = read.consignments[0].address
    assert found == {
        "billing_address.first_name": shipping.first_name,
        "billing_address.last_name": shipping.last_name,
    }
    booked = corrected(read, proposals(read, {}))
    assert booked.billing is not None
    assert (booked.buyer.first_name, booked.billing.last_name) == (shipping.first_name, shipping.last_name)


def test_texts_are_cut_for_the_field_they_were_too_long_for() -> None:
    (one,) = proposals(order(), {"order_comment": "word " * 60})
    texts = {"order_comment": "word " * 60, "other": "kept"}
    assert corrected_texts(texts, [one]) == {"order_comment": one.after, "other": "kept"}
    assert len(one.after) <= 255
    assert corrected_texts({"order_comment": "edited"}, [one]) == {"order_comment": "edited"}


@pytest.mark.parametrize(("text", "short"), [("abcdef", "abcd…"), ("abc def", "abc…"), ("abcde", "abcde")])
def test_shortened(text: str, short: str) -> None:
    assert shortened(text, 5) == short
