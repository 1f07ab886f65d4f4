"""Workers that die at a write: before it is asked (`asks`), or once it is answered (`answered`)."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from django.utils import timezone

from ipaas import failpoints
from syncjobs.engine.orphans_release import orphan_release
from syncjobs.models import SyncJob

SIDES = ("asks", "answered")
MOST_WRITES = 10  # of one deed
Carry = Callable[[Callable[[], object]], None]


class Killed(BaseException):
    """As `kill -9` ends a worker: nothing of ours cleans up."""


def dies(place: str, count: int, act: Callable[[], object]) -> bool:
    """Do it, with a worker that dies at the `count`-th passage of a place; False where it is not passed that often.

    Its job is put back in line: the caller lets the next worker go on.
    """
    passed = 0

    def passing(name: str) -> None:
        nonlocal passed
        passed += name == place
        if name == place and passed == count:
            raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(failpoints, "passing", passing)
        with suppress(Killed):
            act()
    job = SyncJob.objects.filter(status=SyncJob.Status.RUNNING).first()
    if job:
        assert orphan_release(job.pk, timezone.now())
    return job is not None


def at_every_write(flow: str, side: str, deed: Callable[[int, Carry], None]) -> int:
    """Do a deed anew for each write of the flow that carries it; answers how many there were.

    The deed is handed its number and what has a worker die in its carrying; it ends by judging both sides.
    """
    for count in range(1, MOST_WRITES):
        has_died = False

        def carried(act: Callable[[], object], count: int = count) -> None:
            nonlocal has_died
            has_died = dies(f"{flow}.{side}", count, act)

        deed(count, carried)
        if not has_died:
            return count - 1
    raise AssertionError(f"{flow}: {MOST_WRITES} writes and more")
