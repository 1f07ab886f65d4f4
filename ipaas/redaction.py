"""Keeps secrets and personal data out of logs and error reports: the last wall, for what slipped past the others."""

import logging
import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "[hidden]"
SECRET_NAMES = re.compile(
    r"token|secret|password|passwd|authorization|cookie|credential|api[-_]?key|signed_payload", re.I
)
PERSONAL_NAMES = re.compile(r"e[-_]?mail|phone|street|address|first_name|last_name|zip|postal", re.I)
# Group 1 is what stays in front of the secret.
_PATTERNS = (
    re.compile(r"(?i)(bearer )[\w.~+/=-]{8,}"),
    re.compile(r"(?i)(x-auth-token: )\S+"),
    re.compile(r"(?i)((?:secret|token|payload_jwt|[?&]code)=)[^&\s\"']+"),
    re.compile(r"(/hooks/(?:heartland|bigcommerce)/)[\w-]{16,}"),
    re.compile(r"()\beyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]+"),  # JWT
    re.compile(r"()\bgAAAAA[\w=-]{20,}"),  # Fernet
    re.compile(r"()[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),  # e-mail
)
_CARD = re.compile(r"(?<![\d.])(?:\d[ -]?){12,18}\d(?![\d.])")


def text_redacted(text: str) -> str:
    """The text with tokens, e-mail addresses and card numbers hidden."""
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<1>{HIDDEN}", text)
    return _CARD.sub(_hide_card, text)


def _hide_card(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match.group())
    return HIDDEN if _passes_luhn(digits) else match.group()


def _passes_luhn(digits: str) -> bool:
    doubled = [int(sign) * (2 if place % 2 else 1) for place, sign in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def data_redacted(value: Any, name: str = "") -> Any:
    """A structure with every secret or personal value hidden, by its name or its looks."""
    if isinstance(value, Mapping):
        return {key: data_redacted(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [data_redacted(item, name) for item in value]
    if SECRET_NAMES.search(name) or PERSONAL_NAMES.search(name):
        return HIDDEN if value not in (None, "", 0, False) else value
    return text_redacted(value) if isinstance(value, str) else value


class RedactingFilter(logging.Filter):
    """Hides secrets in a log record: its message with arguments, its fields, and its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = text_redacted(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = text_redacted(record.exc_text)
        for name in record.__dict__.keys() - _STANDARD:
            record.__dict__[name] = data_redacted(record.__dict__[name], name)
        return True


_STANDARD = logging.makeLogRecord({}).__dict__.keys() | {"message", "asctime"}


def sentry_before_send(event: Any, hint: dict[str, Any]) -> Any:
    """For `sentry_sdk.init(before_send=…)`: no bodies, cookies, local variables, nor anything that looks secret."""
    request = event.get("request")
    if isinstance(request, dict):
        for part in ("data", "cookies", "env"):
            request.pop(part, None)
    for exception in (event.get("exception") or {}).get("values") or []:
        for frame in (exception.get("stacktrace") or {}).get("frames") or []:
            frame.pop("vars", None)
    redacted: dict[str, Any] = data_redacted(event)
    return redacted
