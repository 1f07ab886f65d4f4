"""Small facts about processes: dying with one's parent, and knowing whether another process still lives."""

import ctypes
import multiprocessing
import os
import signal
import socket
import sys

import psutil

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(parent: int, number: signal.Signals = signal.SIGKILL) -> None:
    """Be sent `number` when the parent ends, however it ends. Linux only; elsewhere a supervisor must kill the group.

    `parent` is the process id that the caller saw before the fork: when it is gone already, we end at once.
    """
    if LIBC is None:
        return
    LIBC.prctl(PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os._exit(1)


class Flag:
    """A flag that a process and its forks share, set once: without a lock, which a killed process would keep."""

    def __init__(self) -> None:
        self._value = multiprocessing.RawValue("b", 0)

    def set(self) -> None:
        self._value.value = 1

    def is_set(self) -> bool:
        return bool(self._value.value)


def identity() -> str:
    """This process, recognisable later and from elsewhere: host, process namespace, pid and start time."""
    return f"{_here()}/{os.getpid()}/{_started(os.getpid()):.2f}"


def is_dead(who: str) -> bool:
    """True when `who` (an identity) was a process of this host and has ended. False when we cannot know."""
    here, _, rest = who.rpartition("/")
    here, _, pid = here.rpartition("/")
    if here != _here() or not pid.isdigit():
        return False
    try:
        return abs(_started(int(pid)) - float(rest)) > 1 or psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def title(process: psutil.Process) -> str:
    """Its command line, or the title it gave itself. Raises psutil.Error when it is gone.

    The kernel pads a title that is shorter than the command line it replaces: its end depends on the length of paths.
    """
    return " ".join(process.cmdline()).rstrip(" \0")


def _started(pid: int) -> float:
    return float(psutil.Process(pid).create_time())


def _here() -> str:
    """The host's name and process namespace: two containers may share a name, never both."""
    try:
        space = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        space = 0
    return f"{socket.gethostname()[:40]}/{space}"
