"""Settings in rooms: parts of a page that unfold, each with a line that says in words how it is set now."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from django import forms


@dataclass(frozen=True, kw_only=True)
class Room:
    """One part of a settings page."""

    key: str  # its name in the address
    title: str
    summary: str
    is_open: bool = False
    needs_you: str = ""  # what somebody has to choose here, as a chip


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """Something that a form refused, with the place where it is corrected."""

    label: str
    href: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Rooms:
    """The rooms of a page by key, and what a refused form has to have corrected."""

    rooms: Mapping[str, Room]
    mistakes: Collection[Mistake] = field(default_factory=tuple)

    def __iter__(self) -> Iterator[Room]:
        return iter(self.rooms.values())

    def __getitem__(self, key: str) -> Room:
        return self.rooms[key]


def mistakes_of(form: forms.BaseForm, anchors: Mapping[str, str] | None = None) -> list[Mistake]:
    """What the form refused, field by field; `anchors` are places of fields that the page draws by hand."""
    return [
        Mistake(
            label=str(form[name].label or name),
            href=f"#{(anchors or {}).get(name) or form[name].id_for_label}",
            words=" ".join(str(one) for one in errors),
        )
        for name, errors in form.errors.items()
        if name in form.fields
    ]
