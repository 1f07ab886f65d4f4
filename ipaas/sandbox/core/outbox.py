"""Outgoing calls of a sandbox: webhooks, with due times by the sandbox clock, retries and a delivery log."""

import heapq
import http.client
import json
import random
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from threading import Condition, RLock, Thread
from typing import Any
from urllib.parse import urlsplit

from ipaas.sandbox.core.clock import Clock
from ipaas.sandbox.core.tables import Database, Row

SENDERS = 4
FINISHED_KEPT = 5_000
OPEN = "queued"

Retry = Callable[[Row], float | None]  # seconds to the next attempt of a failed delivery, None to give up
Listener = Callable[[Row], None]  # told of each delivery after each attempt, inside the service's lock


@dataclass(frozen=True, slots=True)
class Controls:
    """How deliveries are disturbed. `order` is among those due at the same moment; `batch_seconds` makes them so."""

    paused: bool = False
    drop: float = 0.0  # probability that a delivery is never sent
    copies: int = 1  # how often each is sent
    delay_seconds: float = 0.0
    jitter_seconds: float = 0.0
    batch_seconds: float = 0.0
    order: str = "fifo"  # fifo, lifo or shuffle

    def changed(self, changes: Mapping[str, Any]) -> "Controls":
        """Answer the controls with some of them changed. Raises `ValueError`."""
        try:
            new = replace(self, **changes)
        except TypeError as exc:
            raise ValueError(str(exc)) from exc
        if new.order not in ("fifo", "lifo", "shuffle"):
            raise ValueError("order must be fifo, lifo or shuffle")
        return new


class Outbox:
    """A queue of HTTP POSTs kept in the service's database, sent by a few threads within milliseconds of being due.

    `enqueue` is called in a handler and takes effect when its transaction commits.
    """

    def __init__(self, database: Database, clock: Clock, lock: RLock, *, timeout: float = 10.0, seed: int = 1) -> None:
        self.table = database.table("deliveries", index=("status",))
        self.controls = Controls()
        self.retry: Retry = lambda row: None
        self.listener: Listener = lambda row: None
        self._database, self._clock, self._lock, self._timeout = database, clock, lock, timeout
        self._random = random.Random(seed)
        self._changed = Condition()
        self._fresh: list[tuple[datetime, int]] = []
        self._later: list[tuple[datetime, int]] = []  # heap by due time
        self._due: deque[int] = deque()
        self._busy = 0
        self._running = False
        database.after(self._transaction_ended)
        clock.on_change(self._wake)

    # --- in the service's lock --------------------------------------------------------------------

    def enqueue(self, url: str, body: str, headers: Mapping[str, str] | None = None, **about: Any) -> None:
        """Queue a POST of `body` to `url`; `about` (topic, hook id...) is kept in the log for the service's use."""
        about = {**about, "headers": dict(headers or {})}
        if self._random.random() < float(self.controls.drop):
            self._insert(url, body, self._clock.now(), "dropped", about)
            return
        for _ in range(int(self.controls.copies)):
            due = self._first_due()
            self._fresh.append((due, self._insert(url, body, due, OPEN, about)["id"]))

    def load(self) -> None:
        """Take up the deliveries that were open when the process ended."""
        with self._changed:
            self._later = [(datetime.fromisoformat(row["due_at"]), row["id"]) for row in self.table.find(status=OPEN)]
            heapq.heapify(self._later)
            self._due.clear()
            self._changed.notify_all()

    def control(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change the disturbances. Raises `ValueError`."""
        self.controls = self.controls.changed(changes)
        self._wake()
        return asdict(self.controls)

    # --- threads ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the sender threads."""
        self._running = True
        for number in range(SENDERS):
            Thread(target=self._work, name=f"outbox-{number}", daemon=True).start()

    def stop(self) -> None:
        """Let the senders end after what they are sending."""
        with self._changed:
            self._running = False
            self._changed.notify_all()

    def flush(self, *, wait: float = 5.0, everything: bool = True) -> dict[str, int]:
        """Make queued deliveries due now (retries too when `everything`) and wait until they were tried."""
        with self._changed:
            if everything:
                self._later = [(self._clock.now(), row_id) for _, row_id in sorted(self._later)]
                heapq.heapify(self._later)
            self._changed.notify_all()
            self._changed.wait_for(self._is_quiet, timeout=wait)
            return {"queued": len(self._later) + len(self._due), "sending": self._busy}

    def _is_quiet(self) -> bool:
        return not self._busy and not self._due and not (self._later and self._later[0][0] <= self._clock.now())

    def _transaction_ended(self, committed: bool) -> None:
        if not self._fresh:
            return
        if committed:
            with self._changed:
                for entry in self._fresh:
                    heapq.heappush(self._later, entry)
                self._changed.notify_all()
        self._fresh.clear()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _first_due(self) -> datetime:
        controls, now = self.controls, self._clock.now()
        due = now + timedelta(
            seconds=float(controls.delay_seconds) + self._random.random() * float(controls.jitter_seconds)
        )
        if batch := float(controls.batch_seconds):
            due += timedelta(seconds=batch - due.timestamp() % batch)
        return due

    def _insert(self, url: str, body: str, due: datetime, status: str, about: Mapping[str, Any]) -> Row:
        times = {"queued_at": self._clock.now().isoformat(), "due_at": due.isoformat()}
        return self.table.insert({"url": url, "body": body, **about, "status": status, "tries": [], **times})

    def _work(self) -> None:
        while (row_id := self._take()) is not None:
            try:
                self._send(row_id)
            finally:
                with self._changed:
                    self._busy -= 1
                    self._changed.notify_all()

    def _take(self) -> int | None:
        """Wait for the next due delivery; None when stopping."""
        with self._changed:
            while self._running:
                now = self._clock.now()
                while self._later and self._later[0][0] <= now:
                    self._due.append(heapq.heappop(self._later)[1])
                if self._due and not self.controls.paused:
                    self._busy += 1
                    return self._pick()
                self._changed.wait(self._pause(now))
        return None

    def _pause(self, now: datetime) -> float | None:
        if self.controls.paused or not self._later or self._clock.frozen_at is not None:
            return None
        return max(0.0, (self._later[0][0] - now).total_seconds())

    def _pick(self) -> int:
        if self.controls.order == "lifo":
            return self._due.pop()
        if self.controls.order == "shuffle":
            self._due.rotate(-self._random.randrange(len(self._due)))
        return self._due.popleft()

    def _send(self, row_id: int) -> None:
        with self._lock:
            row = self.table.get(row_id)
        if row is None or row["status"] != OPEN:
            return
        began = time.monotonic()
        status, note = post(row["url"], row["body"], row["headers"], self._timeout)
        tried = {"at": self._clock.now().isoformat(), "status": status, "answer": note}
        tried["ms"] = round((time.monotonic() - began) * 1000)
        with self._lock:
            if row_id in self.table:  # a reset may have happened meanwhile
                self._settle(row, tried)
                self._database.commit()

    def _settle(self, row: Row, tried: dict[str, Any]) -> None:
        """Note one attempt: delivered, to be retried, or given up."""
        row = {**row, "tries": [*row["tries"], tried]}
        delivered = tried["status"] is not None and 200 <= tried["status"] < 300
        row["status"] = "delivered" if delivered else OPEN
        wait = None if delivered else self.retry(row)
        if wait is not None:
            due = self._clock.now() + timedelta(seconds=wait)
            row["due_at"] = due.isoformat()
            self._fresh.append((due, row["id"]))
        elif not delivered:
            row["status"] = "failed"
        self.table.update(row["id"], row)
        self.listener(row)
        self._prune()

    def _prune(self) -> None:
        if len(self.table) <= FINISHED_KEPT:
            return
        for row in self.table.slice(0, 100):
            if row["status"] != OPEN:
                self.table.delete(row["id"])


def post(url: str, body: str, headers: Mapping[str, str], timeout: float) -> tuple[int | None, str]:
    """POST once. Answers (status, first characters of the answer), or (None, what went wrong)."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=timeout)
        try:
            path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
            connection.request("POST", path, body.encode(), {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            return answer.status, answer.read(500).decode(errors="replace")
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as exc:
        return None, f"{type(exc).__name__}: {exc}"


def describe(row: Row) -> dict[str, Any]:
    """A delivery as the log lists it, its body parsed when it is JSON."""
    try:
        body = json.loads(row["body"])
    except ValueError:
        body = row["body"]
    return {**row, "body": body}
