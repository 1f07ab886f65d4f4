"""The orders' whole life with real processes, while webhooks, limits and answers fail: judged from outside."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLEAN = {
    "lost": 0, "doubled": 0, "shipped_twice": 0, "notified_before_tracking": 0, "cent_differences": 0,
    "disagreements": 0, "problems": [],
}  # fmt: skip
ORDERS = 24

pytestmark = pytest.mark.processes


@pytest.mark.sampled(1, of="stories")
def test_both_systems_agree_in_the_end_and_the_proof_comes_out() -> None:
    command = [sys.executable, "manage.py", "demo", "--headless", "--life", "--orders", str(ORDERS), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)
    report = json.loads(done.stdout)
    assert {name: report[name] for name in CLEAN} == CLEAN
    assert sum(report["dispositions"].values()) == ORDERS
    assert sum(report["proof"]["counts"].values()) == report["proof"]["orders"] >= ORDERS
    assert (report["proof"]["is_closed"], done.returncode) == (True, 0)
    assert report["webhooks"]["bigcommerce"]["dropped"] > 0
