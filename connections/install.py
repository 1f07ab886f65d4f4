"""Who gets an installed store: the install carries no `state`, so two signed, short-lived values of ours stand in.

The cookie, set when the button was pressed, tells which person and merchant asked. The claim token, handed to the
browser that came back from BigCommerce, names the store. Neither attaches anything: a person confirms by POST.
"""

from dataclasses import dataclass
from typing import Any

from django.core import signing

from connections.models import Merchant, Store, User

COOKIE_NAME = "tillbridge_install"
COOKIE_SECONDS = 20 * 60
CLAIM_SECONDS = 24 * 60 * 60
_COOKIE_SALT = "tillbridge.install"
_CLAIM_SALT = "tillbridge.claim"


@dataclass(frozen=True, kw_only=True)
class InstallIntent:
    """Who pressed "Add a BigCommerce website", and for which merchant."""

    user_id: int
    merchant_id: str  # public id


def install_cookie_make(user: User, merchant: Merchant) -> str:
    """The cookie's value."""
    return signing.dumps([user.pk, str(merchant.public_id)], salt=_COOKIE_SALT)


def install_cookie_read(value: str) -> InstallIntent | None:
    """What the cookie says; None when it is forged, too old or absent."""
    found = _read(value, _COOKIE_SALT, COOKIE_SECONDS)
    if not isinstance(found, list) or len(found) != 2:
        return None
    return InstallIntent(user_id=int(found[0]), merchant_id=str(found[1]))


def claim_token_make(store: Store) -> str:
    """What lets its holder ask for the store: only for whoever came from its install or load callback."""
    return signing.dumps([str(store.public_id), _generation(store)], salt=_CLAIM_SALT)


def claim_token_read(value: str) -> Store | None:
    """The store that the token names; None when it is forged, too old, or of an earlier install."""
    found = _read(value, _CLAIM_SALT, CLAIM_SECONDS)
    if not isinstance(found, list) or len(found) != 2:
        return None
    store = Store.objects.select_related("merchant").filter(public_id=found[0]).first()
    return store if store and _generation(store) == found[1] else None


def _generation(store: Store) -> str:
    """Changes with every install, so that a token of an earlier one opens nothing."""
    return store.installed_at.isoformat() if store.installed_at else ""


def _read(value: str, salt: str, max_age: int) -> Any:
    try:
        return signing.loads(value, salt=salt, max_age=max_age)
    except signing.BadSignature:
        return None
