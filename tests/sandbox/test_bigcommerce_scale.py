"""The computed catalogue of `--scale`, and a store that survives a kill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ipaas.sandbox.bigcommerce.scaled import FIRST_PRODUCT, FIRST_VARIANT
from ipaas.sandbox.catalog import scale
from tests.sandbox.bigcommerce_api import Api, bottle_order
from tests.sandbox.conftest import Running, running

COUNT = 1_000_000


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """A store of a million SKUs."""
    server = running("bigcommerce", "--scale", str(COUNT), "--switch", "quota=1000000")
    yield Api(server)
    server.close()


def total(api: Api, path: str) -> int:
    """The total a V3 list reports."""
    found: int = api.get(f"{path}{'&' if '?' in path else '?'}limit=1").json()["meta"]["pagination"]["total"]
    return found


def test_a_million_skus_are_listed_page_by_page(api: Api) -> None:
    here = COUNT - 4  # three SKUs are only in the POS, and the certificate is no catalog product
    assert [total(api, path) for path in ("/v3/catalog/variants", "/v3/inventory/items")] == [here, here]
    last = api.get("/v3/catalog/variants?limit=250&page=4000").json()["data"]
    assert (len(last), last[-1]["id"]) == (246, FIRST_VARIANT + scale(COUNT).count - 1)
    products = api.get("/v3/catalog/products?limit=250&page=300&include=variants").json()["data"]
    assert [len(row["variants"]) for row in products] == [12] * 250


def test_one_sku_is_found_among_a_million(api: Api) -> None:
    row = api.get(f"/v3/catalog/products/{FIRST_PRODUCT + 41_666}?include=variants,options").json()["data"]
    variant = row["variants"][7]
    assert api.get(f"/v3/catalog/variants?sku={variant['sku']}").json()["data"] == [variant]
    assert [entry["option_id"] for entry in variant["option_values"]] == [option["id"] for option in row["options"]]
    for entry, option in zip(variant["option_values"], row["options"], strict=True):
        assert entry["label"] in [value["label"] for value in option["option_values"] if value["id"] == entry["id"]]
    assert api.get(f"/v3/catalog/products?sku={row['sku']}").json()["data"][0]["id"] == row["id"]
    assert api.get("/v3/catalog/variants?sku=XL-999999-BLK-S").json()["data"] == []
    body = {"name": "Twin", "type": "physical", "weight": 1, "price": 1, "sku": variant["sku"].lower()}
    assert api.post("/v3/catalog/products", body).status_code == 409
    assert api.post("/v3/catalog/products", {**body, "sku": "TWIN", "name": row["name"].upper()}).status_code == 409


def test_stock_of_a_computed_sku_is_written_and_read(api: Api) -> None:
    ids = list(range(FIRST_VARIANT + 500_000, FIRST_VARIANT + 502_000))
    api.switch(inventory_delay=0)
    items = [{"location_id": 1, "variant_id": number, "quantity": number % 97} for number in ids]
    assert api.put("/v3/inventory/adjustments/absolute", {"items": items}).status_code == 200
    chosen = ids[::400]
    answer = api.get(f"/v3/inventory/items?location_id:in=1&variant_id:in={','.join(map(str, chosen))}").json()["data"]
    assert [row["locations"][0]["total_inventory_onhand"] for row in answer] == [number % 97 for number in chosen]
    untouched = api.get(f"/v3/inventory/items?location_id:in=1&variant_id:in={ids[-1] + 1}").json()["data"][0]
    assert untouched["locations"][0]["total_inventory_onhand"] > 0
    assert len(api.service.state.stock) < 10_000


def test_a_computed_product_can_be_changed_and_removed(api: Api) -> None:
    number = FIRST_PRODUCT + 100
    path = f"/v3/catalog/products/{number}"
    assert api.put(path, {"price": 3.5}).json()["data"]["price"] == 3.5
    variant = FIRST_VARIANT + 1200
    assert api.put(f"{path}/variants/{variant}", {"sku": "NEW-SKU"}).status_code == 200
    assert [row["id"] for row in api.get("/v3/catalog/variants?sku=NEW-SKU").json()["data"]] == [variant]
    before = total(api, "/v3/catalog/variants")
    assert api.delete(path).status_code == 204
    assert total(api, "/v3/catalog/variants") == before - 12
    assert api.get("/v3/catalog/variants?sku=NEW-SKU").json()["data"] == []


def restarted(server: Running, *arguments: str) -> Running:
    """The service again, from the file a killed process left behind (nothing is closed in order)."""
    server._server.shutdown()
    server._server.server_close()
    server.app.service.outbox.stop()
    return running("bigcommerce", *arguments)


def test_everything_survives_a_kill(tmp_path: Path) -> None:
    arguments = ("--data", str(tmp_path), "--scale", "5000")
    server = running("bigcommerce", *arguments)
    api = Api(server)
    api.stop_time()
    n = api.place(bottle_order())["id"]
    api.listen("store/order/*")
    api.put(f"/v2/orders/{n}", {"staff_notes": "kept"})
    api.put(
        "/v3/inventory/adjustments/absolute",
        {"items": [{"location_id": 1, "variant_id": FIRST_VARIANT, "quantity": 77}]},
    )
    api.delete(f"/v3/catalog/products/{FIRST_PRODUCT + 5}")

    def seen(api: Api) -> list[Any]:
        return [
            api.get(f"/v2/orders/{n}").json(),
            api.get(f"/v2/orders/{n}/products").json(),
            api.get(f"/v3/orders/{n}/transactions").json(),
            api.get("/v3/hooks").json(),
            total(api, "/v3/catalog/variants"),
            len(api.events()),
        ]

    before = seen(api)
    again = restarted(server, *arguments)
    try:
        other = Api(again)
        assert seen(other) == before
        other.advance(2)
        level = other.get(f"/v3/inventory/items?variant_id:in={FIRST_VARIANT}&location_id:in=1").json()["data"][0]
        assert level["locations"][0]["total_inventory_onhand"] == 77
        assert other.place(bottle_order())["id"] == n + 1
    finally:
        again.close()
