"""The stock story with real processes: a full sync, then tills and shoppers at once while both systems act up."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.processes


def play(*more: str) -> tuple[dict[str, Any], int]:
    options = ["--moves", "60", "--web-orders", "20", "--json", *more]
    command = [sys.executable, "manage.py", "demo", "--headless", "--stock", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)
    return json.loads(done.stdout), done.returncode


def test_the_store_ends_at_heartlands_numbers() -> None:
    report, status = play("--skus", "600")
    assert (report["differences"], report["problems"], report["disagreements"]) == ([], [], [])
    assert report["oversold"]["avoidable"] == 0
    calls = report["full_sync"]["calls"]
    assert all(calls[feed]["calls"] == calls[feed]["least"] for feed in ("values", "store_levels", "writes"))
    assert (report["full_sync"]["state"], status) == ("done", 0)


@pytest.mark.sampled(1, of="stories")
def test_killed_again_and_again_it_goes_on_from_its_checkpoint() -> None:
    report, status = play("--skus", "6000", "--kills", "4")
    assert (report["differences"], report["problems"], report["disagreements"]) == ([], [], [])
    assert report["oversold"]["avoidable"] == 0
    assert (report["full_sync"]["state"], status) == ("done", 0)
