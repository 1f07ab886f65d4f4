"""The front server's shipped configuration: nginx takes it, also as the site that operators copy."""

import subprocess
from pathlib import Path

import pytest

from ipaas.front import SHIPPED, Front, NoFrontServer, program


@pytest.fixture
def nginx() -> str:
    try:
        return program()
    except NoFrontServer as exc:
        pytest.skip(str(exc))


def test_the_site_that_operators_copy_is_taken(nginx: str, tmp_path: Path) -> None:
    front = Front(directory=tmp_path / "front", port=8443, pages=8000, hooks=8001)
    front.command()
    site = (SHIPPED / "site.conf").read_text()
    site = site.replace("/srv/tillbridge/deploy/nginx", str(SHIPPED)).replace("/var/log/nginx", str(tmp_path))
    for name, file in (("fullchain", "front.crt"), ("privkey", "front.key")):
        site = site.replace(f"/etc/letsencrypt/live/tillbridge.example.com/{name}.pem", str(front.directory / file))
    (tmp_path / "site.conf").write_text(site)
    main = tmp_path / "nginx.conf"
    main.write_text(f"pid {tmp_path}/nginx.pid;\nevents {{}}\nhttp {{ include {tmp_path}/site.conf; }}\n")
    said = subprocess.run(
        [nginx, "-t", "-c", str(main), "-e", str(tmp_path / "error.log")], capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stderr.count("warn")) == (0, 0), said.stderr


def test_the_key_of_a_demo_is_readable_by_us_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ipaas.front.program", lambda: "nginx")
    front = Front(directory=tmp_path, port=8443, pages=8000, hooks=8001)
    assert front.command()[0] == "nginx"
    assert (tmp_path / "front.key").stat().st_mode & 0o777 == 0o600
    assert b"BEGIN CERTIFICATE" in front.certificate.read_bytes()
