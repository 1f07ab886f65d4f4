"""Install, token exchange and signed callbacks (note §2, §3)."""

from __future__ import annotations

import http.client
import logging
import uuid
from threading import Thread
from typing import Any
from urllib.parse import urlencode, urlsplit

from ipaas.sandbox.bigcommerce import actions
from ipaas.sandbox.bigcommerce.actions.app import OWNER_ID
from ipaas.sandbox.bigcommerce.signing import JWT_LIFETIME, jwt_hs256
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.core.jsonio import BadJson
from ipaas.sandbox.core.web import ApiError, Reply, Request, Router, json_reply

router: Router[Any] = Router()
logger = logging.getLogger(__name__)
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
NEEDED = ("client_id", "client_secret", "code", "scope", "grant_type", "redirect_uri")
WRONG_REDIRECT = "The redirect_uri does not match registered URI."


def user_row(state: State, user_id: int) -> Row:
    """A user of the store; the owner when unknown."""
    user = state.users.get(user_id) or state.users.get(OWNER_ID)
    if user is None:
        raise LookupError("the store is not furnished yet")
    return user


# --- what the browser is sent ---------------------------------------------------------------------


def auth_callback_url(state: State, *, user_id: int = OWNER_ID, external: bool = True) -> str:
    """Consent given: the auth callback with a fresh code (§2.3). `external` for the external install button."""
    app, grant = actions.app_row(state), actions.grant_create(state, user_id=user_id)
    query = {
        "account_uuid": app["account_uuid"],
        "code": grant["code"],
        "context": f"stores/{state.hash}",
        "scope": grant["scope"],
    }
    if external:
        query["external_install"] = state.switches["external_install_value"]
    return _with_query(app["auth_callback"], query)


def _with_query(url: str, query: Row) -> str:
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"


def signed_payload_jwt(state: State, user_id: int, *, url: str = "/", channel_id: int | None = None) -> str:
    """The JWT of load, uninstall and remove-user callbacks (§3)."""
    app, user, owner, now = actions.app_row(state), user_row(state, user_id), user_row(state, OWNER_ID), state.now()
    return jwt_hs256(
        {
            "aud": app["client_id"],
            "iss": "bc",
            "iat": now,
            "nbf": now - 5,
            "exp": now + JWT_LIFETIME,
            "jti": str(uuid.uuid4()),
            "sub": f"stores/{state.hash}",
            "user": {"id": user["id"], "email": user["email"], "locale": user["locale"]},
            "owner": {"id": owner["id"], "email": owner["email"]},
            "url": url,
            "channel_id": channel_id,
        },
        app["client_secret"],
    )


def callback_url(
    state: State, kind: str, user_id: int = OWNER_ID, *, url: str = "/", channel_id: int | None = None
) -> str:
    """The `load`, `uninstall` or `remove_user` callback with its signed payload; empty when none is registered."""
    base = actions.app_row(state)[f"{kind}_callback"]
    signed = signed_payload_jwt(state, user_id, url=url, channel_id=channel_id)
    return _with_query(base, {"signed_payload_jwt": signed}) if base else ""


# --- what the server sends ------------------------------------------------------------------------


def send_get(url: str, timeout: float = 10.0) -> None:
    """GET a callback once, in its own thread; the answer is ignored (§3)."""
    if url:
        Thread(target=_get, args=(url, timeout), daemon=True).start()


def _get(url: str, timeout: float) -> None:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=timeout)
        connection.request("GET", f"{parts.path or '/'}?{parts.query}", headers={"User-Agent": "BigCommerce"})
        connection.getresponse().read(500)
        connection.close()
    except (OSError, http.client.HTTPException) as exc:
        logger.warning("app callback was not delivered: %s", exc)


def uninstall(state: State, *, user_id: int = OWNER_ID, lose: bool = False) -> str:
    """Uninstall the app and send the callback, unless it is to be lost; answers its URL."""
    url = callback_url(state, "uninstall", user_id)
    actions.app_uninstall(state)
    if not lose:
        send_get(url)
    return url


def remove_user(state: State, user_id: int, *, lose: bool = False) -> str:
    """Revoke a user and send the callback, unless it is to be lost; answers its URL."""
    actions.user_remove(state, user_id)
    url = callback_url(state, "remove_user", user_id)
    if not lose:
        send_get(url)
    return url


# --- token exchange -------------------------------------------------------------------------------


def _error(status: int, text: str) -> ApiError:
    return ApiError(status, {"error": text})


def _fields(request: Request) -> Row:
    """The body as JSON or form; anything else is 406 (§2.4)."""
    accept = request.headers.get("Accept") or "*/*"  # a widely used client of theirs sends none
    if request.mimetype not in (JSON, FORM) or not ("json" in accept or "*/*" in accept):
        raise _error(406, "Invalid format.")
    if request.mimetype == FORM:
        return dict(request.form.items())
    try:
        return request.json_object()
    except BadJson as exc:
        raise _error(400, "invalid_request") from exc


def _check(state: State, sent: Row) -> Row:
    """The grant a good exchange names. Raises the errors of §2.4."""
    app = actions.app_row(state)
    if any(not sent.get(name) for name in NEEDED):
        raise _error(400, "invalid_request")
    if sent["grant_type"] != "authorization_code":
        raise _error(400, "unsupported_grant_type")
    if sent["client_id"] != app["client_id"] or sent["client_secret"] != app["client_secret"]:
        raise _error(401, "invalid_client")
    if sent["redirect_uri"] != app["auth_callback"]:
        raise _error(400, WRONG_REDIRECT)
    grant = state.grants.first(code=sent["code"])
    late = grant is not None and state.now() - grant["created"] > state.switches["code_lifetime"]
    if grant is None or grant["used"] or late or grant["client_id"] != sent["client_id"]:
        raise _error(400, "invalid_grant")
    return grant


@router.route("POST", "/oauth2/token")
def token_post(service: Any, request: Request) -> Reply:
    """Exchange a code for a token; a wrong context gives one that opens nothing (§2.4)."""
    state: State = service.state
    sent = _fields(request)
    grant = _check(state, sent)
    context = f"stores/{state.hash}"
    empty = state.switches["null_scope"] or sent.get("context") != context
    token = actions.token_issue(state, grant, None if empty else grant["scope"])
    user, owner = user_row(state, grant["user_id"]), user_row(state, OWNER_ID)
    answer: Row = {
        "access_token": token["token"],
        "scope": None if empty else grant["scope"],
        "user": {"id": user["id"], "username": user["email"], "email": user["email"]},
        "owner": {"id": owner["id"], "username": owner["email"], "email": owner["email"]},
        "context": context,
        "account_uuid": actions.app_row(state)["account_uuid"],
    }
    if state.switches["bare_token_answer"]:
        del answer["owner"], answer["account_uuid"]
    return json_reply(answer)
