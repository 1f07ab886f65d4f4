"""Our own PostgreSQL comes up again, whatever state its predecessor is in."""

import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ipaas import postgres


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    postgres.forget(tmp_path)


def postmaster(server: postgres.Server) -> int:
    return int((server.data / "postmaster.pid").read_text().splitlines()[0])


def test_a_predecessor_that_is_being_stopped_is_waited_for(directory: Path) -> None:
    server = postgres.ensure_running(directory)
    former = postmaster(server)
    client = psycopg.connect(server.url)
    stop = [str(server.binaries / "pg_ctl"), "-D", str(server.data), "-m", "smart", "-W", "stop"]
    subprocess.run(stop, check=True, capture_output=True, **postgres.identity(server.account), cwd=server.data.parent)
    threading.Timer(1.0, client.close).start()
    again = postgres.ensure_running(directory)
    assert again.url == server.url
    assert postmaster(again) != former


def test_one_that_does_not_come_up_says_why(directory: Path) -> None:
    server = postgres.server_at(directory)
    (server.data / "postgresql.conf").write_text("shared_buffers = nonsense\n")
    with pytest.raises(postgres.PostgresSilent, match="nonsense"):
        postgres.ensure_running(directory, seconds=1)
