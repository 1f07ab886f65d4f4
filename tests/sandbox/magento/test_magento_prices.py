"""Bulk prices, sales and their days, prices by website (apis/magento.md §14.2, cases M11 and M12)."""

import pytest

from tests.sandbox.magento.goods_bodies import custom, mug, product, saved
from tests.sandbox.magento.magento_api import Api

SALE = {"price": 79, "sku": "TRL-MUG", "price_from": None}
ROW = "Row ID: SKU = %SKU, Store ID: %storeId, Price From: %priceFrom, Price To: %priceTo."


@pytest.fixture
def trail_mug(shop: Api) -> Api:
    saved(shop, mug(price=99))
    return shop


def selling(shop: Api, sku: str = "TRL-MUG", **args: int) -> dict[str, float]:
    answer = shop.session.get(
        f"{shop.url}/_sim/selling-price",
        params={"sku": sku} | {name: str(value) for name, value in args.items()},
        timeout=10,
    )
    found: dict[str, float] = answer.json()
    return found


def at(shop: Api, moment: str) -> None:
    shop.session.put(f"{shop.url}/_sim/clock", json={"frozen_at": moment}, timeout=10).raise_for_status()


def scoped_by_website(shop: Api) -> None:
    shop.session.put(
        f"{shop.url}/_sim/settings", json={"path": "catalog/price/scope", "value": 1}, timeout=10
    ).raise_for_status()


def test_base_prices_save_the_good_rows_and_tell_of_the_others(trail_mug: Api) -> None:
    rows = [
        {"price": 26, "store_id": 0, "sku": "TRL-MUG"},
        {"price": 26, "store_id": 0, "sku": "NOWHERE"},
        {"price": -1, "store_id": 0, "sku": "AXE-FELL"},
        {"price": 3, "store_id": 9, "sku": "0417"},
    ]
    answer = trail_mug.post("/V1/products/base-prices", {"prices": rows})
    assert (answer.status_code, answer.json()) == (
        200,
        [
            {"message": "Invalid attribute %fieldName = %fieldValue.", "parameters": ["SKU", "NOWHERE"]},
            {"message": "Invalid attribute %fieldName = %fieldValue.", "parameters": ["Price", "-1"]},
            {
                "message": "Requested store is not found. Row ID: SKU = %SKU, Store ID: %storeId.",
                "parameters": ["0417", "9"],
            },
        ],
    )
    found = trail_mug.post("/V1/products/base-prices-information", {"skus": ["TRL-MUG", "0417", "NOWHERE"]}).json()
    assert found == [
        {"price": 26, "store_id": 0, "sku": "TRL-MUG"},
        {"price": 8.75, "store_id": 0, "sku": "0417"},
    ]


def test_good_rows_alone_answer_an_empty_list(trail_mug: Api) -> None:
    answer = trail_mug.post("/V1/products/base-prices", {"prices": [{"price": 1, "store_id": 0, "sku": "trl-mug"}]})
    assert (answer.status_code, answer.json(), product(trail_mug, "TRL-MUG")["price"]) == (200, [], 1)


@pytest.mark.parametrize(("end", "after"), [("2026-03-15 00:00:00", 99), ("2026-03-15 23:59:59", 79)])
def test_a_closing_time_sells_a_day_too_long(trail_mug: Api, end: str, after: float) -> None:
    """Case M11: the shop's clock is Chicago's."""
    prices = [{**SALE, "store_id": 0, "price_from": "2026-03-01 00:00:00", "price_to": end}]
    assert trail_mug.post("/V1/products/special-price", {"prices": prices}).json() == []
    at(trail_mug, "2026-02-28T23:55:00-06:00")
    assert selling(trail_mug)["default"] == 99
    at(trail_mug, "2026-03-15T23:00:00-05:00")
    assert selling(trail_mug)["default"] == 79
    at(trail_mug, "2026-03-16T00:05:00-05:00")
    assert selling(trail_mug)["default"] == after


def test_with_global_prices_a_sale_in_one_view_is_refused(trail_mug: Api) -> None:
    answer = trail_mug.post("/V1/products/special-price", {"prices": [{**SALE, "store_id": 1, "price_to": "soon"}]})
    values = ["TRL-MUG", "1", "", "soon"]
    assert answer.json() == [
        {"message": f"Could not change non global Price when price scope is global. {ROW}", "parameters": values},
        {"message": f"Invalid attribute %label = %priceTo. {ROW}", "parameters": ["Price To", *values]},
    ]
    assert "special_price" not in custom(product(trail_mug, "TRL-MUG"))


@pytest.mark.parametrize(("fills", "canada"), [(False, 99), (True, 79)])
def test_a_bulk_price_for_a_view_leaves_the_other_view_of_its_website(
    trail_mug: Api, fills: bool, canada: float
) -> None:
    """Case M12."""
    scoped_by_website(trail_mug)
    trail_mug.switch(bulk_price_fills_website=fills)
    trail_mug.post("/V1/products/special-price", {"prices": [{**SALE, "store_id": 1, "price_to": None}]})
    assert selling(trail_mug) == {"default": 79, "canada": canada, "europe": 99}


def test_a_row_for_each_view_of_the_website_sells_there_and_not_elsewhere(trail_mug: Api) -> None:
    """Case M12."""
    scoped_by_website(trail_mug)
    prices = [{**SALE, "store_id": store, "price_to": None} for store in (1, 2)]
    assert trail_mug.post("/V1/products/special-price", {"prices": prices}).json() == []
    assert selling(trail_mug) == {"default": 79, "canada": 79, "europe": 99}
    found = trail_mug.post("/V1/products/special-price-information", {"skus": ["TRL-MUG"]}).json()
    assert [(row["store_id"], row["price"]) for row in found] == [(1, 79), (2, 79)]
    assert trail_mug.post("/V1/products/special-price-delete", {"prices": prices}).json() == []
    assert selling(trail_mug) == {"default": 99, "canada": 99, "europe": 99}


def test_a_product_save_in_a_view_prices_its_whole_website(trail_mug: Api) -> None:
    scoped_by_website(trail_mug)
    trail_mug.put("/V1/products/TRL-MUG", {"product": {"price": 88}}, store="canada")
    assert selling(trail_mug) == {"default": 88, "canada": 88, "europe": 99}


def tier(quantity: int, price: float, **more: object) -> dict[str, object]:
    row = {"price": price, "price_type": "fixed", "website_id": 0, "sku": "TRL-MUG", "customer_group": "ALL GROUPS"}
    return {**row, "quantity": quantity, **more}


def test_tier_prices_are_added_changed_replaced_and_removed(trail_mug: Api) -> None:
    def held() -> list[tuple[float, float]]:
        rows = trail_mug.post("/V1/products/tier-prices-information", {"skus": ["TRL-MUG"]}).json()
        return [(row["quantity"], row["price"]) for row in rows]

    trail_mug.post("/V1/products/tier-prices", {"prices": [tier(10, 90), tier(50, 80)]})
    trail_mug.post("/V1/products/tier-prices", {"prices": [tier(10, 85)]})
    assert held() == [(10, 85), (50, 80)]
    assert [selling(trail_mug, quantity=count)["default"] for count in (1, 10, 50)] == [99, 85, 80]
    trail_mug.put("/V1/products/tier-prices", {"prices": [tier(20, 70)]})
    assert held() == [(20, 70)]
    trail_mug.post("/V1/products/tier-prices-delete", {"prices": [tier(20, 70)]})
    assert held() == []


def test_a_tier_price_of_an_unknown_group_or_website_is_told_and_not_saved(trail_mug: Api) -> None:
    row = "Row ID: SKU = %SKU, Website ID: %websiteId, Customer Group: %customerGroup, Quantity: %qty."
    answer = trail_mug.post("/V1/products/tier-prices", {"prices": [tier(5, 1, customer_group="Nobody", website_id=1)]})
    values = ["TRL-MUG", "1", "Nobody", "5"]
    assert (answer.status_code, answer.json()) == (
        200,
        [
            {"message": f"Invalid attribute Website ID = %websiteId. {row}", "parameters": values},
            {"message": f"Invalid attribute Customer Group = %customerGroup. {row}", "parameters": values},
        ],
    )
    assert product(trail_mug, "TRL-MUG")["tier_prices"] == []


def test_costs_are_written_and_cleared(trail_mug: Api) -> None:
    assert trail_mug.post("/V1/products/cost", {"prices": [{"cost": 7, "store_id": 0, "sku": "TRL-MUG"}]}).json() == []
    asked = {"skus": ["TRL-MUG"]}
    assert trail_mug.post("/V1/products/cost-information", asked).json() == [
        {"cost": 7, "store_id": 0, "sku": "TRL-MUG"}
    ]
    assert trail_mug.post("/V1/products/cost-delete", asked).json() is True
    assert trail_mug.post("/V1/products/cost-information", asked).json() == []
