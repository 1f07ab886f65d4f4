"""Polling finds what webhooks lost, by the store's own clock, against a store that answers real HTTP."""

import json
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone
from django_q.models import OrmQ

from connections.connect.bigcommerce import clients as store_clients
from connections.models import AccessState, Connection, Hook
from errors.failures import ConfigurationFailure, ServerTrouble, SyncFailure, Throttled
from ipaas import queue
from syncjobs import tasks
from syncjobs.callbacks.senders import SENDERS
from syncjobs.engine import sweep
from syncjobs.engine.retry_rules import AFTER_FAILURE, pause_after
from syncjobs.intake.backfill import orders_backfill
from syncjobs.intake.hook_misses import GRACE
from syncjobs.intake.polls import poll_interval, poll_orders
from syncjobs.models import Circuit, Cursor, InboxEvent, RateBudget, Record, Run, ServiceClass, SyncJob
from syncjobs.stores.bigcommerce.limits import LIMITS
from syncjobs.stores.bigcommerce.orders import head_from_bigcommerce
from syncjobs.tasks import run_slice
from tests import factories
from tests.sandbox.conftest import bigcommerce_server, bigcommerce_url

__all__ = ["bigcommerce_server", "bigcommerce_url"]
pytestmark = pytest.mark.django_db
FEED = Cursor.ORDERS


@pytest.fixture
def store_pair(bigcommerce_url: str, settings: Any) -> Connection:
    settings.ALLOW_PRIVATE_HOSTS = True
    pair = factories.connection(store_hash="a1b2c3d4e5", api_base=bigcommerce_url)
    give_token(pair, "sim-bigcommerce-token")
    pair.order_settings.history_start_at = datetime(2000, 1, 1, tzinfo=UTC)
    pair.order_settings.save()
    Cursor.objects.create(connection=pair, feed=FEED, due_at=timezone.now() - timedelta(seconds=1))
    return pair


def give_token(pair: Connection, token: str) -> None:
    assert pair.store.credential
    pair.store.credential.secret = json.dumps({"token": token})
    pair.store.credential.save()


def sim(url: str, path: str, body: Any = None, method: str = "POST") -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "X-Auth-Token": "sim-bigcommerce-token"}
    with urllib.request.urlopen(urllib.request.Request(f"{url}{path}", data, headers, method=method)) as answer:
        return json.loads(answer.read() or b"null")


def orders(pair: Connection) -> list[dict[str, Any]]:
    return list(store_clients.bigcommerce_client(pair.store).iter_orders())


def known_as_they_are(pair: Connection) -> list[dict[str, Any]]:
    """As if every order had been read already."""
    SyncJob.objects.all().delete()
    rows = orders(pair)
    Record.objects.bulk_create(
        Record(
            connection=pair,
            flow="orders",
            external_id=str(row["id"]),
            source_version=head_from_bigcommerce(row).version,
            source_status=row["status"],
            first_seen_at=timezone.now(),
            changed_at=timezone.now(),
        )
        for row in rows
    )
    return rows


def due(pair: Connection) -> datetime:
    Cursor.objects.filter(connection=pair).update(due_at=timezone.now())
    return timezone.now()


def test_the_first_poll_queues_every_order_since_history_starts(store_pair: Connection) -> None:
    now = timezone.now()
    polled = poll_orders(connection=store_pair, now=now)
    assert polled
    count = len(orders(store_pair))
    assert (polled.found, polled.queued) == (count, count)
    assert SyncJob.objects.filter(cause="poll", flow="orders", lane__service_class="now").count() == count
    cursor = Cursor.objects.get()
    assert abs(datetime.fromisoformat(cursor.position) - now) < timedelta(seconds=30)
    assert (cursor.lease_until, cursor.succeeded_at, cursor.failure) == (None, now, "")
    again = due(store_pair) + GRACE + timedelta(minutes=5)
    assert poll_orders(connection=store_pair, now=again)
    cursor.refresh_from_db()
    assert (cursor.found, cursor.missed_by_hooks) == (0, 0)  # history: no webhook could have told


def test_orders_that_are_as_we_know_them_cost_no_job(store_pair: Connection, bigcommerce_url: str) -> None:
    rows = known_as_they_are(store_pair)
    sim(bigcommerce_url, "/_sim/calls", method="DELETE")
    polled = poll_orders(connection=store_pair, now=timezone.now())
    assert polled
    assert (polled.found, polled.queued, polled.missed) == (len(rows), 0, 0)
    assert SyncJob.objects.count() == 0
    assert sum(sim(bigcommerce_url, "/_sim/calls", method="GET")["counts"].values()) == 1


def test_a_changed_order_is_queued_and_a_missed_webhook_counted(store_pair: Connection, bigcommerce_url: str) -> None:
    rows = known_as_they_are(store_pair)
    for number, row in enumerate(rows[:3]):
        status = 10 if row["status_id"] != 10 else 11
        sim(bigcommerce_url, f"/stores/a1b2c3d4e5/v2/orders/{row['id']}", {"status_id": status}, "PUT")
        if number == 0:
            _announce(store_pair, str(row["id"]))
    edited = str(rows[3]["id"])
    sim(bigcommerce_url, f"/stores/a1b2c3d4e5/v2/orders/{edited}", {"staff_notes": "call first"}, "PUT")
    Cursor.objects.update(position=factories.NOW.isoformat())
    polled = poll_orders(connection=store_pair, now=timezone.now())
    assert polled
    assert (polled.queued, polled.missed) == (4, 0)  # the webhooks may still come
    assert sorted(SyncJob.objects.values_list("external_id", flat=True)) == sorted(str(row["id"]) for row in rows[:4])
    _announce(store_pair, str(rows[1]["id"]))  # late
    later = due(store_pair) + GRACE + timedelta(seconds=5)
    polled = poll_orders(connection=store_pair, now=later)
    assert polled
    assert polled.missed == 2
    cursor = Cursor.objects.get()
    assert (cursor.found, cursor.missed_by_hooks) == (4, 2)
    assert poll_orders(connection=store_pair, now=later + timedelta(minutes=10))
    cursor.refresh_from_db()
    assert (cursor.found, cursor.missed_by_hooks) == (4, 2)  # each is counted once, however often it is listed


def _announce(pair: Connection, external_id: str) -> None:
    InboxEvent.objects.create(
        connection=pair,
        system="bigcommerce",
        topic="store/order/updated",
        delivery_key=external_id,
        external_id=external_id,
        body="{}",
        received_at=timezone.now(),
    )


def test_reads_overlap_and_go_by_the_stores_clock(store_pair: Connection, bigcommerce_url: str) -> None:
    poll_orders(connection=store_pair, now=timezone.now() + timedelta(hours=1))
    position = datetime.fromisoformat(Cursor.objects.get().position)
    assert abs(position - timezone.now()) < timedelta(seconds=30)
    assert position.microsecond == 0  # their Date header, not our clock
    polled = poll_orders(connection=store_pair, now=due(store_pair))
    assert polled
    assert polled.found == 0
    changed = orders(store_pair)[0]
    sim(bigcommerce_url, f"/stores/a1b2c3d4e5/v2/orders/{changed['id']}", {"staff_notes": "x"}, "PUT")
    for _ in range(2):  # the overlap lists it twice
        polled = poll_orders(connection=store_pair, now=due(store_pair))
        assert polled
        assert polled.found == 1


def test_a_poll_that_fails_leaves_the_cursor_and_comes_again(store_pair: Connection, bigcommerce_url: str) -> None:
    Cursor.objects.update(position="2026-01-01T00:00:00+00:00")
    sim(
        bigcommerce_url,
        "/_sim/faults",
        {"path": "/v2/orders", "status": 500, "times": LIMITS.tries},
    )
    now = timezone.now()
    assert poll_orders(connection=store_pair, now=now) is None
    cursor = Cursor.objects.get()
    assert (cursor.position, cursor.lease_until) == ("2026-01-01T00:00:00+00:00", None)
    assert cursor.due_at == now + AFTER_FAILURE
    assert "trouble" in cursor.failure
    assert SyncJob.objects.count() == 0
    assert Circuit.objects.get().failures == LIMITS.tries
    assert poll_orders(connection=store_pair, now=due(store_pair))
    assert (Cursor.objects.get().failure, Circuit.objects.get().failures) == ("", 0)


def test_a_revoked_token_pauses_the_store(store_pair: Connection) -> None:
    give_token(store_pair, "revoked")
    assert poll_orders(connection=store_pair, now=timezone.now()) is None
    store_pair.store.refresh_from_db()
    assert store_pair.store.state == AccessState.REVOKED
    assert sweep(now=timezone.now() + timedelta(hours=1)).polls_started == 0


def test_one_poll_at_a_time_and_only_when_due(store_pair: Connection) -> None:
    now = timezone.now()
    Cursor.objects.update(due_at=now + timedelta(seconds=1))
    assert poll_orders(connection=store_pair, now=now) is None
    Cursor.objects.update(due_at=now, lease_until=Now() + timedelta(seconds=9))
    assert poll_orders(connection=store_pair, now=now) is None
    Cursor.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert poll_orders(connection=store_pair, now=now)


def test_an_open_circuit_postpones_the_poll(store_pair: Connection) -> None:
    now = timezone.now()
    probe = now + timedelta(seconds=40)
    Circuit.objects.create(connection=store_pair, system="bigcommerce", failures=3, opened_at=now, probe_after=probe)
    assert poll_orders(connection=store_pair, now=now) is None
    assert Cursor.objects.get().due_at == probe


def test_polls_carry_themselves_on(store_pair: Connection, settings: Any) -> None:
    settings.POLL_SECONDS_WITHOUT_HOOKS = 60
    assert "found" in tasks.run_poll(store_pair.pk)
    token = OrmQ.objects.filter(key="soon").annotate(clock=Now()).get()
    assert queue.token_read(token.payload).task == "run_poll"
    assert 58 < (token.lock - token.clock).total_seconds() < 61


@pytest.mark.parametrize(
    ("states", "missed", "seconds"),
    [
        ([], 0, 60),
        (["live"] * 4, 0, 300),
        (["live"] * 4, 1, 60),
        (["live", "live", "live", "inactive"], 0, 60),
        (["live", "live", "live", "missing"], 0, 60),
    ],
)
def test_polls_come_faster_when_webhooks_fail(
    pair: Connection, settings: Any, states: list[Hook.State], missed: int, seconds: int
) -> None:
    settings.POLL_SECONDS, settings.POLL_SECONDS_WITHOUT_HOOKS = 300, 60
    for topic, state in zip(SENDERS["bigcommerce"].topics_of("orders"), states, strict=False):
        factories.hook(pair, topic, state=state)
    factories.hook(pair, "store/customer/updated", state=Hook.State.MISSING)  # no flow: says nothing of orders
    assert poll_interval(pair, missed=missed).total_seconds() == seconds


def test_polls_take_from_the_stores_budget(store_pair: Connection) -> None:
    poll_orders(connection=store_pair, now=timezone.now())
    budget = RateBudget.objects.get()
    assert (budget.system, budget.tenant, budget.quota) == ("bigcommerce", "a1b2c3d4e5", budget.capacity)
    assert budget.permits < budget.capacity


def test_a_backfill_by_numbers_queues_bulk_jobs_at_once(pair: Connection) -> None:
    run = orders_backfill(connection=pair, actor=None, ids=["3", "1", "3", "2"])
    assert (run.total, run.is_listed, run.state, run.parameters) == (3, True, "running", {"ids": ["3", "1", "2"]})
    jobs = SyncJob.objects.filter(run=run, lane__service_class="bulk", cause="backfill").order_by("pk")
    assert [job.external_id for job in jobs] == ["3", "1", "2"]


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"ids": ["1"], "placed_from": datetime(2026, 1, 1).date()},  # noqa: DTZ001
        {"placed_from": datetime(2026, 1, 1).date()},  # noqa: DTZ001
        {"ids": ["1", "x"]},
        {"ids": [str(number) for number in range(501)]},
    ],
)
def test_a_backfill_that_makes_no_sense_starts_nothing(pair: Connection, wish: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationFailure):
        orders_backfill(connection=pair, actor=None, **wish)
    assert (Run.objects.count(), SyncJob.objects.count()) == (0, 0)


def test_a_backfill_by_dates_lists_the_orders_of_those_days(store_pair: Connection) -> None:
    rows = orders(store_pair)
    placed = sorted(parsed(row) for row in rows)
    first, last = placed[10].date(), placed[40].date()
    store_pair.merchant.time_zone = "UTC"
    store_pair.merchant.save()
    expected = [str(row["id"]) for row in rows if first <= parsed(row).date() <= last]
    run = orders_backfill(connection=store_pair, actor=None, placed_from=first, placed_to=last)
    assert queue.token_read(OrmQ.objects.get(key="bulk").payload).task == "run_slice"
    assert run_slice(run.pk) == "listed"
    run.refresh_from_db()
    assert (run.is_listed, run.total, run.done, run.state) == (True, len(expected), 0, "running")
    assert sorted(SyncJob.objects.values_list("external_id", flat=True)) == sorted(expected)
    assert run_slice(run.pk) == "nothing to list"


def parsed(row: dict[str, Any]) -> datetime:
    return datetime.strptime(row["date_created"], "%a, %d %b %Y %H:%M:%S %z").astimezone(UTC)


def test_a_listing_goes_on_from_its_checkpoint(store_pair: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("syncjobs.intake.backfill.ROWS_AT_ONCE", 20)
    days: dict[str, Any] = {"placed_from": datetime(2000, 1, 1).date(), "placed_to": datetime(2100, 1, 1).date()}  # noqa: DTZ001
    run = orders_backfill(connection=store_pair, actor=None, **days)
    done = 0

    def cut_off(*args: Any) -> bool:
        nonlocal done
        done += 1
        return done <= 2 and page_done(*args)

    from syncjobs.intake.backfill import _page_done as page_done

    with monkeypatch.context() as patched:
        patched.setattr("syncjobs.intake.backfill._page_done", cut_off)
        assert run_slice(run.pk) == "another slice is ahead"
    run.refresh_from_db()
    assert (run.total, run.is_listed, bool(run.checkpoint)) == (40, False, True)
    assert run_slice(run.pk) == "listed"
    assert SyncJob.objects.count() == len(orders(store_pair))


def test_a_listing_waits_out_trouble(store_pair: Connection, bigcommerce_url: str) -> None:
    days: dict[str, Any] = {"placed_from": datetime(2000, 1, 1).date(), "placed_to": datetime(2100, 1, 1).date()}  # noqa: DTZ001
    run = orders_backfill(connection=store_pair, actor=None, **days)
    OrmQ.objects.all().delete()
    sim(
        bigcommerce_url,
        "/_sim/faults",
        {"path": "/v2/orders", "status": 503, "times": LIMITS.tries},
    )
    assert run_slice(run.pk) == "waiting"
    run.refresh_from_db()
    assert run.sentence.startswith("Waiting: ")
    assert OrmQ.objects.get().lock > timezone.now() + timedelta(seconds=20)
    assert run_slice(run.pk) == "listed"


def test_an_empty_backfill_is_over_at_once(store_pair: Connection) -> None:
    day = datetime(2001, 1, 1).date()  # noqa: DTZ001
    run = orders_backfill(connection=store_pair, actor=None, placed_from=day, placed_to=day)
    assert run_slice(run.pk) == "listed"
    run.refresh_from_db()
    assert (run.state, run.sentence, run.total) == ("done", "There was nothing to fetch.", 0)


def test_an_order_that_came_meanwhile_overtakes_the_backfill(pair: Connection) -> None:
    from syncjobs.engine import job_enqueue

    run = orders_backfill(connection=pair, actor=None, ids=["1", "2"])
    job = job_enqueue(connection=pair, flow="orders", external_id="2", cause="webhook", now=timezone.now())
    assert (job.lane.service_class, job.run, SyncJob.objects.count()) == (ServiceClass.NOW, run, 2)


@pytest.mark.parametrize(
    ("failure", "seconds"),
    [(Throttled("", retry_after=3.0), 3), (Throttled("", retry_after=900.0), 60), (ServerTrouble(""), 60)],
)
def test_a_poll_stays_away_as_long_as_it_is_told(failure: SyncFailure, seconds: int) -> None:
    assert pause_after(failure) == timedelta(seconds=seconds)
