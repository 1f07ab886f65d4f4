"""Finding the buyer: e-mail, then phone, and never a guess."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.core.canonical import Buyer
from mappings.core.customers import Ambiguous, Match, NoMatch, changes, choose, customer_body, customer_key

ANA = Buyer(source_id="77", email="ana@example.com", phone="5125550100", first_name="Ana", last_name="Lopez")
GUEST = Buyer(source_id="", email="ana@example.com", phone="5125550100", first_name="Ana", last_name="Lopez")


def known(id: int, **fields: Any) -> dict[str, Any]:
    return {"id": id, "public_id": str(id), "first_name": "Ana", "last_name": "Lopez", "active?": True} | fields


def test_keys() -> None:
    assert customer_key(ANA) == "customer:77"
    assert customer_key(GUEST) == "email:ana@example.com"
    nameless = Buyer(source_id="", email="", phone="+1 512 555 0100", first_name="", last_name="")
    assert customer_key(nameless) == "phone:5125550100"
    assert customer_key(Buyer(source_id="", email="", phone="", first_name="A", last_name="B")) == ""


@pytest.mark.parametrize(
    ("candidates", "found"),
    [
        ([], NoMatch()),
        ([known(1, email="ANA@Example.com")], Match(id="1")),
        ([known(1, email="ana@example.com"), known(1, email="ana@example.com")], Match(id="1")),
        ([known(1, email="ana@example.com", deleted_at="2026-01-01")], NoMatch()),
        ([known(1, email="ana@example.com"), known(2, phone_number="(512) 555-0100")], Match(id="1")),
        # two with her e-mail: the active one, then the one with her phone, then the one with her name
        ([known(1, email="ana@example.com"), known(2, email="ana@example.com", **{"active?": False})], Match(id="1")),
        ([known(1, email="ana@example.com"), known(2, email="ana@example.com", phone_number="512-555-0100")],
         Match(id="2")),
        ([known(1, email="ana@example.com"), known(2, email="ana@example.com", first_name="Bo")], Match(id="1")),
        # by phone
        ([known(1, phone_number="+1 512 555 0100")], Match(id="1")),
        ([known(1, phone_number="5125550100", email="other@example.com")], Match(id="1")),
        ([known(1, phone_number="5125550100", email="bo@example.com", first_name="Bo")], NoMatch()),
        ([known(1, phone_number="5125550100", email="", first_name="Bo")], Match(id="1")),
        ([known(1, phone_number="5125550100"), known(2, phone_number="5125550100", first_name="Bo")], Match(id="1")),
        ([known(1, phone_number="5125550199")], NoMatch()),
    ],
)  # fmt: skip
def test_who_it_is(candidates: list[dict[str, Any]], found: Match | NoMatch) -> None:
    assert choose(candidates, ANA) == found
    assert choose(list(reversed(candidates)), ANA) == found


def test_doubles_are_left_to_a_person() -> None:
    verdict = choose([known(9, email="ana@example.com"), known(3, email="ana@example.com")], ANA)
    assert isinstance(verdict, Ambiguous)
    assert verdict.ids == ("3", "9")
    assert verdict.sentence == (
        "2 Heartland customers have the buyer's e-mail address and nothing tells them apart: 3, 9."
    )
    assert verdict.violation().code == "customer_ambiguous"
    assert "example.com" not in repr(verdict.violation())


def test_a_buyer_without_anything_matches_nobody() -> None:
    nobody = Buyer(source_id="", email="", phone="", first_name="", last_name="")
    assert choose([known(1), known(2, email="", phone_number="")], nobody) == NoMatch()


candidates = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.integers(1, 6),
            "email": st.sampled_from(["ana@example.com", "ANA@example.com", "bo@example.com", "", None]),
            "phone_number": st.sampled_from(["5125550100", "(512) 555-0100", "5125550199", "", None]),
            "first_name": st.sampled_from(["Ana", "Bo"]),
            "last_name": st.sampled_from(["Lopez", "LÓPEZ", "Stone"]),
            "active?": st.booleans(),
        }
    ),
    max_size=5,
    unique_by=lambda row: row["id"],
)


@given(candidates, st.randoms())
def test_the_answer_does_not_depend_on_the_order_of_candidates(rows: list[dict[str, Any]], random: Any) -> None:
    shuffled = rows.copy()
    random.shuffle(shuffled)
    verdict = choose(rows, ANA)
    assert choose(shuffled, ANA) == verdict
    if isinstance(verdict, Match):
        row = next(row for row in rows if str(row["id"]) == verdict.id)
        assert (row["email"] or "").lower() == ANA.email or "0100" in (row["phone_number"] or "")


def test_the_body_of_a_new_customer() -> None:
    assert customer_body(ANA, custom={"tier": "web"}) == {
        "first_name": "Ana", "last_name": "Lopez", "email": "ana@example.com", "phone_number": "5125550100",
        "custom": {"tier": "web"},
    }  # fmt: skip
    assert customer_body(Buyer(source_id="", email="", phone="", first_name="A", last_name="B")) == {
        "first_name": "A", "last_name": "B",
    }  # fmt: skip


SAME = {"id": 1, "first_name": "Ana", "last_name": "Lopez", "email": "ana@example.com", "phone_number": "5125550100"}


@pytest.mark.parametrize(
    ("existing", "account", "guest"),
    [
        ({}, {}, {}),
        ({"first_name": "ana", "phone_number": "(512) 555-0100", "email": "Ana@Example.com"}, {}, {}),
        ({"last_name": "Ruiz"}, {"last_name": "Lopez"}, {}),
        ({"phone_number": "5125550199"}, {"phone_number": "5125550100"}, {}),
        ({"email": ""}, {"email": "ana@example.com"}, {"email": "ana@example.com"}),
        ({"email": "other@example.com"}, {}, {}),
        ({"phone_number": None}, {"phone_number": "5125550100"}, {"phone_number": "5125550100"}),
    ],
)
def test_what_is_updated(existing: dict[str, Any], account: dict[str, str], guest: dict[str, str]) -> None:
    assert changes(SAME | existing, ANA) == account
    assert changes(SAME | existing, GUEST) == guest


def test_a_blank_never_overwrites() -> None:
    blank = Buyer(source_id="77", email="", phone="", first_name="", last_name="")
    assert changes(SAME, blank) == {}


@given(candidates)
def test_an_update_settles_in_one_go(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        assert changes(row | changes(row, ANA), ANA) == {}
