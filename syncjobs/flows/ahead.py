"""What a job asks either side on behalf of those that wait behind it in their lane. Kept for a lane's turn."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

FRESH_SECONDS = 10.0  # a lane's slice: whoever changes something meanwhile is heard, or meets a later look


@dataclass(frozen=True, kw_only=True)
class ReadAhead:
    """A record as its system gave it in a list."""

    row: Any  # for the system's own room to read; None where the list did not hold it whole
    read_at: datetime  # by the database's clock, before it was asked
    asked_at: float  # the same of time.monotonic


def is_fresh(asked_at: float) -> bool:
    return asked_at >= time.monotonic() - FRESH_SECONDS


@dataclass
class Ahead:
    """Records that a list gave whole, and numbers that nothing bore at the other side when that was asked."""

    has_lists: bool = True  # False once one could not be had: records are read one by one
    _rows: dict[str, ReadAhead] = field(default_factory=dict)
    _asked_at: dict[str, float] = field(default_factory=dict)  # of time.monotonic, before the call

    def keep(self, rows: Mapping[str, Any], read_at: datetime, asked_at: float) -> None:
        self._rows |= {key: ReadAhead(row=row, read_at=read_at, asked_at=asked_at) for key, row in rows.items()}

    def knows(self, key: str) -> bool:
        """True when a list was asked for the record just now, whatever came of it."""
        return key in self._rows and is_fresh(self._rows[key].asked_at)

    def row(self, key: str) -> Any:
        """A record out of a list that was asked just now, whatever came of it since; None where there is none."""
        return self._rows[key].row if self.knows(key) else None

    def take(self, key: str, requested_at: datetime) -> ReadAhead | None:
        """A record that was read just now, after every hint at it."""
        found = self._rows[key] if self.knows(key) else None
        return found if found and found.row is not None and found.read_at > requested_at else None

    def note(self, absent: Collection[str], asked_at: float) -> None:
        self._asked_at.update(dict.fromkeys(absent, asked_at))

    def are_absent(self, numbers: Collection[str]) -> bool:
        """True when just now nothing bore any of them."""
        return all(is_fresh(self._asked_at.get(number, float("-inf"))) for number in numbers)
