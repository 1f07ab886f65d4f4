"""What runs the installation asks: alive, ready, and figures for Prometheus, which name no buyer and no secret."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connections.models import InventorySettings
from ipaas.logs import BoundFields, FieldFormatter, bound
from syncjobs.engine.cursors import POLLS
from syncjobs.flows import FLOWS
from syncjobs.models import Circuit, Cursor, RateBudget, SyncJob
from tests import factories
from tests.screens.conftest import Shop
from tests.screens.test_customer_questions import asked

TOKEN = {"Authorization": "Bearer scrape-me"}


def test_alive_and_ready(db: None) -> None:
    for path in ("/healthz", "/readyz", "/health/"):
        answer = Client().get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_alive_asks_no_database(db: None) -> None:
    with CaptureQueriesContext(database) as log:
        Client().get("/healthz")
    assert len(log) == 0


def test_not_ready_before_the_tables_are_there(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ipaas.health.MigrationExecutor.migration_plan", lambda *args: [("a migration", False)])
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "migrations are ahead"})


def test_metrics_are_shown_to_who_brings_the_token(db: None, settings: Any) -> None:
    assert Client().get("/metrics", headers=TOKEN).status_code == 404
    settings.METRICS_TOKEN = "scrape-me"
    assert Client().get("/metrics").status_code == 401
    assert Client().get("/metrics", headers={"Authorization": "Bearer other"}).status_code == 401
    answer = Client().get("/metrics", headers=TOKEN)
    assert (answer.status_code, answer["Content-Type"].split(";")[0]) == (200, "text/plain")


def test_figures_of_queues_classes_flows_budgets_and_circuits(shop: Shop, settings: Any) -> None:
    settings.METRICS_TOKEN = "scrape-me"
    now, store = timezone.now(), shop.connection.public_id
    for number in ("1", "2"):
        factories.job(shop.connection, number, SyncJob.Status.PENDING, not_before=now - timedelta(minutes=1))
    factories.problem(shop.connection, "10457")
    RateBudget.objects.create(
        system="heartland", tenant="https://h.example", permits=3, capacity=5, refill_per_second=1, refilled_at=now,
        spent_on=now.date(), spent_now=7,
    )  # fmt: skip
    Circuit.objects.create(connection=shop.connection, system="heartland", opened_at=now)
    asked(shop)
    factories.payouts(shop.connection)
    lines = Client().get("/metrics", headers=TOKEN).content.decode().splitlines()
    assert 'tillbridge_jobs{class="now",flow="orders",status="pending"} 2.0' in lines
    assert 'tillbridge_errors_open{flow="orders",state="held"} 1.0' in lines
    assert 'tillbridge_issues_open{owner="merchant"} 1.0' in lines
    assert 'tillbridge_budget_permits{system="heartland",tenant="https://h.example"} 3.0' in lines
    assert 'tillbridge_budget_calls_today{class="now",system="heartland",tenant="https://h.example"} 7.0' in lines
    assert f'tillbridge_circuit_open{{store="{store}",system="heartland"}} 1.0' in lines
    assert 'tillbridge_connections{state="active"} 1.0' in lines
    assert "tillbridge_webhook_messages_waiting 0.0" in lines
    assert "tillbridge_alert_messages_waiting 0.0" in lines
    assert 'tillbridge_questions_open{about="customers"} 1.0' in lines
    assert 'tillbridge_questions_open{about="payout_rows"} 2.0' in lines
    age = next(line for line in lines if line.startswith('tillbridge_job_oldest_due_seconds{class="now"'))
    assert 60 <= float(age.split()[-1]) < 120


def test_every_flow_and_feed_is_counted_by_its_name(shop: Shop, settings: Any) -> None:
    settings.METRICS_TOKEN = "scrape-me"
    now, store = timezone.now(), shop.connection.public_id
    for flow in FLOWS:
        factories.job(shop.connection, "1", SyncJob.Status.PENDING, flow=flow, not_before=now)
    for feed in POLLS:
        Cursor.objects.create(connection=shop.connection, feed=feed, due_at=now, succeeded_at=now)
    InventorySettings.objects.filter(connection=shop.connection).update(follows=True)
    lines = Client().get("/metrics", headers=TOKEN).content.decode().splitlines()
    jobs = {one for one in FLOWS if f'tillbridge_jobs{{class="now",flow="{one}",status="pending"}} 1.0' in lines}
    assert jobs == set(FLOWS)
    assert {"refunds", "returns", "customers", "cards", "points"} <= jobs
    ages = [line for line in lines if line.startswith("tillbridge_feed_age_seconds{")]
    assert sorted(line.partition("}")[0] for line in ages) == sorted(
        f'tillbridge_feed_age_seconds{{feed="{feed}",store="{store}"' for feed in POLLS
    )
    InventorySettings.objects.filter(connection=shop.connection).update(follows=False)  # its cursor stays, as a lease
    assert b'feed="heartland.stock"' not in Client().get("/metrics", headers=TOKEN).content


def test_a_scrape_costs_so_many_statements(shop: Shop, settings: Any) -> None:
    settings.METRICS_TOKEN = "scrape-me"
    with CaptureQueriesContext(database) as log:
        Client().get("/metrics", headers=TOKEN)
    assert len(log) == 18


def test_lines_of_a_job_carry_its_id() -> None:
    record = logging.makeLogRecord({"name": "x", "levelname": "INFO", "msg": "a call"})
    with bound(job=7, attempt=2), bound(call=1):
        BoundFields().filter(record)
    assert FieldFormatter().format(record).endswith("a call attempt=2 call=1 job=7")
    after = logging.makeLogRecord({"name": "x", "levelname": "INFO", "msg": "another"})
    BoundFields().filter(after)
    assert FieldFormatter().format(after).endswith("another")
