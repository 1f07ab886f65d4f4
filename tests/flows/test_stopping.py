"""A person stops what would be tried again by itself: it waits for one, and the trail says who stopped it."""

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import AuditEntry, Role
from errors.models import SyncError
from ipaas.types import JSON
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.engine.statements import job_claim
from syncjobs.models import SyncJob
from tests import factories
from tests.flows.conftest import Pair

BROKEN = {"method": "POST", "path": "/api/sales/orders$", "status": 503, "times": 1}


@pytest.fixture
def failing(pair: Pair) -> str:
    """An order that waits for its next try."""
    pair.heartland.post("/_sim/faults", BROKEN)
    web_id = pair.place()
    assert pair.run(web_id) == "retry"
    return web_id


def browser(pair: Pair, role: Role) -> Client:
    client = Client()
    client.force_login(factories.member(pair.connection.merchant, role))
    return client


def stop(pair: Pair, wish: JSON, role: Role = Role.OPS) -> str:
    """Press the button; answers the page that comes."""
    base = f"/stores/{pair.connection.public_id}"
    shown = {"drawn": timezone.now().isoformat()} | wish
    return browser(pair, role).post(f"{base}/retry/stop/", shown, follow=True).content.decode()


def states(pair: Pair, web_id: str) -> tuple[str, str, str]:
    """Of the record, its problem and its newest job."""
    job = SyncJob.objects.filter(external_id=web_id).latest("pk")
    return pair.record(web_id).disposition, SyncError.objects.open().get(external_id=web_id).state, job.status


def test_a_retry_that_is_stopped_waits_for_a_person(pair: Pair, failing: str) -> None:
    before = pair.record(failing)
    problem = SyncError.objects.get(external_id=failing)
    page = f"/stores/{pair.connection.public_id}/orders/{failing}/"
    assert ">Stop retrying</button>" in browser(pair, Role.OPS).get(page).content.decode()
    assert "1 record is not tried again until somebody asks." in stop(pair, {"only": problem.pk})
    assert states(pair, failing) == ("dead", "dead", "dead")
    problem.refresh_from_db()
    assert (problem.next_try_at, pair.record(failing).code) == (None, before.code)
    words = f"{before.reason} Its retries were stopped by hand."
    assert (problem.reason, pair.record(failing).reason) == (words, words)
    assert not SyncJob.objects.filter(status=SyncJob.Status.PENDING).exists()
    assert ">Stop retrying</button>" not in browser(pair, Role.OPS).get(page).content.decode()
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.subject) == ("record.stopped", f"Order {failing}")
    assert pair.run(failing) == "done"
    assert pair.record(failing).disposition == "booked"
    assert not SyncError.objects.open().exists()


def test_what_no_page_showed_is_not_stopped(pair: Pair, failing: str) -> None:
    for drawn in ("", "2026-01-01T00:00:00+00:00"):
        assert "Nothing to stop" in stop(pair, {"all_matching": "1", "filters": "state=retrying", "drawn": drawn})
    assert states(pair, failing) == ("retrying", "retrying", "pending")


def test_all_that_the_list_shows_are_stopped(pair: Pair, failing: str) -> None:
    assert "1 record is not tried" in stop(pair, {"all_matching": "1", "filters": "state=retrying"})
    assert states(pair, failing) == ("dead", "dead", "dead")


def test_what_is_worked_on_or_does_not_retry_is_not_stopped(pair: Pair, failing: str) -> None:
    job = SyncJob.objects.get(external_id=failing)
    assert job_claim(job, job.not_before)
    job_enqueue(
        connection=pair.connection, flow="orders", external_id=failing, cause="webhook", now=job.not_before
    )  # a hint that came meanwhile waits behind it
    wish = {"only": SyncError.objects.get(external_id=failing).pk}
    assert "Nothing to stop" in stop(pair, wish)
    assert states(pair, failing) == ("retrying", "retrying", "pending")
    SyncJob.objects.all().delete()
    SyncError.objects.update(state=SyncError.State.HELD)
    assert "Nothing to stop" in stop(pair, wish)


def test_the_store_may_bring_back_what_was_stopped(pair: Pair, failing: str) -> None:
    stop(pair, {"only": SyncError.objects.get(external_id=failing).pk})
    job = job_enqueue(
        connection=pair.connection, flow="orders", external_id=failing, cause="webhook", now=factories.NOW
    )
    assert job.attempts == 0
    assert pair.run(failing) == "done"


def test_who_only_looks_stops_nothing(pair: Pair, failing: str) -> None:
    stop(pair, {"only": SyncError.objects.get(external_id=failing).pk}, Role.VIEWER)
    assert states(pair, failing) == ("retrying", "retrying", "pending")
