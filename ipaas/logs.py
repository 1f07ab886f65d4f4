"""Logging: one line per outcome, a constant message with fields, nothing secret."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

STANDARD = logging.makeLogRecord({}).__dict__.keys() | {"message", "asctime"}
BOUND: ContextVar[dict[str, Any]] = ContextVar("BOUND", default={})  # noqa: B039 (replaced, never changed)


@contextmanager
def bound(**fields: Any) -> Iterator[None]:
    """Let every line that is logged in the block carry these fields: what is done is known by one id throughout."""
    marker = BOUND.set({**BOUND.get(), **fields})
    try:
        yield
    finally:
        BOUND.reset(marker)


class BoundFields(logging.Filter):
    """Adds them to a record that does not say otherwise."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in BOUND.get().items():
            record.__dict__.setdefault(name, value)
        return True


class FieldFormatter(logging.Formatter):
    """`time level logger message name=value …`: the fields are those given as `extra`.

    One record is one line, whatever its texts hold; a traceback's lines follow, each behind a bar, so that none of
    them can pass for a record.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        fields = sorted(record.__dict__.keys() - STANDARD)
        words = "".join(f" {name}={record.__dict__[name]}" for name in fields if name != "request")
        return escaped(super().formatMessage(record) + words)

    def format(self, record: logging.LogRecord) -> str:
        line, *rest = super().format(record).split("\n")
        return "\n".join([line, *(f"  | {escaped(one)}" for one in rest)])


def escaped(text: str) -> str:
    """The text with every sign that moves the cursor, ends the line, or turns the reading direction written out."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def configuration(level: str) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, redacted."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"bound": {"()": "ipaas.logs.BoundFields"}, "redacting": {"()": "ipaas.redaction.RedactingFilter"}},
        "formatters": {"fields": {"()": "ipaas.logs.FieldFormatter"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "filters": ["bound", "redacting"], "formatter": "fields"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # It prints addresses: at DEBUG their queries, where Heartland's OAuth exchange carries its secret, and at
            # each new try their paths, which for a password hold the signs of its digest. Calls are told by ourselves.
            "urllib3": {"level": "ERROR"},
            "django-q": {"handlers": ["stderr"], "level": level, "propagate": False},
            "django": {"handlers": [], "level": level, "propagate": True},
        },
    }
