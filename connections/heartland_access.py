"""What a Heartland token may do: asked of Heartland, because a token does not tell."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from connections.connectors.heartland import HeartlandClient, rights
from connections.connectors.hosts import HostRefused, base_url_checked
from connections.connectors.needs import Need, gathered
from connections.diagnosis import Diagnosis, Grant
from errors.failures import NotFound, PermissionMissing, Rejected, SyncFailure
from ipaas.types import JSON, System

READS = {  # a list that needs the right
    rights.VALUES: "/inventory/values",
    rights.LEDGER: "/inventory/transactions",
    rights.TICKETS: "/sales/tickets",
    rights.WEBHOOKS: "/webhooks",
    rights.GIFT_CARDS: "/gift_cards",
}
WRITES = {  # where a record that does not exist is changed: nothing happens
    rights.ITEMS: "/items",
    rights.FIELDS: "/custom_fields",
    rights.PLACES: "/stations",
    rights.CUSTOMERS: "/customers",
    rights.ORDERS: "/sales/orders",
    rights.DISTRIBUTION: "/sales/orders/0/lines",
    rights.INVOICES: "/sales/invoices",
    rights.RETURNS: "/sales/tickets",
    rights.PAYMENT_TYPES: "/payment_types",
    rights.SETTINGS: "/shipping_methods",
}


def _is_granted(may: bool | None, scope: str, held: set[str]) -> bool | None:
    """A scope that was granted answers what could not be tried; a refusal seen stands against it."""
    if held and scope not in held:
        return False
    return may is not False if held else may


def _may_read(client: HeartlandClient, path: str) -> bool | None:
    try:
        client.probe(path)
    except PermissionMissing:
        return False
    except (NotFound, Rejected):
        return None
    return True


def _may_write(client: HeartlandClient, path: str) -> bool | None:
    """False when it is forbidden; None when it is not: the absence of the record says nothing about the right."""
    try:
        client.probe_write(path)
    except PermissionMissing:
        return False
    except (NotFound, Rejected):
        return None
    return None


def _may_report(client: HeartlandClient) -> bool | None:
    try:
        client.sales_by_location(timezone.localdate())
    except PermissionMissing:
        return False
    except (NotFound, Rejected):
        return None
    return True


TRIES: dict[Need, Callable[[HeartlandClient], bool | None]] = {
    **{need: partial(_may_read, path=path) for need, path in READS.items()},
    **{need: partial(_may_write, path=path) for need, path in WRITES.items()},
    rights.REPORTS: _may_report,
}


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What Heartland answered about a token."""

    acts_as: str
    company: str
    abilities: dict[str, bool | None]
    required_fields: list[JSON] = field(default_factory=list)


def scopes_asked() -> list[str]:
    """What OAuth asks for: all that the client's methods need, unless the installation says otherwise."""
    return settings.HEARTLAND_SCOPES or [need.scope for need in gathered(HeartlandClient)]


def heartland_base_url(typed: str) -> str:
    """The API base of what a person typed: a tenant name, a host, or any address of it. Raises HostRefused.

    Whoever can make somebody type an address gets the token that is pasted beside it: only Heartland's are taken.
    """
    typed = typed.strip()
    if typed and not set(typed) & set(":/."):
        typed = f"{typed}.retail.heartland.us"
    if "://" not in typed:
        typed = f"https://{typed}"
    typed = typed.partition("#")[0]
    checked = base_url_checked(typed, allow_private=settings.ALLOW_PRIVATE_HOSTS)
    if not _is_heartlands(urlsplit(checked).hostname or ""):
        domains = " or ".join(f"….{domain}" for domain in settings.HEARTLAND_DOMAINS)
        raise HostRefused(f"This is not an address of Heartland Retail: its accounts are at {domains}.")
    return checked if urlsplit(checked).path.rstrip("/").endswith("/api") else f"{checked}/api"


def _is_heartlands(host: str) -> bool:
    """True for a host under one of Heartland's domains, and for any where the installation names none."""
    domains = settings.HEARTLAND_DOMAINS
    return not domains or any(host.endswith(f".{domain}") for domain in domains)


def inspect(client: HeartlandClient) -> Inspection:
    """Ask whom the token acts as and what it may do. Raises CredentialsRejected, Unreachable or ServerTrouble."""
    user = client.whoami()
    return Inspection(
        acts_as=_person(user),
        company=_company(client),
        abilities={need.words: TRIES[need](client) for need in gathered(HeartlandClient)},
        required_fields=_required_fields(client),
    )


def diagnosis_of(inspection: Inspection, granted_scopes: str) -> Diagnosis:
    """The inspection as a person reads it, with the scopes of an OAuth grant where there is one."""
    held = set(granted_scopes.split())
    grants = [
        Grant(
            name=need.words,
            is_granted=_is_granted(inspection.abilities[need.words], need.scope, held),
            without=need.without,
        )
        for need in gathered(HeartlandClient)
    ]
    missing = [grant.name for grant in grants if grant.is_needed and grant.is_granted is False]
    way = "Reconnect Heartland and allow them" if held else "Give them to the role of the token's user"
    reason = f"The access may not: {', '.join(missing)}. {way}." if missing else ""
    return Diagnosis(
        system=System.HEARTLAND,
        is_ok=not missing,
        account=inspection.acts_as,
        reason=reason,
        grants=tuple(grants),
    )


def _person(user: JSON) -> str:
    name = " ".join(str(user.get(key) or "") for key in ("first_name", "last_name")).strip()
    login = str(user.get("login") or user.get("email") or "")
    return (f"{name} ({login})" if name and login else name or login)[:120]


def _company(client: HeartlandClient) -> str:
    try:
        return client.company_name()
    except SyncFailure:  # only the label is missing then
        return ""


def _required_fields(client: HeartlandClient) -> list[JSON]:
    """Custom fields without which Heartland refuses a record (notes §6, trap); none where we may not read them."""
    try:
        rows = client.custom_fields(required=True)
    except PermissionMissing:
        return []
    return required_fields_of(rows)


def required_fields_of(rows: list[JSON]) -> list[JSON]:
    """Definitions of custom fields as HeartlandAccount keeps them."""
    return [
        {"group": str(row.get("group_id") or ""), "key": str(row["key"]), "name": str(row.get("name") or row["key"])}
        for row in rows
        if row.get("key")
    ]
