"""The stock story with real processes: a full sync, then tills and shoppers at once while both systems act up."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.processes


def test_the_store_ends_at_heartlands_numbers() -> None:
    options = ["--skus", "600", "--moves", "60", "--web-orders", "20", "--json"]
    command = [sys.executable, "manage.py", "demo", "--headless", "--stock", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    report = json.loads(done.stdout)
    assert (report["differences"], report["problems"], report["oversold"]["avoidable"]) == ([], [], 0)
    assert report["full_sync"]["state"] == "done"
    assert report["full_sync"]["calls"]["writes"]["calls"] == report["full_sync"]["calls"]["writes"]["least"]
    assert report["full_sync"]["calls"]["values"]["calls"] == report["full_sync"]["calls"]["values"]["least"]
    assert done.returncode == 0
