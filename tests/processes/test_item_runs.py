"""A pull by real workers: killed again and again it leaves one item a SKU and one grid a product."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes.pulling import KILLS, PRODUCTS, SIZES

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.processes


def test_killed_again_and_again_nothing_is_made_twice() -> None:
    command = [sys.executable, "-m", "tests.processes.pulling"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    report = json.loads(done.stdout)
    assert (report["state"], report["kills"], report["left"]) == ("done", KILLS, 0)
    assert set(report["items"].values()) == {1}
    assert list(report["grids"].values()) == [1] * PRODUCTS
    assert report["links"] == len(report["items"]) == PRODUCTS * len(SIZES)
