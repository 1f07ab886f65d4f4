"""Work the store does after a while: adjustments, captures, voids, refund answers (note §16, §17, §20.2)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from threading import Condition, Thread
from typing import Any

from ipaas.sandbox.bigcommerce.actions.payments import capture_finish, void_finish
from ipaas.sandbox.bigcommerce.actions.refunds import refund_finish
from ipaas.sandbox.bigcommerce.actions.stock import adjust
from ipaas.sandbox.bigcommerce.state import Row, State

logger = logging.getLogger(__name__)

WORK: Mapping[str, Callable[[State, Row], None]] = {
    "adjust": lambda state, row: adjust(state, row["method"], row["lines"]),
    "capture": lambda state, row: capture_finish(state, row["order_id"]),
    "void": lambda state, row: void_finish(state, row["order_id"]),
    "refund": lambda state, row: refund_finish(state, row["refund_id"]),
}


class Later:
    """Runs what is due: before each API call, so that no reader sees the past, and by itself in a thread."""

    def __init__(self, state: State, transaction: Callable[[], AbstractContextManager[Any]]) -> None:
        self._state, self._transaction = state, transaction
        self._changed = Condition()
        self._next: float | None = None
        self._running = False
        state.db.after(lambda committed: self.look())
        state.clock.on_change(self._wake)

    def look(self) -> None:
        """Note when the next work is due (inside the service's lock)."""
        due = min((row["due"] for row in self._state.later.all()), default=None)
        if due is not None or self._next is not None:
            with self._changed:
                self._next = None if due is None else float(due)
                self._changed.notify_all()

    @property
    def is_due(self) -> bool:
        """Whether something waits to be done now."""
        return self._next is not None and self._next <= self._state.clock.timestamp()

    def run_due(self) -> None:
        """Do all that is due, oldest first, each in the transaction that takes it from the list."""
        while self.is_due:
            row: Row | None = None
            try:
                with self._transaction():
                    row = self._oldest_due()
                    if row is not None:
                        self._state.later.delete(row["id"])
                        WORK[row["kind"]](self._state, row)
            except Exception:
                logger.exception("delayed work of the sandbox broke")
                self._give_up(row)

    def _oldest_due(self) -> Row | None:
        now = self._state.clock.timestamp()
        due = [row for row in self._state.later.all() if row["due"] <= now]
        return min(due, key=lambda row: (row["due"], row["id"]), default=None)

    def _give_up(self, row: Row | None) -> None:
        """Work that cannot be done must not be tried for ever."""
        with self._transaction():
            if row is not None:
                self._state.later.delete(row["id"])

    def start(self) -> None:
        """Begin the thread."""
        self._running = True
        Thread(target=self._work, name="later", daemon=True).start()

    def stop(self) -> None:
        """Let the thread end."""
        with self._changed:
            self._running = False
            self._changed.notify_all()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _work(self) -> None:
        while self._running:
            with self._changed:
                if not self.is_due:
                    self._changed.wait(self._pause())
            self.run_due()

    def _pause(self) -> float | None:
        if self._next is None or self._state.clock.frozen_at is not None:
            return None
        return max(0.0, self._next - self._state.clock.timestamp())
