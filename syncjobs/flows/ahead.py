"""What a job asks the other side on behalf of those that wait behind it in their lane."""

import time
from collections.abc import Collection
from dataclasses import dataclass, field

FRESH_SECONDS = 5.0


@dataclass
class Ahead:
    """Numbers that nothing bore at the other side, and when that was asked. Kept for a lane's turn."""

    _asked_at: dict[str, float] = field(default_factory=dict)  # of time.monotonic, before the call

    def note(self, absent: Collection[str], asked_at: float) -> None:
        self._asked_at.update(dict.fromkeys(absent, asked_at))

    def are_absent(self, numbers: Collection[str]) -> bool:
        """True when just now nothing bore any of them."""
        oldest = time.monotonic() - FRESH_SECONDS
        return all(self._asked_at.get(number, float("-inf")) >= oldest for number in numbers)
