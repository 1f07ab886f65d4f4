"""Work that a sandbox does after a while: rows `{due, ...}` of one table, done when their time has come."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Condition, Thread
from typing import Any

from ipaas.sandbox.core.clock import Clock
from ipaas.sandbox.core.tables import Database, Row, Table

logger = logging.getLogger(__name__)


class Later:
    """Runs what is due: before each API call, so that no reader sees the past, and by itself in a thread.

    `work` does one row. What it raises undoes it, and the row is given up. `is_paused` may say that nobody works now.
    """

    def __init__(
        self,
        table: Table,
        clock: Clock,
        database: Database,
        transaction: Callable[[], AbstractContextManager[Any]],
        work: Callable[[Row], None],
        is_paused: Callable[[], bool] = lambda: False,
    ) -> None:
        self._table, self._clock, self._transaction, self._work = table, clock, transaction, work
        self._is_paused = is_paused
        self._changed = Condition()
        self._next: float | None = None
        self._running = False
        self._batches = 0  # being done now, in this thread or another
        database.after(lambda committed: self.look())
        clock.on_change(self._wake)

    def look(self) -> None:
        """Note when the next work is due (inside the service's lock)."""
        if self._batches:
            return  # at the end of the batch, once for all of it
        due = min((row["due"] for row in self._table.all()), default=None)
        if due is not None or self._next is not None:
            with self._changed:
                self._next = None if due is None else float(due)
                self._changed.notify_all()

    @property
    def is_due(self) -> bool:
        """Whether something waits to be done now."""
        return self._next is not None and self._next <= self._clock.timestamp() and not self._is_paused()

    def run_due(self) -> None:
        """Do all that is due, oldest first, each in the transaction that takes it from the list."""
        while self.is_due:
            with self._transaction():
                self._batches += 1
                batch = self._due()
            for row in batch:
                if not self._is_paused():
                    self._do(row)
            with self._transaction():
                self._batches -= 1

    def _due(self) -> list[Row]:
        now = self._clock.timestamp()
        due = [row for row in self._table.all() if row["due"] <= now]
        return sorted(due, key=lambda row: (row["due"], row["id"]))

    def _do(self, row: Row) -> None:
        try:
            with self._transaction():
                if row["id"] in self._table:  # else somebody was faster
                    self._work(row)
                    self._table.delete(row["id"])
        except Exception:
            logger.exception("delayed work of the sandbox broke")
            self._give_up(row)

    def _give_up(self, row: Row) -> None:
        """Work that cannot be done must not be tried for ever."""
        with self._transaction():
            self._table.delete(row["id"])

    def start(self) -> None:
        """Begin the thread."""
        self._running = True
        Thread(target=self._run, name="later", daemon=True).start()

    def stop(self) -> None:
        """Let the thread end."""
        with self._changed:
            self._running = False
            self._changed.notify_all()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _run(self) -> None:
        while self._running:
            with self._changed:
                if not self.is_due:
                    self._changed.wait(self._pause())
            self.run_due()

    def _pause(self) -> float | None:
        if self._next is None or self._clock.frozen_at is not None or self._is_paused():
            return None
        return max(0.0, self._next - self._clock.timestamp())
