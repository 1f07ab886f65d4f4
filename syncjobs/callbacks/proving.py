"""Is a callback genuine and readable? Pure rules for any sender, no database. GUARANTEES.md, Attacks."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import Any

LARGEST_BODY = 256 * 1024
DEEPEST = 16  # levels of nesting; real callbacks have three
TOLERANCE_SECONDS = 300.0
LONGEST_KEY = 80
LONGEST_NUMBER = 12  # digits: seconds since 1970, a body's length
STANDARD_HEADERS = {
    "HTTP_WEBHOOK_ID": "webhook-id",
    "HTTP_WEBHOOK_TIMESTAMP": "webhook-timestamp",
    "HTTP_WEBHOOK_SIGNATURE": "webhook-signature",
}


def is_number(text: str) -> bool:
    """True for a whole number of at most LONGEST_NUMBER digits."""
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER


class Refused(Exception):
    """The callback is not taken. `reason` is counted, never told to the sender."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


@contextmanager
def odd_is_refused() -> Iterator[None]:
    """Around whatever reads a callback, parser and checks alike: what trips over it is the sender's. Raises Refused."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as exc:
        raise Refused("unreadable", 400) from exc


def body_read(raw: bytes) -> dict[str, Any]:
    """The JSON object in a body. Raises Refused when it is something else, nested too deep, or ambiguous."""
    with odd_is_refused():
        body = json.loads(raw.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
    if not isinstance(body, dict) or _is_deeper(body, DEEPEST):
        raise Refused("unreadable", 400)
    return body


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Which of two equal keys counts differs from reader to reader, so neither does."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key comes twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _is_deeper(value: Any, levels: int) -> bool:
    """True when there are parts within parts beyond so many levels."""
    layer = [value]
    for _ in range(levels + 1):
        within = [list(one.values()) if isinstance(one, dict) else one for one in layer if isinstance(one, dict | list)]
        if not within:
            return False
        layer = list(chain.from_iterable(within))
    return True


def secret_check(given: str, expected: str) -> None:
    """Compare the secret header in constant time. Raises Refused."""
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise Refused("wrong_secret", 401)


def signature_check(raw: bytes, headers: Mapping[str, str], client_secret: str, now: float) -> None:
    """Verify a Standard Webhooks signature where one was sent (`now` is unix time). Raises Refused.

    Headers have lower-case names. Several signatures may stand in the header; one must fit. The time is bounded by
    our clock: a retry is signed anew, so that even a late delivery is fresh.
    """
    signatures = headers.get("webhook-signature")
    if signatures is None:
        return
    identifier, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not is_number(timestamp) or abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        raise Refused("stale", 401)
    if not client_secret:
        return  # nothing to verify it with; the secret header has spoken
    signed = f"{identifier}.{timestamp}.".encode() + raw
    expected = base64.b64encode(hmac.new(client_secret.encode(), signed, hashlib.sha256).digest())
    fits = [hmac.compare_digest(given.encode(), b"v1," + expected) for given in signatures.split(" ")]
    if not any(fits):
        raise Refused("wrong_signature", 401)


def body_signature_check(raw: bytes, given: Iterable[str], secret: str) -> None:
    """Verify that one of the given is an HMAC-SHA256 of the body under our secret. Raises Refused.

    In hex or base64, with or without `sha256=` before it: modules that people buy have their own ways.
    """
    mac = hmac.new(secret.encode(), raw, hashlib.sha256).digest()
    fits = [_is_mac(one.removeprefix("sha256=").encode(), mac) for one in given]
    if not secret or not any(fits):
        raise Refused("wrong_signature", 401)


def _is_mac(given: bytes, mac: bytes) -> bool:
    return hmac.compare_digest(given.lower(), mac.hex().encode()) | hmac.compare_digest(given, base64.b64encode(mac))


def standard_headers(meta: Mapping[str, Any]) -> dict[str, str]:
    """Those of Standard Webhooks by their own names, out of headers as WSGI names them."""
    return {name: meta[key] for key, name in STANDARD_HEADERS.items() if key in meta}


def id_text(value: Any) -> str:
    """An id of at most LONGEST_KEY printable signs; anything else is none."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    text = str(value)
    return text if len(text) <= LONGEST_KEY and text.isprintable() else ""
