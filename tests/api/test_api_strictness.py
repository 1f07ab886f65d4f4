"""Whatever is not as it should be is a problem in one shape, and nothing is left out in silence."""

import json
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client

from connections.models import ApiAnswer, AuditEntry
from syncjobs.api.problems import KINDS
from syncjobs.models import Record, SyncJob
from tests import factories
from tests.api.conftest import Program, program
from tests.screens.conftest import Shop


def problem(answer: Any, status: int, code: str) -> Any:
    """The body of a problem, after what every one has was looked at."""
    body = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), body
    assert (body["status"], body["code"], body["title"]) == (status, code, KINDS[code].title)
    assert body["type"] == f"/developers/#{code}"
    assert answer["Cache-Control"] == "no-store, private"
    return body


def test_an_unknown_address(api: Program) -> None:
    for path in ("nowhere", "stores/", "orders/1/2/3", "orders/999999999999999999999"):
        problem(api.call("GET", path), 404, "not_found")
    problem(Client().get("/v1/nowhere"), 404, "not_found")
    problem(Client().generic("PROPFIND", "/v1/nowhere"), 404, "not_found")


def test_a_method_that_the_address_does_not_know(api: Program) -> None:
    for method in ("DELETE", "PUT", "OPTIONS", "TRACE", "PROPFIND"):
        answer = api.call(method, "orders")
        problem(answer, 405, "method_not_allowed")
        assert answer["Allow"] == "GET, HEAD"


def test_head_is_get_without_a_body(api: Program) -> None:
    answer = api.call("HEAD", "orders")
    assert (answer.status_code, answer.content) == (200, b"")


def test_another_language_than_json(api: Program) -> None:
    problem(api.call("GET", "orders", Accept="text/html"), 406, "not_acceptable")
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"):
        answer = Client().generic("POST", "/v1/runs", "a=b", kind, headers=api.headers())
        problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"1", b'"a"', b"{", b'{"a": 1, "a": 2}', b'{"a": NaN}', b'{"a": Infinity}',
        b'\xff{"a": 1}', b'{"store": "a\\u0000b"}', b'{"store": "\\ud800"}', b"[" * 100_000,
        b'{"a":' * 20 + b"1" + b"}" * 20,
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_read(body: bytes, api: Program) -> None:
    answer = Client().generic("POST", "/v1/runs", body, "application/json", headers=api.headers())
    assert answer.status_code == 400
    assert answer.json()["code"] in {"malformed", "invalid"}


def test_a_body_that_is_too_large(api: Program) -> None:
    body = json.dumps({"store": "x" * 300_000})
    answer = Client().generic("POST", "/v1/runs", body, "application/json", headers=api.headers())
    problem(answer, 413, "too_large")


def test_an_address_that_no_text_can_hold(api: Program) -> None:
    answer = Client().generic("GET", "/v1/orders", QUERY_STRING="number=%00", headers=api.headers())
    problem(answer, 400, "malformed")


def test_an_unknown_field(api: Program, shop: Shop) -> None:
    body = {"store": str(shop.connection.public_id), "kind": "stock_check", "state": "done"}
    errors = problem(api.call("POST", "runs", body), 400, "invalid")["errors"]
    assert errors == [{"field": "state", "detail": "This field is not known."}]


def test_an_unknown_or_doubled_query_parameter(api: Program) -> None:
    errors = problem(api.call("GET", "orders?sate=held"), 400, "invalid")["errors"]
    assert errors == [{"field": "sate", "detail": "This query parameter is not known."}]
    errors = problem(api.call("GET", "orders?state=held&state=dead"), 400, "invalid")["errors"]
    assert errors == [{"field": "state", "detail": "Give it once."}]
    problem(api.call("POST", "runs?dry=1", {}), 400, "invalid")


@pytest.mark.parametrize(
    "query",
    [
        "state=open", "store=1", "placed_since=yesterday", "placed_since=2026-03-02", "limit=0", "limit=201", "limit=x",
        "cursor=1", "cursor=WzFd:a:b", "to_distribute=1", "changed_since=0001-01-01T00:00:00%2B14:00",
        "changed_since=9999-12-31T23:59:59-14:00", "code=" + "x" * 61,
    ],
)  # fmt: skip
def test_a_filter_that_is_not_understood_is_an_error(query: str, api: Program) -> None:
    (error,) = problem(api.call("GET", f"orders?{query}"), 400, "invalid")["errors"]
    assert error["field"] == query.partition("=")[0]


def test_a_list_is_walked_by_cursors(api: Program, shop: Shop) -> None:
    ids = [factories.order(shop.connection, str(10_000 + number)).pk for number in range(7)]
    factories.order(shop.connection, "9", state := Record.Disposition.SKIPPED)
    seen, path = [], "orders?state=booked&limit=3"
    sizes = []
    while path:
        page = api.get(path)
        sizes.append(len(page["data"]))
        seen += [row["id"] for row in page["data"]]
        cursor = page["next_cursor"]
        path = f"orders?state=booked&limit=3&cursor={cursor}" if cursor else ""
    assert (seen, sizes) == (ids[::-1], [3, 3, 1])
    first = api.get("orders?state=booked&limit=3")["next_cursor"]
    errors = problem(api.call("GET", f"orders?state={state}&cursor={first}"), 400, "invalid")["errors"]
    assert errors == [{"field": "cursor", "detail": "This cursor was made for another list or other filters."}]


def test_a_repeated_write_is_done_once(api: Program, shop: Shop) -> None:
    order = factories.order(shop.connection, "10457")
    first, second = (api.call("POST", f"orders/{order.pk}/retry", Idempotency_Key="a-1") for _ in range(2))
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert AuditEntry.objects.filter(action="record.retried").count() == 1
    assert SyncJob.objects.count() == 1


def test_a_key_stands_for_one_request(api: Program, shop: Shop) -> None:
    one, other = (factories.order(shop.connection, number) for number in ("10457", "10458"))
    api.call("POST", f"orders/{one.pk}/retry", Idempotency_Key="a-1")
    problem(api.call("POST", f"orders/{other.pk}/retry", Idempotency_Key="a-1"), 422, "key_reused")
    assert SyncJob.objects.count() == 1
    ApiAnswer.objects.update(at=factories.NOW)  # long ago
    assert api.call("POST", f"orders/{other.pk}/retry", Idempotency_Key="a-1").status_code == 200


def test_a_refused_write_uses_no_key_up(api: Program, shop: Shop) -> None:
    run = {"store": str(shop.connection.public_id), "kind": "all"}
    problem(api.call("POST", "runs", run, Idempotency_Key="a-1"), 400, "invalid")
    assert api.call("POST", "runs", run | {"kind": "stock_check"}, Idempotency_Key="a-1").status_code in {201, 409}


def test_a_kept_answer_is_encrypted(api: Program, shop: Shop) -> None:
    order = factories.order(shop.connection, "10457")
    api.call("POST", f"orders/{order.pk}/retry", Idempotency_Key="a-1")
    with database.cursor() as cursor:
        cursor.execute("SELECT body FROM connections_apianswer")
        assert cursor.fetchone()[0].startswith("gAAAAA")


def test_keys_that_are_none(api: Program, shop: Shop) -> None:
    order = factories.order(shop.connection, "10457")
    for key in ("", " ", "a b", "x" * 201, "x" * 20_000, "a\tb", "a\x7fb", "caf\xe9", "鍵", "a\u202eb"):
        errors = problem(api.call("POST", f"orders/{order.pk}/retry", Idempotency_Key=key), 400, "invalid")["errors"]
        assert errors == [{"field": "Idempotency-Key", "detail": "Give 1 to 200 visible ASCII signs."}], ascii(key)
    assert (SyncJob.objects.count(), ApiAnswer.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    "key",
    ["x" * 200, "');DROP/**/TABLE", "<script>alert(1)</script>", "../../etc/passwd", "%00%0d%0a", "{{7*7}}", "=1+1"],
)
def test_a_key_of_odd_signs_is_a_key_like_any_other(key: str, api: Program, shop: Shop) -> None:
    order = factories.order(shop.connection, "10457")
    first, second = (api.call("POST", f"orders/{order.pk}/retry", Idempotency_Key=key) for _ in range(2))
    assert (first.status_code, second["Idempotent-Replayed"]) == (200, "true")
    assert ApiAnswer.objects.get().key == key
    assert SyncJob.objects.count() == 1
    other = api.call("POST", f"orders/{order.pk}/retry", Idempotency_Key=f"{key[:-1]}~")
    assert (other.status_code, "Idempotent-Replayed" in other) == (200, False)


def test_a_key_is_the_tokens_own(api: Program, shop: Shop) -> None:
    order = factories.order(shop.connection, "10457")
    other = program(shop)
    answers = [one.call("POST", f"orders/{order.pk}/retry", Idempotency_Key="a-1") for one in (api, other, api)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert ["Idempotent-Replayed" in answer for answer in answers] == [False, False, True]
    assert ApiAnswer.objects.count() == 2


STRANGE = ["", "Bearer", "Bearer ", "bearer", "Bearer " + "x" * 20_000, "Bearer é", "Bearer a b", "Token x"]


@pytest.mark.parametrize("given", STRANGE, ids=ascii)
def test_a_token_that_is_none_is_a_stranger(given: str, db: None) -> None:
    answer = Client(raise_request_exception=False).get("/v1/orders", headers={"Authorization": given})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_what_breaks_is_told_without_its_reason(api: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("secret: tb_1234567890123456789012345")

    monkeypatch.setattr("syncjobs.api.store_resources.Stores.get_queryset", broken)
    body = problem(api.call("GET", "stores"), 500, "broken")
    assert "tb_" not in json.dumps(body)
