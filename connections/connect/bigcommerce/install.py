"""BigCommerce stores: install, headless connect, uninstall."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from connections.audit import audit
from connections.connect.bigcommerce.clients import PatientBigCommerceClient
from connections.connectors.bigcommerce import oauth
from connections.connectors.hosts import base_url_checked
from connections.first_contact import told_at_first_contact
from connections.models import AccessState, Connection, Hook, Merchant, Store, User
from connections.services.merchants import time_zone_suggest
from connections.services.secrets import credential_erase, credential_store
from connections.services.stores import BELONGS_TO_OTHERS, store_describe
from connections.store_kinds import Description
from errors.failures import ConfigurationFailure, SyncFailure
from ipaas.types import JSON, NoObserver, System

CLOCK_TOLERANCE = timedelta(minutes=5)


def store_install(*, code: str, context: str, scope: str, is_external: bool = False) -> tuple[Store, bool]:
    """Finish an install: trade the code for a token, read the store, keep both. Repeats are upserts (notes §2.3).

    A new store, and one that was disconnected, stays unclaimed until somebody confirms (GUARANTEES.md, attack 4): the
    callback is unsigned and says nothing of who is at the browser. A connected store only gets its fresh token.
    Answers the store and whether the browser is to be sent to BigCommerce's own result page.
    """
    grant = oauth.code_exchange(
        settings.BIGCOMMERCE_LOGIN_BASE,
        code=code,
        scope=scope,
        context=context,
        client_id=settings.BIGCOMMERCE_CLIENT_ID,
        client_secret=settings.BIGCOMMERCE_CLIENT_SECRET,
        redirect_uri=settings.PUBLIC_URL + reverse("bigcommerce_auth"),
    )
    api_base = settings.BIGCOMMERCE_API_BASE
    described = description(
        PatientBigCommerceClient(api_base, grant.store_hash, grant.token, NoObserver()).store_read()
    )
    with transaction.atomic():
        store = _locked(grant.store_hash, api_base)
        keeps_owner = store.merchant is not None and store.state in (AccessState.CONNECTED, AccessState.REVOKED)
        store_describe(store, described)
        store.owner_email = grant.owner_email or store.owner_email
        store.api_base = api_base
        store.credential = credential_store(credential=store.credential, scopes=grant.scopes, token=grant.token)
        store.state = AccessState.CONNECTED if keeps_owner else AccessState.UNCLAIMED
        store.state_reason = ""
        store.installed_at = timezone.now()
        store.save()
        audit(merchant=store.merchant, actor=None, action="store.installed", subject=store, by=grant.user_id)
    return store, is_external


def store_connect(
    *,
    merchant: Merchant,
    store_hash: str,
    access_token: str,
    client_id: str = "",
    client_secret: str = "",
    api_base: str = "",
    actor: User | None = None,
) -> Store:
    """Connect a store with a token from its API accounts page, without the app install."""
    allow_private = settings.ALLOW_PRIVATE_HOSTS
    api_base = base_url_checked(api_base or settings.BIGCOMMERCE_API_BASE, allow_private=allow_private)
    store_hash = _hash_checked(store_hash)
    client = PatientBigCommerceClient(api_base, store_hash, access_token, NoObserver(), public_only=not allow_private)
    try:
        described = description(client.store_read())
    except SyncFailure as failure:
        raise told_at_first_contact(failure, "BigCommerce", api_base, store=store_hash) from failure
    with transaction.atomic():
        store = _locked(store_hash, api_base)
        if store.merchant not in (None, merchant):
            raise ConfigurationFailure(BELONGS_TO_OTHERS)
        store_describe(store, described)
        store.api_base, store.merchant = api_base, merchant
        store.credential = credential_store(
            credential=store.credential,
            scopes="",
            token=access_token,
            client_id=client_id,
            client_secret=client_secret,
        )
        store.state, store.state_reason = AccessState.CONNECTED, ""
        store.installed_at = timezone.now()
        store.save()
        audit(merchant=merchant, actor=actor, action="store.connected", subject=store, api_base=api_base)
        time_zone_suggest(merchant=merchant, store=store)
    return store


def store_uninstalled(*, store: Store, issued_at: datetime) -> bool:
    """The app was removed in BigCommerce: the token is dead there and its webhooks are gone. History stays.

    False for a message older than the latest install: that one came after it, or the message is a repeat.
    """
    if store.installed_at and issued_at < store.installed_at - CLOCK_TOLERANCE:
        return False
    with transaction.atomic():
        store.state, store.state_reason = AccessState.DISCONNECTED, "The app was uninstalled in BigCommerce."
        store.save(update_fields=["state", "state_reason"])
        credential_erase(owner=store)
        hooks = Hook.objects.filter(connection__store=store, system=System.BIGCOMMERCE)
        hooks.update(state=Hook.State.MISSING, external_id="")
        Connection.objects.filter(store=store).update(ended_at=timezone.now())
        audit(merchant=store.merchant, actor=None, action="store.uninstalled", subject=store)
    return True


def store_user_removed(*, store: Store, user_id: str) -> None:
    """A person lost access to the app in BigCommerce. Ours is by log-in here, so only the trail keeps it."""
    audit(merchant=store.merchant, actor=None, action="store.user_removed", subject=store, user=user_id)


def description(row: JSON) -> Description:
    """What the store says of itself (notes §24)."""
    zone: Any = row.get("timezone")
    return Description(
        name=str(row.get("name") or ""),
        domain=str(row.get("domain") or ""),
        control_panel_url=str(row.get("control_panel_base_url") or ""),
        currency=str(row.get("currency") or ""),
        time_zone=str(zone.get("name") or "") if isinstance(zone, dict) else str(zone or ""),
        is_price_with_tax=bool(row.get("is_price_entered_with_tax")),
    )


def _locked(store_hash: str, api_base: str) -> Store:
    """The store's row, locked; made when it is new."""
    store: Store
    store, _ = Store.objects.select_for_update().get_or_create(
        kind="bigcommerce", store_hash=store_hash, defaults={"api_base": api_base}
    )
    return store


def _hash_checked(store_hash: str) -> str:
    try:
        return oauth.store_hash_of(f"stores/{store_hash.strip().lower()}")
    except oauth.CallbackRefused as exc:
        raise ConfigurationFailure("The store hash is the short code in the address of the store's API.") from exc
