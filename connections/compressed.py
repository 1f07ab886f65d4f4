"""Which pages are compressed: those on which nothing of a request stands beside something that nobody may guess.

Compressing tells by its length whether what an attacker makes a page repeat occurs in it already (BREACH). So a page
is compressed only if

* it answers a GET without anything behind its `?`: nothing of the request is repeated in it;
* it is one that lets a merchant's people look (`Action.LOOK`, or one of LISTS): pages of accounts, keys, tokens and
  secrets, and the answers to forms, are not such;
* what makes a form ours (Django's token) is masked anew in each answer, and the length is blurred by random bytes.

What browsers send along on behalf of others is nothing (SameSite), which makes all of this a second wall.
"""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from connections.permissions import Action

LISTS = frozenset({"dashboard", "orders"})  # over all stores of a person


class CompressedPages(GZipMiddleware):
    """Middleware outside of all that reads a page's text; Django's own does the compressing and blurs the length."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return super().process_response(request, response) if is_compressible(request, response) else response


def is_compressible(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether the page holds nothing of the request and no secret, see above."""
    match: Any = request.resolver_match
    is_read = match is not None and (match.url_name in LISTS or getattr(match.func, "access", None) == Action.LOOK)
    is_page = response.status_code == 200 and response.get("Content-Type", "").startswith("text/html")
    return request.method == "GET" and is_read and is_page and not request.META.get("QUERY_STRING")
