"""What the preflight says."""

from dataclasses import dataclass
from enum import StrEnum


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
