"""BigCommerce's single-click app: install address, code exchange, signed callbacks (notes §2, §3)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import jwt

from connections.connectors.exchange import ExchangeClient
from errors.failures import ContractBroken
from ipaas.types import CallObserver, NoObserver, System

LEEWAY_SECONDS = 60
SHORTEST_SECRET = 16
LATEST = 253_402_300_799  # the last second of the year 9999
CONTEXT = re.compile(r"stores/([a-z0-9]{1,40})")


class CallbackRefused(Exception):
    """A callback that does not prove to come from BigCommerce. The text is for our log; the answer stays blank."""


@dataclass(frozen=True, kw_only=True)
class StoreGrant:
    """What a completed install gives us."""

    store_hash: str
    token: str = field(repr=False)
    scopes: str  # space separated, as granted
    user_id: str
    user_email: str = field(repr=False)
    owner_id: str
    owner_email: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class SignedCallback:
    """Who acts on which store, as BigCommerce signed it."""

    store_hash: str
    user_id: str
    user_email: str = field(repr=False)
    owner_id: str
    path: str  # deep link inside the app; untrusted
    token_id: str
    issued_at: datetime  # by BigCommerce's clock


def install_url(login_base: str, client_id: str) -> str:
    """Where "Add a BigCommerce website" sends the browser. Nothing put here comes back: there is no `state`."""
    return f"{login_base}/app/{client_id}/install"


def install_done_url(login_base: str, client_id: str, *, succeeded: bool) -> str:
    """Where an external install sends the browser at its end."""
    return f"{install_url(login_base, client_id)}/{'succeeded' if succeeded else 'failed'}"


def store_hash_of(context: str) -> str:
    """The store hash in `stores/{hash}`. Raises CallbackRefused when it is not one."""
    found = CONTEXT.fullmatch(context)
    if not found:
        raise CallbackRefused("context names no store")
    return found[1]


def code_exchange(
    login_base: str,
    *,
    code: str,
    scope: str,
    context: str,
    client_id: str,
    client_secret: str,
    redirect_uri: str,
    observer: CallObserver | None = None,
) -> StoreGrant:
    """Trade the code of an install for the store's token.

    Raises Rejected for a bad or used code, SyncFailure for a wrong client secret, and ContractBroken for a token
    without scopes or of another store, which would open nothing (notes §2.4).
    """
    body = {
        "client_id": client_id,
        "client_secret": client_secret,
        "code": code,
        "scope": scope,
        "context": context,
        "grant_type": "authorization_code",
        "redirect_uri": redirect_uri,
    }
    secrets = [client_secret, code]
    client = _LoginClient(login_base, {}, System.BIGCOMMERCE, observer or NoObserver(), secrets=secrets)
    return _grant(client.exchange(body), context)


class _LoginClient(ExchangeClient):
    name = "BigCommerce"

    def exchange(self, body: Mapping[str, str]) -> dict[str, Any]:
        return self._traded(lambda: self._send("POST", "/oauth2/token", body=body))


def _grant(answer: Mapping[str, Any], context: str) -> StoreGrant:
    token, scopes = answer.get("access_token"), answer.get("scope")
    if not isinstance(token, str) or not token:
        raise ContractBroken("BigCommerce answered the install without a token.")
    if not isinstance(scopes, str) or not scopes.strip():
        raise ContractBroken("BigCommerce gave a token that may do nothing: install the app again.")
    if answer.get("context") != context:
        raise ContractBroken("BigCommerce gave a token for another store: install the app again.")
    user, owner = _person(answer, "user"), _person(answer, "owner")
    return StoreGrant(
        store_hash=store_hash_of(context),
        token=token,
        scopes=" ".join(scopes.split()),
        user_id=str(user.get("id") or ""),
        user_email=str(user.get("email") or ""),
        owner_id=str(owner.get("id") or ""),
        owner_email=str(owner.get("email") or ""),
    )


def _person(claims: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    person = claims.get(key)
    return person if isinstance(person, Mapping) else {}


def signed_payload_verify(token: str, *, client_secret: str, client_id: str, now: datetime) -> SignedCallback:
    """Read a `signed_payload_jwt`. Raises CallbackRefused unless every proof holds (notes §3).

    HS256 with the client secret only, for us (`aud`), by BigCommerce (`iss`), within its time by `now`.
    """
    if len(client_secret) < SHORTEST_SECRET:
        raise CallbackRefused("our client secret is missing or too short to prove anything")
    try:
        claims = jwt.decode(
            token,
            client_secret,
            algorithms=["HS256"],
            audience=client_id,
            issuer="bc",
            leeway=LEEWAY_SECONDS,
            options={
                "require": ["aud", "iss", "iat", "nbf", "exp", "jti", "sub"],
                # Judged below against `now`.
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )
    except (jwt.PyJWTError, ValueError) as exc:
        raise CallbackRefused(type(exc).__name__) from exc
    _check_time(claims, now.timestamp())
    user, owner = _person(claims, "user"), _person(claims, "owner")
    if not user.get("id"):
        raise CallbackRefused("no user")
    return SignedCallback(
        store_hash=store_hash_of(str(claims["sub"])),
        user_id=str(user["id"]),
        user_email=str(user.get("email") or ""),
        owner_id=str(owner.get("id") or ""),
        path=str(claims.get("url") or "/"),
        token_id=str(claims["jti"]),
        issued_at=datetime.fromtimestamp(int(claims["iat"]), UTC),
    )


def _check_time(claims: Mapping[str, Any], now: float) -> None:
    try:
        issued, not_before, expires = (int(claims[name]) for name in ("iat", "nbf", "exp"))
    except (TypeError, ValueError, OverflowError) as exc:
        raise CallbackRefused("times are not numbers") from exc
    if min(issued, not_before, expires) < 0 or max(issued, not_before, expires) > LATEST:
        raise CallbackRefused("times are not times")
    if expires <= now - LEEWAY_SECONDS:
        raise CallbackRefused("expired")
    if max(issued, not_before) > now + LEEWAY_SECONDS:
        raise CallbackRefused("not valid yet")
