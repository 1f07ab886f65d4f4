"""Behind the front server, which reaches us by a socket: whose try it was is known all the same."""

import http.client
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from connections.models import AuditEntry
from ipaas.front import Front, NoFrontServer
from syncjobs.stories.demo.world import listening
from tests.databases import database_url
from tests.screens.own_account import log_in
from tests.unit.test_front import free_port, running

CLIENT = "127.0.0.77"  # of the loopback net, so that it is not what anybody guesses


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    """nginx as we ship it, before a web server on a socket."""
    if connection.vendor != "postgresql":
        pytest.skip("a process beside us needs a database that is reached")
    front = Front(directory=tmp_path / "front", port=free_port())
    try:
        command = front.command()
    except NoFrontServer as exc:
        pytest.skip(str(exc))
    environment = {"DATABASE_URL": database_url(), "PUBLIC_URL": front.url, "TRUSTED_PROXY_COUNT": "1"}
    argv = [sys.executable, "-m", "gunicorn", "ipaas.wsgi", "-c", "ipaas/gunicorn.py", "--bind", f"unix:{front.pages}"]
    web = subprocess.Popen(argv, env=os.environ | environment, stdin=subprocess.DEVNULL)
    try:
        for _ in range(600):
            if listening(front.pages):
                break
            time.sleep(0.05)
        with running(command, front.port):
            yield front
    finally:
        web.terminate()
        web.wait(20)


@pytest.mark.django_db(transaction=True)
def test_the_address_in_the_trail_is_the_clients_and_not_what_it_says(front: Front) -> None:
    line = http.client.HTTPSConnection(
        "127.0.0.1", front.port, timeout=20, source_address=(CLIENT, 0),
        context=ssl.create_default_context(cafile=str(front.certificate)),
    )  # fmt: skip
    line.request("GET", "/accounts/login/", headers={"X-Forwarded-For": "203.0.113.5"})
    page = line.getresponse()
    cookie = str(page.headers["Set-Cookie"]).split(";")[0]
    page.read()
    sent = f"login=nobody@example.com&password=wrong&csrfmiddlewaretoken={cookie.partition('=')[2]}"
    line.request(
        "POST", "/accounts/login/", sent,
        {
            "Cookie": cookie, "Referer": f"{front.url}/accounts/login/", "X-Forwarded-For": "203.0.113.5",
            "Forwarded": "for=203.0.113.5", "Content-Type": "application/x-www-form-urlencoded",
        },
    )  # fmt: skip
    assert line.getresponse().status == 200
    assert [(one.action, one.detail["from"]) for one in AuditEntry.objects.all()] == [("person.sign_in_failed", CLIENT)]


def test_the_directory_of_the_sockets_is_ours_alone(tmp_path: Path) -> None:
    front = Front(directory=tmp_path / "front", port=8443)
    front.prepare()
    assert {path.parent for path in (front.pages, front.hooks)} == {front.directory}
    assert front.directory.stat().st_mode & 0o777 == 0o700


@pytest.mark.django_db
def test_a_socket_whose_proxy_says_nothing_is_no_error() -> None:
    assert log_in(Client(), "nobody@example.com", "wrong", REMOTE_ADDR="") == ""
    assert AuditEntry.objects.get().detail["from"] == "0.0.0.0"  # noqa: S104
