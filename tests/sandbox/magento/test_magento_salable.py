"""What can be sold: sources, statuses, reservations; the shop without the inventory modules (apis/magento.md §15)."""

from decimal import Decimal

import pytest

from ipaas.sandbox.magento.inventory.stock_levels import reservation_add, source_item_change
from tests.sandbox.magento.goods_bodies import product, source_items, stocked
from tests.sandbox.magento.magento_api import Api, criteria

ORDER = {"entity_id": 412, "increment_id": "000000412"}


def salable(shop: Api, sku: str = "AXE-FELL", stock: int = 2) -> object:
    return shop.get(f"/V1/inventory/get-product-salable-quantity/{sku}/{stock}").json()


def reserve(shop: Api, quantity: int, event: str = "order_placed") -> None:
    with shop.service.transaction():
        reservation_add(shop.state, "AXE-FELL", 2, Decimal(quantity), event, ORDER)


@pytest.fixture
def axes(shop: Api) -> Api:
    """Nine axes at the harbor, four at the annex."""
    stocked(shop, ("AXE-FELL", "harbor_main", 9, 1), ("AXE-FELL", "pine_annex", 4, 1), ("AXE-FELL", "depot", 0, 0))
    return shop


def test_only_enabled_sources_and_rows_in_stock_count(axes: Api) -> None:
    assert salable(axes) == 13
    stocked(axes, ("AXE-FELL", "depot", 50, 0), ("AXE-FELL", "popup", 30, 1), ("AXE-FELL", "default", 20, 1))
    assert (salable(axes), salable(axes, stock=1)) == (13, 20)
    annex = {"name": "Pine Annex", "country_id": "US", "postcode": "78704", "enabled": False}
    axes.put("/V1/inventory/sources/pine_annex", {"source": annex})
    assert salable(axes) == 9


def test_a_reservation_lowers_what_is_salable_and_a_second_one_gives_it_back(axes: Api) -> None:
    reserve(axes, -2)
    assert (salable(axes), source_items(axes, "AXE-FELL")["harbor_main"]) == (11, (9, 1))
    reserve(axes, 2, "order_canceled")
    assert salable(axes) == 13
    rows = axes.session.get(f"{axes.url}/_sim/reservations", params={"sku": "AXE-FELL"}, timeout=10).json()
    assert [(row["quantity"], row["metadata"]) for row in rows] == [
        (
            quantity,
            {
                "event_type": event,
                "object_type": "order",
                "object_id": "412",
                "object_increment_id": "000000412",
            },
        )
        for quantity, event in ((-2, "order_placed"), (2, "order_canceled"))
    ]


def test_an_absolute_write_between_order_and_shipment_counts_the_pieces_twice(axes: Api) -> None:
    """§15.1: why a pushed quantity must add what orders still hold."""
    reserve(axes, -3)
    stocked(axes, ("AXE-FELL", "harbor_main", 6, 1))
    assert salable(axes) == 7
    stocked(axes, ("AXE-FELL", "harbor_main", 9, 1))
    with axes.service.transaction():
        source_item_change(axes.state, "AXE-FELL", "harbor_main", Decimal(-3))
    reserve(axes, 3, "shipment_created")
    assert (salable(axes), source_items(axes, "AXE-FELL")["harbor_main"]) == (10, (6, 1))


def test_the_last_piece_shipped_leaves_the_source_out_of_stock(axes: Api) -> None:
    with axes.service.transaction():
        source_item_change(axes.state, "AXE-FELL", "pine_annex", Decimal(-4))
        assert source_item_change(axes.state, "AXE-FELL", "default", Decimal(-1)) is None
    assert source_items(axes, "AXE-FELL")["pine_annex"] == (0, 0)


def test_what_has_no_source_items_by_nature_or_by_assignment_is_refused(axes: Api) -> None:
    composite = axes.get("/V1/inventory/get-product-salable-quantity/HP-TEE/2")
    assert (composite.status_code, composite.json()) == (
        400,
        {"message": "Can't check requested quantity for products without Source Items support."},
    )
    elsewhere = axes.get("/V1/inventory/get-product-salable-quantity/AXE-FELL/1")
    assert (elsewhere.status_code, elsewhere.json()) == (
        400,
        {"message": "The requested sku is not assigned to given stock."},
    )


def test_several_skus_are_asked_at_once(axes: Api) -> None:
    reserve(axes, -13)
    skus = ("AXE-FELL", "HP-TEE", "SVC-REPAIR", "NOWHERE")
    query = "&".join(f"skus[{place}]={sku}" for place, sku in enumerate(skus))
    answer = axes.get(f"/V1/inventory/are-products-salable?{query}&stockId=2").json()
    assert [(row["sku"], row["stock_id"], row["salable"]) for row in answer] == [
        ("AXE-FELL", 2, False),
        ("HP-TEE", 2, True),
        ("SVC-REPAIR", 2, True),
        ("NOWHERE", 2, False),
    ]
    asked = axes.get("/V1/inventory/is-product-salable-for-requested-qty/AXE-FELL/2/1").json()
    assert (asked["salable"], asked["errors"][0]["message"]) == (False, "The requested qty is not available")


def test_backorders_sell_what_is_not_there(axes: Api) -> None:
    reserve(axes, -13)
    number = product(axes, "AXE-FELL")["id"]
    item = {"stockItem": {"use_config_backorders": False, "backorders": 1}}
    assert axes.put(f"/V1/products/AXE-FELL/stockItems/{number}", item).status_code == 200
    assert axes.get("/V1/inventory/is-product-salable/AXE-FELL/2").json() is True


def test_a_whole_stock_is_read_in_pages(axes: Api) -> None:
    reserve(axes, -1)
    path = "/V1/inventory/export-stock-salable-qty/website/base"
    one = axes.get(path + criteria([[("sku", "eq", "AXE-FELL")]])).json()
    assert one["items"] == [{"sku": "AXE-FELL", "qty": 12, "is_salable": True}]
    page = axes.get(path + criteria(sorts=[("entity_id", "ASC")], size=50, page=2)).json()
    assert (len(page["items"]), page["total_count"]) == (50, len(axes.state.products))
    dumped = axes.get("/V1/inventory/dump-stock-index-data/website/base").json()
    assert {"sku": "AXE-FELL", "qty": 13, "is_salable": True} in dumped
    assert axes.get("/V1/inventory/export-stock-salable-qty/website/nowhere?searchCriteria=").status_code == 404


def test_the_legacy_stock_item_is_the_default_source(axes: Api) -> None:
    answer = axes.put("/V1/products/AXE-FELL/stockItems/1", {"stockItem": {"qty": 7, "is_in_stock": True}})
    number = product(axes, "AXE-FELL")["id"]
    assert answer.json() == number  # a wrong number in the path still updates
    assert source_items(axes, "AXE-FELL")["default"] == (7, 1)
    item = axes.get("/V1/stockItems/AXE-FELL").json()
    assert (item["item_id"], item["product_id"], item["stock_id"], item["qty"], item["is_in_stock"]) == (
        number,
        number,
        1,
        7,
        True,
    )
    assert item["low_stock_date"] is None
    status = axes.get("/V1/stockStatuses/AXE-FELL").json()
    assert (status["qty"], status["stock_status"], status["stock_item"]["qty"]) == (7, 1, 7)
    unknown = axes.get("/V1/stockItems/NOWHERE")
    assert (unknown.status_code, unknown.json()) == (
        404,
        {"message": 'The Product with the "%1" SKU doesn\'t exist.', "parameters": ["NOWHERE"]},
    )


def test_without_the_inventory_modules_there_is_one_quantity_and_no_route(axes: Api) -> None:
    axes.switch(inventory_modules=False)
    gone = axes.get("/V1/inventory/sources?searchCriteria=")
    assert (gone.status_code, gone.json()) == (404, {"message": "Request does not match any route."})
    assert axes.get("/V1/stockItems/AXE-FELL").json()["qty"] == 13
    axes.put("/V1/products/AXE-FELL/stockItems/1", {"stockItem": {"qty": 5, "is_in_stock": True}})
    reserve(axes, -2)
    assert axes.get("/V1/stockItems/AXE-FELL").json()["qty"] == 3
    assert axes.state.reservations.find(sku_key="axe-fell") == []
    axes.switch(inventory_modules=True)
    assert source_items(axes, "AXE-FELL")["harbor_main"] == (9, 1)


def test_low_stock_is_listed_in_pages(axes: Api) -> None:
    axes.put("/V1/products/0417/stockItems/1", {"stockItem": {"qty": 500, "is_in_stock": True}})
    first = axes.get("/V1/stockItems/lowStock/?scopeId=0&qty=5&pageSize=10&currentPage=1").json()
    second = axes.get("/V1/stockItems/lowStock/?scopeId=0&qty=5&pageSize=10&currentPage=2").json()
    assert (len(first["items"]), first["total_count"]) == (10, second["total_count"])
    ids = {row["product_id"] for row in first["items"]}
    assert ids.isdisjoint(row["product_id"] for row in second["items"])
    everything = axes.get("/V1/stockItems/lowStock/?scopeId=0&qty=5&pageSize=1000").json()["items"]
    assert product(axes, "0417")["id"] not in {row["product_id"] for row in everything}
    assert all(row["qty"] <= 5 for row in everything)
