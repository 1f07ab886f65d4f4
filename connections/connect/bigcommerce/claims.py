"""Signed notes that tie a browser to an install, because BigCommerce's flow carries no `state`."""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.urls import reverse

from connections.models import Store

CLAIM_SALT = "bigcommerce-claim"
CLAIM_TIME = timedelta(days=1)
CALLBACK_TIME = timedelta(hours=26)  # a signed callback lives for 24 h; longer than that its repeat is refused anyway


def claim_token(store: Store) -> str:
    """What lets its holder claim the store for a day: handed only to whoever came from its install or load."""
    return signing.dumps(str(store.public_id), salt=CLAIM_SALT)


def claim_url(store: Store) -> str:
    """The absolute address of the store's claim page."""
    return str(settings.PUBLIC_URL) + reverse("bigcommerce_claim", args=[claim_token(store)])


def claimed_store(token: str) -> Store | None:
    """The store that a token names; None when the token is forged, too old, or the store is gone."""
    try:
        public_id = signing.loads(token, salt=CLAIM_SALT, max_age=CLAIM_TIME)
    except signing.BadSignature:
        return None
    return Store.objects.select_related("merchant").filter(public_id=public_id).first()


def first_use(token_id: str) -> bool:
    """True the first time that a signed callback with this id is acted on."""
    return bool(cache.add(f"bigcommerce-callback:{token_id}", 1, CALLBACK_TIME.total_seconds()))
