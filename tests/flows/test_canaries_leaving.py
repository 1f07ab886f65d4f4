"""Canaries in all that leaves: alerts, webhooks, bundles, the API, metrics, and what receivers answer to us.

`test_canaries.py` plants them and looks into tables, pages, mails, logs and reports; here is what others get of us.
"""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from connections.models import Connection, Membership, OrderSettings, Role, WebhookEndpoint, WebhookMessage
from connections.outbox import EVENTS
from connections.permissions import ROLES, SCOPES
from connections.services.webhooks import endpoint_make
from errors.alerts.sending import new_secret
from errors.models import AlertChannel, AlertKind, AlertMessage, AlertSubscription, Issue, SyncError
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.engine.running import job_run
from syncjobs.engine.webhook_delivery import webhooks_deliver
from syncjobs.flows import FLOWS
from syncjobs.models import CardSettings, CustomerSettings, LoyaltySettings, Record, SyncJob
from tests import factories
from tests.alerts.conftest import minute
from tests.alerts.receivers import Receiver
from tests.api.conftest import program
from tests.api.test_api_access import ROUTES
from tests.flows.conftest import Pair
from tests.flows.test_canaries import SAID, found_in, leaks_in_tables, logged, planted, refuse, reported
from tests.screens.conftest import Shop

__all__ = ["logged", "planted", "reported"]
ALL = [str(kind) for kind in AlertKind]
OUTSIDE = {
    "orders",
    "shipments",
    "refunds",
    "returns",
    "customers",
    "cards",
    "desk_orders",
}  # flows that ask other systems
SLACK = "T0AB12CD3/B0EF45GH6/abcdEFGH1234ijklMNOP5678"


@dataclass(frozen=True, kw_only=True)
class Told:
    """A merchant of whom everybody wants to hear, after canaries came in everywhere."""

    shop: Shop
    receiver: Receiver
    endpoint: WebhookEndpoint

    @property
    def store(self) -> str:
        return f"/stores/{self.shop.connection.public_id}"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Whoever hears of us answers with canaries, and takes nothing."""
    server = Receiver(status=500, answer=SAID.encode())
    yield server
    server.close()


@pytest.fixture
def told(request: pytest.FixtureRequest, pair: Pair, receiver: Receiver, settings: Any) -> Told:
    settings.ALLOW_PRIVATE_HOSTS = True
    settings.SLACK_WEBHOOK_BASE = receiver.url
    merchant = pair.connection.merchant
    people = {role: factories.member(merchant, role) for role in Role}
    AlertSubscription.objects.create(merchant=merchant, person=people[Role.OWNER], by_mail=True, kinds=ALL)
    for kind, address in (("webhook", f"{receiver.url}/hook"), ("slack", f"{receiver.url}/{SLACK}")):
        AlertChannel.objects.create(
            merchant=merchant, secret=new_secret(), kind=kind, name=kind, address=address, kinds=ALL
        )
    endpoint = endpoint_make(
        merchant=merchant, actor=people[Role.OWNER], address=f"{receiver.url}/told", events=tuple(EVENTS),
        now=timezone.now(),
    )  # fmt: skip
    everything_on(pair.connection)
    _, web_id = request.getfixturevalue("planted")
    every_flow_fails(pair, web_id)
    now = timezone.now()
    for minutes in range(0, 130, 10):
        minute(now, minutes)
        webhooks_deliver(endpoint_id=endpoint.pk, now=now + timedelta(minutes=minutes))
    shop = Shop(merchant=merchant, connection=pair.connection, people=people)
    return Told(shop=shop, receiver=receiver, endpoint=endpoint)


def everything_on(connection: Connection) -> None:
    """Each flow that a merchant may switch on."""
    OrderSettings.objects.filter(connection=connection).update(till_returns="store", counts_points=True)
    CustomerSettings.objects.create(connection=connection, is_on=True)
    CardSettings.objects.create(connection=connection, follows=True, email="cards@harbor.example")
    LoyaltySettings.objects.create(
        connection=connection, is_on=True, heartland_field="points", store_field="7", points=1
    )
    connection.refresh_from_db()


def every_flow_fails(pair: Pair, web_id: str) -> None:
    """A record of each flow meets answers full of canaries, whatever it asks."""
    now = timezone.now()
    ids = {
        "shipments": "1",
        "refunds": f"{web_id}:1",
        "returns": "1",
        "customers": "1",
        "cards": "1",
        "points": "1",
        "desk_orders": "1",
    }
    for flow in FLOWS:
        external_id = ids.get(flow, web_id)
        Record.objects.get_or_create(
            connection=pair.connection, flow=flow, external_id=external_id,
            defaults={"first_seen_at": now, "changed_at": now, "order_id": web_id, "label": f"{flow} {external_id}"},
        )  # fmt: skip
        for system in (pair.heartland, pair.bigcommerce):
            for method in ("GET", "POST", "PUT"):
                refuse(system, method, ".*", {"message": SAID, "error": SAID, "title": SAID, "errors": {"x": SAID}})
        job = job_enqueue(connection=pair.connection, flow=flow, external_id=external_id, cause="retry", now=now)
        job_run(job_id=job.pk, now=now)


def alerts_by_mail(told: Told) -> Iterator[str]:
    yield from (f"{one.subject}\n{one.body}" for one in mail.outbox)


def alerts_elsewhere(told: Told) -> Iterator[str]:
    yield from (f"{one.path} {one.body}" for one in told.receiver.heard if one.path != "/told")
    yield from (json.dumps(one.content) for one in AlertMessage.objects.all())


def webhooks(told: Told) -> Iterator[str]:
    yield from (one.body for one in told.receiver.heard if one.path == "/told")
    yield from (str(one.body) for one in WebhookMessage.objects.all())


def bundles(told: Told) -> Iterator[str]:
    """And the record's own page, with its request and answer, for whom the table of rights lets see neither."""
    for error in SyncError.objects.filter(connection=told.shop.connection):
        for role in Role:
            client = told.shop.client(role)
            for page in ("", "bundle.json"):
                yield client.get(f"{told.store}/errors/{error.pk}/{page}").content.decode()
            yield client.get(f"{told.store}/records/{error.flow}/{error.external_id}/").content.decode()


def causes(told: Told) -> Iterator[str]:
    for issue in Issue.objects.filter(connection=told.shop.connection):
        for role in Role:
            client = told.shop.client(role)
            yield client.get(f"{told.store}/issues/{issue.pk}/").content.decode()
            yield client.get(f"{told.store}/errors/?issue={issue.pk}").content.decode()
            yield b"".join(client.get(f"{told.store}/errors.csv?issue={issue.pk}")).decode()


def programs(told: Told) -> Iterator[str]:
    """Every address of the API that is read, with what stands there, for a viewer's token."""
    connection = told.shop.connection
    caller = program(told.shop, Role.VIEWER, tuple(one for one in SCOPES if Role.VIEWER in ROLES[one]))
    ids = {
        "orders": Record.objects.filter(connection=connection, flow="orders"),
        "records": Record.objects.filter(connection=connection),
        "issues": Issue.objects.filter(connection=connection),
        "jobs": SyncJob.objects.filter(connection=connection),
    }
    for route in ROUTES:
        if route.method == "get":
            path = route.path.replace("<uuid:store>", str(connection.public_id)).replace("<slug:section>", "inventory")
            rows = ids.get(route.path.split("/")[0])
            found = [str(row.pk) for row in rows] if rows is not None and "<int:id>" in path else ["1"]
            for one in found:
                yield caller.call("GET", path.replace("<int:id>", one).replace("<int:message>", "1")).content.decode()


def figures(told: Told) -> Iterator[str]:
    yield Client().get("/metrics", headers={"Authorization": "Bearer scrape-me"}).content.decode()
    said = io.StringIO()
    with redirect_stdout(said), suppress(SystemExit):
        call_command("doctor", "--json", stdout=said)
    yield said.getvalue()


LEAVES: dict[str, tuple[Callable[[Told], Iterator[str]], str]] = {  # → a word that it holds, or nothing was looked at
    "alerts by mail": (alerts_by_mail, "Heartland"),
    "alerts by webhook and Slack": (alerts_elsewhere, "alerts"),
    "webhooks": (webhooks, "issue.opened"),
    "support bundles and pages of records": (bundles, "made_at"),
    "causes and their files": (causes, "Heartland"),
    "the API": (programs, "held"),
    "metrics and the doctor": (figures, "tillbridge_jobs"),
}


def test_no_canary_leaves(told: Told, logged: io.StringIO, settings: Any) -> None:
    settings.METRICS_TOKEN = "scrape-me"
    assert Membership.objects.filter(merchant=told.shop.merchant).count() == len(Role)
    assert OUTSIDE - set(SyncError.objects.values_list("flow", flat=True)) == set()
    found: dict[str, set[str]] = {}
    for name, (texts, held) in LEAVES.items():
        text = "\n".join(texts(told))
        assert held in text, name
        found[name] = found_in(text)
    assert found == {name: set() for name in LEAVES}
    assert leaks_in_tables() == {}
    assert found_in(logged.getvalue()) == set()
