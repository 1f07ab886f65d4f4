"""A refusal that comes back unchanged is an issue with its words, whichever look it stops, until it is answered."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections.models import Connection, InventorySettings, OrderSettings
from errors.models import SyncError
from syncjobs import tasks
from syncjobs.catalogue.follow_catalogues import followed_from
from syncjobs.engine import job_enqueue, job_run
from syncjobs.engine.stalls import SAME_ANSWERS
from syncjobs.engine.sweeping import sweep
from syncjobs.intake.backfill import orders_backfill
from syncjobs.models import Cursor, RefusalStreak, Run
from tests.flows.conftest import Pair

STORE, HEARTLAND = "bigcommerce", "heartland"
LOOKS = [
    ("run_poll", Cursor.ORDERS, STORE, "GET", ".*/v2/orders", "Looking for changed orders"),
    ("run_products", Cursor.PRODUCTS, STORE, "GET", ".*/v3/catalog/products", "Looking for changes of the store's"),
    ("run_items", Cursor.ITEMS, HEARTLAND, "GET", "/api/items.*", "Looking for changes of Heartland's items"),
    ("run_stock", Cursor.STOCK, HEARTLAND, "GET", "/api/inventory/.*", "Following Heartland's stock"),
    ("run_invoices", Cursor.INVOICES, HEARTLAND, "GET", "/api/sales/invoices.*", "Looking for shipments"),
    ("run_till_returns", Cursor.TILL_RETURNS, HEARTLAND, "GET", "/api/sales/tickets.*", "Looking for returns at"),
    ("run_sales_orders", Cursor.SALES_ORDERS, HEARTLAND, "GET", "/api/sales/orders.*", "Looking for changed sales"),
    ("look_at_places", "places", HEARTLAND, "GET", "/api/locations.*", "Reading Heartland's locations"),
    ("check_hooks", "hooks", STORE, "GET", ".*/v3/hooks", "Registering our webhooks"),
    ("look_at_distribution", "distribution", HEARTLAND, "GET", "/api/sales/orders.*", "Looking at what waits"),
    ("prove", "proof", STORE, "GET", ".*/v2/orders.*", "Proving the days"),
]


def look(pair: Pair, name: str) -> None:
    """As when the clock rings next."""
    Cursor.objects.update(due_at=timezone.now(), lease_until=None)
    getattr(tasks, name)(pair.connection.pk)


def prepare(pair: Pair) -> None:
    """Every look has its cursor."""
    OrderSettings.objects.filter(connection=pair.connection).update(till_returns="store")
    InventorySettings.objects.update_or_create(connection=pair.connection, defaults={"follows": True})
    followed_from(pair.connection, timezone.now())
    sweep(now=timezone.now())


@pytest.mark.parametrize(("name", "key", "system", "method", "path", "title"), LOOKS)
def test_the_same_refusal_is_an_issue_until_it_is_answered(
    pair: Pair, name: str, key: str, system: str, method: str, path: str, title: str
) -> None:
    if name == "look_at_distribution":
        pair.book()
    prepare(pair)
    if name == "prove":
        Connection.objects.update(created_at=timezone.now() - timedelta(days=3))
        OrderSettings.objects.update(history_start_at=timezone.now() - timedelta(days=3))
    sandbox = pair.bigcommerce if system == STORE else pair.heartland
    said = {"title": "unknown field", "message": "unknown field", "status": 422}
    sandbox.post("/_sim/faults", {"method": method, "path": path, "times": 500, "status": 422, "body": said})
    for _ in range(SAME_ANSWERS - 1):
        look(pair, name)
        assert not SyncError.objects.open().exists()
    assert RefusalStreak.objects.get(flow="feeds", key=key).count == SAME_ANSWERS - 1
    look(pair, name)
    look(pair, name)
    error = SyncError.objects.open().get()
    assert (error.flow, error.external_id, error.code, error.state) == ("feeds", key, "feed_stalls", "held")
    (issue,) = error.issues.all()
    assert issue.title.startswith(f"{title}")
    assert "refused the request (422)" in issue.title
    is_of_people = any(word in path for word in ("orders", "sales"))  # whose words may name somebody
    assert ("unknown field" in issue.title) is not is_of_people
    job = job_enqueue(connection=pair.connection, flow="feeds", external_id=key, cause="retry", now=timezone.now())
    assert job_run(job_id=job.pk, now=timezone.now()) == "done"
    sandbox.delete("/_sim/faults")
    look(pair, name)
    assert not SyncError.objects.open().filter(flow="feeds").exists()
    assert not RefusalStreak.objects.exists()


def test_another_answer_between_begins_the_count_anew(pair: Pair) -> None:
    prepare(pair)
    for words in ("one", "two", "one", "two"):
        body = {"message": words}
        pair.heartland.post("/_sim/faults", {"path": "/api/locations.*", "times": 1, "status": 422, "body": body})
        look(pair, "look_at_places")
    assert RefusalStreak.objects.get().count == 1
    assert not SyncError.objects.open().exists()


def test_a_backfill_ends_with_the_words_of_its_refusal(pair: Pair) -> None:
    today = timezone.now().date()
    run = orders_backfill(
        connection=pair.connection, actor=None, placed_from=today - timedelta(days=9), placed_to=today
    )
    rule = {"path": ".*/v2/orders", "times": 50, "status": 422, "body": {"title": "unknown field", "status": 422}}
    pair.bigcommerce.post("/_sim/faults", rule)
    assert [tasks.run_slice(run.pk) for _ in range(SAME_ANSWERS)] == ["waiting"] * (SAME_ANSWERS - 1) + ["failed"]
    error = SyncError.objects.open().get(flow="runs")
    assert (error.external_id, error.code, error.state) == ("orders_backfill", "run_stalls", "dead")
    run.refresh_from_db()
    assert (run.state, "refused the request (422)" in run.sentence) == (Run.State.FAILED, True)
