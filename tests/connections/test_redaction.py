"""What must not reach a log line or an error report."""

import io
import logging
from typing import Any

import pytest

from ipaas.redaction import RedactingFilter, data_redacted, sentry_before_send, text_redacted

SECRETS = [
    "Authorization: Bearer abcdefgh12345678",
    "X-Auth-Token: abcdefgh12345678",
    "GET /api/oauth/token?client_id=c&client_secret=s3cr3t-value&code=0ne-time",
    "/hooks/heartland/Zm9vYmFyYmF6cXV4MTIzNDU2",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzdG9yZSJ9.YvpyKOsSlEljwqbXb6K2",
    "gAAAAABlZm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA==",
    "ann.ruiz+shop@mail.example.com",
    "paid with 4111 1111 1111 1111 today",
]
HIDDEN_PARTS = ["abcdefgh", "s3cr3t", "0ne-time", "Zm9vYmFy", "eyJzdWIi", "gAAAA", "ann.ruiz", "4111"]


@pytest.mark.parametrize("text", SECRETS)
def test_secret_texts(text: str) -> None:
    assert not [part for part in HIDDEN_PARTS if part in text_redacted(text)]


@pytest.mark.parametrize("text", ["Order 10457 of 2026-01-06T14:05:09", "order 4111111111111112 is no card", "12.50"])
def test_ordinary_texts_stay(text: str) -> None:
    assert text_redacted(text) == text


def test_structures_hide_by_name() -> None:
    data = {"access_token": "x", "billing": [{"email": "a", "sku": "TEE-1"}], "token": "", "qty": 2}
    assert data_redacted(data) == {
        "access_token": "[hidden]",
        "billing": [{"email": "[hidden]", "sku": "TEE-1"}],
        "token": "",
        "qty": 2,
    }


def test_a_log_line_with_arguments_fields_and_traceback() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(message)s %(api_token)s"))
    handler.addFilter(RedactingFilter())
    logger = logging.Logger("test")
    logger.addHandler(handler)
    try:
        raise ValueError("Bearer abcdefgh12345678")
    except ValueError:
        logger.exception("failed for %s", "ann.ruiz@example.com", extra={"api_token": "abcdefgh"})
    written = stream.getvalue()
    assert "failed for [hidden] [hidden]" in written
    assert "ValueError: Bearer [hidden]" in written
    assert not [part for part in HIDDEN_PARTS if part in written]


def test_an_error_report_keeps_no_bodies_cookies_or_variables() -> None:
    event: dict[str, Any] = {
        "request": {"data": "{}", "cookies": {"sessionid": "s"}, "headers": {"Authorization": "Bearer x"}, "url": "/a"},
        "exception": {"values": [{"stacktrace": {"frames": [{"vars": {"token": "x"}, "function": "f"}]}}]},
    }
    assert sentry_before_send(event, {}) == {
        "request": {"headers": {"Authorization": "[hidden]"}, "url": "/a"},
        "exception": {"values": [{"stacktrace": {"frames": [{"function": "f"}]}}]},
    }
