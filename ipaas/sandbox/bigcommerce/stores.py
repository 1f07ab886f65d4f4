"""Several stores behind one API host, as in the real world: a path names its store, pages go by the port."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ipaas.sandbox.bigcommerce.service import BigCommerce
from ipaas.sandbox.core.app import App

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

IN_PATH = re.compile(r"^/stores/([^/]+)/")
IN_CONTEXT = re.compile(rb"stores(?:/|%2F)([a-z0-9]+)", re.IGNORECASE)
TOKENS = "/oauth2/token"


class Stores:
    """Calls under `/stores/{hash}` and token exchanges go to the store they name, all else by the port."""

    def __init__(self, first: App[BigCommerce], others: Mapping[int, App[BigCommerce]]) -> None:
        self.first, self.others = first, others

    def start(self) -> None:
        for app in self._all():
            app.start()

    def stop(self) -> None:
        for app in self._all():
            app.stop()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._of(environ)(environ, start_response)

    def _of(self, environ: WSGIEnvironment) -> App[BigCommerce]:
        path = environ["PATH_INFO"]
        named = IN_PATH.match(path)
        wanted = named.group(1) if named else _context(environ) if path == TOKENS else ""
        by_hash = {app.service.state.hash: app for app in self._all()}
        return by_hash.get(wanted) or self.others.get(int(environ["SERVER_PORT"])) or self.first

    def _all(self) -> list[App[BigCommerce]]:
        return [self.first, *self.others.values()]


def _context(environ: WSGIEnvironment) -> str:
    """The store that a token exchange names in its body, which stays readable."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    named = IN_CONTEXT.search(body)
    return named.group(1).decode() if named else ""
