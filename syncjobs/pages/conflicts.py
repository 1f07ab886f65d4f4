"""Settings that somebody else saved while a person had them open: both answers side by side, before either is lost."""

from dataclasses import dataclass
from typing import Any

from django import forms

from connections.preferences import SavedMeanwhile

__all__ = ["Both", "SavedMeanwhile", "both"]


@dataclass(frozen=True, kw_only=True)
class Both:
    """One answer as it is saved now, and as this person gave it."""

    label: str
    saved: str
    given: str


def both(form: forms.BaseForm) -> list[Both]:
    """Where a bound form, whose initial values are those saved now, says something else."""
    return [
        Both(
            label=str(form[name].label),
            saved=words(form.fields[name], form[name].initial),
            given=words(form.fields[name], form[name].data),
        )
        for name in form.changed_data
    ]


def words(field: forms.Field, value: Any) -> str:
    """A value as the form shows it."""
    if isinstance(field, forms.BooleanField):
        return "on" if value in {True, "on"} else "off"
    if isinstance(value, list):
        return ", ".join(words(field, one) for one in value) or "none"
    named = {str(key): str(label) for key, label in getattr(field, "choices", ())}
    key = "" if value is None else str(getattr(value, "pk", value))
    return named.get(key, key or "empty")
