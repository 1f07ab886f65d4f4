"""Lists: envelope, pages, the four filter spellings, operators, sort, fields, embeds (§4.7, §4.9)."""

import json
from typing import Any

import pytest

from tests.sandbox.heartland_client import Caller

TEE = "HP-TEE-RED-"


@pytest.fixture
def api(heartland_url: str) -> Caller:
    return Caller(heartland_url)


def ids(api: Caller, path: str, query: dict[str, Any] | None = None) -> list[int]:
    return [row["id"] for row in api.rows(path, query)]


def test_the_envelope_counts_and_pages_by_twenty(api: Caller) -> None:
    first = api.get("/items")
    assert (first.keys(), first["total"], first["pages"], len(first["results"])) == (
        {"total", "pages", "results"},
        581,
        30,
        20,
    )
    assert ids(api, "/items", {"page": 30}) == [100581]
    assert api.get("/items", {"page": 31}) == {"total": 581, "pages": 30, "results": []}
    assert len(ids(api, "/items", {"per_page": "all"})) == 581
    assert len(ids(api, "/items", {"per_page": 5000})) == 581


@pytest.mark.parametrize(
    "wrong", [{"per_page": 5001}, {"per_page": 0}, {"per_page": "x"}, {"page": 0}, {"page": "two"}]
)
def test_wrong_paging_is_an_invalid_request(api: Caller, wrong: dict[str, Any]) -> None:
    answer = api.call("GET", "/api/items", **wrong)
    assert (answer.status, answer.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "query",
    [
        {"_filter": json.dumps({"grid_id": 100001, "public_id": {"$in": [TEE + "S", TEE + "M", "KNF_FOLD"]}})},
        {"_filter": json.dumps([{"grid_id": 100001}, {"public_id": {"$in": [TEE + "S", TEE + "M"]}}])},
        {"_filter[]": [json.dumps({"grid_id": 100001}), json.dumps({"public_id": {"$in": [TEE + "S", TEE + "M"]}})]},
        {"_filter[grid_id]": "100001", "_filter[public_id][$in][]": [TEE + "S", TEE + "M"]},
        {"_filter[grid_id][$eq]": "100001", "_filter[public_id][$in][0]": TEE + "S",
         "_filter[public_id][$in][1]": TEE + "M"},
        {"~[grid_id]": "100001", "~[public_id][$in][]": [TEE + "S", TEE + "M"]},
        {"grid_id": "100001", "~[public_id][$in][]": [TEE + "S", TEE + "M"]},
        {"_filter": json.dumps({"$and": [
            {"grid_id": 100001}, {"$or": [{"public_id": TEE + "S"}, {"custom@size": "M"}]}]}),
         "~[custom@color]": "Red"},
    ],
)  # fmt: skip
def test_the_four_spellings_find_the_same(api: Caller, query: dict[str, Any]) -> None:
    assert [row["public_id"] for row in api.rows("/items", query)] == [TEE + "S", TEE + "M"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"name": "Cash"}, ["Cash"]),
        ({"name": {"$eq": "Cash"}}, ["Cash"]),
        ({"name": "cash"}, []),
        ({"name": {"$neq": "Cash"}, "id": {"$lte": 100003}}, ["Check", "Credit Card"]),
        ({"id": {"$gt": 100003}}, ["Gift Card", "House Account"]),
        ({"id": {"$gte": 100003, "$lt": 100005}}, ["Credit Card", "Gift Card"]),
        ({"name": {"$nin": ["Cash", "Check", "Gift Card"]}}, ["Credit Card", "House Account"]),
        ({"name": {"$like": "C*"}}, ["Cash", "Check", "Credit Card"]),
        ({"$or": [{"name": "Cash"}, {"id": 100004}]}, ["Cash", "Gift Card"]),
        ({"active": True, "name": {"$like": "*Card"}}, ["Credit Card", "Gift Card"]),
        ({"active": False}, []),
        ({"capture_url": None}, None),
        ({"description": {"$neq": None}, "id": 100001}, ["Cash"]),
    ],
)
def test_operators(api: Caller, condition: dict[str, Any], expected: list[str] | None) -> None:
    answer = api.call("GET", "/api/payment_types", _filter=json.dumps(condition))
    if expected is None:
        assert (answer.status, answer.json) == (
            400,
            {"error": "invalid_request", "message": "unknown field: capture_url"},
        )
    else:
        assert [row["name"] for row in answer.json["results"]] == expected


@pytest.mark.parametrize(
    ("path", "query", "message"),
    [
        ("/items", {"~[nope]": "1"}, "unknown field: nope"),
        ("/items", {"~[custom@nope]": "1"}, "unknown field: custom@nope"),
        ("/items", {"~[active?]": "true"}, "unknown field: active?"),
        ("/sales/tickets", {"~[completed?]": "true"}, "unknown field: completed?"),
        ("/sales/tickets", {"~[voided?]": "true"}, "unknown field: voided?"),
        ("/payments", {"~[location_id]": "100005"}, "unknown field: location_id"),
        ("/items", {"_filter": "{"}, "_filter is not valid JSON"),
        ("/items", {"_filter": '{"id":{"gt":1}}'}, "unknown operator gt on id"),
        ("/items", {"~[id]": "abc"}, "id is not a whole number"),
        ("/items", {"~[updated_at][$gt]": "soon"}, "updated_at is not a date or time"),
        ("/items", {"sort[]": "nope"}, "unknown field: nope"),
        ("/items", {"sort[]": "id,sideways"}, "unknown sort direction: sideways"),
    ],
)
def test_what_cannot_be_filtered_is_an_invalid_request(
    api: Caller, path: str, query: dict[str, Any], message: str
) -> None:
    answer = api.call("GET", f"/api{path}", **query)
    assert (answer.status, answer.json) == (400, {"error": "invalid_request", "message": message})


def test_operators_without_dollar_are_ignored_when_lenient(api: Caller) -> None:
    api.switch(strict_filters=False)
    assert api.get("/items", {"_filter": '{"id":{"gt":1}}'})["total"] == 581


def test_source_location_is_filterable_on_tickets(api: Caller) -> None:
    api.sim("POST", "/staff/pos_sale", {"location": "ANNEX", "lines": [{"sku": "CMP-STOVE1"}]})
    assert len(ids(api, "/sales/tickets", {"_filter[source_location_id][$in][]": [100005, 100006]})) == 1
    assert ids(api, "/sales/tickets", {"_filter[source_location_id][$in][]": [100005]}) == []


def test_sorting_by_several_keys_both_ways(api: Caller) -> None:
    by_name = [row["name"] for row in api.rows("/payment_types", {"sort[]": "name,desc"})]
    assert by_name == ["House Account", "Gift Card", "Credit Card", "Check", "Cash"]
    assert ids(api, "/items", {"sort": "id,desc", "per_page": 2}) == [100581, 100580]
    query = {"sort[]": ["custom@brand,desc", "price", "id,desc"], "per_page": "all"}
    rows = [(row["custom"]["brand"], row["price"], row["id"]) for row in api.rows("/items", query)]
    assert rows == sorted(
        sorted(sorted(rows, key=lambda r: -r[2]), key=lambda r: r[1]), key=lambda r: r[0], reverse=True
    )


def test_keyset_paging_visits_every_item_once(api: Caller) -> None:
    last, seen = 0, []
    while rows := ids(api, "/items", {"_filter": json.dumps({"id": {"$gt": last}}), "sort[]": "id", "per_page": 100}):
        seen += rows
        last = rows[-1]
    assert seen == list(range(100001, 100582))


def test_changed_since(api: Caller) -> None:
    cursor = "2026-02-01T00:00:00+00:00"
    assert api.get("/items", {"~[updated_at][$gt]": cursor})["total"] == 0
    api.put("/items/100007", {"price": 30})
    api.put("/items/100003", {"price": 31})
    rows = api.rows("/items", {"~[updated_at][$gt]": cursor, "sort[]": "updated_at"})
    assert sorted(row["id"] for row in rows) == [100003, 100007]
    assert api.get("/items", {"~[updated_at][$lte]": "2026-01-05"})["total"] == 0
    assert api.get("/items", {"~[updated_at][$lte]": "2026-01-05T10:00:00-05:00"})["total"] == 579


def test_only_some_fields(api: Caller) -> None:
    query = {"_only[]": ["id", "public_id", "nope"], "per_page": 1}
    assert api.rows("/items", query) == [{"id": 100001, "public_id": "HP-TEE-RED-XS"}]
    assert api.get("/items/100001", {"_only[]": "price"}) == {"price": 24}


def test_embeds(api: Caller) -> None:
    (row,) = api.rows("/items", {"~[public_id]": "HP-TEE-RED-M", "_include[]": ["grid", "unknown"]})
    assert (row["grid"]["id"], row["grid"]["item_description"], "unknown" in row) == (
        row["grid_id"],
        "Harbor Tee",
        False,
    )
    query = {"group[]": ["item_id", "location_id"], "item_id": row["id"], "_include[]": ["item", "location"]}
    value = api.rows("/inventory/values", query)[0]
    assert (value["item"]["public_id"], value["location"]["name"]) == ("HP-TEE-RED-M", "Harbor Main")


def test_free_text_search(api: Caller) -> None:
    ada = api.post("/customers", {"first_name": "Ada", "last_name": "Byron", "email": "Ada.Byron@example.com"})
    address = {"first_name": "Ada", "last_name": "Byron", "line_1": "1 A St", "city": "Mobile", "state": "AL"}
    api.post(f"/customers/{ada}/addresses", {**address, "postal_code": "36602", "phone": "(251) 555-0177"})
    for text in ("ada byron", "ada.byron@example.com", "2515550177", str(ada)):
        assert ids(api, "/customers", {"query": text}) == [ada]


def test_head_answers_like_get_without_a_body(api: Caller) -> None:
    there, missing = api.call("HEAD", "/api/items/100001"), api.call("HEAD", "/api/items/5")
    assert (there.status, there.raw, int(there.headers["Content-Length"]) > 500) == (200, b"", True)
    assert (missing.status, missing.raw) == (404, b"")


def test_deep_ticket_pages_fail_unless_switched(api: Caller) -> None:
    query = {"page": 101, "per_page": 100}
    assert api.call("GET", "/api/sales/tickets", **query).status == 500
    api.switch(deep_page_500=False)
    assert api.get("/sales/tickets", query)["results"] == []
