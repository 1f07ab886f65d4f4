"""What happens to the machine while shoppers order: secrets at rest get another key, the disk of the logs is full."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from functools import partial
from random import Random

from cryptography.fernet import Fernet
from django.conf import settings
from django.utils import timezone

from ipaas.supervisor import Running
from syncjobs.stories.soak.process_groups import CLUSTERS
from syncjobs.stories.soak.soak_world import Finding, Stage, eventually

GAP_SECONDS = 0.5  # between two shoppers: they order from the first restart to the last
RESTART_SECONDS = 60.0
OURS = ("web", *CLUSTERS)
DONE = "Nothing is left to move"


def keys_rotated(stage: Stage, rng: Random, orders: int) -> Finding:
    """The new key is added, then put first, then all is moved, then the former one is taken out (deploy/README.md)."""
    began, since = time.monotonic(), timezone.now()
    former, newest = keys(stage), Fernet.generate_key().decode()
    with stage.shoppers(stage.recipes(rng, orders), gap=GAP_SECONDS) as shopping:
        for ring in (f"{former},{newest}", f"{newest},{former}"):
            keys_write(stage, ring)
            restart_in_turn(stage)
        first = rotate(stage)
        last = rotate(stage)
        keys_write(stage, newest)
        restart_in_turn(stage)
    placed = shopping.result()
    stage.wait(list(placed))
    left = rotate(stage)  # no value that the newest key alone does not open
    finding = stage.finding("rotate-keys", placed, began, since, moved=moved(first), left=moved(left))
    if DONE not in last or DONE not in left:
        raise RuntimeError(f"The rotation did not end: {last}{left}")
    return finding


def logs_full(stage: Stage, rng: Random, orders: int) -> Finding:
    """No process can write its log any more: they start, serve and sync all the same."""
    began, since = time.monotonic(), timezone.now()
    logs = [stage.supervisor.log_of(name) for name in OURS]
    for log in logs:
        log.unlink()
        log.symlink_to("/dev/full")
    restart_in_turn(stage)
    with stage.shoppers(stage.recipes(rng, orders), gap=0.0) as shopping:
        pass
    placed = shopping.result()
    stage.wait(list(placed))
    unwritten = sum(log.is_symlink() for log in logs)
    for log in logs:
        log.unlink()
    restart_in_turn(stage)
    return stage.finding("logs-full", placed, began, since, unwritten=unwritten)


def keys(stage: Stage) -> str:
    return str(json.loads((stage.world.data / "secrets.json").read_text())["CREDENTIAL_KEYS"])


def keys_write(stage: Stage, ring: str) -> None:
    """What the environment says on real hosts stands in a file of a local installation."""
    path = stage.world.data / "secrets.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"CREDENTIAL_KEYS": ring}))
    settings.CREDENTIAL_KEYS = ring.split(",")


def restart_in_turn(stage: Stage, names: Iterable[str] = OURS) -> None:
    """One process after another, so that old and new ones work side by side."""
    for name in names:
        running = stage.supervisor.running[name]
        os.kill(running.process.pid, signal.SIGTERM)
        eventually(partial(has_come_up, running, running.restarts), RESTART_SECONDS)


def has_come_up(running: Running, restarts: int) -> bool:
    """True when it was started again and, as the web server does, says that it is up."""
    if running.restarts == restarts:
        return False
    return running.child.name != "web" or running.child.is_ready is None or running.child.is_ready()


def rotate(stage: Stage) -> str:
    """What the command says, as an operator calls it. Raises CalledProcessError when it fails."""
    return subprocess.run(
        [sys.executable, "manage.py", "credential_rotate"], env={**os.environ, **stage.world.environment},
        cwd=settings.BASE_DIR, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


def moved(said: str) -> int:
    return sum(int(line.rpartition(": ")[2]) for line in said.splitlines() if line.rpartition(": ")[2].isdigit())
