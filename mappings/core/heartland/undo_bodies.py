"""What puts an item or grid of Heartland back as it was before a run wrote it, where it still is as the run left it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mappings.core.canonical.product import Facts, number
from mappings.core.heartland.products import GRID_FACTS, Body

ITEM_FIELDS = ("description", "long_description", "cost", "price", "original_price", "weight", "active?")
NUMBERS = ("cost", "price", "original_price", "weight")
CUSTOM, ITEM_CUSTOM, ACTIVE = "custom", "item_custom", "active?"
TITLES = {
    "description": "Title",
    "item_description": "Title",
    "long_description": "Description",
    "item_long_description": "Description",
    "cost": "Cost",
    "price": "Price",
    "original_price": "Original price",
    "weight": "Weight",
    ACTIVE: "Active",
}


@dataclass(frozen=True, kw_only=True)
class Back:
    """One value that goes back."""

    name: str  # of the field, as people read it
    now: str
    before: str


@dataclass(frozen=True, kw_only=True)
class Undo:
    """The request, what is back once it was made, and the names of what somebody changed since."""

    body: Body
    back: tuple[Back, ...]
    moved: tuple[str, ...]


def undo_of_item(before: Facts, after: Facts, now: Facts) -> Undo:
    """PUT /items/{id}: only what the run changed, and of that only what still stands as the run wrote it."""
    return _undo(before, after, now, ITEM_FIELDS, CUSTOM)


def undo_of_grid(before: Facts, after: Facts, now: Facts) -> Undo:
    """PUT /item_grids/{id}: the same of what its items share."""
    return _undo(before, after, now, GRID_FACTS, ITEM_CUSTOM)


def is_as_left(after: Facts, now: Facts) -> bool:
    """Whether an item says in every field what it said when the run had made it."""
    return _flat(after, ITEM_FIELDS) == _flat(now, ITEM_FIELDS)


def _undo(before: Facts, after: Facts, now: Facts, fields: tuple[str, ...], custom_name: str) -> Undo:
    was, left, stands = (_flat(one, fields) for one in (before, after, now))
    body: Body = {}
    custom: dict[str, Any] = {}
    back, moved = [], []
    for place in sorted(was.keys() | left.keys()):
        is_custom, name = place
        former, written, present = was.get(place), left.get(place), stands.get(place)
        if former == written:
            continue
        title = name if is_custom else TITLES[name]
        if present not in (written, former):
            moved.append(title)
            continue
        back.append(Back(name=title, now=_words(written), before=_words(former)))
        if present == former:  # a try before put it back
            continue
        if is_custom:
            custom[name] = "" if former is None else former
        else:
            body[name.removesuffix("?")] = number(former) if name in NUMBERS else ("" if former is None else former)
    return Undo(body=body | ({custom_name: custom} if custom else {}), back=tuple(back), moved=tuple(moved))


def _flat(facts: Facts, fields: tuple[str, ...]) -> dict[tuple[bool, str], Any]:
    """Fields and custom fields by (is it a custom one, name); what says nothing is left out."""
    own = {(False, name): facts.get(name) for name in fields if facts.get(name) not in (None, "")}
    custom: Mapping[str, Any] = facts.get("custom") or {}
    return own | {(True, key): value for key, value in custom.items()}


def _words(value: object) -> str:
    return "" if value is None else {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
