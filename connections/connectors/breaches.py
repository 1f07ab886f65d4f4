"""Passwords known from breaches elsewhere, by a range service such as Have I Been Pwned's.

Five signs of a password's SHA-1 go out, which hundreds of known passwords share; which of them is meant is compared
here. Source: haveibeenpwned.com/API/v3, *Searching by range*.
"""

import hashlib
from http import HTTPStatus

from connections.connectors import wire

SENT_SIGNS = 5  # of 40, in hexadecimal
SECONDS = 4.0  # a page waits for it
LARGEST_ANSWER = 1024 * 1024  # some hundred lines of 40 signs, filled up to a thousand
LONGEST_COUNT = 12  # digits


class BreachesUnknown(Exception):
    """The service did not answer the question; the reason holds nothing of the password."""


def breaches_of(base_url: str, password: str) -> int:
    """How often a password stands in known breaches. Raises BreachesUnknown."""
    digest = hashlib.sha1(password.encode(errors="surrogatepass"), usedforsecurity=False).hexdigest().upper()
    rest = digest[SENT_SIGNS:]
    for line in _range(base_url, digest[:SENT_SIGNS]).splitlines():
        known, _, times = line.partition(":")
        if known.strip().upper() == rest:
            return _count(times)
    return 0


def _range(base_url: str, beginning: str) -> str:
    """The ends of all known digests that begin so, each with its count; filled up, so that its size tells nothing."""
    try:
        answer = wire.exchange(
            "GET",
            f"{base_url}/range/{beginning}",
            headers={"Add-Padding": "true"},
            total_seconds=SECONDS,
            max_bytes=LARGEST_ANSWER,
        )
    except wire.NoAnswer:
        raise BreachesUnknown("no answer") from None  # whose text names the address, with the signs
    if answer.status != HTTPStatus.OK:
        raise BreachesUnknown(f"status {answer.status}")
    try:
        return answer.body.decode("ascii")
    except UnicodeDecodeError as exc:
        raise BreachesUnknown("unreadable") from exc


def _count(times: str) -> int:
    """The number after the colon; 0 in lines that only fill up. Raises BreachesUnknown."""
    text = times.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_COUNT):
        raise BreachesUnknown("unreadable")
    return int(text)
