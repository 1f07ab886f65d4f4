"""What a server gets: the product without history, tests and sandbox, and it starts."""

import io
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.unit.test_settings import PRODUCTION, ROOT

PACKED = ["git", "-c", "core.attributesFile=deploy/server.attributes", "archive", "HEAD"]
COMMANDS = ("attack", "bench", "demo", "soak")
LEFT_OUT = (".git", ".ci", "tests", "ipaas/sandbox", "syncjobs/stories")


def test_the_product_starts_without_its_tests_and_sandbox(tmp_path: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not in a checkout")
    packed = subprocess.run(PACKED, cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(tmp_path, filter="data")
    assert [one for one in LEFT_OUT if (tmp_path / one).exists()] == []
    commands = tmp_path / "syncjobs" / "management" / "commands"
    assert [one for one in COMMANDS if (commands / f"{one}.py").exists()] == []
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=tmp_path, env=PRODUCTION | {"TRUSTED_PROXY_COUNT": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
