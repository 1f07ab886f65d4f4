"""Deaths at the writes of money, in a world of its own: no order of other scenarios stands beside those of a deed."""

import json
from collections.abc import Iterator

import pytest

from tests.processes.test_soak import CLEAN, Play, judged, playing, seed

__all__ = ["seed"]
MONEY = ["charge", "refund-open-piece", "refund-left"]  # the others in `make soak` alone

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def play() -> Iterator[Play]:
    yield from playing("bigcommerce")


@pytest.mark.sampled(1)
@pytest.mark.parametrize("deed", MONEY)
def test_death_at_any_write_of_money_moves_it_once(play: Play, deed: str, seed: int) -> None:
    """Before each write is asked, and once it is answered."""
    finding = play(f"money-{deed}", seed)
    assert judged(finding) == CLEAN
    deaths = finding["notes"]["deaths"]
    print(json.dumps(deaths))  # noqa: T201 (how many writes it took)
    assert deaths["asks"] == deaths["answered"] > 0
