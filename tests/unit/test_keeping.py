"""Values kept for some seconds."""

import pytest

from ipaas.keeping import Kept


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("ipaas.keeping.time.monotonic", lambda: now[0])
    return now


def test_a_value_is_kept_for_its_time(clock: list[float]) -> None:
    kept = Kept[str, int](seconds=5, most=10)
    kept.put("a", 1)
    clock[0] += 4.9
    assert (kept.get("a"), kept.get("b")) == (1, None)
    clock[0] += 0.1
    assert kept.get("a") is None


def test_the_oldest_gives_way_and_what_is_put_again_is_the_youngest(clock: list[float]) -> None:
    kept = Kept[str, int](seconds=5, most=2)
    for key in ("a", "b", "a", "c"):
        kept.put(key, 1)
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (1, None, 1)
    kept.forget("a")
    kept.forget("a")
    assert kept.get("a") is None
