"""What people do to goods in Admin, as control calls; goods of Commerce; limits of input (apis/magento.md §5, §22)."""

from typing import Any

import pytest
import requests

from tests.sandbox.conftest import running
from tests.sandbox.magento.goods_bodies import custom, product, source_items, stocked
from tests.sandbox.magento.magento_api import Api, criteria


def control(shop: Api, method: str, path: str, body: object = None) -> Any:
    answer = requests.request(method, f"{shop.url}/_sim/{path}", json=body, timeout=10)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def test_a_count_is_written_where_stock_is_kept(shop: Api) -> None:
    told = control(shop, "PUT", "stock", {"sku": "AXE-FELL", "source_code": "depot", "quantity": 3})
    assert told == {
        "sku": "AXE-FELL",
        "sources": {"harbor_main": 1, "pine_annex": 0, "depot": 3},
        "salable": {"base": 4, "europe": 0},
        "reserved": {"base": 0, "europe": 0},
    }
    assert source_items(shop, "AXE-FELL")["depot"] == (3, 1)
    shop.switch(inventory_modules=False)
    control(shop, "PUT", "stock", {"sku": "AXE-FELL", "quantity": 8})
    assert shop.get("/V1/stockItems/AXE-FELL").json()["qty"] == 8


def test_a_product_is_changed_renamed_and_deleted(shop: Api) -> None:
    number = product(shop, "AXE-FELL")["id"]
    control(shop, "POST", "products/change", {"sku": "AXE-FELL", "price": 91, "status": 2})
    control(shop, "POST", "products/change", {"sku": "AXE-FELL", "store_id": 3, "name": "Fällaxt"})
    held = product(shop, "AXE-FELL")
    assert (held["price"], held["status"], product(shop, "AXE-FELL", "europe")["name"]) == (91, 2, "Fällaxt")
    assert control(shop, "POST", "products/rename", {"sku": "AXE-FELL", "new_sku": "AXE-1"}) == {
        "id": number,
        "sku": "AXE-1",
    }
    assert shop.get("/V1/products/AXE-FELL").status_code == 404
    assert control(shop, "POST", "products/delete", {"sku": "AXE-1"}) == {"deleted": True}
    assert shop.get("/V1/products/AXE-1").status_code == 404
    assert source_items(shop, "AXE-FELL") != {}


def test_a_shop_that_synchronises_takes_its_source_items_along(shop: Api) -> None:
    shop.switch(synchronize_with_catalog=True)
    before = source_items(shop, "AXE-FELL")
    control(shop, "POST", "products/rename", {"sku": "AXE-FELL", "new_sku": "AXE-1"})
    assert (source_items(shop, "AXE-FELL"), source_items(shop, "AXE-1")) == ({}, before)
    control(shop, "POST", "products/delete", {"sku": "AXE-1"})
    assert source_items(shop, "AXE-1") == {}


def test_commerce_sells_a_gift_card() -> None:
    server = running("magento", "--profile", "commerce-2.4.8", "--switch", "integration_as_bearer=true")
    try:
        card = product(Api(server), "GIFT-CERT")
    finally:
        server.close()
    amounts = card["extension_attributes"]["giftcard_amounts"]
    assert (card["type_id"], custom(card)["giftcard_type"]) == ("giftcard", "0")
    assert [row["value"] for row in amounts] == [25, 50, 100]


@pytest.mark.parametrize(("rows", "status"), [(20, 200), (21, 400)])
def test_a_limited_shop_takes_twenty_rows_and_none_of_twenty_one(shop: Api, rows: int, status: int) -> None:
    """Case M35."""
    shop.switch(input_limiting=True)
    answered, body = stocked(shop, *((f"LIM-{number}", "depot", 1, 1) for number in range(rows)))
    kind = "Magento\\InventoryApi\\Api\\Data\\SourceItemInterface"
    refusal = {"message": 'Maximum items of type "%type" is %max', "parameters": {"type": kind, "max": 20}}
    assert (answered, body) == ((200, []) if status == 200 else (400, refusal))
    found = shop.get("/V1/inventory/source-items" + criteria([[("sku", "like", "LIM-%")]], size=1)).json()
    assert found["total_count"] == (rows if status == 200 else 0)


def test_the_queue_of_a_limited_shop_takes_more(shop: Api) -> None:
    """Case M35."""
    shop.switch(input_limiting=True)
    items = [{"sku": f"LIM-{number}", "source_code": "depot", "quantity": 1, "status": 1} for number in range(500)]
    answer = shop.post("/async/V1/inventory/source-items", {"sourceItems": items}, store="all")
    assert answer.status_code == 202
    status = shop.get(f"/V1/bulk/{answer.json()['bulk_uuid']}/status").json()["operations_list"]
    assert [row["status"] for row in status] == [1]
    found = shop.get("/V1/inventory/source-items" + criteria([[("sku", "like", "LIM-%")]], size=1)).json()
    assert found["total_count"] == 500
