"""Throttling per token (§3.4): a token bucket and a limit on writes at the same time."""

from collections import Counter
from dataclasses import dataclass
from threading import Lock


@dataclass(slots=True)
class _Bucket:
    level: float
    at: float


class Limiter:
    """Counts calls per token. Thread-safe; called outside the service's lock."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._buckets: dict[str, _Bucket] = {}
        self._writing: Counter[str] = Counter()

    def reset(self) -> None:
        """Full buckets."""
        with self._lock:
            self._buckets.clear()

    def take(self, token: str, now: float, *, rate: float, burst: float) -> bool:
        """Take one request out of the token's bucket; False when it is empty."""
        with self._lock:
            bucket = self._buckets.setdefault(token, _Bucket(burst, now))
            bucket.level = min(burst, bucket.level + max(0.0, now - bucket.at) * rate)
            bucket.at = now
            if bucket.level < 1:
                return False
            bucket.level -= 1
            return True

    def begin_write(self, token: str, most: int) -> bool:
        """Enter a write; False when too many are under way."""
        with self._lock:
            if most and self._writing[token] >= most:
                return False
            self._writing[token] += 1
            return True

    def end_write(self, token: str) -> None:
        """Leave a write."""
        with self._lock:
            self._writing[token] -= 1
