"""A database without room: callbacks are answered 503 and kept whole or not at all; work waits and blames nobody."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection

from connections.models import Connection, Hook
from ipaas import postgres
from syncjobs import tasks
from syncjobs.engine import job_enqueue
from syncjobs.models import InboxEvent, Lane, Record, SyncJob
from tests import factories
from tests.engine.conftest import BOOKED, NINE, Scripted
from tests.engine.test_webhooks import SECRET, TOPIC, body_of, deliver, keep_credential

TABLE = "syncjobs_inboxevent"
MOST = 400  # callbacks of a kilobyte: more than the little disk can hold


def mounted(path: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(path)]
    return os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def little_disk(transactional_db: None) -> Iterator[Path]:
    """The inbox's table alone on a disk of half a megabyte."""
    path = Path(tempfile.mkdtemp(prefix="tillbridge-little-", dir="/var/tmp"))
    if not mounted(path):
        path.rmdir()
        pytest.skip("a small disk can only be mounted by root")
    space, name, account = path / "space", f"little_{os.getpid()}", postgres._unprivileged()
    space.mkdir()
    for one in (path, space):
        os.chown(one, account.pw_uid, account.pw_gid)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM FULL {TABLE}")  # of what other tests left
            cursor.execute(f"CREATE TABLESPACE {name} LOCATION '{space}'")
            cursor.execute(f"ALTER TABLE {TABLE} SET TABLESPACE {name}")
        yield path
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {TABLE} SET TABLESPACE pg_default")
            cursor.execute("CHECKPOINT")
            cursor.execute(f"DROP TABLESPACE IF EXISTS {name}")
        subprocess.run(["umount", str(path)], check=False)
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def hook(little_disk: Path) -> Hook:
    pair = factories.connection()
    Lane.objects.create(connection=pair, service_class="now")
    keep_credential(pair, token="t", client_id="c", client_secret=SECRET)
    return factories.hook(pair, TOPIC)


def event(hook: Hook, number: int) -> dict[str, Any]:
    data = {"type": "order", "id": number, "status": {"previous_status_id": 11, "new_status_id": 10}}
    return body_of(hook, hash=f"{number:040x}", data=data, note="x" * 600)


def test_a_full_disk_answers_503_keeps_no_halves_and_goes_on_by_itself(hook: Hook, little_disk: Path) -> None:
    ballast = little_disk / "ballast"
    ballast.write_bytes(b"x" * 200_000)
    answers = {number: deliver(hook, event(hook, number)) for number in range(1, MOST)}
    refused = [number for number, status in answers.items() if status == 503]
    taken = [number for number, status in answers.items() if status == 200]
    assert len(refused) + len(taken) == len(answers)
    assert taken
    assert len(refused) > MOST // 2
    kept = {str(number) for number in taken}
    for model in (InboxEvent, SyncJob, Record):
        assert set(model._default_manager.values_list("external_id", flat=True)) == kept
    ballast.unlink()
    again = refused[:20]  # as the sender repeats them
    assert [deliver(hook, event(hook, number)) for number in again] == [200] * len(again)
    assert SyncJob.objects.count() == InboxEvent.objects.count() == len(taken) + len(again)


@pytest.mark.django_db(transaction=True)
def test_a_job_that_finds_the_disk_full_waits_and_is_no_defect(pair: Connection, flow: Scripted) -> None:
    full = OperationalError("could not extend file: No space left on device")
    full.__cause__ = psycopg.errors.DiskFull()
    flow.does(full, BOOKED)
    job = job_enqueue(connection=pair, flow="toy", external_id="1", cause="poll", now=NINE)
    lane = Lane.objects.get(connection=pair, jobs__isnull=False)
    assert tasks.run_lane(lane.pk) == "the database was away"
    tasks.sweep()
    tasks.run_lane(lane.pk)
    assert flow.ran == ["1", "1"]
    assert Record.objects.get().disposition == Record.Disposition.BOOKED
    assert job is not None
