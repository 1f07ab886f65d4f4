"""Heartland accounts: connecting by token or OAuth, checking, and what was last read of them."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from connections.audit import audit
from connections.clients import heartland_setup_client
from connections.connectors.heartland import HeartlandClient, oauth
from connections.diagnosis import Diagnosis
from connections.first_contact import told_at_first_contact
from connections.heartland_access import Inspection, diagnosis_of, heartland_base_url, inspect
from connections.models import AccessState, HeartlandAccount, Location, Merchant, User
from connections.patience import PatientHeartlandClient
from connections.services.access import access_restored, access_revoked
from connections.services.secrets import credential_store
from errors.failures import CredentialsRejected, PermissionMissing, SyncFailure
from ipaas.types import JSON, NoObserver, System


def heartland_authorize(*, merchant: Merchant, code: str, redirect_uri: str, actor: User | None) -> HeartlandAccount:
    """Finish an OAuth authorization whose `state` the caller has checked: trade the code, then connect."""
    grant = oauth.code_exchange(
        settings.HEARTLAND_OAUTH_BASE,
        code=code,
        client_id=settings.HEARTLAND_CLIENT_ID,
        client_secret=settings.HEARTLAND_CLIENT_SECRET,
        redirect_uri=redirect_uri,
    )
    return heartland_connect(
        merchant=merchant, base_url=grant.base_url, token=grant.token, auth="oauth", scopes=grant.scopes, actor=actor
    )


def heartland_connect(
    *,
    merchant: Merchant,
    base_url: str,
    token: str,
    auth: str = "token",
    scopes: str = "",
    actor: User | None = None,
) -> HeartlandAccount:
    """Connect or reconnect a tenant, after asking it whom the token acts as and what it may do.

    Nothing is stored when the address is refused, the token rejected or Heartland unreachable.
    """
    base_url = heartland_base_url(base_url)
    public_only = not settings.ALLOW_PRIVATE_HOSTS
    client = PatientHeartlandClient(base_url, token, NoObserver(), public_only=public_only)
    try:
        found = inspect(client)
    except SyncFailure as failure:
        raise told_at_first_contact(failure, "Heartland", base_url) from failure
    places = _places(client)
    account: HeartlandAccount
    with transaction.atomic():
        account, is_new = HeartlandAccount.objects.select_for_update().get_or_create(
            merchant=merchant, base_url=base_url, defaults={"name": _name(found, base_url)}
        )
        account.credential = credential_store(credential=account.credential, scopes=scopes, token=token)
        account.auth = auth
        account.state, account.state_reason = AccessState.CONNECTED, ""
        _note(account, found)
        account.save()
        locations_store(account=account, rows=places)
        action = "heartland.connected" if is_new else "heartland.reconnected"
        audit(merchant=merchant, actor=actor, action=action, subject=account, acts_as=account.acts_as, auth=auth)
    return account


def heartland_check(*, account: HeartlandAccount) -> Diagnosis:
    """Test the access, note what it may do, and pause or resume its flows by the result."""
    try:
        found = inspect(heartland_setup_client(account))
    except SyncFailure as failure:
        if isinstance(failure, CredentialsRejected) and account.credential:
            access_revoked(owner=account, reason=failure.summary)
        return Diagnosis(system=System.HEARTLAND, is_ok=False, account=account.acts_as, reason=failure.summary)
    _note(account, found)
    account.save(update_fields=["acts_as", "abilities", "required_fields", "checked_at"])
    access_restored(owner=account)
    return diagnosis_of(found, account.credential.scopes if account.credential else "")


def locations_refresh(*, account: HeartlandAccount, client: HeartlandClient) -> list[JSON]:
    """Read the tenant's locations with their stations and keep them; answers the rows as read."""
    rows = client.locations()
    locations_store(account=account, rows=rows)
    return rows


def locations_store(*, account: HeartlandAccount, rows: list[JSON]) -> None:
    """Keep locations as read; those that are gone become inactive. A station stays while it is active there."""
    kept = dict(account.locations.values_list("external_id", "station_id"))
    for row in rows:
        stations = [str(one["id"]) for one in row.get("stations") or [] if one.get("active?", True)]
        Location.objects.update_or_create(
            account=account,
            external_id=str(row["id"]),
            defaults={
                "number": str(row.get("public_id") or "")[:40],
                "name": str(row.get("name") or row["id"])[:120],
                "is_active": bool(row.get("active?", True)),
                "state": str(row.get("state") or "")[:80],
                "postal_code": str(row.get("postal_code") or "")[:20],
                "station_id": kept[str(row["id"])] if kept.get(str(row["id"])) in stations else (stations or [""])[0],
            },
        )
    seen = [str(row["id"]) for row in rows]
    if seen:
        account.locations.exclude(external_id__in=seen).update(is_active=False)


def station_store(*, account: HeartlandAccount, location_id: str, station_id: str) -> None:
    """Keep the station that was just made at a location."""
    account.locations.filter(external_id=location_id).update(station_id=station_id)


def account_currency_save(*, account: HeartlandAccount, currency: str, actor: User | None) -> bool:
    """Keep in which currency the account reckons: its API does not tell. Answers whether that changed anything."""
    before = account.currency
    if before == currency:
        return False
    account.currency = currency
    account.save(update_fields=["currency"])
    audit(
        merchant=account.merchant,
        actor=actor,
        action="heartland.currency",
        subject=account,
        **{"currency": {"was": before, "is": currency}},
    )
    return True


def _places(client: HeartlandClient) -> list[JSON]:
    try:
        return client.locations()
    except PermissionMissing:
        return []


def _note(account: HeartlandAccount, found: Inspection) -> None:
    account.acts_as = found.acts_as
    account.abilities = found.abilities
    account.required_fields = found.required_fields
    account.checked_at = timezone.now()


def _name(found: Inspection, base_url: str) -> str:
    return (found.company or urlsplit(base_url).hostname or base_url)[:120]


def required_fields_save(*, account: HeartlandAccount, rows: list[JSON]) -> None:
    """Keep which custom fields Heartland demands, as read just now."""
    if account.required_fields != rows:
        HeartlandAccount.objects.filter(pk=account.pk).update(required_fields=rows)
    account.required_fields = rows
