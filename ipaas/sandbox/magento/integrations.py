"""Integrations as the merchant makes, activates, disables and resets them in the Admin (apis/magento.md §2.2)."""

from __future__ import annotations

import http.client
import secrets
import string
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from ipaas.sandbox.magento.oauth_checks import LENGTH
from ipaas.sandbox.magento.state import Row, State

INACTIVE, ACTIVE = 0, 1
LETTERS = string.ascii_lowercase + string.digits
CALLED_BACK = "admin/admin/integration/loginSuccessCallback"
Transaction = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Activation:
    """What Activate came to: the page that the popup opens, or why the callback could not be told."""

    identity_url: str = ""
    failure: str = ""


def integration_create(
    state: State, name: str, *, resources: Sequence[str], endpoint: str = "", identity_link_url: str = ""
) -> Row:
    """Save: an inactive integration with the key and secret of its consumer."""
    consumer = state.consumers.insert({"name": name, "key": _random(), "secret": _random(), "activated_at": 0})
    about = {"name": name, "email": "", "endpoint": endpoint, "identity_link_url": identity_link_url}
    rights = {"resources": list(resources), "status": INACTIVE, "consumer_id": consumer["id"]}
    return state.integrations.insert({**about, **rights})


def integration_activate(state: State, transaction: Transaction, number: int, base_url: str) -> Activation:
    """Activate: tell the callback its values, or without one give the access token at once.

    The callback is called outside the transaction. What it answers is not looked at; a transport failure or a timeout
    ends the activation. Call it without the service's lock. Raises `KeyError` for an unknown integration.
    """
    with transaction():
        integration = _existing(state, number)
        if not integration["endpoint"]:
            _token(state, integration["consumer_id"], "access")
            state.integrations.update(number, status=ACTIVE)
            return Activation()
        consumer = state.consumers.update(integration["consumer_id"], activated_at=state.clock.timestamp())
        token = _token(state, consumer["id"], "verifier")
    fields = {
        "oauth_consumer_key": consumer["key"],
        "oauth_consumer_secret": consumer["secret"],
        "store_base_url": base_url,
        "oauth_verifier": token["verifier"],
    }
    try:
        _post(integration["endpoint"], urlencode(fields), float(state.switches["callback_timeout"]))
    except (OSError, http.client.HTTPException) as exc:
        return Activation(failure=f"Unable to post data to consumer due to an unexpected error: {exc}")
    login = {"oauth_consumer_key": consumer["key"], "success_call_back": base_url + CALLED_BACK}
    separator = "&" if "?" in integration["identity_link_url"] else "?"
    return Activation(identity_url=integration["identity_link_url"] + separator + urlencode(login))


def integration_disable(state: State, number: int) -> Row:
    """Take away its access without forgetting its token."""
    _existing(state, number)
    return state.integrations.update(number, status=INACTIVE)


def integration_reset(state: State, number: int) -> Row:
    """Reauthorize, first half: forget the token; the integration is to be activated anew."""
    integration = _existing(state, number)
    for token in state.oauth_tokens.find(consumer_id=integration["consumer_id"]):
        state.oauth_tokens.delete(token["id"])
    return state.integrations.update(number, status=INACTIVE)


def integration_delete(state: State, number: int) -> None:
    """Delete it with its consumer and token."""
    consumer_id = integration_reset(state, number)["consumer_id"]
    state.consumers.delete(consumer_id)
    state.integrations.delete(number)


def access_revoke(state: State, number: int, *, revoked: bool = True) -> None:
    """Revoke the access token, or take that back."""
    for token in state.oauth_tokens.find(consumer_id=_existing(state, number)["consumer_id"]):
        state.oauth_tokens.update(token["id"], revoked=int(revoked))


def credentials(state: State, integration: Row) -> Row:
    """The four values of the Integration page; the token's are empty before there is one."""
    consumer = state.consumers.get(integration["consumer_id"]) or {}
    token = state.oauth_tokens.first(consumer_id=integration["consumer_id"], type="access") or {}
    return {
        "consumer_key": consumer.get("key", ""),
        "consumer_secret": consumer.get("secret", ""),
        "access_token": token.get("token", ""),
        "access_token_secret": token.get("secret", ""),
    }


def _existing(state: State, number: int) -> Row:
    found = state.integrations.get(number)
    if found is None:
        raise KeyError(f"no integration {number}")
    return found


def _token(state: State, consumer_id: int, kind: str) -> Row:
    """The one token of a consumer, made anew."""
    for token in state.oauth_tokens.find(consumer_id=consumer_id):
        state.oauth_tokens.delete(token["id"])
    values = {"token": _random(), "secret": _random(), "verifier": _random()}
    return state.oauth_tokens.insert({"consumer_id": consumer_id, "type": kind, "revoked": 0, **values})


def token_pair() -> dict[str, str]:
    """A new token with its secret."""
    return {"token": _random(), "secret": _random()}


def _random() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def _post(url: str, body: str, timeout: float) -> None:
    """POST a form and read the answer's head; redirects are not followed."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise OSError(f"{url} is no address")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    line = kind(parts.hostname, parts.port, timeout=timeout)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        line.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
        line.getresponse().read()
    finally:
        line.close()
