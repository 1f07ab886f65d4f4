"""What forms of several pages share: choices of what Heartland has."""

from typing import Any

from django import forms

NOT_CHOSEN = ("", "— not chosen —")


def choice_list(rows: list[tuple[str, str]], current: str) -> list[tuple[str, str]]:
    """Choices with the present value kept, even when Heartland did not answer or no longer offers it."""
    known = {value for value, _ in rows}
    kept = [(current, f"{current} (as chosen before)")] if current and current not in known else []
    return [NOT_CHOSEN, *kept, *rows]


class LocationChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A Heartland location by name and number."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.number or obj.external_id})"
