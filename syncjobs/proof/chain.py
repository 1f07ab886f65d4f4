"""The hash chain over proofs: pure. Who changes a proof later has to change every later one too."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Line:
    """One order of the store with what became of it."""

    order: str  # the store's id
    disposition: str  # a Record.Disposition
    number: str = ""  # of the sales order in Heartland
    code: str = ""  # of a skip, a hold or a dead letter

    def stored(self) -> dict[str, str]:
        return asdict(self)


def digest(*, previous: str, store: str, day: date, made_at: str, lines: Sequence[dict[str, str]]) -> str:
    """SHA-256 over the proof before, the store, the day, the moment and every line."""
    content = [previous, store, day.isoformat(), made_at, list(lines)]
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
