"""No text of people holds NUL: no database text does, and it comes along when a PDF is copied."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, QueryDict

NUL = "\x00"


def no_nul(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: drop it from queries and forms; an address with it names nothing."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if NUL in request.path:
            raise Http404
        if holds_nul(request.GET):
            request.GET = without_nul(request.GET)  # type: ignore[assignment]
        if holds_nul(request.POST):
            request.POST = without_nul(request.POST)  # type: ignore[assignment]
        return get_response(request)

    return middleware


def holds_nul(fields: QueryDict) -> bool:
    return any(NUL in one for _, values in fields.lists() for one in values)


def without_nul(fields: QueryDict) -> QueryDict:
    return QueryDict(fields.urlencode().replace("%00", ""), encoding=fields.encoding)
