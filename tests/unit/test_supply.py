"""What production is made of: no pinned version with a known fault, and a list that is not old."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ipaas import advisories
from ipaas.advisories import Advisory

HELD = {"django": "5.2.19"}


def test_no_pinned_version_has_a_known_fault() -> None:
    held = advisories.pins()
    assert held["django"].startswith("5.2.")
    assert advisories.open_advisories(held, advisories.advisories()) == []


def test_somebody_looked_in_the_last_thirty_days() -> None:
    """Fails when nobody did: look anew, as deploy/advisories.json says, and correct its date."""
    assert not advisories.is_too_old(datetime.now(UTC).date())


def test_a_list_grows_old(tmp_path: Path) -> None:
    path = tmp_path / "advisories.json"
    path.write_text('{"looked_on": "2026-11-01"}')
    assert [advisories.is_too_old(date(2026, 12, day), path) for day in (1, 2)] == [False, True]


@pytest.mark.parametrize(
    ("package", "affected", "decision", "is_open"),
    [
        ("Django", ">=5.2,<5.2.20", "", True),
        ("Django", ">=5.2,<5.2.20", "The view that it concerns is not routed.", False),
        ("django", "<5.2.19", "", False),
        ("flask", ">=0", "", False),
    ],
)
def test_a_known_fault_of_a_pinned_version_is_open_until_decided(
    package: str, affected: str, decision: str, is_open: bool
) -> None:
    one = Advisory(id="CVE-0", package=package, affected=affected, decision=decision)
    assert advisories.open_advisories(HELD, [one]) == [one][: int(is_open)]
