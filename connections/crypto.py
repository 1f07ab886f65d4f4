"""Encryption at rest: text is stored under the newest key of the ring and read under any of them."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


@lru_cache(maxsize=4)
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def ring() -> MultiFernet:
    """The key ring of settings.CREDENTIAL_KEYS, newest first."""
    return _ring(tuple(settings.CREDENTIAL_KEYS))


def encrypt(text: str) -> str:
    """Encrypt under the newest key."""
    return ring().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Decrypt under whichever key of the ring fits. Raises UnreadableSecret when none does."""
    return _opened(ring().decrypt, token)


def rotate(token: str) -> str:
    """The same secret under the newest key. Raises UnreadableSecret when no key of the ring fits."""
    return _opened(ring().rotate, token)


def is_newest(token: str) -> bool:
    """True when the newest key of the ring opens it."""
    try:
        Fernet(settings.CREDENTIAL_KEYS[0]).decrypt(token.encode())
    except InvalidToken:
        return False
    return True


def _opened(open_with: Callable[[bytes], bytes], token: str) -> str:
    try:
        return open_with(token.encode()).decode()
    except InvalidToken as exc:
        raise UnreadableSecret("A stored secret fits no key of CREDENTIAL_KEYS: put the former key back.") from exc


class UnreadableSecret(Exception):
    """No key of the ring opens a stored value."""


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that is ciphertext in the database and plain in memory. Cannot be filtered on."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return value if value in (None, "") else decrypt(value)

    def get_prep_value(self, value: Any) -> str | None:
        return value if value in (None, "") else encrypt(str(value))
