"""The same with a Magento shop, which is polled: what is killed or never answered is done once."""

from collections.abc import Iterator

import pytest

from tests.processes.test_soak import CLEAN, Play, judged, playing, seed

__all__ = ["seed"]
pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def play() -> Iterator[Play]:
    yield from playing("magento")


@pytest.mark.parametrize("scenario", ["kill-in-flight", "answers-lost"])
def test_what_was_never_answered_is_done_once(play: Play, scenario: str, seed: int) -> None:
    finding = play(scenario, seed)
    assert judged(finding) == CLEAN
    assert finding["notes"]["has_struck"]
