"""Cuts calls that outlive their deadline: a socket timeout counts per packet, so a dripping server never meets it."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class WatchedCall:
    """One call in progress; `is_cut` tells that its time ran out."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.is_cut = False
        self._lifeline: socket.socket | None = None
        self._lock = threading.Lock()

    def hold(self, connection: socket.socket | None) -> None:
        """Keep a second handle on the call's connection, whatever layers of TLS or buffering end up around it."""
        if connection is None:
            return
        handle = socket.fromfd(connection.fileno(), connection.family, connection.type)
        with self._lock:
            previous, self._lifeline = self._lifeline, handle
        if previous:
            previous.close()
        if self.is_cut:
            self.cut()

    def cut(self) -> None:
        """Shut the connection down, so that whoever waits on it stops waiting."""
        self.is_cut = True
        with self._lock, suppress(OSError):
            if self._lifeline:
                self._lifeline.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Let go of the connection, without closing it."""
        with self._lock:
            if self._lifeline:
                self._lifeline.close()
            self._lifeline = None


class Watchdog:
    """One thread per process that cuts overdue calls; it sleeps while there are none."""

    def __init__(self) -> None:
        self._wake = threading.Condition()
        self._calls: set[WatchedCall] = set()
        self._next_look = float("inf")
        self._thread: threading.Thread | None = None
        self._local = threading.local()

    @property
    def current(self) -> WatchedCall | None:
        """The call that this thread is making."""
        call: WatchedCall | None = getattr(self._local, "call", None)
        return call

    @contextmanager
    def watching(self, seconds: float) -> Iterator[WatchedCall]:
        """Cut what happens inside when it takes longer than `seconds`."""
        call = WatchedCall(time.monotonic() + seconds)
        self._local.call = call
        self._add(call)
        try:
            yield call
        finally:
            self._local.call = None
            with self._wake:
                self._calls.discard(call)
            call.release()

    def _add(self, call: WatchedCall) -> None:
        with self._wake:
            self._calls.add(call)
            if self._thread is None:
                self._thread = threading.Thread(target=self._patrol, name="call-watchdog", daemon=True)
                self._thread.start()
            if call.deadline < self._next_look:
                self._wake.notify()

    def _patrol(self) -> None:
        while True:
            with self._wake:
                now = time.monotonic()
                overdue = [call for call in self._calls if call.deadline <= now]
                self._calls.difference_update(overdue)
            for call in overdue:
                call.cut()
            with self._wake:
                self._next_look = min((call.deadline for call in self._calls), default=float("inf"))
                wait = self._next_look - time.monotonic()
                if wait > 0:
                    self._wake.wait(None if wait == float("inf") else wait)


watchdog = Watchdog()


def _fresh_after_fork() -> None:
    """A forked worker inherits no threads: it starts with a watchdog of its own."""
    watchdog.__init__()  # type: ignore[misc]


os.register_at_fork(after_in_child=_fresh_after_fork)
