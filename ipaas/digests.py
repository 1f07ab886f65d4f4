"""Keyed digests that are kept: equal for equal texts, and telling nothing else. They outlive a change of SECRET_KEY."""

from django.conf import settings
from django.utils.crypto import salted_hmac

LENGTH = 16  # hex signs: 64 bits


def content_digest(salt: str, text: str) -> str:
    """Tells whether a text changed without keeping it. `salt` is the name of its use."""
    return salted_hmac(salt, text, secret=settings.DIGEST_KEY, algorithm="sha256").hexdigest()[:LENGTH]
