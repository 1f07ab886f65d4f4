"""The story of money: both systems' own books agree to the cent, and nothing is given back or spent twice."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ORDERS = 12
NONE = {
    "lost": 0, "doubled": 0, "cent_differences": 0, "refunded_twice": 0, "captured_twice": 0, "uncaptured": 0,
    "overdrawn": 0, "cards_apart": 0, "duplicate_customers": 0, "customers_apart": 0, "unmatched": 0,
    "disagreements": 0, "problems": [],
}  # fmt: skip

pytestmark = pytest.mark.processes


@pytest.mark.sampled(1, of="stories")
@pytest.mark.parametrize("store", ["bigcommerce", "magento"])
def test_what_was_kept_is_the_same_in_both_systems(store: str) -> None:
    command = [sys.executable, "manage.py", "demo", "--headless", "--money", "--json"]
    command += ["--store", store, "--orders", str(ORDERS)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=500, check=False)
    assert told.stdout, told.stderr[-4000:]
    report = json.loads(told.stdout)
    assert {name: report[name] for name in NONE} == NONE
    assert report["orders"] > ORDERS / 2
    assert report["dispositions"]["booked"] > ORDERS / 2
    assert report["matched"] > 0
    assert Decimal(report["overdrawn_by_the_store"]) > 0  # both channels spent all of a card at once
    assert report["refused"] > 0  # by a provider, and taken later
    assert told.returncode == 0
