"""What is odd is answered 400 and what is too large 413, in one place, before anything looks into it.

Odd is what no text of the database can hold (NUL, halves of surrogate pairs) in an address, a query, a header or a
form, and what cannot be read as a form at all.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    BadRequest,
    FieldDoesNotExist,
    FieldError,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
    ValidationError,
)
from django.core.handlers.wsgi import WSGIRequest
from django.db import DataError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string

from ipaas.callbacks_first import PREFIX
from ipaas.problem_json import API, problem_answer

logger = logging.getLogger(__name__)
Respond = Callable[[HttpRequest], HttpResponse]

TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
UNREADABLE = (BadRequest, MultiPartParserError, UnreadablePostError, ValueError, LookupError)
LIBRARIES = ("/admin/", "/accounts/")
TRIPPED = (FieldDoesNotExist, FieldError, ValidationError, DataError, OverflowError, RecursionError)
UTF_8 = (None, "utf-8", "utf8", "UTF-8")


def is_storable(text: str) -> bool:
    """True for what a text of the database can hold."""
    try:
        return b"\x00" not in text.encode()
    except UnicodeEncodeError:
        return False


class Request(WSGIRequest):
    """Django reads the query while it makes a request whose body names a charset: outside of all that answers errors.

    Here it is read again, and judged, by `odd_addresses`.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        with suppress(*TOO_LARGE, *UNREADABLE):
            super()._set_content_type_params(meta)  # type: ignore[misc]


def odd_addresses(get_response: Respond) -> Respond:
    """Middleware, the first of ours: addresses, queries and headers, also those of callbacks."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request) if _is_readable(request) else _refusal(request, HTTPStatus.BAD_REQUEST)

    return middleware


class OddForms:
    """Middleware, before any that reads a form: what a form holds, and whether it is one.

    Pages of libraries trip over values that ours are tested to take; there that is the sender's fault too.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            texts = [text for name, values in request.POST.lists() for text in (name, *values)]
            uploads = [(name, upload) for name, given in request.FILES.lists() for upload in given]
            texts += [text for name, upload in uploads for text in (name, getattr(upload, "name", None) or "")]
        except TOO_LARGE:
            return _refusal(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except UNREADABLE:
            return _refusal(request, HTTPStatus.BAD_REQUEST)
        return self.get_response(request) if _all_storable(texts) else _refusal(request, HTTPStatus.BAD_REQUEST)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not (request.path_info.startswith(LIBRARIES) and isinstance(exception, TRIPPED)):
            return None
        logger.warning("a library tripped over a value", extra={"path": request.path_info, "kind": type(exception)})
        return _refusal(request, HTTPStatus.BAD_REQUEST)


def _is_readable(request: HttpRequest) -> bool:
    if request.encoding not in UTF_8:  # a sender may name any codec of Python's, also such as read no text
        return False
    headers = (value for name, value in request.META.items() if name.startswith("HTTP_"))
    try:
        query = [text for name, values in request.GET.lists() for text in (name, *values)]
    except (TooManyFieldsSent, ValueError):
        return False
    return _all_storable([request.path_info, *headers, *query])


def _all_storable(texts: Iterable[str]) -> bool:
    return all(map(is_storable, texts))


def _refusal(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    """In words for people; empty for the senders of callbacks, a problem for programs."""
    if request.path_info.startswith(PREFIX):
        return HttpResponse(status=status)
    if request.path_info.startswith(API):
        detail = "The address, its query or a header holds what no text can hold."
        return problem_answer(status=status, code="malformed", title="The request cannot be read", detail=detail)
    words = "413.html" if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else "400.html"
    return HttpResponse(render_to_string(words), status=status)
