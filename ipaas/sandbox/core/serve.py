"""Serving a sandbox with gunicorn: one worker process, some threads, gone with its parent."""

import ctypes
import signal
import sys
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

from ipaas.sandbox.core.app import App

THREADS = 16
PR_SET_PDEATHSIG = 1


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn around one sandbox. The app is made in the worker, because its sender threads do not survive a fork."""

    def __init__(self, make: Callable[[], App[Any]], *, host: str, port: int, name: str) -> None:
        self._make, self._host, self._port, self._name = make, host, port, name
        self._app: App[Any] | None = None
        super().__init__()

    def load_config(self) -> None:
        """Settings in code only: no file, no environment, no command line."""
        shown = f"http://{self._host}:{self._port}"
        settings: dict[str, Any] = {
            "bind": f"{self._host}:{self._port}",
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

    def load(self) -> App[Any]:
        """Make the app in the worker and let it begin."""
        self._app = self._make()
        self._app.service.start()
        return self._app

    def _stop(self) -> None:
        if self._app is not None:
            self._app.service.stop()


def _die_with_parent() -> None:
    """Take the worker down with a killed parent, so that the port is free again at once (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def serve(make: Callable[[], App[Any]], *, host: str, port: int, name: str) -> None:
    """Serve until SIGTERM or SIGINT."""
    Server(make, host=host, port=port, name=name).run()
