"""Programs pass by what serves people: sessions, log-in, forms, messages, page policies.

They are the callbacks of other systems, as far as they come this way at all (the usual ones never reach Django's
layers, `syncjobs/intake/hook_entry.py`), and the REST API, whose tokens no browser sends by itself.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.urls import Resolver404, resolve

from ipaas.problem_json import API

PREFIX = "/hooks/"

Respond = Callable[[HttpRequest], HttpResponse]


def callbacks_first(get_response: Respond) -> Respond:
    """A middleware: answers programs at once and hands on everything else."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith((PREFIX, API)):
            return get_response(request)
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return get_response(request)
        request.resolver_match = match
        answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
        return answer.render() if isinstance(answer, SimpleTemplateResponse) else answer

    return middleware
