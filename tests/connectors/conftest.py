"""A small local server that answers as each test tells it to, also badly: over real sockets."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
import requests

from connections.connectors.bigcommerce import BigCommerceClient
from connections.connectors.heartland import HeartlandClient
from ipaas.types import NoObserver
from tests.sandbox.conftest import bigcommerce_server, bigcommerce_url, heartland_server, heartland_url

__all__ = ["bigcommerce_server", "bigcommerce_url", "heartland_server", "heartland_url"]

STORE_HASH = "a1b2c3d4e5"

Behaviour = Callable[[socket.socket, bytes], None]  # gets the connection and the request it read


def answering(status: str, body: bytes | str = b"", *headers: str) -> Behaviour:
    """One complete HTTP answer."""
    content = body.encode() if isinstance(body, str) else body
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *headers, "", ""])

    def behave(connection: socket.socket, request: bytes) -> None:
        connection.sendall(head.encode() + content)

    return behave


class BadServer:
    """Serves one behaviour per request, in turn; the last one stays. `requests` keeps what came in."""

    def __init__(self) -> None:
        self.behaviours: list[Behaviour] = [answering("200 OK", "{}")]
        self.requests: list[bytes] = []
        self.connections = 0
        self.stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def will(self, *behaviours: Behaviour) -> None:
        """Answer so from now on."""
        self.behaviours = list(behaviours)

    def close(self) -> None:
        """Stop listening and let hanging behaviours go."""
        self.stopping.set()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while request := _read(connection):
                self.requests.append(request)
                behave = self.behaviours.pop(0) if len(self.behaviours) > 1 else self.behaviours[0]
                behave(connection, request)


def _read(connection: socket.socket) -> bytes:
    """One request: head and the body that its Content-Length promises."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@pytest.fixture
def server() -> Iterator[BadServer]:
    """A server that behaves as told."""
    bad = BadServer()
    yield bad
    bad.close()


@pytest.fixture
def heartland(heartland_url: str) -> HeartlandClient:
    """A client with full access to a freshly seeded sandbox."""
    return HeartlandClient(f"{heartland_url}/api", "sim-heartland-token", NoObserver())


@pytest.fixture
def bigcommerce(bigcommerce_url: str) -> BigCommerceClient:
    """A client with full access to a freshly seeded sandbox store."""
    return BigCommerceClient(bigcommerce_url, STORE_HASH, "sim-bigcommerce-token", NoObserver())


def switch(url: str, **switches: object) -> None:
    """Set switches of a sandbox service."""
    requests.put(f"{url}/_sim/switches", json=switches, timeout=5).raise_for_status()
