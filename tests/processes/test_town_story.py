"""Two stores on one Heartland account with real processes: nothing lost, doubled, adopted, no page says otherwise."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLEAN = {"lost": 0, "doubled": 0, "adopted_foreign": 0, "wrong_store": 0, "cent_differences": 0, "not_in_time": 0}
ORDERS = 30

pytestmark = pytest.mark.processes


@pytest.mark.sampled(1, of="stories")
@pytest.mark.parametrize("stores", [("--stores", "2"), ("--store", "both")], ids=["one kind", "two kinds"])
def test_two_stores_of_one_account_keep_apart_and_every_page_is_true(stores: tuple[str, str]) -> None:
    command = [sys.executable, "manage.py", "demo", "--headless", *stores, "--orders", str(ORDERS), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    report = json.loads(done.stdout)
    assert {name: report[name] for name in CLEAN} == CLEAN
    assert (report["problems"], report["disagreements"], done.returncode) == ([], 0, 0)
    assert report["oversold"]["offered"] > 0
    assert report["oversold"]["avoidable"] == 0
    assert (report["orders"], report["stores"]) == (ORDERS, 2)
    assert all(sum(states.values()) >= ORDERS // 2 for states in report["dispositions"].values())
