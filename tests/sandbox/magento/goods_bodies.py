"""Bodies and short questions for tests of goods and stock."""

from __future__ import annotations

from typing import Any

from tests.sandbox.magento.magento_api import Api, criteria

Json = Any


def mug(**more: Json) -> dict[str, Json]:
    """A product body: the mug of the note."""
    body = {
        "sku": "TRL-MUG",
        "name": "Trail Mug",
        "attribute_set_id": 4,
        "price": 24.5,
        "type_id": "simple",
        "weight": 0.4,
    }
    return {"product": {**body, **more}}


def custom(product: Json) -> dict[str, Json]:
    """Custom attributes of an answer by code."""
    return {row["attribute_code"]: row["value"] for row in product["custom_attributes"]}


def product(shop: Api, sku: str, store: str = "all") -> Json:
    """A product as a store sees it."""
    return shop.get(f"/V1/products/{sku}", store=store).json()


def saved(shop: Api, body: Json, store: str = "all") -> Json:
    """A product that was accepted."""
    answer = shop.post("/V1/products", body, store=store)
    assert answer.status_code == 200, answer.text
    return answer.json()


def source_items(shop: Api, sku: str) -> dict[str, tuple[Json, Json]]:
    """Source -> (quantity, status) of a SKU."""
    rows = shop.get("/V1/inventory/source-items" + criteria([[("sku", "eq", sku)]])).json()["items"]
    return {row["source_code"]: (row["quantity"], row["status"]) for row in rows}


def stocked(shop: Api, *rows: tuple[str, str, Json, int]) -> Json:
    """Write source items (sku, source, quantity, status); the answer's status and body."""
    names = ("sku", "source_code", "quantity", "status")
    items = [dict(zip(names, row, strict=True)) for row in rows]
    answer = shop.post("/V1/inventory/source-items", {"sourceItems": items})
    return answer.status_code, answer.json()
