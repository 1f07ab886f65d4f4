"""Real processes are killed while shoppers order: work goes on by itself, nothing is lost, nothing doubled.

One world for all tests, driven by `manage.py soak --ask`; the seed is printed with every finding.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import SystemRandom
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
KILLS = ["idle-worker", "busy-worker", "sentinel", "main", "web-worker", "everything", "postgres"]
PLACES = ["webhook.stored", "job.claimed", "orders.deliver", "orders.answered:1", "orders.asks:3", "orders.answered:3",
          "orders.answered:5", "orders.answered:6", "job.recording"]  # fmt: skip
CLEAN = {"lost": 0, "doubled": 0, "cent_differences": 0, "disagreements": 0, "problems": []}

pytestmark = pytest.mark.processes
Play = Callable[[str, int], dict[str, Any]]


@pytest.fixture(scope="module")
def play() -> Iterator[Play]:
    yield from playing("bigcommerce")


def playing(store: str) -> Iterator[Play]:
    """Play a scenario by name and seed in the running world; answers its finding."""
    command = [sys.executable, "manage.py", "soak", "--ask", "--store", store]
    world = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def ask(scenario: str, seed: int) -> dict[str, Any]:
        assert world.stdin is not None
        assert world.stdout is not None
        world.stdin.write(f"{scenario} {seed}\n")
        finding: dict[str, Any] = json.loads(world.stdout.readline())
        told = {name: finding[name] for name in ("scenario", "seed", "dispositions", "pause_seconds")}
        print(json.dumps(told))  # noqa: T201 (seed and pause belong into the test's output)
        return finding

    yield ask
    if world.stdin:
        world.stdin.close()
    world.wait(60)


def judged(finding: dict[str, Any]) -> dict[str, Any]:
    return {name: finding[name] for name in CLEAN}


@pytest.fixture
def seed() -> int:
    return SystemRandom().randrange(1, 10**6)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("victim", KILLS)
def test_a_kill_loses_and_doubles_nothing(play: Play, victim: str, seed: int) -> None:
    finding = play(f"kill-{victim}", seed)
    assert judged(finding) == CLEAN
    assert sum(finding["dispositions"].values()) == finding["orders"]


@pytest.mark.sampled(2)
@pytest.mark.parametrize("place", PLACES)
def test_a_worker_that_dies_just_there_doubles_nothing(play: Play, place: str, seed: int) -> None:
    finding = play(f"die-at-{place}", seed)
    assert judged(finding) == CLEAN
    assert finding["dispositions"] == {"booked": 1}


def test_webhooks_astray_end_as_calm_ones(play: Play, seed: int) -> None:
    """Each delivered three times, newest first, a third dropped: the same end state, order by order."""
    calm, astray = play("calm", seed), play("webhooks-astray", seed)
    assert judged(calm) == judged(astray) == CLEAN
    assert calm["dispositions"] == astray["dispositions"]


@pytest.mark.sampled(1)
@pytest.mark.parametrize("share", [10, 20, 50])
def test_half_broken_is_not_broken(play: Play, share: int, seed: int) -> None:
    """A part of Heartland's answers is 429 or 5xx for ever: every order is booked, without a storm of calls."""
    finding = play(f"half-broken-{share}", seed)
    assert judged(finding) == CLEAN
    assert finding["dispositions"] == {"booked": finding["orders"]}
    print(json.dumps(finding["notes"]))  # noqa: T201 (the figures that are not asserted: they are timed)
    assert finding["notes"]["calls"] <= 1.5 * finding["notes"]["calls_forced"]


def test_a_web_server_restarted_under_load_loses_no_webhook(play: Play, seed: int) -> None:
    assert judged(play("restart-web", seed)) == CLEAN


def test_keys_are_rotated_while_web_and_workers_run(play: Play, seed: int) -> None:
    """Processes with the former, both and the newest key side by side: nothing is unreadable at any time."""
    finding = play("rotate-keys", seed)
    assert judged(finding) == CLEAN
    assert finding["notes"]["moved"] > 0
    assert finding["notes"]["left"] == 0


def test_a_full_log_volume_stops_nothing(play: Play, seed: int) -> None:
    """Every write to every log fails: processes start, callbacks are taken, orders are booked."""
    finding = play("logs-full", seed)
    assert judged(finding) == CLEAN
    assert finding["notes"]["unwritten"] == 4
    assert sum(finding["dispositions"].values()) == finding["orders"]


def test_a_restored_backup_doubles_and_loses_nothing(play: Play, seed: int) -> None:
    """What was booked after the backup is found in Heartland; what was placed meanwhile is asked for."""
    finding = play("restore-backup", seed)
    print(json.dumps(finding["notes"]))  # noqa: T201 (the figures)
    assert judged(finding) == CLEAN
    assert finding["notes"]["forgotten"] == 14
    assert sum(finding["dispositions"].values()) == finding["orders"] == 3 * 14


def test_answers_that_are_lost_cost_nothing(play: Play, seed: int) -> None:
    """A fifth of what Heartland and the store do for us is never answered."""
    finding = play("answers-lost", seed)
    assert judged(finding) == CLEAN
    assert finding["notes"]["has_struck"]
