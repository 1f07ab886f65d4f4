"""What was asked of a sandbox: counts per route and the last calls."""

from collections import Counter, deque
from threading import Lock
from typing import Any

KEPT = 1_000


class CallLog:
    """Counts per "METHOD /path/<pattern>" and a log of the last thousand calls. Control calls are not counted."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.reset()

    def reset(self) -> None:
        """Start counting anew."""
        with self._lock:
            self.counts: Counter[str] = Counter()
            self.statuses: Counter[int] = Counter()
            self.last: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def note(self, *, pattern: str, method: str, path: str, status: int, ms: float, at: str) -> None:
        """Count one call. Status 0 is a connection closed without an answer."""
        with self._lock:
            self.counts[pattern] += 1
            self.statuses[status] += 1
            self.last.append({"at": at, "method": method, "path": path, "status": status, "ms": round(ms, 2)})

    def describe(self, *, log: bool = False) -> dict[str, Any]:
        """Counts, totals and, if wanted, the last calls (oldest first)."""
        with self._lock:
            answer: dict[str, Any] = {
                "total": sum(self.counts.values()),
                "counts": dict(sorted(self.counts.items())),
                "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            }
            if log:
                answer["log"] = list(self.last)
        return answer
