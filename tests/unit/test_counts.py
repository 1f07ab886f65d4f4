"""One of a thing is no several."""

import pytest

from ipaas.counts import many
from syncjobs.pages.dashboard.object_tiles import COUNTED


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 lines"), (1, "1 line"), (2, "2 lines"), (1204, "1,204 lines")], ids=str
)
def test_one_is_said_of_one(count: int, words: str) -> None:
    assert many(count, "line") == words


def test_verbs_follow_their_count() -> None:
    assert [many(count, "order is", "orders are") for count in (1, 2)] == ["1 order is", "2 orders are"]


def test_tiles_say_one_of_one() -> None:
    assert many(1, *COUNTED["refunds"]) == "1 refund or return"
    assert many(2, *COUNTED["refunds"]) == "2 refunds and returns"
