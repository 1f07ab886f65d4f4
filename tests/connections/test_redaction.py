"""What must not reach a log line or an error report."""

import io
import logging
from typing import Any

import pytest

from ipaas.logs import FieldFormatter
from ipaas.redaction import (
    DEEPEST,
    LONGEST,
    LONGEST_TRACEBACK,
    RedactingFilter,
    data_redacted,
    sentry_before_send,
    text_redacted,
)

SECRETS = [
    "Authorization: Bearer abcdefgh12345678",
    "X-Auth-Token: abcdefgh12345678",
    "GET /api/oauth/token?client_id=c&client_secret=s3cr3t-value&code=0ne-time",
    "GET /back?token=k7q&code=x9z",
    "/hooks/heartland/Zm9vYmFyYmF6cXV4MTIzNDU2",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzdG9yZSJ9.YvpyKOsSlEljwqbXb6K2",
    "gAAAAABlZm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA==",
    "ann.ruiz+shop@mail.example.com",
    "paid with 4111 1111 1111 1111 today",
]
HIDDEN_PARTS = ["abcdefgh", "s3cr3t", "0ne-time", "k7q", "x9z", "Zm9vYmFy", "eyJzdWIi", "gAAAA", "ann.ruiz", "4111"]


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


def logged(message: str, *args: object, failure: Exception | None = None, **fields: object) -> str:
    """What our logging writes for a record."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(FieldFormatter())
    handler.addFilter(RedactingFilter())
    logger = logging.Logger("test")
    logger.addHandler(handler)
    logger.error(message, *args, exc_info=failure, extra=fields)
    return stream.getvalue()


@pytest.mark.parametrize(
    "sign", ["\n", "\r", "\x1b[2J", "\x85", "\u2028", "\u202e", "\x00", "\ud800", "\x08"], ids=ascii
)
def test_no_text_forges_a_line_or_moves_the_cursor(sign: str) -> None:
    forged = f"x{sign}2026-11-29 00:00:00,000 INFO forged"
    try:
        raise ValueError(forged)
    except ValueError as failure:
        written = logged("said %s", forged, failure=failure, reason=forged)
    lines = written.removesuffix("\n").split("\n")
    assert [line for line in lines if not line.isprintable()] == []
    assert [line for line in lines[1:] if not line.startswith("  | ")] == []
    assert lines[0].count("forged") == 2
    assert any("ValueError" in line for line in lines[1:])


def test_a_long_text_is_cut_before_it_is_searched() -> None:
    for longest in (LONGEST, LONGEST_TRACEBACK):
        cut = text_redacted("first " + "word " * 500_000 + "last", longest)
        assert longest - 40 < len(cut) < longest + 40
        assert cut.startswith("first word")
        assert cut.endswith(" last")
        assert "signs]" in cut
    assert text_redacted("a" * LONGEST) == "a" * LONGEST
    assert len(text_redacted("a" * 10**6)) < LONGEST
    assert len(logged("said %s", "é" * 10**6, reason="b" * 10**6)) < 4 * LONGEST


def test_a_cut_leaves_no_half_of_a_secret() -> None:
    for place in range(-60, 60):
        head, tail = "a " * (LONGEST // 4) + " " * place, " " * place + " b" * (LONGEST // 4)
        secret = " ann.ruiz@mail.example.com Bearer abcdefgh12345678 "
        kept = text_redacted(
            f"{head[: LONGEST // 2 + place]}{secret}{'x ' * LONGEST}{secret}{tail[: LONGEST // 2 + place]}"
        )
        assert not [part for part in ("ann", "ruiz@", "example.com", "efgh12345678") if part in kept]


def test_what_an_error_report_holds_is_bounded_in_every_direction() -> None:
    nested: Any = "deep"
    for _ in range(50_000):
        nested = [nested]
    report = sentry_before_send({"extra": {"nested": nested, "wide": ["x"] * 10**5, "long": "y" * 10**6}}, {})["extra"]
    assert str(report["nested"]) == "[" * (DEEPEST - 2) + "'…'" + "]" * (DEEPEST - 2)
    assert (len(report["wide"]), len(report["long"]) < LONGEST) == (1000, True)
