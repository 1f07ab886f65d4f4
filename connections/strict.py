"""Forms that take nothing but what they asked for."""

from typing import ClassVar

from django import forms
from django.core.exceptions import BadRequest

OF_THE_PAGE = frozenset({"csrfmiddlewaretoken", "next", "version", "do"})  # what pages put beside a form's fields


class Strict(forms.BaseForm):
    """A form that answers 400 when it is sent a field that its page does not have.

    `beside` are names, or beginnings of names that end in a dash, which the page adds.
    """

    beside: ClassVar[frozenset[str]] = frozenset()
    base_fields: ClassVar[dict[str, forms.Field]]

    def full_clean(self) -> None:
        if self.is_bound:
            unknown = [name for name in self.data if not self._knows(str(name))]
            if unknown:
                raise BadRequest(f"{len(unknown)} fields that {type(self).__name__} does not know")
        super().full_clean()

    def _knows(self, name: str) -> bool:
        """Also a field that another choice, made meanwhile, took out of the form."""
        known = OF_THE_PAGE | self.beside | self.fields.keys() | self.base_fields.keys()
        return name in known or any(name.startswith(start) for start in self.beside if start.endswith("-"))
