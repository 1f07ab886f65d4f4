"""The real process: starts, says so, survives `kill -9` with everything, stops on SIGTERM."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.heartland_client import Caller
from tests.sandbox.heartland_orders import MAIN, Shop

pytestmark = pytest.mark.processes
TEE = 100_003


class Service:
    """`python -m ipaas.sandbox heartland` on one port and folder, started again and again."""

    def __init__(self, data: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.data = data
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> Caller:
        command = [
            sys.executable,
            "-m",
            "ipaas.sandbox",
            "heartland",
            "--port",
            str(self.port),
            "--data",
            str(self.data),
        ]
        self.process = subprocess.Popen([*command, "--switch", "rate_limit=false"], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == f"sandbox heartland listening on http://127.0.0.1:{self.port}\n"
        return Caller(f"http://127.0.0.1:{self.port}")

    def end(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(timeout=15)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.end(signal.SIGKILL)


def everything(api: Caller) -> dict[str, Any]:
    """All rows the control API shows of the tables an order touches."""
    tables = ("orders", "order_lines", "payments", "transactions", "stock", "ledger", "webhooks", "tokens", "settings")
    return {name: api.sim("GET", f"/state/{name}?limit=9999") for name in tables}


def test_what_was_answered_is_there_after_kill_nine(service: Service) -> None:
    api = service.start()
    shop = Shop(api)
    order = shop.opened(
        {"item_id": TEE, "qty": 2, "ship_from_location_id": MAIN}, public_id="BC-1", shipping_charge=6.95
    )
    api.sim("POST", "/staff/invoice", {"order": order, "lines": [{"item_id": TEE, "qty": 1}]})
    api.post("/webhooks", {"url": "http://127.0.0.1:9/", "events": ["customer_created"]})
    api.post("/customers", {"first_name": "Late", "last_name": "Hook"})
    api.switch(validation_status=422)
    api.sim("PUT", "/clock", {"offset_seconds": 3600})
    before = everything(api)
    service.end(signal.SIGKILL)

    again = service.start()
    assert everything(again) == before
    assert again.sim("GET", "/clock")["offset_seconds"] == 3600
    assert again.refused("POST", "/customers", {})[0] == 422
    again.sim("POST", "/staff/invoice", {"order": "BC-1"})
    assert again.get(f"/sales/orders/{order}")["status"] == "closed"
    (delivery,) = again.sim("GET", "/deliveries")["deliveries"]
    assert delivery["status"] == "queued"
    assert len(again.get("/customers", {"query": "Late Hook"})["results"]) == 1


def test_a_killed_worker_is_replaced_with_its_state(service: Service) -> None:
    api = service.start()
    made = api.post("/customers", {"first_name": "Still", "last_name": "Here"})
    assert service.process is not None
    children = Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)
    assert service.process.stdout is not None
    assert service.process.stdout.readline().startswith("sandbox heartland listening")
    assert Caller(api.url).get(f"/customers/{made}")["name"] == "Still Here"


def test_sigterm_ends_it_cleanly_and_the_port_is_free(service: Service) -> None:
    service.start()
    assert service.end(signal.SIGTERM) == 0
    service.start()
    assert service.end(signal.SIGTERM) == 0


def test_the_line_is_kept_from_call_to_call_until_a_fault_cuts_it(service: Service) -> None:
    api = service.start()
    line = http.client.HTTPConnection("127.0.0.1", service.port)

    def call(method: str, path: str, body: str | None = None) -> int:
        line.request(method, path, body)
        answer = line.getresponse()
        answer.read()
        return answer.status

    assert call("GET", "/_sim/health") == 200
    first = line.sock
    assert first is not None
    assert [call("POST", "/api/customers", "{}" * 999), call("GET", "/nowhere"), call("GET", "/_sim/health")] == [
        401,
        404,
        200,
    ]
    assert line.sock is first
    for fault in ({"drop": True}, {"lose": True}, {"truncate": True}):
        api.sim("POST", "/faults", {"path": "^/api/items", "times": 1, **fault})
        with pytest.raises((http.client.RemoteDisconnected, http.client.IncompleteRead, ConnectionResetError)):
            call("GET", "/api/items")
        line.close()
        assert call("GET", "/_sim/health") == 200
