"""One bad record never keeps the others of its batch back."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from errors.failures import NotFound, Rejected, SyncFailure

T = TypeVar("T")
Words = TypeVar("Words")  # what is kept of a refusal
Send = Callable[[Sequence[T]], None]
Culprits = Callable[[Sequence[T], Rejected], list[T]]  # those that a refusal names


def in_full(failure: SyncFailure) -> str:
    """A refusal with what it says of each field."""
    return failure.in_full


def deliver(
    send: Send[T],
    batch: Sequence[T],
    refused: list[tuple[T, Words]],
    culprits: Culprits[T],
    *,
    words: Callable[[SyncFailure], Words],
) -> None:
    """Send a batch; one that the refusal names is taken out, else halves are tried until the bad ones stand alone."""
    if not batch:
        return
    try:
        send(batch)
    except (Rejected, NotFound) as refusal:
        named = culprits(batch, refusal) if isinstance(refusal, Rejected) else []
        bad = list(batch) if len(batch) == 1 else named
        if len(bad) == 1:
            refused.append((bad[0], words(refusal)))
            deliver(send, [one for one in batch if one is not bad[0]], refused, culprits, words=words)
            return
        middle = len(batch) // 2
        deliver(send, batch[:middle], refused, culprits, words=words)
        deliver(send, batch[middle:], refused, culprits, words=words)


def chunks(rows: Sequence[T], size: int) -> list[Sequence[T]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]
