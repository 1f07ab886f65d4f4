"""Sending webhooks: signature, success, retries, domain blocking, deactivation (note §25.4)."""

from __future__ import annotations

import http.client
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from threading import RLock
from typing import Any
from urllib.parse import urlsplit

from ipaas.sandbox.bigcommerce.actions.app import app_row
from ipaas.sandbox.bigcommerce.hooks import EXCEPTION_SCOPE, domain_of
from ipaas.sandbox.bigcommerce.signing import webhook_signature
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.core.clock import Clock
from ipaas.sandbox.core.outbox import OPEN, Outbox
from ipaas.sandbox.core.tables import Database

GAPS = (60, 180, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 50_400, 86_400)
MAX_HEADERS, MAX_HEADER_NAME, MAX_HEADER_VALUE = 64, 64, 8_192
WILL_RETRY, GIVEN_UP, BLOCKED = 90_001, 90_002, 90_003
EXCEPTION_PAUSE = 600
CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered; `status` None: nothing usable."""

    status: int | None
    note: str


def post(url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> Answer:
    """POST once, redirects not followed; too many or too long response headers count as a failure."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=timeout)
        try:
            path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
            connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            text = answer.read(500).decode(errors="replace")
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as exc:
        return Answer(None, f"{type(exc).__name__}: {exc}")
    found = answer.getheaders()
    long = any(len(n.encode()) > MAX_HEADER_NAME or len(v.encode()) > MAX_HEADER_VALUE for n, v in found)
    if len(found) > MAX_HEADERS or long:
        return Answer(None, "response headers over the limit")
    return Answer(answer.status, text)


class DomainWatch:
    """Success ratio per receiver domain over a sliding window; too low a ratio blocks the domain for a while."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._seen: dict[str, deque[tuple[float, bool]]] = {}
        self._blocked: dict[str, float] = {}

    def blocked_for(self, domain: str) -> float:
        """Seconds the domain stays blocked; 0 when it is free."""
        return max(0.0, self._blocked.get(domain, 0.0) - self._state.clock.timestamp())

    def blocked(self) -> dict[str, float]:
        """Every blocked domain with its seconds left."""
        return {domain: left for domain in list(self._blocked) if (left := self.blocked_for(domain)) > 0}

    def block(self, domain: str, seconds: float) -> None:
        """Block a domain, by hand too (a fault of §26)."""
        self._blocked[domain] = self._state.clock.timestamp() + seconds

    def clear(self) -> None:
        """Forget everything."""
        self._seen.clear()
        self._blocked.clear()

    def note(self, domain: str, success: bool) -> bool:
        """Count an attempt; answers whether it has just caused a block."""
        switches, now = self._state.switches, self._state.clock.timestamp()
        seen = self._seen.setdefault(domain, deque())
        seen.append((now, success))
        while seen and seen[0][0] <= now - float(switches["block_window"]):
            seen.popleft()
        good = sum(ok for _, ok in seen)
        if len(seen) < switches["block_after_requests"] or good * 100 >= len(seen) * switches["block_ratio"]:
            return False
        self.block(domain, float(switches["block_seconds"]))
        seen.clear()
        return True


class HookOutbox(Outbox):
    """The core's queue with BigCommerce's manners: signs each attempt anew, minds blocks, switches dead hooks off."""

    def __init__(self, database: Database, clock: Clock, lock: RLock, state: State, *, seed: int = 1) -> None:
        super().__init__(database, clock, lock, seed=seed)
        self._state = state
        self.watch = DomainWatch(state)
        self._told: dict[str, float] = {}
        self.retry = self._gap
        self.listener = self._attempted

    def forget(self) -> None:
        """Begin anew after a reset: no ratios, no blocks, nothing told."""
        self.watch.clear()
        self._told.clear()

    def _send(self, row_id: int) -> None:
        """One attempt of one delivery."""
        with self._lock:
            row = self.table.get(row_id)
            if row is None or row["status"] != OPEN:
                return
            hook = self._state.hooks.get(row["hook_id"])
            if hook is None or not hook["is_active"]:
                self.table.update(row_id, status=CANCELLED)
                self._database.commit()
                return
            headers = self._headers(row)
            is_blocked = self.watch.blocked_for(domain_of(row["url"])) > 0
        began = time.monotonic()
        timeout = float(self._state.switches["hook_timeout"])
        answer = (
            Answer(None, "domain blocked") if is_blocked else post(row["url"], row["body"].encode(), headers, timeout)
        )
        tried: dict[str, Any] = {
            "at": self._clock.now().isoformat(),
            "status": self._counted(answer),
            "answered": answer.status,
            "answer": answer.note,
            "sent": not is_blocked,
            "ms": round((time.monotonic() - began) * 1000),
        }
        with self._lock:
            if row_id in self.table:  # a reset may have happened meanwhile
                self._settle(row, tried)
                self._database.commit()

    def _headers(self, row: Row) -> dict[str, str]:
        """Custom headers and, by switch, a fresh Standard Webhooks signature (§25.5)."""
        if not self._state.switches["signature"]:
            return dict(row["headers"])
        now = int(self._clock.timestamp())
        secret = str(app_row(self._state)["client_secret"])
        signed = webhook_signature(secret, row["message_id"], now, row["body"].encode())
        return {
            **row["headers"],
            "webhook-id": row["message_id"],
            "webhook-timestamp": str(now),
            "webhook-signature": signed,
        }

    def _counted(self, answer: Answer) -> int | None:
        """The status the queue shall judge by: under the switch `hook_success` only 200 is a success."""
        if self._state.switches["hook_success"] == "200" and answer.status != 200:
            return None
        return answer.status

    def _gap(self, row: Row) -> float | None:
        failed = len(row["tries"])
        return float(GAPS[failed - 1]) if failed <= len(GAPS) else None

    def _attempted(self, row: Row) -> None:
        """After each attempt: the domain's ratio, exception events, deactivation."""
        last, delivered = row["tries"][-1], row["status"] == "delivered"
        if last["sent"] and self.watch.note(domain_of(row["url"]), delivered):
            self._tell(row, BLOCKED, "The destination domain is blocked")
        hook = self._state.hooks.get(row["hook_id"])
        if row["status"] == "failed" and hook is not None and hook["is_active"]:
            self._state.hooks.update(row["hook_id"], is_active=False)
            self._tell(row, GIVEN_UP, "Delivery was given up and the webhook switched off")
        elif row["status"] == OPEN:
            self._tell(row, WILL_RETRY, "Delivery failed and will be tried again")

    def _tell(self, row: Row, code: int, message: str) -> None:
        """`store/hook/deliveryException`; 90001 at most once per ten minutes and destination (§25.2)."""
        if row["scope"] == EXCEPTION_SCOPE:
            return
        now = self._clock.timestamp()
        if code == WILL_RETRY:
            if now - self._told.get(row["url"], float("-inf")) < EXCEPTION_PAUSE:
                return
            self._told[row["url"]] = now
        self._state.emit(
            EXCEPTION_SCOPE, {"type": "webhook", "id": row["hook_id"], "error_code": code, "message": message}
        )
