"""Serving a sandbox with gunicorn: one worker process, some threads, gone with its parent."""

import ctypes
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from gunicorn.app.base import BaseApplication

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

THREADS = 16
PR_SET_PDEATHSIG = 1


class Served(Protocol):
    """A WSGI application with a life of its own."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]: ...


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn around one sandbox. The app is made in the worker, because its sender threads do not survive a fork."""

    def __init__(self, make: Callable[[], Served], *, host: str, ports: Sequence[int], name: str) -> None:
        self._make, self._host, self._ports, self._name = make, host, ports, name
        self._app: Served | None = None
        super().__init__()

    def load_config(self) -> None:
        """Settings in code only: no file, no environment, no command line."""
        places = [f"{self._host}:{port}" for port in self._ports]
        shown = " and ".join(f"http://{place}" for place in places)
        settings: dict[str, Any] = {
            "bind": places,
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "worker_connections": 1_000,
            "keepalive": 75,
            "timeout": 0,
            "graceful_timeout": 3,
            "loglevel": "warning",
            "control_socket_disable": True,
            "proc_name": f"sandbox-{self._name}",
            "post_fork": lambda server, worker: _die_with_parent(),
            "post_worker_init": lambda worker: print(f"sandbox {self._name} listening on {shown}", flush=True),
            "worker_exit": lambda server, worker: self._stop(),
        }
        for key, value in settings.items():
            if key in self.cfg.settings:
                self.cfg.set(key, value)

    def load(self) -> Served:
        """Make the app in the worker and let it begin."""
        self._app = self._make()
        self._app.start()
        return self._app

    def _stop(self) -> None:
        if self._app is not None:
            self._app.stop()


def _die_with_parent() -> None:
    """Take the worker down with a killed parent, so that the port is free again at once (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def serve(make: Callable[[], Served], *, host: str, ports: Sequence[int], name: str) -> None:
    """Serve on every port until SIGTERM or SIGINT."""
    Server(make, host=host, ports=ports, name=name).run()
