"""Keeps a set of processes running on one machine: for the demo and for tests that kill things.

A child lives in its own process group. When its main process dies the whole group is killed, since orphaned workers
would go on beside their successors, and the child is started again. Production uses systemd (deploy/) for the same.
"""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ipaas import postgres

POLL_SECONDS = 0.05
FIRST_PAUSE_SECONDS = 0.1  # before a restart; doubles up to the longest while the child keeps dying young
LONGEST_PAUSE_SECONDS = 10.0
GROWN_UP_SECONDS = 10.0
READY_SECONDS = 60.0
LAST_LINES = 5  # of a log, told when its child does not come up
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, kw_only=True)
class Child:
    """A process to keep running."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)  # added to our own
    account: pwd.struct_passwd | None = None  # run as this user; None: as ourselves
    cwd: Path | None = None
    is_ready: Callable[[], bool] | None = None  # asked at the first start until it says so
    grace_seconds: float = 10.0  # between SIGTERM and SIGKILL
    is_needed_by_others: bool = False  # such as the database: stopped after all others


@dataclass
class Running:
    """A started child."""

    child: Child
    process: "subprocess.Popen[bytes]"
    started_at: float
    restarts: int = 0
    pause: float = FIRST_PAUSE_SECONDS
    restart_at: float | None = None  # monotonic; set while it waits to be started again


class NeverReady(RuntimeError):
    """A child did not come up; the message names it and quotes its log."""


class Supervisor:
    """Starts children in order, restarts the dead, stops all in reverse order."""

    def __init__(self, children: Sequence[Child], logs: Path, *, told: Callable[[str], None] = lambda line: None):
        self.children = children
        self.logs = logs
        self.told = told  # receives a line for people at each start and restart
        self.running: dict[str, Running] = {}
        self._stopping = threading.Event()
        self._watcher: threading.Thread | None = None
        logs.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> "Supervisor":
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start every child, each after the former is ready, then watch over them in a thread.

        Raises NeverReady, with everything stopped again, when one does not come up.
        """
        try:
            for child in self.children:
                self.add(child)
        except BaseException:
            self.stop()
            raise
        self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._watcher.start()

    def add(self, child: Child) -> None:
        """Start one child and wait until it is ready."""
        self.running[child.name] = Running(child, self._spawn(child), time.monotonic())
        self.told(f"{child.name} started")
        deadline = time.monotonic() + READY_SECONDS
        while child.is_ready and not child.is_ready():
            if self.running[child.name].process.poll() is not None or time.monotonic() > deadline:
                log = self.log_of(child.name)
                raise NeverReady(f"{child.name} did not come up; its log, {log}, ends with:\n{last_words(log)}")
            time.sleep(POLL_SECONDS)

    def wait(self) -> None:
        """Block until a signal asks to stop, then stop everything."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stopping.set())
        while not self._stopping.wait(0.5):
            pass
        self.told("stopping")
        self.stop()

    def stop(self) -> None:
        """Ask all main processes to end, those that others need last; kill the group of one that does not."""
        self._stopping.set()
        if self._watcher and self._watcher is not threading.current_thread():
            self._watcher.join()
        for is_needed in (False, True):
            group = [running for running in self.running.values() if running.child.is_needed_by_others == is_needed]
            for running in group:
                if running.process.poll() is None:
                    running.process.terminate()
            for running in group:
                _end(running)
        self.running.clear()

    def pid(self, name: str) -> int:
        """The main process of a child."""
        return self.running[name].process.pid

    def log_of(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _watch(self) -> None:
        while not self._stopping.wait(POLL_SECONDS):
            for running in list(self.running.values()):
                self._look_after(running)

    def _look_after(self, running: Running) -> None:
        now = time.monotonic()
        if running.restart_at is None:
            if running.process.poll() is None:
                return
            _kill_group(running.process.pid)
            if now - running.started_at > GROWN_UP_SECONDS:
                running.pause = FIRST_PAUSE_SECONDS
            running.restart_at = now + running.pause
            running.pause = min(running.pause * 2, LONGEST_PAUSE_SECONDS)
            self.told(f"{running.child.name} ended with {running.process.returncode}; starting it again")
        elif now >= running.restart_at:
            running.process = self._spawn(running.child)
            running.started_at, running.restart_at = now, None
            running.restarts += 1

    def _spawn(self, child: Child) -> "subprocess.Popen[bytes]":
        with self.log_of(child.name).open("ab") as log:
            return subprocess.Popen(
                list(child.argv),
                env={**os.environ, **child.env},
                cwd=child.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 (one prctl)
                **postgres.identity(child.account),
            )


def last_words(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-LAST_LINES:])


LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    """In the child: be told to end when the supervisor dies, however it dies."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _end(running: Running) -> None:
    """Wait for a main process that was told to end; kill what is left of its group."""
    if running.process.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.process.wait(running.child.grace_seconds)
    _kill_group(running.process.pid)
    running.process.wait()


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
