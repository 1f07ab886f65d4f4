"""The doctor: every fault, planted, is said in a sentence with what to do; a well installation is said to be well."""

import json
import shutil
import socket
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import OperationalError
from django.db import connection as database
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django_q.models import Schedule
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from connections.models import Credential, Hook, InventorySettings, Store
from errors.models import AlertMessage
from ipaas import advisories, queue
from syncjobs.engine import job_enqueue
from syncjobs.engine.doctor import database as database_checks
from syncjobs.engine.doctor import examining, surroundings, work
from syncjobs.engine.doctor.doctor_findings import Check
from syncjobs.engine.schedules import schedules_write
from syncjobs.models import Cursor, Refusal, WorkerBeat
from tests import factories

pytestmark = pytest.mark.django_db


def said(check: Check) -> str:
    """What the check says; every problem comes with advice."""
    problems = list(check())
    assert all(problem.do for problem in problems)
    return " ".join(problem.says for problem in problems)


def ask(*options: str) -> tuple[int, str]:
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", *options, stdout=out)
    return int(ended.value.code or 0), out.getvalue()


@pytest.fixture
def well(live_server: LiveServer, settings: Settings, tmp_path: Path) -> None:
    """An installation as it should be."""
    settings.PUBLIC_URL = live_server.url
    settings.PUBLIC_HOST = "localhost"
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    settings.DATA_DIR = tmp_path
    for name in ("BIGCOMMERCE_LOGIN_BASE", "BIGCOMMERCE_API_BASE", "HEARTLAND_OAUTH_BASE"):
        setattr(settings, name, "http://localhost")
    call_command("createcachetable")
    schedules_write()
    WorkerBeat.objects.create(host="a", queue="sweep", at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_a_well_installation_is_said_to_be_well(well: None) -> None:
    status, text = ask()
    assert text == "21 of 21 checks found nothing wrong.\n"
    assert status == 0
    status, text = ask("--json")
    answer = json.loads(text)
    assert (status, answer["is_well"], len(answer["findings"])) == (0, True, 21)


@pytest.mark.django_db(transaction=True)
def test_one_fault_makes_the_exit_status(well: None) -> None:
    WorkerBeat.objects.all().delete()
    status, text = ask()
    assert status == 1
    assert "workers: No worker has given a sign of life ever.\n    Start tillbridge-qworker@now" in text
    status, text = ask("--json")
    bad = [finding["check"] for finding in json.loads(text)["findings"] if finding["problems"]]
    assert (status, bad) == (1, ["workers"])


def test_a_database_that_is_away_is_all_that_is_said_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any) -> Any:
        raise OperationalError("connection refused\nmore")

    monkeypatch.setattr(database, "cursor", away)
    monkeypatch.setattr(examining, "ALONE", ())
    (finding,) = examining.examine()
    assert [problem.says for problem in finding.problems] == ["The database does not answer: connection refused"]


def test_a_check_that_breaks_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def odd() -> Any:
        raise ValueError("odd")

    assert "could not be looked at: ValueError('odd')" in examining._run(odd).problems[0].says


def test_migrations_and_the_cache_table() -> None:
    assert said(database_checks.migrations) == ""
    MigrationRecorder.Migration.objects.filter(app="sessions").delete()
    assert said(database_checks.migrations) == "1 migrations are not applied, from sessions.0001_initial on."
    call_command("createcachetable")
    assert said(database_checks.cache_table) == ""
    with database.cursor() as cursor:
        cursor.execute("DROP TABLE django_cache")
    assert said(database_checks.cache_table) == "The cache's table, django_cache, is missing: nobody can log in."


def test_the_database_is_new_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(database_checks.version) == ""
    monkeypatch.setitem(vars(database), "pg_version", 13_00_12)
    assert said(database_checks.version) == "PostgreSQL is of version 13."


def test_the_role_may_what_it_must_and_is_no_superuser(settings: Settings) -> None:
    assert said(database_checks.rights) == ""
    settings.PRODUCTION = True
    assert "is a superuser" in said(database_checks.rights)
    with database.cursor() as cursor:
        cursor.execute("CREATE ROLE weak; GRANT SELECT ON ALL TABLES IN SCHEMA public TO weak; SET LOCAL ROLE weak")
    assert "The role weak may not read and add to account_emailaddress" in said(database_checks.rights)
    assert "superuser" not in said(database_checks.rights)


def test_clocks_that_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(database_checks.clock) == ""
    early = timezone.now() - timedelta(seconds=400)
    monkeypatch.setattr(timezone, "now", lambda: early)
    assert said(database_checks.clock).startswith("The database's clock and this host's differ by 40")


def test_schedules_that_are_missing_or_late() -> None:
    schedules_write()
    assert said(work.schedules) == ""
    Schedule.objects.filter(name="tillbridge.sweep").delete()
    Schedule.objects.filter(name="tillbridge.hooks").update(next_run=timezone.now() - timedelta(minutes=9))
    words = said(work.schedules)
    assert "The clock starts nothing of: tillbridge.sweep." in words
    assert "1 schedules are overdue since" in words


def test_workers_that_are_silent() -> None:
    WorkerBeat.objects.create(host="a", queue="sweep", at=timezone.now())
    assert said(work.workers) == ""
    WorkerBeat.objects.update(at=timezone.now() - timedelta(minutes=4))
    assert said(work.workers).startswith("No worker has given a sign of life since")


def test_a_class_without_workers() -> None:
    queue.token_put("bulk", "run_lane", 1)
    assert said(work.queues) == ""
    with database.cursor() as cursor:
        cursor.execute("UPDATE django_q_ormq SET lock = lock - interval '6 minutes'")
    assert said(work.queues).startswith("1 wishes wait for workers of the class bulk, the oldest since")


def test_records_that_wait_too_long() -> None:
    pair = factories.connection()
    then = timezone.now() - timedelta(minutes=7)
    job_enqueue(connection=pair, flow="orders", external_id="1", cause="poll", now=then)
    assert said(work.jobs).startswith("1 records of the class now are due, the oldest since")


def test_feeds_that_nobody_looks_at() -> None:
    pair, now = factories.connection(), timezone.now()
    cursor = Cursor.objects.create(connection=pair, feed=Cursor.POINTS, due_at=now - timedelta(minutes=4))
    assert said(work.feeds) == ""
    Cursor.objects.filter(pk=cursor.pk).update(due_at=now - timedelta(minutes=7))
    assert said(work.feeds).startswith("Looking for changed loyalty points is due at 1 stores, since")
    Cursor.objects.filter(pk=cursor.pk).update(lease_until=now + timedelta(minutes=1))
    assert said(work.feeds) == ""
    Cursor.objects.create(connection=pair, feed=Cursor.STOCK, due_at=now - timedelta(minutes=7))
    assert said(work.feeds) == ""  # stock is not followed: the cursor is a lease
    InventorySettings.objects.filter(connection=pair).update(follows=True)
    assert said(work.feeds).startswith("Following Heartland's stock is due at 1 stores, since")


def test_alerts_that_nobody_sends() -> None:
    owner, now = factories.member(factories.merchant()), timezone.now()
    message = AlertMessage.objects.create(
        merchant=owner.memberships.get().merchant, person=owner, reason="alerts", content={}, created_at=now,
        not_before=now - timedelta(minutes=7),
    )  # fmt: skip
    assert said(work.alerts).startswith("1 alerts are due to be sent, the oldest since")
    AlertMessage.objects.filter(pk=message.pk).update(sent_at=now)
    assert said(work.alerts) == ""


def test_webhooks_that_do_not_come_and_callbacks_that_are_refused() -> None:
    hook = factories.hook(factories.connection(), "store/order/created")
    assert said(work.webhooks) == ""
    Hook.objects.filter(pk=hook.pk).update(state=Hook.State.BLOCKED)
    Refusal.objects.create(on=timezone.now().date(), reason="bad_secret", count=20)
    words = said(work.webhooks)
    assert "1 webhooks do not come: bigcommerce store/order/created (blocked)" in words
    assert "20 callbacks were refused today: bad_secret." in words


def test_keys_that_do_not_fit_or_are_former(settings: Settings) -> None:
    Credential.objects.create(secret="x")
    assert said(surroundings.keys) == ""
    newest = Fernet.generate_key().decode()
    settings.CREDENTIAL_KEYS = [newest, *settings.CREDENTIAL_KEYS]
    assert said(surroundings.keys) == "1 stored secrets are still under a former key."
    settings.CREDENTIAL_KEYS = [newest]
    assert said(surroundings.keys) == "No key of CREDENTIAL_KEYS opens 1 of connections.Credential.secret."


def test_settings_that_production_must_not_have(settings: Settings) -> None:
    settings.PRODUCTION = True
    assert "ipaas.W001: TRUSTED_PROXY_COUNT is 0" in said(surroundings.configuration)


def test_a_disk_that_is_full_or_missing(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DATA_DIR = tmp_path / "gone"
    assert said(surroundings.disk).endswith("gone, is not there.")
    settings.DATA_DIR = tmp_path
    assert said(surroundings.disk) == ""
    full = shutil._ntuple_diskusage(100_000_000_000, 99_500_000_000, 500_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    assert said(surroundings.disk) == "The disk of DATA_DIR has 0.5 GB left of 100."


def test_a_database_that_grows_beyond_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(surroundings.database_size) == ""
    monkeypatch.setattr(surroundings, "LARGEST_DATABASE", 0)
    assert said(surroundings.database_size).startswith("The database holds")


def test_an_address_that_leads_elsewhere(settings: Settings) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.PUBLIC_URL, settings.PUBLIC_HOST = f"http://127.0.0.1:{nobody.getsockname()[1]}", "bridge.example.com"
        words = said(surroundings.address)
    assert "ALLOWED_HOSTS does not hold bridge.example.com" in words
    assert "is not reached from here: ConnectionError." in words


def test_mail_that_goes_nowhere(settings: Settings) -> None:
    assert said(surroundings.mail) == ""
    settings.PRODUCTION = True
    assert said(surroundings.mail).startswith("Mails go nowhere")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert said(surroundings.mail).startswith("The mail server of EMAIL_URL does not take us:")


def test_a_host_without_an_address(settings: Settings) -> None:
    settings.BIGCOMMERCE_LOGIN_BASE = settings.HEARTLAND_OAUTH_BASE = "http://localhost"
    settings.BIGCOMMERCE_API_BASE = "https://nowhere.invalid"
    assert said(surroundings.outside_hosts) == "The name nowhere.invalid leads to no address: calls to it wait."


@pytest.mark.django_db
def test_a_host_that_only_some_stores_need_is_asked_for_once_one_does(settings: Settings) -> None:
    for name in ("BIGCOMMERCE_LOGIN_BASE", "BIGCOMMERCE_API_BASE", "HEARTLAND_OAUTH_BASE"):
        setattr(settings, name, "http://localhost")
    settings.MAGENTO_IMS_BASE = "https://ims.invalid"
    assert "ims.invalid" not in said(surroundings.outside_hosts)
    Store.objects.create(kind="magento", store_hash="cloud", api_base="https://na1.api.commerce.adobe.com/AbCd")
    assert "The name ims.invalid leads to no address" in said(surroundings.outside_hosts)


def test_a_list_of_advisories_that_is_old(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(surroundings.known_faults) == ""
    later = timezone.now() + timedelta(days=500)
    monkeypatch.setattr(timezone, "now", lambda: later)
    bad = advisories.Advisory(id="CVE-1", package="Django", affected=">=1", decision="")
    monkeypatch.setattr(advisories, "advisories", lambda: [bad])
    words = said(surroundings.known_faults)
    assert words == f"Security advisories were last looked at on {advisories.looked_on()}. Django is affected by CVE-1."
