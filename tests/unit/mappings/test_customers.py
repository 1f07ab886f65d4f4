"""Finding the buyer: e-mail, then phone, and never a guess."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.core.canonical.order import Buyer
from mappings.core.heartland.customers import Ambiguous, Match, NoMatch, changes, choose, customer_body, customer_key

ANA = Buyer(source_id="77", email="ana@example.com", phone="5125550100", first_name="Ana", last_name="Lopez")
GUEST = Buyer(source_id="", email="ana@example.com", phone="5125550100", first_name="Ana", last_name="Lopez")


def known(id: int, **fields: Any) -> dict[str, Any]:
    return {"id": id, "public_id": str(id), "first_name": "Ana", "last_name": "Lopez", "active?": True} | fields


def test_keys() -> None:
    assert customer_key(ANA, "10432") == "customer:77"
    assert customer_key(GUEST, "10432") == "email:ana@example.com"


def test_a_key_is_never_empty_and_a_phone_is_one_only_with_a_name() -> None:
    def key(order_id: str, **told: str) -> str:
        fields = {"source_id": "", "email": "", "phone": "", "first_name": "", "last_name": ""}
        return customer_key(Buyer(**fields | told), order_id)

    phone, other = {"phone": "+1 512 555 0100"}, {"phone": "5125550100"}
    assert key("1", **phone, first_name="Ana", last_name="López") == key(
        "2", **other, first_name="LOPEZ", last_name="ana"
    )
    assert key("1", **phone, first_name="Ana").startswith("phone:5125550100:")
    assert key("1", **phone, first_name="Ana") != key("1", **phone, first_name="Bob")
    assert key("1", **phone).startswith("order:1:")
    assert key("1", first_name="Ana") != key("2", first_name="Ana")
    assert key("1", first_name="Ana") != key("1", first_name="Bob")
    assert key("1").startswith("order:1:")


def test_a_key_fits_where_it_is_kept_however_long_the_e_mail_is() -> None:
    long = [
        Buyer(source_id="", email=f"{'a' * n}@example.com", phone="", first_name="", last_name="") for n in (242, 241)
    ]
    keys = {customer_key(buyer, "1") for buyer in long}
    assert len(keys) == 2
    assert max(map(len, keys)) <= 255


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
        ([known(1, email="ana@example.com"),
          known(2, email="ana@example.com", first_name="Bo", phone_number="512-555-0100")], Match(id="1")),
        # by phone
        ([known(1, phone_number="+1 512 555 0100")], Match(id="1")),
        ([known(1, phone_number="5125550100", email="other@example.com")], Match(id="1")),
        ([known(1, phone_number="5125550100", email="bo@example.com", first_name="Bo")], NoMatch()),
        ([known(1, phone_number="5125550100", email="", first_name="Bo")], NoMatch()),  # a household, or a shared desk
        ([known(1, phone_number="5125550100", first_name="LÓPEZ", last_name="ána")], Match(id="1")),
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


def test_of_two_with_other_names_a_shared_phone_number_names_nobody() -> None:
    """Staff typed the address of one into the customer of another, who lives in the same house."""
    there = [
        known(3, email="ana@example.com", first_name="Bo", phone_number="512-555-0100"),
        known(9, email="ana@example.com", last_name="Lopes"),
    ]
    verdict = choose(there, ANA)
    assert isinstance(verdict, Ambiguous)
    assert verdict.ids == ("3", "9")


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
    assert customer_body(Buyer(source_id="", email="", phone="", first_name="Suharto", last_name="")) == {
        "first_name": "Suharto", "last_name": ".",
    }  # fmt: skip


SAME = {"id": 1, "first_name": "Ana", "last_name": "Lopez", "email": "ana@example.com", "phone_number": "5125550100"}


@pytest.mark.parametrize(
    ("existing", "filled"),
    [
        ({}, {}),
        ({"first_name": "ana", "phone_number": "(512) 555-0199", "email": "other@example.com"}, {}),
        ({"last_name": "Ruiz", "phone_number": ""}, {}),  # somebody else's record, or a new name: staff's to say
        ({"email": ""}, {"email": "ana@example.com"}),
        ({"phone_number": None}, {"phone_number": "5125550100"}),
        ({"last_name": ""}, {"last_name": "Lopez"}),
    ],
)
def test_only_blanks_are_filled_whoever_orders(existing: dict[str, Any], filled: dict[str, str]) -> None:
    assert changes(SAME | existing, ANA) == filled
    assert changes(SAME | existing, GUEST) == filled


def test_a_blank_never_overwrites() -> None:
    blank = Buyer(source_id="77", email="", phone="", first_name="", last_name="")
    assert changes(SAME, blank) == {}


@given(candidates)
def test_an_update_settles_in_one_go(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        assert changes(row | changes(row, ANA), ANA) == {}
