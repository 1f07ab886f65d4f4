"""What a Heartland token may do: asked of Heartland, because a token does not tell."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings

from connections.connectors.heartland import HeartlandClient
from connections.connectors.hosts import base_url_checked
from connections.diagnosis import Diagnosis, Grant
from errors.failures import NotFound, PermissionMissing, Rejected, SyncFailure
from ipaas.types import JSON, System

READS = {  # permission in words → a list that needs it (notes §2.1)
    "View items": "/items",
    "View customers": "/customers",
    "View sales orders": "/sales/orders",
    "View locations and stations": "/locations",
    "View payment types": "/payment_types",
    "View inventory current values": "/inventory/values",
    "Manage custom fields": "/custom_fields",
    "Manage webhooks": "/webhooks",
}
WRITES: dict[str, Callable[[HeartlandClient], None]] = {  # tried on a record that does not exist: nothing changes
    "Create and manage customers": lambda client: client.customer_update("0"),
    "Create and edit sales orders": lambda client: client.order_update("0"),
}
OPTIONAL = {"Manage webhooks", "View inventory current values"}  # without them we poll, and orders still flow


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What Heartland answered about a token."""

    acts_as: str
    company: str
    abilities: dict[str, bool | None]
    required_fields: list[JSON] = field(default_factory=list)


def heartland_base_url(typed: str) -> str:
    """The API base of what a person typed: a tenant name, a host, or any address of it. Raises HostRefused."""
    typed = typed.strip()
    if typed and not set(typed) & set(":/."):
        typed = f"{typed}.retail.heartland.us"
    if "://" not in typed:
        typed = f"https://{typed}"
    typed = typed.partition("#")[0]
    checked = base_url_checked(typed, allow_private=settings.ALLOW_PRIVATE_HOSTS)
    return checked if urlsplit(checked).path.rstrip("/").endswith("/api") else f"{checked}/api"


def inspect(client: HeartlandClient) -> Inspection:
    """Ask whom the token acts as and what it may do. Raises CredentialsRejected, Unreachable or ServerTrouble."""
    user = client.whoami()
    abilities = {name: _may_read(client, path) for name, path in READS.items()}
    abilities |= {name: _may_write(client, write) for name, write in WRITES.items()}
    return Inspection(
        acts_as=_person(user),
        company=_company(client),
        abilities=abilities,
        required_fields=_required_fields(client) if abilities["Manage custom fields"] else [],
    )


def diagnosis_of(inspection: Inspection, granted_scopes: str) -> Diagnosis:
    """The inspection as a person reads it, with the scopes of an OAuth grant where there is one."""
    grants = [
        Grant(name=name, is_granted=granted, is_needed=name not in OPTIONAL)
        for name, granted in inspection.abilities.items()
    ]
    if granted_scopes:
        held = set(granted_scopes.split())
        grants += [Grant(name=scope, is_granted=scope in held) for scope in settings.HEARTLAND_SCOPES]
    missing = [grant.name for grant in grants if grant.is_needed and grant.is_granted is False]
    reason = f"The access may not: {', '.join(missing)}. Give its user's role these permissions." if missing else ""
    return Diagnosis(
        system=System.HEARTLAND,
        is_ok=not missing,
        account=inspection.acts_as,
        reason=reason,
        grants=tuple(grants),
    )


def _may_read(client: HeartlandClient, path: str) -> bool | None:
    try:
        client.probe(path)
    except PermissionMissing:
        return False
    except (NotFound, Rejected):
        return None
    return True


def _may_write(client: HeartlandClient, write: Callable[[HeartlandClient], None]) -> bool | None:
    """False when it is forbidden; None when it is not: the absence of the record says nothing about the right."""
    try:
        write(client)
    except PermissionMissing:
        return False
    except (NotFound, Rejected):
        return None
    return None


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
    """Custom fields without which Heartland refuses a record (notes §6, trap)."""
    return [
        {"group": str(row.get("group_id") or ""), "key": str(row["key"]), "name": str(row.get("name") or row["key"])}
        for row in client.custom_fields(required=True)
        if row.get("key")
    ]
