"""The way in for callbacks: from the web server straight to the inbox, past all that serves people.

Only what comes exactly as the senders send it takes this way. All else (another method, a query, an unusual type of
body, plain http where https is asked for) goes through Django's layers, which answer it as they answer pages.
"""

import logging
import re
from collections.abc import Callable, Iterable
from functools import partial
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import connection as database
from django.http import HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware

from ipaas.callbacks_first import PREFIX
from syncjobs.callbacks.senders import SENDERS
from syncjobs.intake.webhooks import Delivery, content_of, take

logger = logging.getLogger(__name__)

ADDRESS = re.compile(rf"{PREFIX}(\w{{1,20}})/([\w-]{{1,200}})", re.ASCII)
USUAL_TYPES = {"application/json", "application/json; charset=utf-8", "application/json;charset=utf-8"}

Environment = dict[str, Any]
Answering = Callable[..., Any]
Application = Callable[[Environment, Answering], Iterable[bytes]]


class HookEntry:
    """A WSGI application: takes callbacks, and hands on everything else to the application of the pages."""

    def __init__(self, pages: Application) -> None:
        self._pages = pages
        contents = {b"", *(sender.answer for sender in SENDERS.values())}
        self._headers = {(is_secure, content): headers(content, is_secure=is_secure)
                         for is_secure in (False, True) for content in contents}  # fmt: skip

    def __call__(self, environ: Environment, start_response: Answering) -> Iterable[bytes]:
        is_secure = came_by_https(environ)
        delivery = usual_delivery(environ) if is_secure or not settings.SECURE_SSL_REDIRECT else None
        if delivery is None:
            return self._pages(environ, start_response)
        status = answer(delivery)
        content = content_of(delivery.system, status)
        start_response(f"{status.value} {status.phrase}", self._headers[is_secure, content])
        return (content,) if content else ()


def usual_delivery(environ: Environment) -> Delivery | None:
    """The callback in a request; None for anything that is not exactly as the senders send it."""
    address = ADDRESS.fullmatch(environ.get("PATH_INFO", ""))
    if address is None or environ["REQUEST_METHOD"] != "POST":
        return None
    if environ.get("QUERY_STRING") or environ.get("SCRIPT_NAME"):
        return None
    if environ.get("CONTENT_TYPE", "").lower() not in USUAL_TYPES:
        return None
    if any("\x00" in value for name, value in environ.items() if name.startswith("HTTP_")):
        return None
    sender = SENDERS.get(address[1])
    if sender is None:
        return None
    return Delivery(system=sender.system, token=address[2], meta=environ, read=partial(body, environ))


def body(environ: Environment) -> bytes:
    """The bytes that the sender announced. Raises OSError when they do not come."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    raw: bytes = environ["wsgi.input"].read(length)
    if len(raw) < length:
        raise ConnectionError("the body ended early")
    return raw


def answer(delivery: Delivery) -> HTTPStatus:
    """Take it on this thread's connection; a fault of ours is reported, and has the sender come again."""
    try:
        connection_prepare()
        status = take(delivery)
    except Exception:
        logger.exception("callback broke")
        return HTTPStatus.INTERNAL_SERVER_ERROR
    if status != HTTPStatus.OK:
        logger.warning("callback not taken", extra={"system": str(delivery.system), "status": status.value})
    return status


def connection_prepare() -> None:
    """As Django does before each request, but without asking the database whether it is there: `take` notices."""
    if not database.in_atomic_block:
        database.close_if_unusable_or_obsolete()
    database.health_check_done = True  # type: ignore[attr-defined]


def came_by_https(environ: Environment) -> bool:
    """As Django tells it (HttpRequest.scheme): by the header of a trusted proxy, else by the server itself."""
    if settings.SECURE_PROXY_SSL_HEADER:
        name, value = settings.SECURE_PROXY_SSL_HEADER
        if (given := environ.get(name)) is not None:
            return bool(given.split(",", 1)[0].strip() == value)
    return bool(environ["wsgi.url_scheme"] == "https")


def headers(content: bytes, *, is_secure: bool) -> list[tuple[str, str]]:
    """Of every answer with this content: those of security too, which Django gives to all."""
    middleware = SecurityMiddleware(lambda request: HttpResponse())
    own = {"Content-Length": str(len(content))} | ({"Content-Type": "application/json"} if content else {})
    return list(middleware.process_response(_Asked(is_secure=is_secure), HttpResponse(headers=own)).items())


class _Asked(HttpRequest):
    def __init__(self, *, is_secure: bool) -> None:
        super().__init__()
        self._is_secure = is_secure

    def is_secure(self) -> bool:
        return self._is_secure
