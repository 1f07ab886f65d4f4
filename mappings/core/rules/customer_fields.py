"""Whose word counts for a field of a customer, and what is written where. By default no blank overwrites anything.

Each side's values are held against what that same side said last: only so is a change told from a value that merely
stands there. What a side made of our own write counts as said, so two systems that spell a value differently
come to rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mappings.core.canonical.customer import NO, Customer, CustomerField
from mappings.core.rules import names, phones

Values = Mapping[CustomerField, str]
PEOPLE_OF_A_HOUSEHOLD = 2  # a number that more people have is a shop's or a stopgap, and no key


class Owner(StrEnum):
    """Whose word counts."""

    LATER = "later"  # both sides': the later change wins
    STORE = "store"
    HEARTLAND = "heartland"
    NOBODY = "nobody"  # the field is left alone


class Blank(StrEnum):
    """What a blank of the side that counts does to the other's value."""

    KEEP = "keep"
    CLEAR = "clear"


class Side(StrEnum):
    STORE = "store"
    HEARTLAND = "heartland"


@dataclass(frozen=True, kw_only=True)
class FieldRule:
    owner: Owner = Owner.LATER
    blank: Blank = Blank.KEEP


#: Stores give groups and exemptions by themselves, by a tax number: Heartland learns of it.
DEFAULTS: Mapping[CustomerField, FieldRule] = {
    one: FieldRule(owner=Owner.STORE) if one in {CustomerField.GROUP, CustomerField.TAX_EXEMPT} else FieldRule()
    for one in CustomerField
}
NEVER_TAKEN_BACK = frozenset({CustomerField.GROUP, CustomerField.TAX_EXEMPT})  # only a change of the owner's is sent
NEVER_BLANK = frozenset({CustomerField.FIRST_NAME, CustomerField.LAST_NAME, CustomerField.EMAIL})  # both sides refuse


@dataclass(frozen=True, kw_only=True)
class Merge:
    """What makes both sides alike."""

    to_store: Values = field(default_factory=dict)
    to_heartland: Values = field(default_factory=dict)
    asked: tuple[CustomerField, ...] = ()  # changed on both sides, and nothing says which is later


@dataclass(frozen=True, kw_only=True)
class Said:
    """What both sides said last; None of a side that was never heard."""

    store: Values | None = None
    heartland: Values | None = None


def comparable(name: CustomerField, value: str) -> str:
    """Equal for spellings of one value: blanks, letter case and, of phones, everything but digits."""
    text = " ".join(value.split()).casefold()
    if name is CustomerField.PHONE:
        return phones.comparable(phones.normalise(text)) or text
    return "" if text == names.STAND_IN else text


def merge(
    store: Customer,
    heartland: Customer,
    said: Said,
    rules: Mapping[CustomerField, FieldRule],
    chosen: Mapping[CustomerField, Side],
) -> Merge:
    """What to write where. A field that one side has no room for is left alone; `chosen` are a person's answers."""
    to: dict[Side, dict[CustomerField, str]] = {Side.STORE: {}, Side.HEARTLAND: {}}
    asked = []
    for name in CustomerField:
        if name not in store.values or name not in heartland.values:
            continue
        found = _winner(name, store, heartland, said, rules.get(name, DEFAULTS[name]), chosen.get(name))
        if found is None:
            continue
        if found == ASK:
            asked.append(name)
            continue
        value = store.values[name] if found == Side.STORE else heartland.values[name]
        is_blank = not comparable(name, value)
        if is_blank and (name in NEVER_BLANK or rules.get(name, DEFAULTS[name]).blank == Blank.KEEP):
            continue
        to[Side.HEARTLAND if found == Side.STORE else Side.STORE][name] = "" if is_blank else value
    return Merge(to_store=to[Side.STORE], to_heartland=to[Side.HEARTLAND], asked=tuple(asked))


ASK = "ask"


def _winner(
    name: CustomerField, store: Customer, heartland: Customer, said: Said, rule: FieldRule, chosen: Side | None
) -> str | None:
    """The side whose value stands, ASK, or None where nothing is to be done."""
    here, there = comparable(name, store.values[name]), comparable(name, heartland.values[name])
    if here == there or rule.owner == Owner.NOBODY:
        return None
    if chosen:
        return chosen
    is_new = name not in (said.store or {}) or name not in (said.heartland or {})
    store_changed = is_new or here != comparable(name, (said.store or {})[name])
    heartland_changed = is_new or there != comparable(name, (said.heartland or {})[name])
    if not (store_changed or heartland_changed):
        return None  # it rests so: each keeps its own
    if rule.owner != Owner.LATER:
        owner = Side(rule.owner)
        is_owners = store_changed if owner == Side.STORE else heartland_changed
        return owner if is_owners or name not in NEVER_TAKEN_BACK else None
    if is_new:
        return _at_first_sight(name, here, there)
    if store_changed != heartland_changed:
        return Side.STORE if store_changed else Side.HEARTLAND
    return _later(store.changed_at, heartland.changed_at)


def _at_first_sight(name: CustomerField, here: str, there: str) -> str | None:
    """A blank is filled, of two answers about mails *no* holds, and two phone numbers may both be right.

    Which of two other values is older nobody knows.
    """
    if not here or not there:
        return Side.HEARTLAND if not here else Side.STORE
    if name is CustomerField.CONSENT:
        return Side.STORE if here == NO else Side.HEARTLAND
    return None if name is CustomerField.PHONE else ASK


def _later(store: datetime | None, heartland: datetime | None) -> str:
    if store is None or heartland is None or store == heartland:
        return ASK
    return Side.STORE if store > heartland else Side.HEARTLAND


def is_key(phone: str, others: int = 0) -> bool:
    """True where a phone number may tell who somebody is: not 000-000-0000.

    `others`: people of different names who have it too.
    """
    digits = phones.comparable(phone)
    return len(set(digits)) > 1 and others <= PEOPLE_OF_A_HOUSEHOLD
