"""The help of a page, beside it or as a page of its own."""

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from connections.help_pages import help_html, help_names
from connections.views.base import PersonRequest, page, person, wants_partial


@require_safe
@person
def help_page(request: PersonRequest, name: str) -> HttpResponse:
    """One page of docs/merchant/, with the list of the others."""
    names = help_names()
    if name not in names:
        raise Http404
    context = {"text": help_html(name), "name": name, "names": names}
    return page(request, "help/_help.html" if wants_partial(request) else "help/help.html", context)
