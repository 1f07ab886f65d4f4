"""Clients for work that a person waits for: they wait a few seconds themselves when asked to slow down.

Everywhere else waiting belongs to the ledger. Waiting is safe here: a throttled call had no effect.
"""

import time
from collections.abc import Callable

from connections.connectors.heartland import HeartlandClient
from connections.connectors.http import Answer, JSONClient
from connections.connectors.wire import Params
from errors.failures import Throttled

LONGEST_WAIT_SECONDS = 5.0
LONGEST_TOTAL_SECONDS = 20.0
DEFAULT_WAIT_SECONDS = 1.0

sleep: Callable[[float], None] = time.sleep


class Patient(JSONClient):
    """Repeats a throttled call after the wait the other side asked for, within limits that a person bears."""

    waited = 0.0

    def _send(self, method: str, path: str, *, params: Params = (), body: object = None) -> Answer:
        while True:
            try:
                return super()._send(method, path, params=params, body=body)
            except Throttled as throttled:
                wait = throttled.retry_after or DEFAULT_WAIT_SECONDS
                if wait > LONGEST_WAIT_SECONDS or self.waited + wait > LONGEST_TOTAL_SECONDS:
                    raise
                self.waited += wait
                sleep(wait)


class PatientHeartlandClient(Patient, HeartlandClient):
    """HeartlandClient for set-up and tests."""
