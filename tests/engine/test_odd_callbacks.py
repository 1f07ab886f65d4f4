"""Callbacks that nobody who means well sends: odd bodies, addresses, methods and headers."""

import json
from io import BytesIO
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import resolve

from connections.models import Hook
from syncjobs.callbacks import proving
from syncjobs.models import InboxEvent
from tests import factories
from tests.engine.test_webhooks import body_of, deliver, hook, nothing_stored, refusals, respond, send

__all__ = ["hook"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b"[]",
        b"7",
        b'{"a": 1, "a": 2}',
        b'{"data": {"id": 1, "id": 2}}',
        b'{"a": NaN}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": ' * 17 + b"1" + b"}" * 17,
        *(b'{"a": ' + b"[" * levels + b"]" * levels + b"}" for levels in (400, 700, 990, 100_000)),
        b"\xff\xfe",
        '{"producer": "stores/x"}'.encode("utf-16"),
    ],
)
def test_an_unreadable_body_is_refused(hook: Hook, raw: bytes) -> None:
    assert deliver(hook, raw) == 400
    assert nothing_stored()
    assert refusals() == {"unreadable": 1}


ODD = [None, True, 1.5, 1e400, -1, 10**400, "", "\x00", "a\x00b", "\ud800", "9" * 5000, [], [[1]], {}, {"id": "\udcff"}]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: ascii(odd)[:20])
def test_odd_values_in_a_genuine_callback_break_nothing(hook: Hook, odd: Any) -> None:
    """Taken or refused; never a fault of ours, which the sender would repeat for two days."""
    topics_of_both = ["store/shipment/updated", "store/order/created", "store/order/transaction/updated", "other"]
    bodies = [
        body_of(hook, **{"scope": topic, name: odd}) for topic in topics_of_both for name in ("data", "hash", "scope")
    ]
    bodies += [
        body_of(hook, scope=topic, data={"id": odd, "orderId": odd, "order_id": odd}) for topic in topics_of_both
    ]
    assert {deliver(hook, body) for body in bodies} <= {200, 400}
    for topic in ("sales_transaction_completed", "item_updated", "customer_updated"):
        theirs = factories.hook(hook.connection, topic, system="heartland")
        sold = {"id": odd, "type": "Return", "parent_transaction_id": odd, "updated_at": odd}
        for body in (sold, {"id": 1, "updated_at": odd}, {"id": 1, "type": odd, "parent_transaction_id": 7}):
            path = f"/hooks/heartland/{theirs.token}"
            answer = Client().post(path, json.dumps(body), "application/json")
            assert (answer.status_code, answer.content) in [(200, b""), (400, b"")]


@pytest.mark.parametrize("token", ["%00", "a%00b", "%ff%fe", "%ED%A0%80", "x" * 4000, "9" * 5000, "%2e%2e%2f"])
def test_an_odd_address_is_refused(token: str, db: None) -> None:
    for system in ("bigcommerce", "heartland"):
        answer = send(f"/hooks/{system}/{token}", b"{}")
        assert answer.status_code == (400 if "%00" in token else 404)


def test_an_oversized_body_is_refused_before_it_is_read(hook: Hook) -> None:
    raw = json.dumps(body_of(hook, padding="x" * proving.LARGEST_BODY)).encode()
    assert deliver(hook, raw) == 413
    assert nothing_stored()
    request = RequestFactory().post(f"/hooks/bigcommerce/{hook.token}", b"{}", "application/json")
    request._stream = Never()  # type: ignore[assignment]
    for length in (str(proving.LARGEST_BODY + 1), "9" * 5000, "²", "-1"):
        request.META["CONTENT_LENGTH"] = length
        match = resolve(request.path)
        assert match.func(request, *match.args, **match.kwargs).status_code == 413
        assert respond(request.environ | {"wsgi.input": Never()}).status_code == 413
    exact = json.dumps(body_of(hook, padding="")).encode()
    exact = json.dumps(body_of(hook, padding="x" * (proving.LARGEST_BODY - len(exact)))).encode()
    assert deliver(hook, exact) == 200


def test_the_body_of_an_unknown_address_is_not_waited_for(hook: Hook) -> None:
    request = RequestFactory().post(f"/hooks/bigcommerce/{'x' * 43}", b"{}", "application/json")
    request._stream = Never()  # type: ignore[assignment]
    match = resolve(request.path)
    assert match.func(request, *match.args, **match.kwargs).status_code == 404
    assert refusals() == {"unknown_address": 1}


def test_the_entry_does_not_wait_for_it_either(hook: Hook) -> None:
    environ = RequestFactory().post(f"/hooks/bigcommerce/{'x' * 43}", b"{}", "application/json").environ
    assert respond(environ | {"wsgi.input": Never()}).status_code == 404


class Never:
    """A client that does not send what it announced."""

    def read(self, *size: int) -> bytes:
        raise AssertionError("somebody waited for the body")


@pytest.mark.parametrize("ended", [b"", b'{"producer"'])
def test_a_body_that_ends_early_is_refused(hook: Hook, ended: bytes) -> None:
    environ = RequestFactory().post(f"/hooks/bigcommerce/{hook.token}", b"x" * 100, "application/json").environ
    assert respond(environ | {"wsgi.input": BytesIO(ended)}).status_code == 400
    assert refusals() == {"cut_short": 1}


@pytest.mark.parametrize("method", ["get", "put", "delete", "head"])
def test_only_post_is_taken(hook: Hook, method: str) -> None:
    request = getattr(RequestFactory(), method)(f"/hooks/bigcommerce/{hook.token}")
    assert respond(request.environ).status_code == 405


@pytest.mark.parametrize(
    "wish",
    [
        {"content_type": "text/plain"},
        {"content_type": "application/json; charset=UTF-8"},
        {"content_type": ""},
        {"query_params": {"a": "1"}},
    ],
)
def test_what_is_unusual_but_right_is_taken_by_django(hook: Hook, wish: dict[str, Any]) -> None:
    raw = json.dumps(body_of(hook)).encode()
    wish = {"content_type": "application/json", **wish, "headers": {"x-tillbridge-secret": hook.secret}}
    assert send(f"/hooks/bigcommerce/{hook.token}", raw, **wish).status_code == 200
    assert InboxEvent.objects.count() == 1


@pytest.mark.parametrize("header", ["a\x00b", "\x00"])
def test_an_odd_header_is_refused(hook: Hook, header: str) -> None:
    assert deliver(hook, **{"x-odd": header}) == 400
    assert nothing_stored()


@pytest.mark.parametrize("by_proxy", [True, False])
def test_only_https_is_taken_where_it_is_asked_for(hook: Hook, settings: Any, by_proxy: bool) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 60
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if by_proxy else None
    raw = json.dumps(body_of(hook)).encode()
    sent = {"x-tillbridge-secret": hook.secret}
    https = {"headers": sent | {"x-forwarded-proto": "https"}} if by_proxy else {"headers": sent, "secure": True}
    http = {"headers": sent | {"x-forwarded-proto": "http"}, "secure": True} if by_proxy else {"headers": sent}
    path = f"/hooks/bigcommerce/{hook.token}"
    plain = send(path, raw, **http)
    assert (plain.status_code, plain.headers["Location"][:8]) == (301, "https://")
    assert nothing_stored()
    taken = send(path, raw, **https)
    assert (taken.status_code, taken.headers["Strict-Transport-Security"][:10]) == (200, "max-age=60")


def test_both_ways_in_answer_alike(hook: Hook) -> None:
    raw, path = json.dumps(body_of(hook)).encode(), f"/hooks/bigcommerce/{hook.token}"
    for secret in (hook.secret, "wrong"):
        straight = send(path, raw, headers={"x-tillbridge-secret": secret})
        by_django = Client().post(path, raw, "application/json", headers={"x-tillbridge-secret": secret})
        assert straight.status_code == by_django.status_code
        assert dict(straight.items()) == dict(by_django.items()) | {"Content-Length": "0"}
