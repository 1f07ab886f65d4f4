"""Values kept for some seconds in the process."""

import threading
import time
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """At most so many values, each for so many seconds; the oldest gives way. For any number of threads."""

    def __init__(self, *, seconds: float, most: int) -> None:
        self._seconds = seconds
        self._most = most
        self._lock = threading.Lock()
        self._values: dict[Key, tuple[float, Value]] = {}

    def get(self, key: Key) -> Value | None:
        """The value, while it is fresh."""
        until, value = self._values.get(key, (0.0, None))
        return value if time.monotonic() < until else None

    def put(self, key: Key, value: Value) -> None:
        """Keep a value from now on."""
        with self._lock:
            self._values.pop(key, None)  # so that it is the youngest
            while len(self._values) >= self._most:
                del self._values[next(iter(self._values))]
            self._values[key] = (time.monotonic() + self._seconds, value)

    def forget(self, key: Key) -> None:
        with self._lock:
            self._values.pop(key, None)
