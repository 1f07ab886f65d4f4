"""Our entry for callbacks, as a shop's messages reach it over HTTP."""

from collections.abc import Iterator
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection as database

from connections.connect.magento.hand_ways import WAYS
from connections.hand_hooks import hand_hook_renew
from connections.models import Connection, Hook
from syncjobs.intake.hook_entry import HookEntry
from tests import factories


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture
def ours(settings: Any) -> Iterator[str]:
    """The web server's entry for callbacks; answers its address."""
    pages = WSGIHandler()

    def entry(environ: Any, start: Any) -> Any:
        try:
            yield from HookEntry(pages)(environ, start)
        finally:
            database.close()

    server = make_server("127.0.0.1", 0, entry, handler_class=Quiet)
    thread = Thread(target=server.serve_forever)
    thread.start()
    settings.PUBLIC_URL = f"http://127.0.0.1:{server.server_port}"
    yield settings.PUBLIC_URL
    server.shutdown()
    thread.join()
    server.server_close()


def made(connection: Connection, way: str) -> Hook:
    """A person makes an address of ours for a way."""
    (offered,) = [one for one in WAYS if one.way == way]
    return hand_hook_renew(connection, offered, factories.member(connection.merchant))
