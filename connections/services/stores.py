"""Stores of any kind: claimed by a merchant, described, tested."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from connections.audit import audit
from connections.diagnosis import Diagnosis
from connections.models import AccessState, Merchant, Store, User
from connections.services.access import access_restored, access_revoked
from connections.services.merchants import time_zone_suggest
from connections.store_kinds import Description, kind_of
from errors.failures import ConfigurationFailure, CredentialsRejected, SyncFailure

BELONGS_TO_OTHERS = "This store belongs to another account of this product. Its owner must disconnect it there first."
DESCRIBED = ("name", "domain", "control_panel_url", "currency", "time_zone", "is_price_with_tax", "facts")


def store_claim(*, store: Store, merchant: Merchant, actor: User | None) -> Store:
    """Attach an unclaimed store to a merchant, after a person confirmed it. Raises when somebody else was first."""
    with transaction.atomic():
        free = Store.objects.filter(pk=store.pk, state=AccessState.UNCLAIMED, credential__isnull=False)
        free = free.filter(Q(merchant__isnull=True) | Q(merchant=merchant))
        if not free.update(merchant=merchant, state=AccessState.CONNECTED, state_reason=""):
            store.refresh_from_db()
            if store.merchant == merchant and store.state == AccessState.CONNECTED:
                return store
            raise ConfigurationFailure(BELONGS_TO_OTHERS)
        store.refresh_from_db()
        audit(merchant=merchant, actor=actor, action="store.claimed", subject=store)
        time_zone_suggest(merchant=merchant, store=store)
    return store


def store_describe(store: Store, said: Description) -> None:
    """Take over what the store says of itself, cut to what we keep; the caller saves it."""
    store.name = (said.name or store.store_hash)[:120]
    store.domain = said.domain[:200]
    store.control_panel_url = said.control_panel_url[:300] or store.control_panel_url
    store.currency = said.currency[:3]
    store.time_zone = said.time_zone[:60]
    store.is_price_with_tax = said.is_price_with_tax
    store.facts = {**store.facts, **said.facts}
    store.checked_at = timezone.now()


def store_check(*, store: Store) -> Diagnosis:
    """Test the access, note what the store says of itself, and pause or resume its flows by the result."""
    kind = kind_of(store)
    try:
        said, grants = kind.access(store)
    except SyncFailure as failure:
        if isinstance(failure, CredentialsRejected) and store.credential:
            access_revoked(owner=store, reason=failure.summary)
        return Diagnosis(system=kind.profile.system, is_ok=False, account=str(store), reason=failure.summary)
    store_describe(store, said)
    store.save(update_fields=[*DESCRIBED, "checked_at"])
    access_restored(owner=store)
    missing = [grant.name for grant in grants if grant.is_needed and grant.is_granted is False]
    reason = kind.profile.lacks.format(", ".join(missing)) if missing else ""
    account = f"{store.name} ({store.domain})" if store.domain else store.name
    return Diagnosis(
        system=kind.profile.system, is_ok=not missing, account=account, reason=reason, grants=grants, shown=said.shown
    )
