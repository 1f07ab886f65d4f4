"""Browsers in which a person logged in before: they keep tries of their own (OWASP's device cookies).

The cookie holds, for each account, a digest of its address and a random name of the browser, signed. It proves nothing
else: whoever steals it may guess five times more, and is stopped then.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac

SALT = "connections.signin.devices"
SECONDS = 365 * 24 * 3600
ACCOUNTS = 8  # of one browser; the oldest is forgotten


def device_name(request: HttpRequest, email: str) -> str:
    """The name of this browser at the account of an address; empty when nobody logged in there with it."""
    return _known(request).get(_account(email), "")


def device_remember(request: HttpRequest, response: HttpResponseBase, email: str) -> None:
    """Know this browser from now on."""
    known = _known(request)
    name = known.pop(_account(email), "") or secrets.token_urlsafe(12)
    newest = dict([*known.items(), (_account(email), name)][-ACCOUNTS:])
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps(newest, salt=SALT),
        max_age=SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _known(request: HttpRequest) -> dict[str, str]:
    try:
        found: Any = signing.loads(request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return {}
    return found if isinstance(found, dict) else {}


def _account(email: str) -> str:
    return salted_hmac(SALT, email.strip().lower(), algorithm="sha256").hexdigest()[:16]
