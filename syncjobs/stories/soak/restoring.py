"""The drill: an older backup is restored while shoppers go on. Heartland's own evidence says what is booked already."""

import contextlib
import os
import signal
import subprocess
import time
from random import Random

from django.db import connections
from django.utils import timezone

from ipaas import postgres
from ipaas.supervisor import Child
from syncjobs.models import Record
from syncjobs.stories.demo.report import FLOW
from syncjobs.stories.soak.process_groups import CLUSTERS
from syncjobs.stories.soak.soak_world import Finding, Stage

OURS = ("web", *CLUSTERS)
STOP_SECONDS = 30.0


def restored(stage: Stage, rng: Random, orders: int) -> Finding:
    """Orders are booked, backed up, more are booked and more placed while we are down; then the backup comes back."""
    began, since = time.monotonic(), timezone.now()
    backup = stage.world.data / "drill.dump"
    placed = shopped(stage, rng, orders)
    stage.wait(list(placed))
    tool(stage, "pg_dump", "--format=custom", f"--file={backup}", postgres.DATABASE)
    placed |= shopped(stage, rng, orders)
    stage.wait(list(placed))
    known = Record.objects.filter(flow=FLOW).count()
    ours = stopped(stage)
    placed |= shopped(stage, rng, orders)
    connections.close_all()
    tool(stage, "dropdb", "--force", postgres.DATABASE)
    tool(stage, "createdb", postgres.DATABASE)
    tool(stage, "pg_restore", "--exit-on-error", f"--dbname={postgres.DATABASE}", str(backup))
    forgotten = known - Record.objects.filter(flow=FLOW).count()
    for child in ours:
        stage.supervisor.add(child)
    stage.wait(list(placed))
    return stage.finding(
        "restore-backup", placed, began, since, forgotten=forgotten, backup_bytes=backup.stat().st_size
    )


def shopped(stage: Stage, rng: Random, orders: int) -> dict[int, str]:
    with stage.shoppers(stage.recipes(rng, orders), gap=0.0) as shopping:
        pass
    return shopping.result()


def stopped(stage: Stage) -> list[Child]:
    """Our processes, all ended: the supervisor forgets them first, so that it starts none again."""
    ended = [stage.supervisor.running.pop(name) for name in OURS]
    for running in ended:
        running.process.terminate()
    for running in ended:
        running.process.wait(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.process.pid, signal.SIGKILL)
    return [running.child for running in ended]


def tool(stage: Stage, name: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own tools on the world's server. Raises CalledProcessError when it fails."""
    server = postgres.server_at(stage.world.data / "postgres")
    where = [f"--host={server.socket_directory}", f"--username={postgres.USER}"]
    subprocess.run([str(server.binaries / name), *where, *arguments], check=True)
