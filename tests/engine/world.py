"""A world for tests that kill things: a database server of its own, supervised clusters, and a driver."""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from ipaas import postgres, processes
from ipaas.supervisor import Child, Supervisor

ROOT = Path(__file__).resolve().parent.parent.parent


class World:
    """Starts nothing by itself: see `clusters` and `database`."""

    def __init__(self, directory: Path, **environment: str) -> None:
        self.directory = directory
        self.toys = directory / "toys"
        self.toys.mkdir()
        self.server = postgres.server_at(directory / "postgres")
        self.environment = {
            "DATA_DIR": str(directory),
            "DATABASE_URL": self.server.url,
            "DJANGO_SETTINGS_MODULE": "tests.engine.toysettings",
            "PYTHONPATH": str(ROOT),
            "TOY_DIR": str(self.toys),
            **environment,
        }
        self.supervisor = Supervisor([], directory / "logs")
        self.supervisor.start()
        self.supervisor.add(self.database())
        self.driver = subprocess.Popen(
            [sys.executable, "-m", "tests.engine.driver"],
            env={**os.environ, **self.environment},
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.ask("migrate")
        self.pairs: list[int] = []

    def connect(self, ids: list[str], beside: int | None = None) -> str:
        """A new connection with these records to carry; answers its store."""
        pair = self.ask("connect", beside=beside)
        self.pairs.append(pair["id"])
        self.ask("enqueue", connection=pair["id"], ids=ids)
        return str(pair["store"])

    def state(self) -> dict[str, Any]:
        return dict(self.ask("state", connections=self.pairs))

    def begin_anew(self) -> None:
        """Stop the clusters, and forget the connections made so far."""
        for name in [name for name in self.supervisor.running if name != "postgres"]:
            process = self.forget(name)
            process.kill()
            process.wait()
        self.pairs = []

    def forget(self, name: str) -> "subprocess.Popen[bytes]":
        """Take a child out of the supervisor's care; answers its main process."""
        return self.supervisor.running.pop(name).process

    def close(self) -> None:
        self.driver.kill()
        self.driver.wait()
        self.supervisor.stop()

    def ask(self, verb: str, **wish: Any) -> Any:
        assert self.driver.stdin
        assert self.driver.stdout
        self.driver.stdin.write(json.dumps({"verb": verb, **wish}) + "\n")
        self.driver.stdin.flush()
        return json.loads(self.driver.stdout.readline())

    def database(self) -> Child:
        return Child(
            name="postgres",
            argv=self.server.command(),
            account=self.server.account,
            cwd=self.server.data.parent,
            is_ready=partial(postgres.is_answering, self.server),
            is_needed_by_others=True,
        )

    def cluster(self, name: str, **environment: str) -> Child:
        return Child(
            name=name,
            argv=[sys.executable, "manage.py", "qworker", "now"],
            env={**self.environment, **environment},
            cwd=ROOT,
            is_ready=lambda: len(self.workers(name)) == 2,
        )

    def together(self, name: str) -> Child:
        """One process with a cluster for each class."""
        child = self.cluster(name)
        argv = [*child.argv[:-1], "now", "soon", "bulk"]
        return replace(child, argv=argv, is_ready=lambda: len(self.descendants(name)) == 3 + 4)

    def descendants(self, name: str) -> list[psutil.Process]:
        """All processes below a main process."""
        return list(psutil.Process(self.supervisor.pid(name)).children(recursive=True))

    def armed(self, name: str, place: str) -> Child:
        """A cluster that ends at a fail point, at every start of it anew."""
        return replace(self.cluster(name, FAILPOINT=place), is_ready=None)

    def processes(self, name: str) -> dict[str, list[psutil.Process]]:
        """The processes of a cluster by their part."""
        parts: dict[str, list[psutil.Process]] = {"main": [], "sentinel": [], "idle": [], "busy": [], "other": []}
        try:
            main = psutil.Process(self.supervisor.pid(name))
            parts["main"] = [main]
            parts["sentinel"] = main.children()
            for child in parts["sentinel"][0].children():
                title = processes.title(child)
                part = "idle" if title.endswith("idle") else "busy" if "processing" in title else "other"
                parts[part].append(child)
        except (psutil.Error, IndexError):
            return parts
        return parts

    def workers(self, name: str) -> list[psutil.Process]:
        parts = self.processes(name)
        return parts["idle"] + parts["busy"]

    def kill(self, name: str, part: str, seeded: random.Random) -> bool:
        """kill -9 one process of this part of a cluster (`all`: every one); False when there was none just now."""
        parts = self.processes(name)
        found = [one for group in parts.values() for one in group] if part == "all" else parts[part]
        if not found:
            return False
        for victim in found if part == "all" else [seeded.choice(found)]:
            try:
                victim.kill()
            except psutil.NoSuchProcess:
                return False
        return True

    def end_database(self, number: int) -> bool:
        """Send the database server a signal; False when it has ended and its successor is not there yet."""
        try:
            os.kill(self.supervisor.pid("postgres"), number)
        except ProcessLookupError:
            return False
        return True

    def effects(self, store: str) -> list[str]:
        """What the outside holds of a store, in the order of writing."""
        path = self.toys / f"{store}.txt"
        return path.read_text().splitlines() if path.exists() else []


def eventually(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
