"""Signed calls as a well-kept library makes them (requests-oauthlib, oauthlib), and single parts of them bent."""

from __future__ import annotations

from typing import Any

import requests
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client
from requests_oauthlib import OAuth1

from ipaas.sandbox.magento.furnish import ACCESS_SECRET, ACCESS_TOKEN, CONSUMER_KEY, CONSUMER_SECRET

SEEDED = {
    "client_key": CONSUMER_KEY,
    "client_secret": CONSUMER_SECRET,
    "resource_owner_key": ACCESS_TOKEN,
    "resource_owner_secret": ACCESS_SECRET,
    "signature_method": SIGNATURE_HMAC_SHA256,
}


def signer(**changes: Any) -> OAuth1:
    """The seed's integration, some of its values changed."""
    return OAuth1(**{**SEEDED, **changes})


def signed_get(url: str, sent_url: str = "", **changes: Any) -> requests.Response:
    """GET of `sent_url` (else `url`) under a signature that oauthlib makes for `url`."""
    _, headers, _ = Client(**{**SEEDED, **changes}).sign(url.replace("[", "%5B").replace("]", "%5D"))
    return requests.get(sent_url or url, headers=headers, timeout=10)


def bent_get(url: str, name: str, value: str | None) -> requests.Response:
    """A signed GET whose header has another value for one parameter, or lacks it."""
    _, headers, _ = Client(**SEEDED).sign(url)
    parts = [
        part for part in headers["Authorization"].removeprefix("OAuth ").split(", ") if not part.startswith(f"{name}=")
    ]
    parts += [] if value is None else [f'{name}="{value}"']
    return requests.get(url, headers={"Authorization": "OAuth " + ",".join(parts)}, timeout=10)
