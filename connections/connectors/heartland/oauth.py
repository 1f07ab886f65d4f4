"""Heartland's OAuth 2.0 authorization code flow (notes §2.2)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from connections.connectors.exchange import ExchangeClient
from errors.failures import ContractBroken
from ipaas.types import CallObserver, NoObserver, System


@dataclass(frozen=True, kw_only=True)
class HeartlandGrant:
    """What a completed authorization gives us."""

    token: str = field(repr=False)
    scopes: str  # space separated
    base_url: str  # of the tenant, with /api


def authorize_url(oauth_base: str, *, client_id: str, scopes: Sequence[str], redirect_uri: str, state: str) -> str:
    """Where the merchant is sent to allow us in."""
    query = {"client_id": client_id, "scope": " ".join(scopes), "redirect_uri": redirect_uri, "state": state}
    return f"{oauth_base}/oauth/authorize?{urlencode(query)}"


def code_exchange(
    oauth_base: str,
    *,
    code: str,
    client_id: str,
    client_secret: str,
    redirect_uri: str,
    observer: CallObserver | None = None,
) -> HeartlandGrant:
    """Trade the code for a token and find the tenant it belongs to: two calls.

    Raises Rejected for a bad or used code, SyncFailure for a wrong client secret, and ContractBroken when an answer
    lacks token or host.
    """
    observer = observer or NoObserver()
    client = _OAuthClient(oauth_base, {}, System.HEARTLAND, observer, secrets=[client_secret, code])
    token, scopes = client.token(code=code, client_id=client_id, client_secret=client_secret, redirect_uri=redirect_uri)
    tenant = _OAuthClient(oauth_base, {"Authorization": f"Bearer {token}"}, System.HEARTLAND, observer)
    scheme = oauth_base.partition("://")[0]
    return HeartlandGrant(token=token, scopes=scopes, base_url=f"{scheme}://{tenant.host()}/api")


class _OAuthClient(ExchangeClient):
    name = "Heartland"

    def token(self, *, code: str, client_id: str, client_secret: str, redirect_uri: str) -> tuple[str, str]:
        """The access token and its scopes. Sent as a GET with a query, as the public clients do."""
        params = [
            ("client_id", client_id),
            ("client_secret", client_secret),
            ("code", code),
            ("grant_type", "authorization_code"),
            ("redirect_uri", redirect_uri),
        ]
        answer = self._traded(lambda: self._send("GET", "/api/oauth/token", params=params))
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            raise ContractBroken("Heartland answered the authorization without a token.")
        return token, str(answer.get("scope") or "")

    def host(self) -> str:
        """The tenant's host name."""
        host = self._object(self._send("GET", "/api/system/host"), "tenant host").get("host")
        if not isinstance(host, str) or not host or "/" in host or "@" in host:
            raise ContractBroken("Heartland did not say which tenant authorized us.")
        return host
