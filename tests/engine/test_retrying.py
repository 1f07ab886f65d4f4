"""Who can fix a failure decides what happens to its record."""

from typing import Any

import pytest

from errors.failures import (
    CircuitOpen,
    ContractBroken,
    CredentialsRejected,
    NotFound,
    Rejected,
    ServerTrouble,
    SyncFailure,
    Throttled,
    Unreachable,
    Violation,
    held,
)
from syncjobs.engine.retry_rules import Fate, judge, retry_delay

HELD = held(Violation(code="item_not_linked", sentence="Link JOUR-BLK"))


@pytest.mark.parametrize(
    ("failure", "attempts", "same_results", "fate"),
    [
        (Throttled("slow", retry_after=7), 99, 99, Fate.WAIT),
        (CircuitOpen("down", retry_after=7), 99, 99, Fate.WAIT),
        (CredentialsRejected("gone"), 1, 1, Fate.WAIT),
        (HELD, 1, 1, Fate.HOLD),
        (Unreachable("no answer"), 1, 1, Fate.RETRY),
        (ServerTrouble("503"), 9, 9, Fate.RETRY),
        (ServerTrouble("503"), 10, 10, Fate.BURY),
        (ServerTrouble("503"), 49, 1, Fate.RETRY),
        (ServerTrouble("503"), 50, 1, Fate.BURY),
        (Rejected("no", status=422), 1, 1, Fate.BURY),
        (NotFound("gone"), 1, 1, Fate.BURY),
        (ContractBroken("no total"), 4, 4, Fate.RETRY),
        (ContractBroken("no total"), 5, 5, Fate.BURY),
        (SyncFailure("defect"), 9, 4, Fate.RETRY),
        (SyncFailure("defect"), 10, 1, Fate.BURY),
    ],
)
def test_the_owner_decides(failure: SyncFailure, attempts: int, same_results: int, fate: Fate, settings: Any) -> None:
    settings.MAX_ATTEMPTS = 10
    assert judge(failure, attempts=attempts, same_results=same_results, was_write=False).fate == fate


def test_a_wait_lasts_as_long_as_the_other_side_said() -> None:
    verdict = judge(Throttled("slow", retry_after=7), attempts=1, same_results=1, was_write=False)
    assert verdict.delay.total_seconds() == 7


def test_a_wait_without_a_word_is_short_since_the_budget_knows_better() -> None:
    waits = [judge(Throttled("slow"), attempts=1, same_results=1, was_write=False).delay for _ in range(50)]
    assert all(0.5 <= wait.total_seconds() <= 1 for wait in waits)
    assert len(set(waits)) > 1


def test_back_off_doubles_with_full_jitter_up_to_ten_minutes() -> None:
    for attempts, ceiling in ((1, 2), (2, 4), (5, 32), (30, 600)):
        delays = [retry_delay(attempts, was_write=False).total_seconds() for _ in range(200)]
        assert all(0.5 <= delay <= ceiling for delay in delays)
        assert min(delays) <= ceiling / 4
        assert max(delays) > ceiling / 2


def test_writes_wait_longer_and_a_named_moment_is_kept() -> None:
    assert max(retry_delay(1, was_write=True).total_seconds() for _ in range(200)) > 2
    assert retry_delay(1, was_write=False, told=45.0).total_seconds() == 45
