"""The long list: a million source items that nobody stores (apis/magento.md §15, §22)."""

from __future__ import annotations

import itertools
import time
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ipaas.sandbox.magento.app import build_app
from ipaas.sandbox.magento.inventory.long_list_levels import long_list_level_set
from ipaas.sandbox.magento.service import Magento
from tests.sandbox.conftest import Running, running
from tests.sandbox.magento.goods_bodies import product, source_items, stocked
from tests.sandbox.magento.magento_api import Api, Filters, criteria

COUNT = 1_000_000
ITEMS = "/V1/inventory/source-items"


@pytest.fixture(scope="module")
def big_server() -> Iterator[Running]:
    server = running("magento", "--scale", str(COUNT), "--switch", "integration_as_bearer=true")
    yield server
    server.close()


@pytest.fixture
def big(big_server: Running) -> Api:
    return Api(big_server)


def test_a_sku_of_the_long_list_is_a_child_of_its_style(big: Api) -> None:
    child = product(big, "xl-000002-nvy-m")
    parent = product(big, "XL-000002")
    assert (child["sku"], child["name"], child["price"]) == (
        "XL-000002-NVY-M",
        "Workshop Pant 000002-M-Navy",
        10.74,
    )
    assert child["id"] in parent["extension_attributes"]["configurable_product_links"]
    children = big.get("/V1/configurable-products/XL-000002/children").json()
    assert [row["sku"].rpartition("-NVY-")[2] for row in children[6:]] == ["2XL", "L", "M", "S", "XL", "XS"]


def test_source_items_are_found_by_sku_and_written(big: Api) -> None:
    assert source_items(big, "XL-000002-NVY-M") == {"harbor_main": (23, 1), "pine_annex": (13, 1), "depot": (3, 1)}
    assert stocked(big, ("XL-000002-NVY-M", "pine_annex", "4.25", 1), ("XL-000002-NVY-M", "depot", 0, 0)) == (200, [])
    assert source_items(big, "XL-000002-NVY-M") == {"harbor_main": (23, 1), "pine_annex": (4.25, 1), "depot": (0, 0)}
    assert big.get("/V1/inventory/get-product-salable-quantity/XL-000002-NVY-M/2").json() == 27.25
    assert not [row for row in big.state.source_items.stored() if row["sku"].startswith("XL-")]


def test_a_refused_list_leaves_the_packed_quantities(big: Api) -> None:
    before = source_items(big, "XL-000003-BLK-S")
    assert stocked(big, ("XL-000003-BLK-S", "depot", 99, 1), ("XL-000003-BLK-S", "moon", 1, 1))[0] == 400
    assert source_items(big, "XL-000003-BLK-S") == before


def test_an_unassigned_item_is_gone_and_comes_back_when_written(big: Api) -> None:
    row = {"sku": "XL-000004-BLK-S", "source_code": "depot"}
    total = len(big.state.source_items)
    big.post(ITEMS + "-delete", {"sourceItems": [row]})
    assert (set(source_items(big, row["sku"])), len(big.state.source_items)) == (
        {"harbor_main", "pine_annex"},
        total - 1,
    )
    stocked(big, (row["sku"], "depot", 5, 1))
    assert source_items(big, row["sku"])["depot"] == (5, 1)


def test_pages_of_a_million_are_answered_by_number(big: Api) -> None:
    page = big.get(ITEMS + criteria(sorts=[("source_item_id", "ASC")], size=500, page=3_000)).json()
    assert (len(page["items"]), page["total_count"]) == (500, len(big.state.source_items))
    known = big.get("/V1/products" + criteria(sorts=[("entity_id", "ASC")], size=200, page=2_000)).json()
    assert (len(known["items"]), known["total_count"]) == (200, len(big.state.products))
    after = str(known["items"][-1]["id"])
    following = big.get(
        "/V1/products" + criteria([[("entity_id", "gt", after)]], [("entity_id", "ASC")], size=2)
    ).json()["items"]
    assert [row["id"] for row in following] == [int(after) + 1, int(after) + 2]


def test_a_million_rows_without_a_page_size_are_too_many(big: Api) -> None:
    """§5: always send pageSize."""
    answer = big.get(ITEMS + criteria())
    message = "PHP Fatal error: Allowed memory size of 2147483648 bytes exhausted"
    assert (answer.status_code, answer.json()) == (500, {"messages": {"error": [{"code": 500, "message": message}]}})
    some = big.get(ITEMS + criteria([[("sku", "in", "XL-000006-BLK-S,XL-000006-BLK-M")]])).json()
    assert (len(some["items"]), some["total_count"]) == (6, 6)


def all_pages(shop: Api, path: str, groups: Filters, field: str, size: int) -> list[Any]:
    """Every row of a list, page by page."""
    rows: list[Any] = []
    for page in itertools.count(1):
        answer = shop.get(path + criteria(groups, [(field, "ASC")], size, page)).json()
        rows += answer["items"]
        if page * size >= answer["total_count"]:
            assert len(rows) == answer["total_count"]
            return rows
    raise AssertionError


@pytest.fixture(scope="module")
def small_server() -> Iterator[Running]:
    """Two thousand SKUs, of which some were changed, some deleted, some added."""
    server = running("magento", "--scale", "2000", "--switch", "integration_as_bearer=true")
    shop = Api(server)
    for sku in ("XL-000003-BLK-S", "XL-000007"):
        shop.put(f"/V1/products/{sku}", {"product": {"weight": 2}}, store="all")
    for sku in ("XL-000003-BLK-M", "XL-000009"):
        shop.delete(f"/V1/products/{sku}")
    shop.post(ITEMS + "-delete", {"sourceItems": [{"sku": "XL-000004-BLK-S", "source_code": "depot"}]})
    stocked(shop, ("XL-000005-ZZZ", "depot", 5, 1), ("zebra", "depot", 5, 1), ("XL-000004-BLK-S", "popup", 5, 1))
    yield server
    server.close()


@pytest.mark.parametrize("size", [97, 500])
@pytest.mark.parametrize("code", ["depot", "harbor_main", "default"])
def test_pages_of_one_source_by_sku_are_those_of_the_whole(small_server: Running, code: str, size: int) -> None:
    shop = Api(small_server)
    rows = all_pages(shop, ITEMS, [[("source_code", "eq", code)]], "sku", size)
    every = [row for row in shop.state.source_items.all() if row["source_code"] == code]
    assert [row["sku"] for row in rows] == sorted((row["sku"] for row in every), key=str.casefold)


@pytest.mark.parametrize("kinds", ["configurable", "simple", "simple,configurable", "virtual"])
def test_pages_of_a_type_by_id_are_those_of_the_whole(small_server: Running, kinds: str) -> None:
    shop = Api(small_server)
    every = [row["id"] for row in shop.state.products.all() if row["type_id"] in kinds.split(",")]
    rows = all_pages(shop, "/V1/products", [[("type_id", "in", kinds)]], "entity_id", 90)
    assert [row["id"] for row in rows] == every
    half = every[len(every) // 2]
    groups = [[("type_id", "in", kinds)], [("entity_id", "gt", str(half))]]
    rest = shop.get("/V1/products" + criteria(groups, [("entity_id", "ASC")], 3)).json()
    after = every[len(every) // 2 + 1 :]
    assert ([row["id"] for row in rest["items"]], rest["total_count"]) == (after[:3], len(after))


def test_products_changed_since_are_the_stored_ones(small_server: Running) -> None:
    shop = Api(small_server)
    groups = [[("updated_at", "gteq", "2026-01-01 00:00:00")], [("entity_id", "gt", "0")]]
    found = shop.get("/V1/products" + criteria(groups, [("entity_id", "ASC")], 1_000)).json()
    changed = [row["id"] for row in shop.state.products.all() if row["updated_at"] >= "2026-01-01"]
    assert ([row["id"] for row in found["items"]], found["total_count"]) == (changed, len(changed))
    assert len(changed) < len(shop.state.products) / 2


def test_products_named_by_their_ids_are_found_by_them(big: Api) -> None:
    parent = product(big, "XL-000002")
    children = parent["extension_attributes"]["configurable_product_links"]
    wanted = ",".join(map(str, [children[1], parent["id"], "moon", 77_000_000]))
    began = time.perf_counter()
    found = big.get("/V1/products" + criteria([[("entity_id", "in", wanted)]], [("entity_id", "ASC")], size=10)).json()
    assert time.perf_counter() - began < 5
    assert ([row["id"] for row in found["items"]], found["total_count"]) == ([parent["id"], children[1]], 2)


def test_a_page_of_one_source_costs_the_same_far_back(big: Api) -> None:
    groups = [[("source_code", "eq", "depot")]]
    began = time.perf_counter()
    page = big.get(ITEMS + criteria(groups, [("sku", "ASC")], size=1_000, page=900)).json()
    assert time.perf_counter() - began < 5  # looking at every row takes longer than the client waits
    assert (len(page["items"]), page["total_count"] > 900_000) == (1_000, True)
    skus = [row["sku"] for row in page["items"]]
    assert skus == sorted(skus)


def test_written_quantities_cost_a_dozen_bytes_each() -> None:
    service: Magento = build_app(scale=COUNT).service
    service.reset(1, COUNT)
    state = service.state
    items = state.source_items.lazy.ids
    tracemalloc.start()
    written = list(items[:: len(items) // 2_000])
    for number in written:
        with service.transaction():
            long_list_level_set(state, number, Decimal(5), 1)
    grown = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    pages = len(state.level_pages)
    assert grown / pages < 8_000  # bytes for the 512 quantities and statuses of a page
    assert all(state.source_items.get(number)["quantity"] == 5 for number in written)  # type: ignore[index]


def test_what_was_written_is_there_after_a_kill(tmp_path: Path) -> None:
    first = build_app(tmp_path, scale=2_000).service
    first.start()
    ids = list(first.state.source_items.lazy.ids)[:3]
    with first.transaction():
        long_list_level_set(first.state, ids[1], Decimal("7.5"), 0)
        first.state.source_items.delete(ids[2])
    first.stop()
    second = build_app(tmp_path).service
    second.start()
    try:
        row = second.state.source_items.get(ids[1]) or {}
        assert (row["quantity"], row["status"], second.state.source_items.get(ids[2])) == (Decimal("7.5"), 0, None)
    finally:
        second.stop()
