"""Chains of digests: pure. Who changes an entry later has to change every later one too."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any


def digest_of(content: Sequence[Any]) -> str:
    """SHA-256 over an entry; the digest of the entry before stands first in it. Values are JSON's."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def follows(previous: str, expected: str, what: str) -> str:
    """Why an entry does not stand where it is; "" when it names the one before."""
    return "" if previous == expected else f"{what} does not follow the one before it: one was taken out or put in."


def says_the_same(stored: str, computed: str, what: str) -> str:
    """Why an entry is not what it was; "" when its digest fits what it says."""
    return "" if stored == computed else f"{what} says something else than when it was made."
