"""The rooms of the Inventory tab, each summed up in a line."""

from collections.abc import Sequence

from django import forms

from syncjobs.pages.inventory.inventory_state import Places, State
from syncjobs.pages.settings_rooms import Room, Rooms, mistakes_of


def rooms_of(
    *,
    places: Places,
    formula: Sequence[str],
    rules: int,
    state: State,
    form: forms.BaseForm,
    item_form: forms.BaseForm,
    is_conflict: bool,
) -> Rooms:
    """What the tab's rooms say of how it is set now; `rules` are those of single items and locations."""
    others = f"; {rules} other rule{'s' if rules > 1 else ''}" if rules else ""
    rooms = [
        Room(
            key="counting",
            title="Locations",
            summary=places_words(places),
            is_open=not state.counts_any or bool(places.closed),
            needs_you="" if state.counts_any else "Choose what is sold online",
        ),
        Room(
            key="rules",
            title="Rules",
            summary=f"{formula_words(formula)}{others}",
            is_open=bool(form.errors or item_form.errors) or is_conflict,
        ),
        Room(key="budget", title="How fast we may call", summary="Orders come first: bulk work leaves them a quarter"),
    ]
    return Rooms(
        rooms={one.key: one for one in rooms},
        mistakes=mistakes_of(form if form.errors else item_form),
    )


def places_words(places: Places) -> str:
    """`Depot and Harbor Main are sold online; 1 other is not`."""
    names = [place.name for place in places.counted]
    if not names:
        return "No location counts, so nothing is offered online"
    if places.counts_all:
        return f"All {len(names)} are sold online, and those that are added later"
    others = f"; {len(places.others)} {'other is' if len(places.others) == 1 else 'others are'} not"
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} sold online{others if places.others else ''}"


def formula_words(formula: Sequence[str]) -> str:
    """`Available, less 2 pieces kept back`."""
    words = ", less ".join(formula)
    return words[:1].upper() + words[1:]
