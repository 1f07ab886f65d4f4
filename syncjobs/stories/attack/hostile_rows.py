"""Hostile rows in every table that processes read back: whoever can write to one must not have code run by it."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.core import signing
from django.db import connection as database
from django.utils import timezone

from ipaas.queue import SALT
from syncjobs.models import ServiceClass
from syncjobs.stories.attack.attack_world import Finding, Stage
from syncjobs.stories.demo import story

PATIENCE_SECONDS = 20.0
DEEP = "[" * 50_000


def trap(marker: Path) -> bytes:
    """A pickle that leaves a file behind where it is loaded, written by hand in protocol 0."""
    return f"cos\nsystem\n(S'touch {marker}'\ntR.".encode()


def hostile_rows(stage: Stage) -> Finding:
    """Plant them, let workers and pages meet them; no file may appear, no process may end, the queue is empty again."""
    marker = stage.world.data / "unpickled"
    restarts = {name: running.restarts for name, running in stage.supervisor.running.items()}
    planted = list(queue_rows(marker))
    with database.cursor() as cursor:
        for name in ServiceClass:
            for payload in planted:
                cursor.execute(
                    "INSERT INTO django_q_ormq (key, payload, lock) VALUES (%s, %s, %s)",
                    [ServiceClass(name).queue, payload, timezone.now()],
                )
        poison = signing.b64_encode(trap(marker)).decode()
        cursor.execute("UPDATE django_cache SET value = %s", [poison])
        cursor.execute(
            "INSERT INTO django_session (session_key, session_data, expire_date) VALUES (%s, %s, %s)",
            ["x" * 32, poison, timezone.now() + timedelta(days=1)],
        )
    story.logged_in(stage.world).open("/sales/")
    left = wait_for_queue()
    ended = [name for name, running in stage.supervisor.running.items() if running.restarts != restarts[name]]
    return Finding(
        attack="hostile rows",
        figures={"planted": len(planted) * len(ServiceClass)},
        got_through=[
            *(["a pickle was loaded"] if marker.exists() else []),
            *(f"{name} ended and was started again" for name in ended),
            *([f"{left} hostile tokens are still in the queue"] if left else []),
        ],
    )


def queue_rows(marker: Path) -> Iterator[str]:
    """Payloads of the queue: pickles bare and signed, names of functions, and what is no token at all."""
    poison = signing.b64_encode(trap(marker)).decode()
    yield poison
    yield signing.TimestampSigner(salt="ipaas").sign(poison)
    yield signing.TimestampSigner(salt=SALT).sign(poison)
    yield signing.dumps({"task": "os.system", "ids": [1]}, salt=SALT)
    yield signing.dumps({"func": "os.system", "args": [f"touch {marker}"]}, salt=SALT)
    yield signing.dumps([1, 2], salt=SALT)
    yield signing.dumps({"task": "run_lane", "ids": ["1"]}, salt=SALT)
    yield signing.TimestampSigner(salt=SALT).sign(signing.b64_encode(DEEP.encode()).decode())
    yield "x" * 5_000_000
    yield ""


def wait_for_queue() -> int:
    """How many hostile rows are still there when time is up: a token of ours is short and signed."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    left = 1
    while left and time.monotonic() < deadline:
        time.sleep(0.5)
        with database.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM django_q_ormq WHERE length(payload) > 1000 OR payload = ''")
            left = int(cursor.fetchone()[0])
    return left
