"""OAuth 1.0a signatures as the server verifies them, where it differs from the standard too (apis/magento.md §2.3).

Pure: a request in, its protocol parameters and its signature out. `oauth_checks.py` holds them against the tables.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cmp_to_key
from urllib.parse import parse_qsl, quote, unquote, urlsplit

SCHEME = "oauth "
SIGNATURE = "oauth_signature"
FORM = "application/x-www-form-urlencoded"
RUNS = re.compile(r"\d+|\D")
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature covers: `url` as the server sees it, `parameters` decoded, oauth_* and query together."""

    method: str
    url: str
    parameters: Mapping[str, str]


def is_oauth(header: str) -> bool:
    """Whether an Authorization header speaks OAuth 1.0."""
    return header[: len(SCHEME)].lower() == SCHEME


def header_parameters(header: str) -> dict[str, str]:
    """The oauth_* parameters of the header; anything else in it, such as a realm, is passed over."""
    found = {}
    for part in header[len(SCHEME) :].split(","):
        name, found_value, value = part.strip().partition("=")
        if found_value and name.startswith("oauth_"):
            found[unquote(name)] = unquote(value.strip('"'))
    return found


def query_parameters(query: str, *, quirks: bool) -> dict[str, str]:
    """The parameters of the raw query that are signed.

    With the quirks a part without exactly one `=` is left out, and `+` stays a plus; else both as the standard says.
    """
    if not quirks:
        return dict(parse_qsl(query, keep_blank_values=True))
    parts = (part.split("=") for part in query.split("&"))
    return {unquote(part[0]): unquote(part[1]) for part in parts if len(part) == 2}


def base_url(url: str, *, decodes_path: bool) -> str:
    """The URL of the base string: without query, fragment and default port; before 2.4.8 with its path decoded."""
    parts = urlsplit(url)
    host = (parts.hostname or "") + (f":{parts.port}" if parts.port not in (None, DEFAULT_PORTS[parts.scheme]) else "")
    path = unquote(parts.path) if decodes_path else parts.path
    return f"{parts.scheme}://{host}{path}"


def signature(signed: Signed, consumer_secret: str, token_secret: str, *, quirks: bool) -> str:
    """HMAC-SHA256 over method, URL and sorted parameters, in base64."""
    pairs = sorted((encode(name), encode(value)) for name, value in signed.parameters.items() if name != SIGNATURE)
    if quirks:
        names = cmp_to_key(natural)
        pairs.sort(key=lambda pair: names(pair[0]))
    text = "&".join(f"{name}={value}" for name, value in pairs)
    base = "&".join((signed.method.upper(), encode(signed.url), encode(text)))
    key = f"{encode(consumer_secret)}&{encode(token_secret)}"
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha256).digest()).decode()


def encode(text: str) -> str:
    """RFC 3986."""
    return quote(text, safe="~")


def natural(one: str, other: str) -> int:
    """Natural order of two texts: runs of digits count as numbers, so that [2] comes before [10]."""
    for a, b in zip(RUNS.findall(one), RUNS.findall(other), strict=False):
        if a != b:
            numbers = a.isdecimal() and b.isdecimal()
            first, second = (int(a), int(b)) if numbers else (a, b)
            if first != second:
                return -1 if first < second else 1
    return len(one) - len(other)
