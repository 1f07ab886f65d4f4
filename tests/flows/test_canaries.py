"""Canaries: planted in everything that comes in, looked for in everything that is kept, shown or sent on.

The expected count is zero everywhere but at the places of MEANT.
"""

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
from django.core import mail
from django.db import connection as database
from django.test import Client
from django.urls import reverse
from psycopg import sql
from pytest_django import Settings
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from connections.hooks import hooks_arm
from connections.models import Role, User
from connections.permissions import ROLES, Action
from errors.models import SyncError
from ipaas.logs import FieldFormatter
from ipaas.redaction import RedactingFilter, sentry_before_send
from syncjobs.models import Run
from tests import factories
from tests.flows.conftest import Pair
from tests.flows.shoppers import post
from tests.screens.addresses import MEMBER, addresses

CANARIES = {
    "card": r"4111\D{0,4}1111\D{0,4}1111\D{0,4}1111",
    "code": r"(?:cvv|cvc)\D{0,6}7373",
    "email": r"canary\.bird@example\.com",
    "name": r"Zephyrine|Quillfeather",
    "street": r"77 Canarybird",
    "phone": r"512\D{0,3}555\D{0,3}0177",
    "note": r"canary\.note@example\.org",
    "token": r"k4n4rytoken0123456789z|sim-(?:bigcommerce|heartland)-token",
}
BUYER = {
    "first_name": "Zephyrine", "last_name": "Quillfeather", "email": "canary.bird@example.com",
    "phone": "512-555-0177", "street_1": "77 Canarybird Lane", "company": "Quillfeather Ltd",
}  # fmt: skip
CARD = "pay with 4111 1111 1111 1111, cvv 7373"
SAID = (
    "Zephyrine Quillfeather (canary.bird@example.com, 512-555-0177) of 77 Canarybird Lane is unknown: "
    f"{CARD}; 4111\n1111\n1111\n1111; token k4n4rytoken0123456789z, X-Auth-Token: sim-bigcommerce-token, "
    "Bearer sim-heartland-token"
)

PERSON = {"email", "name", "phone", "street"}
MEANT = {  # where something is meant to be; it is nowhere else
    "order page": {"note", *PERSON},  # what the shopper wrote, less cards and codes, and who ordered
    "order list": {"name"},
    "order file": PERSON,
    "logs": {"name"},  # names have no looks: no text of ours holds one, and this one was put there by hand
    "reports": {"name"},
}


class Kept(Transport):
    """Where error reports go here."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.texts.append(envelope.serialize().decode(errors="replace"))


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that our logging writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(FieldFormatter())
    handler.addFilter(RedactingFilter())
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.fixture
def reported() -> Iterator[Kept]:
    kept = Kept()
    sentry_sdk.init("https://key@sentry.invalid/1", transport=kept, before_send=sentry_before_send)
    yield kept
    sentry_sdk.init()


def found_in(text: str) -> set[str]:
    return {name for name, pattern in CANARIES.items() if re.search(pattern, text, re.IGNORECASE)}


def tables() -> dict[str, str]:
    """Every row of every table as text."""
    with database.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = [name for (name,) in cursor.fetchall()]
        texts = {}
        for name in names:
            cursor.execute(
                sql.SQL("SELECT coalesce(string_agg(row_to_json(t)::text, chr(10)), '') FROM {} t").format(
                    sql.Identifier(name)
                )
            )
            texts[name] = cursor.fetchone()[0]
    return texts


def leaks_in_tables() -> dict[str, set[str]]:
    return {name: found for name, text in tables().items() if (found := found_in(text))}


def pages(pair: Pair, web_id: str, people: dict[Role, User]) -> Iterator[tuple[str, str]]:
    """Each address of ours as each role sees it, files too."""
    values = {
        "<uuid:public_id>": str(pair.connection.public_id),
        "<str:external_id>": web_id,
        "<path:external_id>": web_id,
        "<str:flow>": "orders",
        "<str:kind>": "payment",
        "<int:run_id>": str(Run.objects.filter(connection=pair.connection).values_list("pk", flat=True).last() or 1),
        "<int:issue_id>": "1",
        "<int:proof_id>": "1",
    }
    for address in addresses():
        if not isinstance(address.access, Action) and address.access != MEMBER:
            continue
        path = "/" + address.route
        for placeholder, value in values.items():
            path = path.replace(placeholder, value)
        for role, person in people.items():
            client = Client()
            client.force_login(person)
            answer = client.get(path)
            body = b"".join(answer) if answer.streaming else answer.content
            yield f"{role} {path}", body.decode()


def admin_pages() -> Iterator[tuple[str, str]]:
    """Each list and each row of the platform admin."""
    from django.contrib import admin

    boss = User.objects.create_superuser("boss", "boss@ours.example", "pass-word-1")
    client = Client()
    client.force_login(boss)
    for model in admin.site._registry:
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        paths = [reverse(f"{base}_changelist")]
        paths += [reverse(f"{base}_change", args=[one.pk]) for one in model._default_manager.all()[:20]]
        for path in paths:
            yield path, client.get(path, follow=True).content.decode()


def page_of(pair: Pair, web_id: str) -> str:
    return f"/stores/{pair.connection.public_id}/orders/{web_id}/"


def refuse(system: Any, method: str, path: str, body: Any, status: int = 422) -> None:
    system.post("/_sim/faults", {"method": method, "path": path, "times": 1, "status": status, "body": body})


@pytest.fixture
def planted(pair: Pair, settings: Settings, logged: io.StringIO, reported: Kept) -> tuple[Pair, str]:
    """Canaries in every input: orders and their texts, both systems' errors, webhooks."""
    settings.PUBLIC_URL = "http://testserver"
    settings.ALLOWED_HOSTS = ["testserver"]
    heartland = {"error": SAID, "message": SAID, "details": {"email": [SAID], SAID[:60]: [SAID]}}
    v2, v3 = [{"status": 422, "message": SAID, "details": {"a": SAID}}], {"title": SAID, "errors": {"x": SAID}}
    web_id = post(pair, BUYER, customer_message=f"{CARD}, or write to canary.note@example.org", staff_notes=CARD)
    for path in ("/customers", "/sales/orders"):
        refuse(pair.heartland, "POST", path, heartland)
        pair.run(web_id)
        refuse(pair.heartland, "POST", path, {"message": SAID}, 403)
        pair.run(web_id)
        refuse(pair.heartland, "POST", path, SAID, 500)
        pair.run(web_id)
    refuse(pair.bigcommerce, "GET", f"/v2/orders/{web_id}", v2, 400)
    pair.run(web_id)
    pair.run(web_id)
    other = post(pair, {**BUYER, "email": "canary.bird@example.com"}, customer_message=CARD)
    refuse(pair.bigcommerce, "PUT", f"/v2/orders/{other}", v2, 400)
    pair.run(other)
    for system in (pair.heartland, pair.bigcommerce):
        for method in ("POST", "GET"):
            refuse(system, method, "hooks" if system is pair.bigcommerce else "webhooks", v3)
    hooks_arm(pair.connection)
    ring(pair, web_id)
    return pair, web_id


def ring(pair: Pair, web_id: str) -> None:
    """Genuine and forged callbacks that hold canaries."""
    hook = factories.hook(pair.connection, "store/canary")
    body = json.dumps(
        {"producer": "stores/a1b2c3d4e5", "scope": "store/canary", "data": {"id": int(web_id), "note": SAID}}
    )
    client = Client(raise_request_exception=False)
    given = {"X-Tillbridge-Secret": "hook-secret-value"}
    path = f"/hooks/bigcommerce/{hook.token}"
    assert client.post(path, body, "application/json", headers=given).status_code == 200
    client.post(path, body, "application/json", headers={"X-Tillbridge-Secret": "k4n4rytoken0123456789z"})
    client.post("/hooks/bigcommerce/k4n4rytoken0123456789z", body, "application/json")
    client.get("/search/", {"q": "canary.bird@example.com"})


def test_no_canary_is_where_none_is_meant(
    planted: tuple[Pair, str], logged: io.StringIO, reported: Kept, settings: Settings
) -> None:
    pair, web_id = planted
    assert SyncError.objects.filter(connection=pair.connection).count() >= 1
    assert leaks_in_tables() == {}
    people = {role: factories.member(pair.connection.merchant, role) for role in Role}
    seen = {where: found for where, text in pages(pair, web_id, people) if (found := found_in(text))}
    places = {page_of(pair, web_id): "order page", "/orders/": "order list", "/orders/export/": "order file"}
    assert seen == {f"{role} {path}": MEANT[place] for role in ROLES[Action.SHOPPERS] for path, place in places.items()}
    seen = {path: found for path, text in admin_pages() if (found := found_in(text))}
    assert seen == {}
    logging.getLogger("canary").error("said %s", SAID, extra={"reason": SAID})
    try:
        raise ValueError(SAID)
    except ValueError as failure:
        logging.getLogger("canary").exception("broke")
        sentry_sdk.capture_exception(failure)
    sentry_sdk.capture_message(SAID)
    sentry_sdk.flush()
    assert reported.texts
    assert found_in("".join(reported.texts)) == MEANT["reports"]
    assert found_in(logged.getvalue()) == MEANT["logs"]
    assert found_in("".join(f"{one.subject}{one.body}" for one in mail.outbox)) == set()
    assert found_in(Client().get("/health/").content.decode()) == set()
