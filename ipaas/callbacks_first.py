"""Callbacks of other systems pass by what serves people: sessions, log-in, forms, messages, page policies.

Those that come this way at all: the usual ones never reach Django's layers (`syncjobs/intake/hook_entry.py`).
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

PREFIX = "/hooks/"

Respond = Callable[[HttpRequest], HttpResponse]


def callbacks_first(get_response: Respond) -> Respond:
    """A middleware: answers callbacks at once and hands on everything else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return get_response(request)
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return get_response(request)
        answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
        return answer

    return middleware
