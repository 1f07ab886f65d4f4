"""Save and Activate: a person begins here, Magento brings its secrets, the same person confirms (notes §2.2).

Magento's callback proves nothing of itself. So its address holds a secret made for one person and one merchant, is good
once, and what comes there is only stored; nothing is called because of it. The person, logged in here, then opens the
identity link, sees which shop it is and confirms. We call the address that the person typed: what the shop says its
address is, is signed with and never called.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from connections.connect.magento.connecting import address_checked, open_installation, signing_urls_of, store_keep
from connections.connectors.magento.oauth import AGAIN, tokens_exchange
from connections.models import Handshake, Merchant, Store, User
from errors.failures import ConfigurationFailure, SyncFailure
from ipaas.types import NoObserver

LIFE = timedelta(days=1)
EXCHANGE = timedelta(seconds=300)  # how long Magento lets its key be used for the handshake
BROUGHT = ("oauth_consumer_key", "oauth_consumer_secret", "oauth_verifier", "store_base_url")
BACK_PATH = "/admin/integration/loginSuccessCallback"
LONGEST_SECRET, LONGEST_URL = 64, 300


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What Magento sent to the callback."""

    consumer_key: str
    consumer_secret: str
    verifier: str
    store_base_url: str  # what the shop takes for its own address


def handshake_begin(
    *,
    merchant: Merchant,
    person: User,
    address: str,
    now: datetime,
    signing_url: str = "",
    store: Store | None = None,
    has_moved: bool = False,
) -> Handshake:
    """A new wish, with addresses of its own to be put into the integration. Those that are over are forgotten."""
    Handshake.objects.filter(merchant=merchant, expires_at__lt=now).delete()
    return Handshake.objects.create(
        merchant=merchant,
        person=person,
        secret=secrets.token_urlsafe(32),
        address=address_checked(address),
        signing_url=signing_url,
        store=store,
        has_moved=has_moved,
        expires_at=now + LIFE,
    )


def callback_url(handshake: Handshake) -> str:
    return str(settings.PUBLIC_URL) + reverse("magento_callback", args=[handshake.public_id, handshake.secret])


def identity_url(handshake: Handshake) -> str:
    return str(settings.PUBLIC_URL) + reverse("magento_identity", args=[handshake.public_id])


def handshake_receive(*, public_id: UUID, secret: str, values: Mapping[str, str], now: datetime) -> bool:
    """Keep what came to a callback's address. False for an address that is not, or no longer, waited at.

    A second activation before the first is used takes its place. Raises ConfigurationFailure for values that are none.
    """
    handshake = Handshake.objects.open(now).filter(public_id=public_id).first()
    if handshake is None or not secrets.compare_digest(handshake.secret.encode(), secret.encode()):
        return False
    brought = _read(values)
    waiting = Handshake.objects.open(now).filter(pk=handshake.pk)
    return bool(waiting.update(received=json.dumps(vars(brought)), received_at=now, problem=""))


def _read(values: Mapping[str, str]) -> Brought:
    given = {name: str(values.get(name) or "") for name in BROUGHT}
    url = given.pop("store_base_url")
    if any(not 0 < len(one) <= LONGEST_SECRET or not one.isalnum() or not one.isascii() for one in given.values()):
        raise ConfigurationFailure("This is not what Magento sends on activation: a key is missing or odd.")
    if not url.startswith(("https://", "http://")) or len(url) > LONGEST_URL or not _host(url):
        raise ConfigurationFailure("This is not what Magento sends on activation: the shop's address is missing.")
    return Brought(
        consumer_key=given["oauth_consumer_key"],
        consumer_secret=given["oauth_consumer_secret"],
        verifier=given["oauth_verifier"],
        store_base_url=url.rstrip("/"),
    )


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def brought_to(handshake: Handshake) -> Brought | None:
    """What Magento has brought and nobody has used; None when it has not, yet or any more."""
    return Brought(**json.loads(handshake.received)) if handshake.received else None


def is_elsewhere(handshake: Handshake, brought: Brought) -> bool:
    """Whether the shop takes itself for another host than the one that the person typed."""
    return _host(brought.store_base_url) != _host(handshake.address)


def handshake_complete(
    *, handshake: Handshake, consumer_key: str, is_elsewhere_fine: bool, actor: User, now: datetime, back: str = ""
) -> Store:
    """Trade what Magento brought for its access, and connect the shop. What was brought is used up by the first try.

    `back` is the page of Admin that Magento wants the browser led back to.
    Raises what the person is to hear; then the integration has to be activated anew, which comes to the same address.
    """
    brought = _taken(handshake, consumer_key, now, is_elsewhere_fine=is_elsewhere_fine)
    try:
        store = _connected(handshake, brought, actor)
    except SyncFailure as failure:
        Handshake.objects.filter(pk=handshake.pk).update(problem=failure.summary[:300])
        raise
    Handshake.objects.filter(pk=handshake.pk).update(completed_at=now, store=store, problem="")
    if panel := panel_of(way_back(back, brought.store_base_url)):
        store.control_panel_url = panel[:300]
        store.save(update_fields=["control_panel_url"])
    return store


def _taken(handshake: Handshake, consumer_key: str, now: datetime, *, is_elsewhere_fine: bool) -> Brought:
    """What was brought, for this try alone. Raises ConfigurationFailure, with everything left as it is."""
    with transaction.atomic():
        row = Handshake.objects.select_for_update().open(now).filter(pk=handshake.pk).first()
        brought = brought_to(row) if row else None
        if row is None or brought is None or row.received_at is None:
            raise ConfigurationFailure(f"Magento has sent nothing here that is still to be used. {AGAIN}")
        if not secrets.compare_digest(brought.consumer_key.encode(), consumer_key.encode()):
            raise ConfigurationFailure("Magento opened this page for another integration than it sent the keys of.")
        if now - row.received_at > EXCHANGE:
            raise ConfigurationFailure(f"More than five minutes have passed since the activation. {AGAIN}")
        if is_elsewhere(row, brought) and not is_elsewhere_fine:
            raise ConfigurationFailure("Confirm that both addresses are of the same shop.")
        Handshake.objects.filter(pk=row.pk).update(received="")
    return brought


def _connected(handshake: Handshake, brought: Brought, actor: User) -> Store:
    signed, signing_url = tokens_exchange(
        handshake.address,
        signing_urls=(
            [handshake.signing_url]
            if handshake.signing_url
            else signing_urls_of(brought.store_base_url, handshake.address)
        ),
        consumer_key=brought.consumer_key,
        consumer_secret=brought.consumer_secret,
        verifier=brought.verifier,
        observer=NoObserver(),
        public_only=not settings.ALLOW_PRIVATE_HOSTS,
    )
    return store_keep(
        opened=open_installation(handshake.address, signed, [signing_url]),
        merchant=handshake.merchant,
        address=handshake.address,
        secrets=vars(signed),
        store=handshake.store,
        has_moved=handshake.has_moved,
        actor=actor,
    )


def panel_of(back: str) -> str:
    """Admin's own address, whose path each shop chooses, read off the page that Magento asks us to lead back to."""
    panel, found, _ = back.partition(BACK_PATH)
    return panel if found else ""


def way_back(url: str, brought_from: str) -> str:
    """Where Magento asks us to send the browser back to, when it is a page of that shop; else empty."""
    return url if url.startswith(("https://", "http://")) and _host(url) == _host(brought_from) else ""
