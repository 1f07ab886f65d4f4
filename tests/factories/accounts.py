"""Merchants, their people, and what they connect."""

import itertools
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import connection as database
from django.test import Client

from connections.audit import audit
from connections.models import (
    AccessState,
    AuditEntry,
    Connection,
    Credential,
    Handshake,
    HeartlandAccount,
    Hook,
    InventorySettings,
    Location,
    Membership,
    Merchant,
    OrderSettings,
    Role,
    Store,
    User,
)
from connections.models.pairs import token_digest
from connections.prefixes import prefix_free
from connections.store_kinds import profile_of
from tests.second_factors import second_factor

NOW = datetime(2026, 3, 2, 18, 20, tzinfo=UTC)
NOBODY = "http://127.0.0.1:9"  # nothing listens there: rows made here never reach a system
PASSWORD = "harbor-pine-7"
numbers = itertools.count(1)


def user(email: str = "", **fields: Any) -> User:
    email = email or f"person{next(numbers)}@harborpine.example"
    return User.objects.create_user(username=email, email=email, password=PASSWORD, **fields)


def signed_in(person: User, *, factor: bool = False, lately: bool = False) -> Client:
    """A browser in which the person is logged in; with a second factor, and having proven that lately, if wished."""
    client = Client()
    client.force_login(person)
    if factor and not Authenticator.objects.filter(user=person, type="totp").exists():
        second_factor(person)
    session = client.session
    session["account_authentication_methods_user"] = str(person.pk)
    session["account_authentication_methods"] = [
        {"method": "mfa" if factor else "password", "at": time.time(), "reauthenticated": lately}
    ]
    session.save()
    return client


def merchant(name: str = "Harbor & Pine") -> Merchant:
    return Merchant.objects.create(name=name)


def member(of: Merchant, role: Role = Role.OWNER, email: str = "") -> User:
    person = user(email)
    Membership.objects.create(user=person, merchant=of, role=role)
    return person


def audit_entry(of: Merchant, action: str = "store.connected", subject: str = "Harbor & Pine Outdoor") -> AuditEntry:
    audit(merchant=of, actor=None, action=action, subject=subject)
    return of.audit_entries.latest("number")


def credential(token: str = "tok_secret_1234", scopes: str = "") -> Credential:
    return Credential.objects.create(secret=json.dumps({"token": token}), scopes=scopes)


def heartland(of: Merchant, base_url: str = f"{NOBODY}/api", **fields: Any) -> HeartlandAccount:
    defaults: dict[str, Any] = {
        "name": "Harbor & Pine POS",
        "acts_as": "Api User (api@harborpine.example)",
        "abilities": {"View items": True, "Manage webhooks": False, "Create and edit sales orders": None},
        "checked_at": NOW,
        "currency": "USD",
    }
    return HeartlandAccount.objects.create(
        merchant=of, base_url=base_url, credential=credential(), **(defaults | fields)
    )


def store(of: Merchant | None, store_hash: str = "", **fields: Any) -> Store:
    defaults: dict[str, Any] = {
        "name": "Harbor & Pine Outdoor",
        "domain": "harborpine.example",
        "kind": "bigcommerce",
        "api_base": NOBODY,
        "control_panel_url": "https://store-a1b2c3d4e5.mybigcommerce.com",
        "state": AccessState.CONNECTED if of else AccessState.UNCLAIMED,
        "currency": "USD",
        "installed_at": NOW,
    }
    return Store.objects.create(
        merchant=of, store_hash=store_hash or f"hash{next(numbers)}", credential=credential(), **(defaults | fields)
    )


def handshake(of: Merchant, person: User) -> Handshake:
    """A wish to connect a store, for which its keys have come."""
    return Handshake.objects.create(
        merchant=of,
        person=person,
        secret="handshake-secret",
        address=NOBODY,
        received='{"consumer_secret": "brought-secret"}',
        received_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )


def location(account: HeartlandAccount, external_id: str, name: str, *, station_id: str = "") -> Location:
    return Location.objects.create(
        account=account, external_id=external_id, number=f"L{external_id[-2:]}", name=name, station_id=station_id
    )


def location_once(account: HeartlandAccount, external_id: str, name: str, *, station_id: str = "") -> Location:
    known = Location.objects.filter(account=account, external_id=external_id).first()
    return known or location(account, external_id, name, station_id=station_id)


def connection(
    of: Merchant | None = None, *, state: Connection.State = Connection.State.ACTIVE, **fields: Any
) -> Connection:
    """A running connection with settings and three locations."""
    owner = of or merchant()
    account = HeartlandAccount.objects.filter(merchant=owner).first() or heartland(owner)
    made = Connection.objects.create(
        merchant=owner, heartland=account, store=store(owner, **fields), state=state, mastery_acknowledged_at=NOW
    )
    places = {
        "100007": location_once(account, "100007", "Website", station_id="100070"),
        "100005": location_once(account, "100005", "Harbor Main", station_id="100050"),
        "100006": location_once(account, "100006", "Pine Annex"),
    }
    InventorySettings.objects.create(connection=made)
    OrderSettings.objects.create(
        connection=made,
        source_location=places["100007"],
        payment_type_id="100009",
        books_other_payments=True,
        order_prefix=prefix_free(account, profile_of(made.store).order_prefix),
        **profile_of(made.store).order_defaults,
    )
    return made


def prefix_as_before(pairs: list[Connection], prefix: str) -> None:
    """Order settings as the version before could leave them, when no database minded who shares a prefix."""
    with database.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE connections_ordersettings DISABLE TRIGGER order_prefix_tenant"
        )
        OrderSettings.objects.filter(connection__in=pairs).update(order_prefix=prefix, tenant="")
        cursor.execute("ALTER TABLE connections_ordersettings ENABLE TRIGGER order_prefix_tenant")


def hook(of: Connection, topic: str, system: str = "bigcommerce", state: Hook.State = Hook.State.LIVE) -> Hook:
    token = f"path-token-{next(numbers)}"
    return Hook.objects.create(
        connection=of,
        system=system,
        topic=topic,
        state=state,
        path_token=token_digest(token),
        sealed_token=token,
        secret="hook-secret-value" if system == "bigcommerce" else "",
    )
