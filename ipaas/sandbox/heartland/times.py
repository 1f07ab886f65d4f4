"""Timestamps as Heartland writes them (§4.3): UTC with offset; local twins by the location's wall clock, without."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo


def stamp(at: datetime) -> str:
    """`2026-01-17T02:23:29+00:00`."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat()


def local_stamp(at: datetime) -> str:
    """`2026-01-16T20:23:29`, wall-clock time."""
    return at.replace(microsecond=0, tzinfo=None).isoformat()


def local_of(at: str, zone: str) -> str:
    """The local twin of a stamp."""
    return local_stamp(datetime.fromisoformat(at).astimezone(ZoneInfo(zone)))


@lru_cache(maxsize=4096)
def read_time(value: Any) -> datetime:
    """Read a timestamp or date; without offset it is UTC. Raises `ValueError`."""
    at = _parsed(value)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


@lru_cache(maxsize=4096)
def read_local(value: Any) -> datetime:
    """Read a local timestamp or date; an offset is dropped, both spellings are accepted. Raises `ValueError`."""
    return _parsed(value).replace(tzinfo=None)


def _parsed(value: Any) -> datetime:
    try:
        return datetime.fromisoformat(str(value).replace(" ", "+") if "T" in str(value) else str(value))
    except ValueError as exc:
        raise ValueError("is not a date or time") from exc
