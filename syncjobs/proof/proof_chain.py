"""The hash chain over proofs: pure, see `ipaas.chains`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ipaas.chains import digest_of

LISTED, BOTH = 1, 2  # versions: what the digest covers; a proof stays valid by the rule of its day


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """What of a proof the digest covers beside its lines, from version BOTH on."""

    repaired: Sequence[str] = ()
    again: Sequence[str] = ()
    beyond: Sequence[str] = ()
    strays: Sequence[Mapping[str, Any]] = ()
    sums: Mapping[str, Any] | None = None


def digest(
    *,
    previous: str,
    store: str,
    day: date,
    made_at: str,
    lines: Sequence[Mapping[str, Any]],
    version: int = LISTED,
    sealed: Sealed | None = None,
) -> str:
    """SHA-256 over the proof before, the store, the day, the moment and every line; and over all else from BOTH on."""
    content: list[Any] = [previous, store, day.isoformat(), made_at, list(lines)]
    if version >= BOTH:
        more = sealed or Sealed()
        ids = [list(some) for some in (more.repaired, more.again, more.beyond)]
        content += [version, *ids, list(more.strays), dict(more.sums or {})]
    return digest_of(content)
