"""What the preflight says."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from errors.failures import SyncFailure

ROWS_LOOKED_AT = 1_000  # of a catalogue
NAMES_SHOWN = 5


class Severity(StrEnum):
    OK = "ok"
    WARN = "warn"  # orders flow, some may wait
    BLOCK = "block"  # orders would not flow


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    code: str
    severity: Severity
    sentence: str
    fix: str = ""  # what to do, in words; "" when all is well
    fix_page: str = ""  # see connections.fixes


def ok(code: str, sentence: str) -> Finding:
    return Finding(code=code, severity=Severity.OK, sentence=sentence)


def warn(code: str, sentence: str, *, fix: str, fix_page: str = "") -> Finding:
    return Finding(code=code, severity=Severity.WARN, sentence=sentence, fix=fix, fix_page=fix_page)


def block(code: str, sentence: str, *, fix: str, fix_page: str = "") -> Finding:
    return Finding(code=code, severity=Severity.BLOCK, sentence=sentence, fix=fix, fix_page=fix_page)


def few(names: list[str]) -> str:
    """The first names, and how many more there are."""
    more = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def amount_of(value: Any) -> Decimal:
    """Money as either system writes it; 0 for none."""
    try:
        return Decimal(str(value or 0))
    except InvalidOperation:
        return Decimal(0)


def looked(code: str, look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """What a check found; that it could not be made is a finding too."""
    try:
        return list(look())
    except SyncFailure as failure:
        return [warn(code, f"This could not be checked: {failure.summary}", fix="Run the check again later.")]
