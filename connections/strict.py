"""What a page's forms send, and nothing else: a view says what they hold; who sends more is answered 400.

Looked at in one place, for every address, after the form's token and before the view: a view that says nothing takes
nothing. What stands behind the `?` of an address stays harmless: filters leave out what they do not know.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)
View = Callable[..., HttpResponseBase]

TOKEN = "csrfmiddlewaretoken"  # noqa: S105 – its field's name
MULTIPLE = (forms.MultipleChoiceField, forms.ModelMultipleChoiceField)
NAMED = 5  # fields that an answer names
LONGEST = 60  # signs of each


@dataclass(frozen=True)
class Drawn:
    """The fields that forms hold: names, those that may come several times, and beginnings of names."""

    once: frozenset[str] = frozenset()
    several: frozenset[str] = frozenset()
    starts: tuple[str, ...] = ()

    def holds(self, name: str, count: int) -> bool:
        return name in self.several or (count == 1 and (name in self.once or name.startswith(self.starts)))


def drawn(*parts: str | type[forms.BaseForm]) -> Drawn:
    """The fields of form classes, and names: `error[]` may come several times, `was-*` is a beginning."""
    names = {TOKEN}
    for part in parts:
        names |= {part} if isinstance(part, str) else set(names_of(part))
    several = {name for name in names if name.endswith("[]")}
    starts = {name for name in names if name.endswith("*")}
    return Drawn(
        once=frozenset(names - several - starts),
        several=frozenset(name.removesuffix("[]") for name in several),
        starts=tuple(name.removesuffix("*") for name in sorted(starts)),
    )


def names_of(form: type[forms.BaseForm]) -> Iterator[str]:
    fields: dict[str, forms.Field] = form.base_fields  # type: ignore[attr-defined]
    for name, field in fields.items():
        yield f"{name}[]" if isinstance(field, MULTIPLE) else name


def takes(*parts: str | type[forms.BaseForm]) -> Callable[[View], View]:
    """Declare what the forms that post to the view hold, as `drawn` reads it."""

    def decorate(view: View) -> View:
        view.takes = drawn(*parts)  # type: ignore[attr-defined]
        return view

    return decorate


class OnlyDrawn:
    """Middleware: refuses what the view's forms do not hold, and what comes twice but is meant once.

    The admin site asks for itself (`admin_site.py`): what its forms hold depends on who looks.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if hasattr(view, "admin_site") or hasattr(view, "model_admin"):
            return None
        return refusal(request, getattr(view, "takes", drawn()))


def refusal(request: HttpRequest, taken: Drawn) -> HttpResponse | None:
    """400 in words that name what was sent beside `taken`; None where nothing was."""
    sent = [(name, len(given.getlist(name))) for given in (request.POST, request.FILES) for name in given]
    odd = [name for name, count in sent if not taken.holds(name, count)]
    if not odd:
        return None
    logger.warning("a form held what its page does not draw", extra={"path": request.path_info, "fields": len(odd)})
    context = {"odd": [name[:LONGEST] for name in odd[:NAMED]], "more": len(odd) - NAMED}
    return HttpResponse(render_to_string("400.html", context, request), status=HTTPStatus.BAD_REQUEST)
