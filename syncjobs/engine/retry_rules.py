"""What happens after a failure: pure rules, no database. DESIGN.md, Failures."""

import random
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.conf import settings

from errors.failures import NotFound, Owner, Rejected, SyncFailure, Throttled

READ_BASE_SECONDS = 2.0
WRITE_BASE_SECONDS = 5.0  # after a write: the other side gets more time to come to itself
LONGEST_SECONDS = 600.0
SHORTEST_SECONDS = 0.5
UNTOLD_THROTTLE_SECONDS = (0.5, 1.0)  # throttled without being told for how long: the budget knows better
AFTER_FAILURE = timedelta(seconds=60)  # before a look or a run that failed is made again
SAME_RESULTS_ALLOWED = 5
MOST_TRIES = 5  # times MAX_ATTEMPTS: then something goes round, however much each try gets done
FINAL = (Rejected, NotFound)  # the same request gets the same answer


class Fate(StrEnum):
    """What becomes of a job after a failure."""

    WAIT = "wait"  # not its fault: tried again without counting the attempt
    RETRY = "retry"
    HOLD = "hold"
    BURY = "bury"  # dead letter


@dataclass(frozen=True, kw_only=True)
class Verdict:
    fate: Fate
    delay: timedelta = timedelta()


def judge(failure: SyncFailure, *, attempts: int, same_results: int, was_write: bool) -> Verdict:
    """Decide after the failure of attempt number `attempts`, the `same_results`-th in a row to end like this.

    What heals by itself is retried until MAX_ATTEMPTS in a row got nothing done, for where the other side is half
    broken each try gets further. Everything else that could be retried stops after five same results.
    """
    if not failure.counts_as_attempt:
        return Verdict(fate=Fate.WAIT, delay=wait_delay(failure))
    if failure.owner == Owner.MERCHANT:
        return Verdict(fate=Fate.HOLD)
    if failure.owner == Owner.OPERATOR and (isinstance(failure, FINAL) or same_results >= SAME_RESULTS_ALLOWED):
        return Verdict(fate=Fate.BURY)
    number = same_results if failure.owner == Owner.NOBODY else attempts
    if number >= settings.MAX_ATTEMPTS or attempts >= MOST_TRIES * settings.MAX_ATTEMPTS:
        return Verdict(fate=Fate.BURY)
    return Verdict(fate=Fate.RETRY, delay=retry_delay(number, was_write=was_write, told=failure.retry_after))


def wait_delay(failure: SyncFailure) -> timedelta:
    """As long as the other side said; a while when it did not say."""
    told = failure.retry_after
    return timedelta(seconds=random.uniform(*UNTOLD_THROTTLE_SECONDS) if told is None else told)  # noqa: S311


def retry_delay(attempts: int, *, was_write: bool, told: float | None = None) -> timedelta:
    """Exponential back-off with full jitter, and never before the moment the other side named."""
    longest = longest_delay(attempts, was_write=was_write)
    return timedelta(seconds=max(told or 0.0, SHORTEST_SECONDS, random.uniform(0, longest)))  # noqa: S311


def longest_delay(attempts: int, *, was_write: bool) -> float:
    """Seconds that the back-off after this many attempts is at most."""
    base = WRITE_BASE_SECONDS if was_write else READ_BASE_SECONDS
    return min(LONGEST_SECONDS, base * 2.0 ** min(attempts - 1, 20))


def longest_waits(after: int, *, was_write: bool) -> list[timedelta]:
    """The longest waits before each try that may still come once attempt `after` failed like those before it."""
    numbers = range(after, settings.MAX_ATTEMPTS)
    return [timedelta(seconds=longest_delay(number, was_write=was_write)) for number in numbers]


def death_pause(deaths: int) -> timedelta:
    """How long a job rests after its worker died: at once the first time, since most deaths are not its doing."""
    return timedelta(seconds=0 if deaths <= 1 else 5.0 * deaths)


def pause_after(failure: SyncFailure) -> timedelta:
    """How long to stay away: as long as the rate limit says, else a while."""
    if isinstance(failure, Throttled) and failure.retry_after is not None:
        return min(timedelta(seconds=failure.retry_after), AFTER_FAILURE)
    return AFTER_FAILURE
