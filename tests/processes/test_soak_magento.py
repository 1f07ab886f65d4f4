"""The same with a Magento shop, which is polled: what is killed or never answered is done once."""

from collections.abc import Iterator

import pytest

from tests.processes.test_soak import CLEAN, Play, judged, playing, seed

__all__ = ["seed"]
pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def play() -> Iterator[Play]:
    yield from playing("magento")


@pytest.mark.sampled(1)
@pytest.mark.parametrize("scenario", ["kill-in-flight", "answers-lost"])
def test_what_was_never_answered_is_done_once(play: Play, scenario: str, seed: int) -> None:
    finding = play(scenario, seed)
    assert judged(finding) == CLEAN
    assert finding["notes"]["has_struck"]


def test_a_restored_backup_doubles_and_loses_nothing(play: Play, seed: int) -> None:
    """What was booked after the backup is found in Heartland; what was placed meanwhile is found by the next poll."""
    finding = play("restore-backup", seed)
    assert judged(finding) == CLEAN
    assert finding["notes"]["forgotten"] == 14
    assert sum(finding["dispositions"].values()) == finding["orders"] == 3 * 14
