"""Keeps secrets and personal data out of logs and error reports: the last wall, for what slipped past the others.

What comes here may be an outsider's text of any length: it is cut before it is searched, and every pattern's work
grows with its length only (tests/unit/test_linear.py).
"""

import logging
import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

from ipaas import masking

HIDDEN = "[hidden]"
LONGEST = 4096  # signs of a text that are searched and kept
LONGEST_TRACEBACK = 16_384
LONGEST_WORD = 1024  # a cut is made between words, so that no half of a secret stays; a longer word is cut as well
SHORT, KEPT = 64, 512  # signs of a text, and so many, that are not searched again: messages, topics, results
DEEPEST, MOST = 20, 1000  # levels and parts of a structure
SECRET_NAMES = re.compile(
    r"token|secret|password|passwd|authorization|cookie|credential|api[-_]?key|signed_payload", re.I
)
PERSONAL_NAMES = re.compile(r"e[-_]?mail|phone|street|address|first_name|last_name|zip|postal", re.I)
# Group 1 is what stays in front of the secret.
_PATTERNS = (
    re.compile(r"(?i)(bearer )[\w.~+/=-]{8,}"),
    re.compile(r"(?i)(x-auth-token: )\S+"),
    re.compile(r"(?i)((?:secret|token|payload_jwt|[?&]code)=)[^&\s\"']+"),
    re.compile(r"(/(?:hooks/[a-z]{1,20}|connect/[a-z]{1,20}/callback/[0-9a-f-]{36})/)[\w-]{16,}"),
    re.compile(r"()(?<![\w-])eyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]+"),  # JWT
    re.compile(r"()\bgAAAAA[\w=-]{20,}"),  # Fernet
    re.compile(r"()\b(?:tb|whsec)_[\w+/=-]{20,}"),  # tokens of our API, secrets of our webhooks
)


def text_redacted(text: str, longest: int = LONGEST) -> str:
    """The text with what ipaas.masking finds in it hidden; of a longer one its beginning and its end."""
    if len(text) <= SHORT:
        return _masked_before(text)
    if len(text) <= longest:
        return _masked(text)
    half = longest // 2
    head = _without_last_word(_masked(text[:half]))
    tail = _without_last_word(_without_last_word(_masked(text[-half:])[::-1]))[::-1]  # two: "Bearer" may stand before
    return f"{head} … [{len(text)} signs] … {tail}"


def _masked(text: str) -> str:
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<1>{HIDDEN}", text)
    text = masking.masked(text)
    for word in masking.WORDS:
        text = text.replace(word, HIDDEN)
    return text


_masked_before = lru_cache(maxsize=KEPT)(_masked)


def _without_last_word(text: str) -> str:
    blank = max(text.rfind(sign) for sign in " \n\t\"',;&")
    return text[: max(blank, len(text) - LONGEST_WORD)]


def data_redacted(value: Any, name: str = "", depth: int = 0) -> Any:
    """A structure with every secret or personal value hidden, by its name or its looks.

    Of one that is deeper than DEEPEST or has more than MOST parts on a level the rest is left out.
    """
    if isinstance(value, Mapping | list | tuple) and depth >= DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        items = islice(value.items(), MOST)
        return {str(key)[:LONGEST]: data_redacted(item, str(key), depth + 1) for key, item in items}
    if isinstance(value, list | tuple):
        return [data_redacted(item, name, depth + 1) for item in value[:MOST]]
    if SECRET_NAMES.search(name[:LONGEST]) or PERSONAL_NAMES.search(name[:LONGEST]):
        return HIDDEN if value not in (None, "", 0, False) else value
    return text_redacted(str(value)) if isinstance(value, str | bytes | BaseException) else value


class RedactingFilter(logging.Filter):
    """Hides secrets in a log record: its message with arguments, its fields, and its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = text_redacted(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = text_redacted(record.exc_text, LONGEST_TRACEBACK)
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
