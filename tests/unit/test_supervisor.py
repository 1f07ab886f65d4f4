"""The supervisor restarts what dies, leaves no orphans, and takes everything with it when it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ipaas.supervisor import Child, NeverReady, Supervisor

PARENT_OF_A_SLEEPER = """
import pathlib, subprocess, sys, time
sleeper = subprocess.Popen(["sleep", "600"])
pathlib.Path(sys.argv[1]).write_text(str(sleeper.pid))
time.sleep(600)
"""


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def child(note: Path) -> Child:
    argv = [sys.executable, "-c", PARENT_OF_A_SLEEPER, str(note)]
    return Child(name="parent", argv=argv, is_ready=lambda: note.exists() and note.read_text() != "")


def test_a_killed_child_comes_back_and_its_orphans_are_gone(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with Supervisor([child(note)], tmp_path / "logs") as supervisor:
        first, orphan = supervisor.pid("parent"), int(note.read_text())
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: supervisor.pid("parent") != first and int(note.read_text() or orphan) != orphan)
        assert eventually(lambda: not alive(orphan))
        assert supervisor.running["parent"].restarts == 1
        last = supervisor.pid("parent")
    assert eventually(lambda: not alive(last))


def test_a_child_that_never_comes_up_is_named_and_all_is_stopped(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    broken = Child(
        name="broken", argv=[sys.executable, "-c", "raise SystemExit('no port is free')"], is_ready=lambda: False
    )
    supervisor = Supervisor([child(note), broken], tmp_path / "logs")
    with pytest.raises(NeverReady, match=r"(?s)broken did not come up.*no port is free"):
        supervisor.start()
    assert eventually(lambda: not alive(int(note.read_text())))


@pytest.mark.skipif(sys.platform != "linux", reason="children are told of their parent's death on Linux only")
def test_children_end_when_the_supervisor_itself_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    program = f"""
import pathlib, sys
from ipaas.supervisor import Child, Supervisor
sleeper = Child(name="sleeper", argv=["sh", "-c", "echo $$ > {note}; exec sleep 600"])
Supervisor([sleeper], pathlib.Path({str(tmp_path)!r})).start()
print("up", flush=True)
import time; time.sleep(600)
"""
    owner = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"up\n"
    assert eventually(lambda: note.exists() and note.read_text() != "")
    owner.kill()
    owner.wait()
    assert eventually(lambda: not alive(int(note.read_text())))
