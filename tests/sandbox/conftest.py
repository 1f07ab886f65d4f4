"""Running sandbox services for tests: real HTTP on a free port, fresh from the seed in every test."""

import io
import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from ipaas.sandbox.__main__ import make, parser_for
from ipaas.sandbox.core.app import App
from ipaas.sandbox.core.web import Request


class KeepAlive(WSGIRequestHandler):
    """HTTP/1.1 over connections that stay open, as real ones do; silent.

    werkzeug closes each after its answer, since it does not read a body to its end.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # the body is a packet of its own: it must not wait for news of the head

    def run_wsgi(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.environ = {**self.make_environ(), "wsgi.input": io.BytesIO(body)}
        try:
            for part in self.server.app(self.environ, self._head):
                self.wfile.write(part)
        except ConnectionError:  # cut by a fault, or by whoever asked
            self.close_connection = True

    def _head(self, status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[[bytes], object]:
        code, _, words = status.partition(" ")
        self.send_response(int(code), words)
        for name, value in headers:
            self.send_header(name, value)
        has_end = self.command == "HEAD" or int(code) in (204, 304) or any(n == "Content-Length" for n, _ in headers)
        if not has_end:
            self.send_header("Connection", "close")
        self.end_headers()
        return self.wfile.write

    def log(self, type: str, message: str, *args: Any) -> None:
        """Keep the test output clean."""


class Running:
    """One service in a thread of this process."""

    def __init__(self, app: App[Any]) -> None:
        self.app = app
        app.service.start()
        self._server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=KeepAlive)
        self.url = f"http://127.0.0.1:{self._server.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def fresh(self) -> str:
        """Back to the seed; answers the address."""
        call = urllib.request.Request(f"{self.url}/_sim/reset", json.dumps({}).encode(), method="POST")
        urllib.request.urlopen(call).close()
        return self.url

    def close(self) -> None:
        """Stop serving and sending."""
        self._server.shutdown()
        self._server.server_close()
        self.app.service.stop()


class Receiver:
    """Keeps the JSON bodies posted to it, by path, and answers as told."""

    def __init__(self) -> None:
        self.bodies: dict[str, list[Any]] = {}
        self.answers: list[tuple[int, bytes]] = []  # taken one by one; then 200
        self._came = threading.Condition()
        self._server = make_server("127.0.0.1", 0, self._receive, threaded=True, request_handler=KeepAlive)
        self.url = f"http://127.0.0.1:{self._server.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _receive(self, environ: Any, start_response: Any) -> list[bytes]:
        request = Request(environ)
        with self._came:
            self.bodies.setdefault(request.path, []).append(request.json())
            status, body = self.answers.pop(0) if self.answers else (200, b"")
            self._came.notify_all()
        start_response(f"{status} Told", [("Content-Length", str(len(body)))])
        return [body]

    def wait(self, path: str, count: int = 1, seconds: float = 5) -> list[Any]:
        """What came to a path, once at least `count` did."""
        with self._came:
            self._came.wait_for(lambda: len(self.bodies.get(path, ())) >= count, timeout=seconds)
            return list(self.bodies.get(path, ()))

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


def running(system: str, *arguments: str) -> Running:
    """Start one of the two systems, in memory only."""
    return Running(make(system, parser_for(system).parse_args(["--port", "0", *arguments])))


@pytest.fixture(scope="session")
def heartland_server() -> Iterator[Running]:
    """The Heartland service of this test run."""
    server = running("heartland", "--switch", "rate_limit=false")
    yield server
    server.close()


@pytest.fixture(scope="session")
def bigcommerce_server() -> Iterator[Running]:
    """The BigCommerce service of this test run."""
    server = running("bigcommerce")
    yield server
    server.close()


@pytest.fixture
def heartland_url(heartland_server: Running) -> str:
    """Address of a Heartland sandbox as seeded, without its rate limit."""
    return heartland_server.fresh()


@pytest.fixture
def bigcommerce_url(bigcommerce_server: Running) -> str:
    """Address of a BigCommerce sandbox as seeded."""
    return bigcommerce_server.fresh()


@pytest.fixture
def hook_receiver() -> Iterator[Receiver]:
    """A web server that keeps what is posted to it."""
    receiver = Receiver()
    yield receiver
    receiver.close()
