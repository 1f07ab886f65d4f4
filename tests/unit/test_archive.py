"""What a server gets: the product without history, tests and sandbox, and it starts."""

import subprocess
import sys
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
    subprocess.run(["tar", "-x", "-C", str(tmp_path)], input=packed, check=True)
    assert [one for one in LEFT_OUT if (tmp_path / one).exists()] == []
    commands = tmp_path / "syncjobs" / "management" / "commands"
    assert [one for one in COMMANDS if (commands / f"{one}.py").exists()] == []
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=tmp_path, env=PRODUCTION | {"TRUSTED_PROXY_COUNT": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
