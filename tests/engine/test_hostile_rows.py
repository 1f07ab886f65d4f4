"""Rows that somebody planted: none becomes code, none stops a cluster, each is counted."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ipaas.environment import LocalSecrets
from tests.engine import hostile
from tests.engine.world import World, eventually

pytestmark = pytest.mark.processes
PATIENCE = 90.0
PUT = "INSERT INTO django_q_ormq (key, payload, lock) VALUES ('ipaas', %s, now())"
KEEP = """
INSERT INTO django_q_task (id, name, func, args, kwargs, result, started, stopped, success, attempt_count)
VALUES (%s, %s, 'os.system', %s, %s, %s, now(), now(), %s, 1)"""
TIME = """
INSERT INTO django_q_schedule (name, func, args, schedule_type, minutes, repeats, next_run)
VALUES (%s, 'os.system', %s, 'I', 1, -1, now() - interval '1 day')"""


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("world"))
    yield made
    made.close()


def test_clusters_call_nothing_that_a_row_names_and_go_on(world: World, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    assert hostile.bites(marker)
    key = LocalSecrets(world.directory).get("SECRET_KEY")
    with psycopg.connect(world.server.url, autocommit=True) as database:

        def refused() -> dict[str, int]:
            return dict(database.execute("SELECT reason, count FROM syncjobs_refusal").fetchall())

        def one(question: str) -> int:
            row = database.execute(question).fetchone()
            return int(row[0]) if row else 0

        # an upgrade in place: the only token of this work is one of the version before
        store = world.connect(["0001", "0002"])
        lane = one("SELECT id FROM syncjobs_lane")
        database.execute("DELETE FROM django_q_ormq")
        database.execute(PUT, [hostile.old_token(key, "syncjobs.tasks.run_lane", lane)])
        world.supervisor.add(world.cluster("now"))
        assert eventually(lambda: world.effects(store) == ["0001", "0002"], PATIENCE)
        assert eventually(lambda: refused() == {"queue_old_version": 1}, PATIENCE)

        evil = hostile.pickle_of(marker)
        database.execute(TIME, ["tillbridge.sweep", f"'touch {marker}'"])
        database.execute(TIME, ["evil", f"'touch {marker}'"])
        for number, is_success in enumerate((True, False)):
            database.execute(KEEP, [f"{number:032d}", "sweep", evil, evil, evil, is_success])
        planted = hostile.tokens(key, marker)
        for _, payload in planted:
            database.execute(PUT, [payload])
        expected = Counter(f"queue_{reason}" for reason, _ in planted) + Counter(queue_old_version=1)
        assert eventually(lambda: refused() == dict(expected), PATIENCE), refused()
        assert eventually(lambda: one("SELECT count(*) FROM django_q_ormq WHERE length(payload) > 1000") == 0, PATIENCE)

        # the clock rings for our names alone, whatever stands beside them
        rung = "SELECT count(*) FROM django_q_schedule WHERE name = 'tillbridge.sweep' AND next_run > now()"
        assert eventually(
            lambda: one(rung) == one("SELECT count(*) FROM django_q_schedule WHERE name LIKE '%sweep'"), 60
        )
        assert one("SELECT count(*) FROM django_q_schedule WHERE name = 'evil' AND next_run < now()") == 1

        later = world.connect(["0003"])
        assert eventually(lambda: world.effects(later) == ["0003"], PATIENCE)
        assert eventually(lambda: one("SELECT count(*) FROM django_q_ormq WHERE key = 'ipaas'") == 0, PATIENCE)
        assert one("SELECT count(*) FROM django_q_task") == 2  # nobody wrote a result, nobody read one
    assert world.supervisor.running["now"].restarts == 0
    assert not marker.exists()
