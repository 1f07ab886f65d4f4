"""Checks of a signed request, in the server's order: parameters, consumer, nonce, token, signature (§2.3, §2.4)."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping

from ipaas.sandbox.core.web import Request
from ipaas.sandbox.magento import oauth1
from ipaas.sandbox.magento.errors import Refused, bad, required
from ipaas.sandbox.magento.state import Row, State

LENGTH = 32  # of every key, token, secret and verifier
METHOD = "HMAC-SHA256"
FUTURE = 600  # seconds that a timestamp may lie ahead
NONCE_KEPT = 120 * 60
PROTOCOL = ("oauth_consumer_key", "oauth_signature", "oauth_signature_method", "oauth_nonce", "oauth_timestamp")
NO_CONSUMER = "A consumer having the specified key does not exist"
SHORT_KEY = "Consumer key is not the correct length"
BAD_NONCE = "An error occurred validating the nonce"
USED_NONCE = "The nonce is already being used by the consumer with ID %1"
BAD_SIGNATURE = "The signature is invalid. Verify and try again."
SHORT_TOKEN = "The token length is invalid. Check the length and try again."
OTHER_METHOD = "Signature method %1 is not supported"
OTHER_VERSION = "The '%1' Oauth version isn't supported."
NO_TOKEN = "Specified token does not exist"
FOREIGN_TOKEN = "Token is not associated with the specified consumer"
NOT_ACCESS = "Token is not an access token"
REVOKED = "Access token has been revoked"


def parameters_of(state: State, request: Request) -> dict[str, str]:
    """Everything that the signature covers: header, a form's fields, query."""
    found = oauth1.header_parameters(request.headers.get("Authorization", ""))
    if request.mimetype == oauth1.FORM:
        found = {**request.form.to_dict(), **found}
    query = request.query_string.decode()
    return {**oauth1.query_parameters(query, quirks=state.switches["oauth_quirks"]), **found}


def checked_consumer(state: State, parameters: Mapping[str, str], further: Iterable[str] = ()) -> Row:
    """The consumer of well-formed parameters with a fresh nonce. Raises `Refused`."""
    if parameters.get("oauth_version", "1.0") != "1.0":
        raise bad(OTHER_VERSION, parameters["oauth_version"])
    if missing := [name for name in (*PROTOCOL, *further) if not parameters.get(name)]:
        raise required(*missing)
    if len(parameters.get("oauth_token", "-" * LENGTH)) != LENGTH:
        raise bad(SHORT_TOKEN)
    if parameters["oauth_signature_method"] != METHOD:
        raise bad(OTHER_METHOD, parameters["oauth_signature_method"])
    consumer = _consumer(state, parameters["oauth_consumer_key"])
    _use_nonce(state, consumer["id"], parameters["oauth_nonce"], parameters["oauth_timestamp"])
    return consumer


def _consumer(state: State, key: str) -> Row:
    if len(key) != LENGTH:
        raise Refused(401, SHORT_KEY)
    found = state.consumers.first(key=key)
    if found is None:
        raise Refused(401, NO_CONSUMER)
    return found


def _use_nonce(state: State, consumer_id: int, nonce: str, timestamp: str) -> None:
    """Note the nonce as used, whatever becomes of the request. Raises `Refused`."""
    now = state.clock.timestamp()
    if not timestamp.isdecimal() or not 0 < int(timestamp) <= now + FUTURE:
        raise Refused(401, BAD_NONCE)
    for key in [key for key, used in state.nonces.items() if used < now - NONCE_KEPT]:
        del state.nonces[key]
    if (consumer_id, nonce) in state.nonces:
        raise Refused(401, USED_NONCE, [consumer_id])
    state.nonces[consumer_id, nonce] = now


def check_signature(
    state: State, request: Request, parameters: Mapping[str, str], consumer: Row, token_secret: str
) -> None:
    """Raises `Refused` (401) where the signature is another than the server's own."""
    url = oauth1.base_url(_seen_url(state, request), decodes_path=not state.profile.since("2.4.8"))
    signed = oauth1.Signed(request.method, url, parameters)
    mine = oauth1.signature(signed, consumer["secret"], token_secret, quirks=state.switches["oauth_quirks"])
    if not hmac.compare_digest(mine.encode(), parameters["oauth_signature"].encode()):
        raise Refused(401, BAD_SIGNATURE)


def _seen_url(state: State, request: Request) -> str:
    """The URL as PHP sees it: behind a proxy that ends TLS another one than was called (§2.3 4)."""
    path = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.path)
    seen = state.switches["signing_base_url"] or request.host_url
    return str(seen).rstrip("/") + path.partition("?")[0]


def access_token(state: State, request: Request) -> Row:
    """The access token that a signed REST call holds. Raises `Refused`."""
    parameters = parameters_of(state, request)
    consumer = checked_consumer(state, parameters, ("oauth_token",))
    held = state.oauth_tokens.first(token=parameters["oauth_token"])
    if held is None:
        raise Refused(401, NO_TOKEN)
    if held["consumer_id"] != consumer["id"]:
        raise Refused(401, FOREIGN_TOKEN)
    if held["type"] != "access":
        raise Refused(401, NOT_ACCESS)
    if held["revoked"]:
        raise Refused(401, REVOKED)
    check_signature(state, request, parameters, consumer, held["secret"])
    return held
