"""Fields and address books of a customer on both sides, kept alike by rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.core.canonical.customer import Customer, CustomerField, KeptAddress
from mappings.core.canonical.order import Address
from mappings.core.rules.address_books import Pair, plan, print_of
from mappings.core.rules.customer_fields import DEFAULTS, Blank, FieldRule, Owner, Said, Side, comparable, is_key, merge

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
F = CustomerField
NAMES = st.sampled_from(["Ana", "ANA ", "Anna", "Bea"])
PHONES = st.sampled_from(["(512) 555-0100", "5125550100", "512-555-0177", "+1 512 555 0177"])
ANSWERS = st.sampled_from(["yes", "no"])
EDITS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(Side), st.just(F.FIRST_NAME), NAMES),
        st.tuples(st.sampled_from(Side), st.just(F.PHONE), PHONES),
        st.tuples(st.sampled_from(Side), st.just(F.CONSENT), ANSWERS),
        st.just("look"),
    ),
    max_size=12,
)  # fmt: skip


class Play:
    """Both sides, each with a clock and a spelling of its own, and a look that keeps what each said."""

    def __init__(self, rules: dict[F, FieldRule]) -> None:
        values = {F.FIRST_NAME: "Ana", F.PHONE: "5125550100", F.CONSENT: "no"}
        self.sides = {side: Customer(id=side, values=values, changed_at=BEGAN) for side in Side}
        self.said, self.rules, self.seconds = Said(store=values, heartland=values), rules, 0

    def spelled(self, side: Side, name: F, value: str) -> str:
        """The store keeps upper case, Heartland digits: neither gives back what it was sent."""
        if name is F.FIRST_NAME and side == Side.STORE:
            return value.upper()
        return "".join(filter(str.isdigit, value))[-10:] if name is F.PHONE and side == Side.HEARTLAND else value

    def edit(self, side: Side, name: F, value: str) -> None:
        self.seconds += 1
        one = self.sides[side]
        values = {**one.values, name: self.spelled(side, name, value)}
        self.sides[side] = replace(one, values=values, changed_at=BEGAN + timedelta(seconds=self.seconds))

    def look(self) -> int:
        """Answers how many sides were written."""
        found = merge(self.sides[Side.STORE], self.sides[Side.HEARTLAND], self.said, self.rules, {})
        assert found.asked == ()
        for side, told in ((Side.STORE, found.to_store), (Side.HEARTLAND, found.to_heartland)):
            for name, value in told.items():
                self.edit(side, name, value)
        self.said = Said(store=self.sides[Side.STORE].values, heartland=self.sides[Side.HEARTLAND].values)
        return bool(found.to_store) + bool(found.to_heartland)

    @property
    def is_alike(self) -> bool:
        one, other = (self.sides[side].values for side in Side)
        return all(comparable(name, one[name]) == comparable(name, other[name]) for name in one)


@settings(max_examples=200, deadline=None)
@given(EDITS, st.sampled_from([Owner.LATER, Owner.STORE, Owner.HEARTLAND]))
def test_any_interleaving_of_edits_comes_to_rest_at_equal_values(edits: list[object], owner: Owner) -> None:
    play = Play(dict.fromkeys(F, FieldRule(owner=owner)))
    for one in edits:
        if one == "look":
            play.look()
        else:
            play.edit(*one)  # type: ignore[misc]
    assert play.look() <= 2
    assert play.is_alike
    assert [play.look() for _ in range(3)] == [0, 0, 0]


def side(**values: str) -> Customer:
    return Customer(id="1", values={F(name): value for name, value in values.items()}, changed_at=BEGAN)


def told(
    store: Customer, heartland: Customer, said: Said, rules: dict[F, FieldRule] | None = None
) -> tuple[object, ...]:
    found = merge(store, heartland, said, rules or dict(DEFAULTS), {})
    return dict(found.to_store), dict(found.to_heartland), found.asked


KNOWN = {F.FIRST_NAME: "Ana", F.PHONE: "5125550100"}


@pytest.mark.parametrize(
    ("store", "heartland", "said", "outcome"),
    [
        ({"phone": ""}, {"phone": "5125550100"}, None, ({F.PHONE: "5125550100"}, {}, ())),
        ({"phone": "5125550111"}, {"phone": "5125550100"}, None, ({}, {}, ())),
        ({"first_name": "Ana"}, {"first_name": "Anna"}, None, ({}, {}, (F.FIRST_NAME,))),
        ({"consent": "no"}, {"consent": "yes"}, None, ({}, {F.CONSENT: "no"}, ())),
        ({"phone": ""}, {"phone": "5125550100"}, KNOWN, ({}, {}, ())),
        ({"first_name": "Bea"}, {"first_name": "Cleo"}, KNOWN, ({}, {}, (F.FIRST_NAME,))),
        ({"first_name": "."}, {"first_name": "Ana"}, KNOWN, ({}, {}, ())),
        ({"group": "Wholesale"}, {"group": "General"}, {F.GROUP: "General"}, ({}, {F.GROUP: "Wholesale"}, ())),
        ({"group": "General"}, {"group": "Wholesale"}, {F.GROUP: "General"}, ({}, {}, ())),
    ],
)
def test_what_is_written_where(
    store: dict[str, str], heartland: dict[str, str], said: dict[F, str] | None, outcome: tuple[object, ...]
) -> None:
    assert told(side(**store), side(**heartland), Said(store=said, heartland=said)) == outcome


def test_a_blank_clears_where_a_merchant_wants_it() -> None:
    rules = {F.PHONE: FieldRule(blank=Blank.CLEAR)}
    said = Said(store=KNOWN, heartland=KNOWN)
    assert told(side(phone=""), side(phone="5125550100"), said, rules) == ({}, {F.PHONE: ""}, ())


@pytest.mark.parametrize(
    ("phone", "others", "tells"),
    [("512-555-0100", 0, True), ("512-555-0100", 3, False), ("000-000-0000", 0, False), ("", 0, False)],
)
def test_which_numbers_tell_people_apart(phone: str, others: int, tells: bool) -> None:
    assert is_key(phone, others) is tells


HOME = Address(
    first_name="Ana",
    last_name="Lopez",
    line_1="12 Elm St",
    city="Austin",
    state="TX",
    postal_code="78701",
    country="US",
)
MOVED = replace(HOME, line_1="7 Oak Ave")


def kept(key: str, address: Address) -> KeptAddress:
    return KeptAddress(id=key, address=address)


def test_an_address_that_is_gone_is_not_made_again_and_one_changed_on_both_sides_stays_as_two() -> None:
    pair = Pair(store="11", heartland="81", store_print=print_of(HOME), heartland_print=print_of(HOME))
    gone = plan([], [kept("81", HOME)], [pair])
    assert (gone.store_adds, gone.pairs[0].store) == ((), "")
    assert plan([], [kept("81", HOME)], gone.pairs).store_adds == ()
    other = replace(HOME, line_1="90 Pine Rd")
    both = plan([kept("11", MOVED)], [kept("81", other)], [pair])
    assert ([one.address for one in both.store_adds], [one.address for one in both.heartland_adds]) == (
        [other],
        [MOVED],
    )
    assert (both.store_changes, both.heartland_changes) == ({}, {})


def test_a_correction_in_heartland_keeps_the_stores_company_and_phone() -> None:
    here = replace(HOME, company="Acme", phone="5125550100")
    there = replace(HOME, line_2="Acme", postal_code="78799", phone="5125550199")
    pair = Pair(store="11", heartland="81", store_print=print_of(here), heartland_print=print_of(here))
    found = plan([kept("11", here)], [kept("81", there)], [pair])
    assert found.store_changes == {"11": replace(here, postal_code="78799")}
