"""The sandbox's own time: real time, moved or frozen by the control API."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Aware UTC time that tests can move. Everything timed in a sandbox asks it, never the machine."""

    def __init__(self) -> None:
        self.offset = timedelta()
        self.frozen_at: datetime | None = None
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """Answer the sandbox's present, aware and in UTC."""
        if self.frozen_at is not None:
            return self.frozen_at
        return datetime.now(UTC) + self.offset

    def timestamp(self) -> float:
        """Answer `now()` as Unix seconds."""
        return self.now().timestamp()

    def shift(self, offset: timedelta) -> None:
        """Run at real time plus `offset`."""
        self.offset, self.frozen_at = offset, None
        self._changed()

    def freeze(self, at: datetime | None = None) -> None:
        """Stop at `at` (aware), or at the present."""
        self.frozen_at = (at or self.now()).astimezone(UTC)
        self._changed()

    def advance(self, seconds: float) -> None:
        """Move on by `seconds`, frozen or running."""
        step = timedelta(seconds=seconds)
        if self.frozen_at is not None:
            self.frozen_at += step
        else:
            self.offset += step
        self._changed()

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever time was moved by hand (due queues look again)."""
        self._listeners.append(listener)

    def _changed(self) -> None:
        for listener in self._listeners:
            listener()
