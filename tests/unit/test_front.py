"""The front server's shipped configuration: nginx takes it, also as the site that operators copy."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from ipaas.front import SHIPPED, Front, NoFrontServer, program


@pytest.fixture
def nginx() -> str:
    try:
        return program()
    except NoFrontServer as exc:
        pytest.skip(str(exc))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def running(command: list[str], port: int) -> Iterator[None]:
    """The process, once its port is open."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(10)


def site_conf(tmp_path: Path, ports: dict[str, int]) -> Path:
    """nginx's main file with the site that operators copy; `ports`: the site's ports → those of this test."""
    front = Front(directory=tmp_path / "front", port=8443)
    front.command()
    site = (SHIPPED / "site.conf").read_text()
    site = site.replace("/srv/tillbridge/deploy/nginx", str(SHIPPED)).replace("/var/log/nginx", str(tmp_path))
    for name, file in (("fullchain", "front.crt"), ("privkey", "front.key")):
        site = site.replace(f"/etc/letsencrypt/live/tillbridge.example.com/{name}.pem", str(front.directory / file))
    for shipped, port in ports.items():
        site = site.replace(f"listen {shipped}", f"listen 127.0.0.1:{port}")
    (tmp_path / "site.conf").write_text(site)
    main = tmp_path / "nginx.conf"
    main.write_text(f"pid {tmp_path}/nginx.pid;\nevents {{}}\nhttp {{ include {tmp_path}/site.conf; }}\n")
    return main


def test_the_site_that_operators_copy_is_taken(nginx: str, tmp_path: Path) -> None:
    main = site_conf(tmp_path, {})
    said = subprocess.run(
        [nginx, "-t", "-c", str(main), "-e", str(tmp_path / "error.log")], capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stderr.count("warn")) == (0, 0), said.stderr


def test_the_key_of_a_demo_is_readable_by_us_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ipaas.front.program", lambda: "nginx")
    front = Front(directory=tmp_path, port=8443)
    assert front.command()[0] == "nginx"
    assert (tmp_path / "front.key").stat().st_mode & 0o777 == 0o600
    assert b"BEGIN CERTIFICATE" in front.certificate.read_bytes()


def test_a_browser_is_led_to_https_and_a_callback_is_not(nginx: str, tmp_path: Path) -> None:
    plain = free_port()
    main = site_conf(tmp_path, {"80": plain, "443": free_port()})
    command = [nginx, "-c", str(main), "-e", str(tmp_path / "error.log"), "-g", "daemon off;"]
    with running(command, plain):
        asked = [
            requests.request(
                method, f"http://127.0.0.1:{plain}{path}", headers={"Host": "tillbridge.example.com"},
                allow_redirects=False, timeout=5,
            )
            for method, path in (("GET", "/orders/?q=1"), ("POST", "/hooks/bigcommerce/a"))
        ]  # fmt: skip
    assert [(one.status_code, one.headers.get("Location")) for one in asked] == [
        (308, "https://tillbridge.example.com/orders/?q=1"),
        (404, None),
    ]


def test_what_nginx_answers_by_itself_bears_the_headers_of_our_pages(nginx: str, tmp_path: Path) -> None:
    front = Front(directory=tmp_path, port=free_port())
    with running(front.command(), front.port):
        trusted = str(front.certificate)
        file = requests.get(f"{front.url}/static/css/base.css", verify=trusted, timeout=5)
        refused = requests.post(f"{front.url}/", data=b" " * (2**20 + 1), verify=trusted, timeout=5)
        away = requests.get(f"{front.url}/", verify=trusted, timeout=5)
        traced = requests.request("TRACE", f"{front.url}/", verify=trusted, timeout=5)
    assert [one.status_code for one in (file, refused, away, traced)] == [200, 413, 502, 405]
    for one in (file, refused, away):
        assert one.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
        assert "frame-ancestors 'none'" in one.headers["Content-Security-Policy"]
        assert one.headers["X-Content-Type-Options"] == "nosniff"
