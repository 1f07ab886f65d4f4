"""A scaled catalogue: same answers as if every row were stored, without storing or visiting them (§8, contract)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.conftest import Running, running
from tests.sandbox.heartland_client import Caller

SCALE = 1_000  # 419 computed SKUs after the 581 of the seed
BOTH = {"group[]": ["item_id", "location_id"]}
FIRST, LAST = 100_582, 100_996


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    made = running("heartland", "--scale", str(SCALE), "--switch", "rate_limit=false")
    yield made
    made.close()


@pytest.fixture
def api(server: Running) -> Caller:
    return Caller(server.fresh())


def walk(api: Caller, path: str, query: dict[str, Any], per_page: int) -> list[dict[str, Any]]:
    """All pages in turn."""
    first = api.get(path, {**query, "per_page": per_page})
    rows: list[dict[str, Any]] = first["results"]
    for page in range(2, first["pages"] + 1):
        rows += api.rows(path, {**query, "per_page": per_page, "page": page})
    assert len(rows) == first["total"]
    return rows


def test_items_are_counted_paged_and_found(api: Caller) -> None:
    rows = walk(api, "/items", {}, 170)
    assert [row["id"] for row in rows] == list(range(100_001, LAST + 1))
    one = api.item("XL-000002-BLK-XS")
    assert (one["id"], one["description"]) == (FIRST + 12, "Workshop Pant 000002 - XS - Black")
    assert api.rows("/items", {"~[custom@upc]": one["custom"]["upc"]}) == [one]
    assert len(api.rows("/items", {"grid_id": one["grid_id"]})) == 12
    assert api.get(f"/item_grids/{one['grid_id']}")["item_description"] == "Workshop Pant 000002"
    new = api.post("/items", {"description": "After", "cost": 1, "price": 1})
    assert new == LAST + 1
    assert (
        api.refused("POST", "/items", {"public_id": one["public_id"], "description": "x", "cost": 1, "price": 1})[0]
        == 400
    )


def test_filters_on_alike_fields_agree_with_a_walk(api: Caller) -> None:
    api.put(f"/items/{FIRST + 5}", {"active": False, "price": 1})
    api.put(f"/items/{FIRST + 9}", {"custom@sold_on_web": "false"})
    for query in (
        {"active": "true"},
        {"active": "false"},
        {"~[custom@sold_on_web]": "true"},
        {"~[updated_at][$gt]": "2026-01-06", "sort[]": "updated_at"},
        {"~[updated_at][$gte]": "2026-01-05", "sort[]": "updated_at,desc"},
        {"sort[]": "id,desc"},
        {"_filter": json.dumps({"id": {"$gt": FIRST + 3}, "active": True}), "sort[]": "id"},
    ):
        paged = [row["id"] for row in walk(api, "/items", query, 97)]
        whole = [row["id"] for row in api.rows("/items", {**query, "per_page": "all"})]
        assert paged == whole
        assert len(set(paged)) == len(paged)
    assert [row["id"] for row in api.rows("/items", {"active": "false"})] == [100579, FIRST + 5]


def test_values_by_item_and_location_agree_with_single_reads(api: Caller) -> None:
    rows = walk(api, "/inventory/values", BOTH, 1_000)
    keys = [(row["item_id"], row["location_id"]) for row in rows]
    assert keys == sorted(set(keys))
    assert len({place for item, place in keys if item >= FIRST}) == 21
    for row in rows[-50:]:
        assert api.stock(row["item_id"], row["location_id"]) == row


def test_hidden_empty_rows_follow_what_happens(api: Caller) -> None:
    def shown() -> set[tuple[int, int]]:
        query = {**BOTH, "exclude_empty_locations": "true"}
        return {(row["item_id"], row["location_id"]) for row in walk(api, "/inventory/values", query, 700)}

    before = shown()
    empty, full = FIRST + 30, FIRST + 7  # row 31 has nothing anywhere
    assert not {key for key in before if key[0] == empty}
    held = api.stock(full, 100005)["qty_on_hand"]
    sku = {item: api.get(f"/items/{item}")["public_id"] for item in (empty, full)}
    api.sim("POST", "/staff/adjust", {"location": "MAIN", "sku": sku[full], "qty": -held})
    api.sim("POST", "/staff/adjust", {"location": "DEPOT", "sku": sku[empty], "qty": 4})
    assert shown() == before - {(full, 100005)} | {(empty, 100008)}


@pytest.mark.parametrize("hide", ["true", "false"])
@pytest.mark.parametrize("more", [{}, {"location_id": 100008}, {"_filter": '{"item_id":{"$gt":100600,"$lte":100700}}'}])
def test_sums_agree_with_the_rows(api: Caller, hide: str, more: dict[str, Any]) -> None:
    query = {"exclude_empty_locations": hide, **more}
    rows = walk(api, "/inventory/values", {**BOTH, **query}, 5_000)
    by_item: dict[int, Any] = {}
    for row in rows:
        by_item[row["item_id"]] = by_item.get(row["item_id"], 0) + row["qty_on_hand"]
    items = walk(api, "/inventory/values", {"group[]": "item_id", **query}, 90)
    assert {row["item_id"]: row["qty_on_hand"] for row in items} == by_item
    (total,) = api.rows("/inventory/values", query)
    assert total["qty_on_hand"] == sum(by_item.values())
    places = api.rows("/inventory/values", {"group[]": "location_id", "per_page": "all", **query})
    assert sum(row["qty_on_hand"] for row in places) == total["qty_on_hand"]


def test_the_ledger_opens_with_every_row_and_goes_on_after(api: Caller) -> None:
    last = api.newest()
    item = api.item("XL-000002-BLK-XS")
    opened = api.rows("/inventory/transactions", {"item_id": item["id"], "per_page": "all"})
    assert len(opened) == 20
    assert {row["location_id"]: row["delta_qty"] for row in opened}[100005] == api.stock(item["id"], 100005)["qty"]
    api.sim("POST", "/staff/adjust", {"location": "MAIN", "sku": item["public_id"], "qty": 3})
    assert api.ledger_after(last) == [(item["id"], 100005, 3, 3, "Adjustment")]
    assert api.get("/inventory/transactions")["total"] == last + 1 - 100_000


def test_orders_take_computed_items(api: Caller) -> None:
    body = {"customer_id": 100002, "source_location_id": 100007, "station_id": 100052}
    order = api.post("/sales/orders", {**body, "lines": [{"item_lookup": "XL-000002-BLK-XS", "qty": 2}]})
    assert api.rows(f"/sales/orders/{order}/lines")[0]["item_id"] == FIRST + 12
