"""Every error of the API is a problem (RFC 9457): one table of codes, which the API's page shows."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from errors.failures import ConfigurationFailure, SyncFailure
from ipaas.problem_json import MEDIA_TYPE, problem_body
from ipaas.queue import DATABASE_AWAY

logger = logging.getLogger(__name__)

LONGEST = 300  # signs of what an error repeats
RETRY_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of problem: its status, its title, and what the caller does about it."""

    status: HTTPStatus
    title: str
    advice: str


KINDS: Mapping[str, Kind] = {
    "malformed": Kind(
        status=HTTPStatus.BAD_REQUEST,
        title="The request cannot be read",
        advice="Send one JSON object in UTF-8, each name once, and no control signs.",
    ),
    "invalid": Kind(
        status=HTTPStatus.BAD_REQUEST,
        title="A value is not right",
        advice="See `errors`: each names a field or a query parameter and says what is wrong with it.",
    ),
    "unauthenticated": Kind(
        status=HTTPStatus.UNAUTHORIZED,
        title="No valid token",
        advice="Send `Authorization: Bearer <token>`; an owner makes one. So are answered revoked ones.",
    ),
    "forbidden": Kind(
        status=HTTPStatus.FORBIDDEN,
        title="The token may not do this",
        advice="Use a token with the scope that the endpoint names; its maker's role must allow it as well.",
    ),
    "not_found": Kind(
        status=HTTPStatus.NOT_FOUND,
        title="There is no such thing",
        advice="Check the address. What belongs to another merchant is answered so too.",
    ),
    "method_not_allowed": Kind(
        status=HTTPStatus.METHOD_NOT_ALLOWED,
        title="The address does not know this method",
        advice="The header `Allow` names those that it knows.",
    ),
    "not_acceptable": Kind(
        status=HTTPStatus.NOT_ACCEPTABLE,
        title="Only JSON is answered",
        advice="Send `Accept: application/json`, or none.",
    ),
    "conflict": Kind(
        status=HTTPStatus.CONFLICT,
        title="It is not as the request takes it to be",
        advice="Read it anew. `detail` says what stands in the way; nothing was changed.",
    ),
    "too_large": Kind(
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        title="The request is too large",
        advice="Send at most 256 kB.",
    ),
    "unsupported_media_type": Kind(
        status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        title="Only JSON is taken",
        advice="Send `Content-Type: application/json`.",
    ),
    "key_reused": Kind(
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        title="The idempotency key stands for another request",
        advice="Use a new key for each new wish, and the same key only to repeat the same request.",
    ),
    "throttled": Kind(
        status=HTTPStatus.TOO_MANY_REQUESTS,
        title="Too many calls in this minute",
        advice="Wait as many seconds as `Retry-After` says.",
    ),
    "broken": Kind(
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        title="Something broke on our side",
        advice="It was reported. Repeat a write with the same idempotency key.",
    ),
    "system_away": Kind(
        status=HTTPStatus.BAD_GATEWAY,
        title="The other system could not be asked",
        advice="Try again later; `detail` says which system and what it answered.",
    ),
    "unavailable": Kind(
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        title="The service is away for a moment",
        advice="Wait as many seconds as `Retry-After` says.",
    ),
}


class Problem(Exception):
    """A request that is not done. `code` is a key of KINDS; `detail` says what is wrong with this one."""

    def __init__(self, code: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.code, self.detail, self.more = code, detail, more


def invalid(errors: Mapping[str, str | list[str]]) -> Problem:
    """A problem for values: field or query parameter → what is wrong with it."""
    rows = [
        {"field": name[:LONGEST], "detail": str(words)[:LONGEST]}
        for name, said in errors.items()
        for words in ([said] if isinstance(said, str) else said)
    ]
    return Problem("invalid", "See the errors; nothing was changed.", errors=rows)


def answered(exc: Exception, context: dict[str, Any]) -> Response:
    """What an exception becomes; REST framework's EXCEPTION_HANDLER."""
    problem = problem_of(exc)
    kind = KINDS[problem.code]
    if kind.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(exc, SyncFailure):
        logger.error("the API broke", exc_info=exc, extra={"view": type(context.get("view")).__name__})
    body = problem_body(status=kind.status, code=problem.code, title=kind.title, detail=problem.detail, **problem.more)
    response = Response(body, status=kind.status, content_type=MEDIA_TYPE)
    if problem.code == "unauthenticated":
        response["WWW-Authenticate"] = 'Bearer realm="Tillbridge API"'
    if problem.code == "unavailable":
        response["Retry-After"] = str(RETRY_SECONDS)
    return response


def problem_of(exc: Exception) -> Problem:
    """The problem that an exception stands for."""
    match exc:
        case Problem():
            return exc
        case exceptions.ValidationError():
            return invalid(dict(_fields(exc.detail)))
        case exceptions.ParseError():
            return Problem("malformed", str(exc.detail))
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return Problem("unauthenticated", str(exc.detail))
        case exceptions.PermissionDenied() | PermissionDenied():
            return Problem("forbidden", str(exc) or KINDS["forbidden"].advice)
        case Http404() | exceptions.NotFound():
            return Problem("not_found", "Nothing with this address is yours.")
        case exceptions.MethodNotAllowed():
            return Problem("method_not_allowed", str(exc.detail))
        case exceptions.NotAcceptable():
            return Problem("not_acceptable", KINDS["not_acceptable"].advice)
        case exceptions.UnsupportedMediaType():
            return Problem("unsupported_media_type", KINDS["unsupported_media_type"].advice)
        case ConfigurationFailure():
            return Problem("conflict", exc.summary)
        case SyncFailure():
            return Problem("system_away", exc.summary)
    if isinstance(exc, DATABASE_AWAY):
        return Problem("unavailable", KINDS["unavailable"].advice)
    return Problem("broken", KINDS["broken"].advice)


def _fields(detail: Any, name: str = "") -> list[tuple[str, list[str]]]:
    """A serializer's errors as (dotted field, words)."""
    if isinstance(detail, Mapping):
        inner = ((f"{name}.{key}" if name else str(key), value) for key, value in detail.items())
        return [found for key, value in inner for found in _fields(value, key)]
    if isinstance(detail, list) and detail and isinstance(detail[0], Mapping):
        return [found for number, value in enumerate(detail) for found in _fields(value, f"{name}[{number}]")]
    return [(name or "body", [str(words) for words in (detail if isinstance(detail, list) else [detail])])]
