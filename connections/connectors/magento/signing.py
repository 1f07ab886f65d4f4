"""How a call proves itself to Magento: signed by OAuth 1.0a, by a bearer token, or by a token of Adobe's log-in (§2).

A query is encoded here and nowhere else, so that what is sent is what is signed: a blank as %20, a plus as %2B, an
equals sign as %3D (§2.3, specifics 1 and 2).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote

from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client

from connections.connectors.wire import Params


class Access(Protocol):
    """What a client sends to be let in, and where the API stands under the shop's address."""

    @property
    def secrets(self) -> Sequence[str]:
        """What no text of ours may repeat."""

    def root(self, scope: str, mode: str) -> str:
        """The path before a route such as /orders, for a store view's code and a mode such as /async/bulk."""

    def headers(self, method: str, url: str, scope: str) -> Mapping[str, str]:
        """The headers of a call; `url` is the address with its query as the shop sees it."""


def encoded(params: Params) -> str:
    """A query as it is sent and signed."""
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in params)


def _rest_root(scope: str, mode: str) -> str:
    return f"/rest/{scope}{mode}/V1"


@dataclass(frozen=True, kw_only=True)
class Signed:
    """The four values of an integration; each call is signed with them (§2.3). The usual way."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    token: str = field(repr=False)
    token_secret: str = field(repr=False)

    @property
    def secrets(self) -> Sequence[str]:
        return (self.consumer_key, self.consumer_secret, self.token, self.token_secret)

    def root(self, scope: str, mode: str) -> str:
        return _rest_root(scope, mode)

    def headers(self, method: str, url: str, scope: str) -> Mapping[str, str]:
        return signature(self, method, url)


def signature(values: Signed, method: Any, url: str, *, verifier: str = "") -> Mapping[str, str]:
    """The header that signs a call; an empty token is left out, `verifier` belongs to the handshake (§2.2)."""
    client = Client(
        values.consumer_key,
        client_secret=values.consumer_secret,
        resource_owner_key=values.token or None,
        resource_owner_secret=values.token_secret or None,
        signature_method=SIGNATURE_HMAC_SHA256,
        verifier=verifier or None,
    )
    _, headers, _ = client.sign(url, http_method=method)
    return {str(name): str(value) for name, value in headers.items()}


@dataclass(frozen=True, kw_only=True)
class Bearer:
    """An integration's access token alone: refused unless the shop's setting
    `oauth/consumer/enable_integration_as_bearer` allows it (§2.1)."""

    token: str = field(repr=False)

    @property
    def secrets(self) -> Sequence[str]:
        return (self.token,)

    def root(self, scope: str, mode: str) -> str:
        return _rest_root(scope, mode)

    def headers(self, method: str, url: str, scope: str) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True, kw_only=True)
class CloudService:
    """A token of Adobe's log-in for Adobe Commerce as a Cloud Service, which has no /rest and takes the store view as
    a header (§1, §2.1)."""

    client_id: str
    organization: str
    token: str = field(repr=False)

    @property
    def secrets(self) -> Sequence[str]:
        return (self.token,)

    def root(self, scope: str, mode: str) -> str:
        return f"/V1{mode}"

    def headers(self, method: str, url: str, scope: str) -> Mapping[str, str]:
        return {
            "Authorization": f"Bearer {self.token}",
            "x-api-key": self.client_id,
            "x-gw-ims-org-id": self.organization,
            "Store": scope,
        }
