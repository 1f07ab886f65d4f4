"""Tokens: claimed once, oldest first, rung at once or when their time has come; and the settings that make it so."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.db import OperationalError, connection, transaction
from django_q.models import OrmQ

from ipaas import checks, queue
from ipaas.queue import NotOurs, PostgresBroker, token_put
from syncjobs.tasks import task_of
from tests.engine import hostile

only_postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="the broker is PostgreSQL's")
pytestmark = [pytest.mark.django_db(transaction=True)]


def functions(claimed: list[tuple[int, str]]) -> list[str]:
    return [queue.token_read(text).task for _, text in claimed]


@only_postgres
def test_tokens_come_one_by_one_oldest_first_and_only_once() -> None:
    for name in ("a.a", "b.b", "c.c"):
        token_put("ipaas", name, 7)
    token_put("soon", "d.d")
    broker = PostgresBroker("ipaas")
    assert functions(broker.dequeue()) == ["a.a"]
    assert functions(broker.dequeue()) == ["b.b"]
    rest = broker.dequeue()
    assert functions(rest) == ["c.c"]
    assert queue.tokens_waiting("ipaas") == 3
    broker.acknowledge(rest[0][0])
    assert queue.tokens_waiting("ipaas") == 2
    assert (broker.queue_size(), broker.lock_size()) == (0, 2)


@only_postgres
def test_an_empty_queue_waits_for_the_ring_and_not_longer() -> None:
    broker = PostgresBroker("ipaas")
    broker.dequeue()  # listens from now on
    ringer = threading.Timer(0.2, _put_elsewhere)
    began = time.monotonic()
    ringer.start()
    assert broker.dequeue() == []
    waited = time.monotonic() - began
    ringer.join()
    assert 0.15 < waited < 0.9
    assert functions(broker.dequeue()) == ["a.a"]


def _put_elsewhere() -> None:
    token_put("ipaas", "a.a")
    connection.close()


@only_postgres
def test_a_ring_that_comes_while_looking_is_heard() -> None:
    broker = PostgresBroker("ipaas")
    broker.dequeue()
    other = threading.Thread(target=_put_elsewhere)
    other.start()
    other.join()
    OrmQ.objects.all().delete()
    began = time.monotonic()
    assert broker.dequeue() == []  # the ring was waiting in the connection
    assert time.monotonic() - began < 0.5


@only_postgres
def test_a_delayed_token_rings_when_its_time_has_come() -> None:
    broker = PostgresBroker("ipaas")
    began = time.monotonic()
    token_put("ipaas", "late.late", delay=0.3)
    token_put("ipaas", "early.early")
    got: list[str] = []
    while len(got) < 2 and time.monotonic() - began < 5:
        got += functions(broker.dequeue())
    assert got == ["early.early", "late.late"]
    assert 0.3 <= time.monotonic() - began < 0.8


@only_postgres
def test_a_new_connection_listens_again() -> None:
    broker = PostgresBroker("ipaas")
    broker.dequeue()
    first = broker._heard_on
    connection.close()
    broker.dequeue()
    assert broker._heard_on is not first


@only_postgres
def test_behind_a_pooler_it_sleeps_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    broker = PostgresBroker("ipaas")
    token_put("ipaas", "a.a")
    assert functions(broker.dequeue()) == ["a.a"]
    assert broker._heard_on is None


@only_postgres
def test_a_database_that_is_away_costs_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = PostgresBroker("ipaas")
    pauses: list[float] = []

    def away(*_: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr("ipaas.queue.time.sleep", pauses.append)
    monkeypatch.setattr(broker, "_dequeue", away)
    assert [broker.dequeue() for _ in range(6)] == [[]] * 6
    monkeypatch.setattr(broker, "delete", away)
    broker.acknowledge(1)
    assert pauses == [0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]


def test_a_token_commits_or_vanishes_with_the_transaction() -> None:
    with transaction.atomic():
        token_put("ipaas", "a.a")
        transaction.set_rollback(True)
    assert OrmQ.objects.count() == 0


def test_the_queues_index_is_there() -> None:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "django_q_ormq")
    assert found["syncjobs_queue_turn"]["columns"] == ["key", "id"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"worker": 4}, "keys that django-q2 ignores: worker"),
        ({"ack_failures": False}, "ack_failures must be True"),
        ({"save_limit": 250}, "save_limit must be -1"),
        ({"max_attempts": 0}, "max_attempts must be 1"),
        ({"catch_up": True}, "catch_up must be False"),
        ({"guard_cycle": 0.4}, "guard_cycle must divide"),
        ({"timeout": 60.5}, "timeout be whole seconds"),
        ({"retry": 120}, "retry must be at least"),
        ({"queue_limit": 50}, "retry must be at least"),
        pytest.param({"broker_class": None}, "broker_class must be", marks=only_postgres),
        ({"ALT_CLUSTERS": {}}, "no ALT_CLUSTERS['soon']"),
        ({"ALT_CLUSTERS": {"soon": {"queue_limit": 9}, "bulk": {}}}, "(soon): retry must be at least"),
    ],
)
def test_a_wrong_setting_stops_the_start(settings: Any, change: dict[str, Any], message: str) -> None:
    assert run_checks(tags=["queue"]) == []
    settings.Q_CLUSTER = {key: value for key, value in (settings.Q_CLUSTER | change).items() if value is not None}
    assert any(message in error.msg for error in checks.queue_settings(None))


@pytest.mark.parametrize(
    "change", [{"CONN_MAX_AGE": 0}, {"CONN_HEALTH_CHECKS": False}, {"OPTIONS": {"pool": {"min_size": 1}}}]
)
@only_postgres
def test_a_wrong_database_setting_stops_the_start(settings: Any, change: dict[str, Any]) -> None:
    errors = list(checks._database(settings.DATABASES["default"] | change, settings.Q_CLUSTER))
    assert len(errors) == 1


def test_a_row_calls_nothing_but_what_we_signed_and_list(tmp_path: Path) -> None:
    marker, said, planted = tmp_path / "marker", [], hostile.tokens(settings.SECRET_KEY, tmp_path / "marker")
    for _, payload in planted:
        with pytest.raises(NotOurs) as refused:
            task_of(queue.token_read(payload))
        said.append(refused.value.reason)
    assert said == [reason for reason, _ in planted]
    assert not marker.exists()
