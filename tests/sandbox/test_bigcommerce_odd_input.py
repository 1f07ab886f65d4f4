"""Whatever is sent, the store answers with a status of its own, never by breaking."""

from __future__ import annotations

import itertools
import random
import re
from typing import Any

import pytest

from tests.sandbox.bigcommerce_api import HASH, Api, bottle_order
from tests.sandbox.conftest import Running

ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    "x",
    "1",
    [],
    [None],
    ["x"],
    [[]],
    {},
    {"id": {}},
    [{}],
    [{"id": []}],
    {"a": [{"b": None}]},
)
FIELDS = (
    "id",
    "status_id",
    "customer_id",
    "products",
    "billing_address",
    "shipping_addresses",
    "consignments",
    "fees",
    "order_address_id",
    "items",
    "shipping_provider",
    "tracking_number",
    "merchant_shipping_cost",
    "payments",
    "tax_adjustment_amount",
    "merchant_calculated_override",
    "name",
    "type",
    "weight",
    "price",
    "sku",
    "variants",
    "images",
    "categories",
    "brand_name",
    "brand_id",
    "inventory_level",
    "option_values",
    "display_name",
    "required",
    "label",
    "product_id",
    "email",
    "first_name",
    "last_name",
    "addresses",
    "attributes",
    "store_credit_amounts",
    "customer_group_id",
    "attribute_id",
    "value",
    "settings",
    "address",
    "label",
    "code",
    "amount",
    "balance",
    "to_name",
    "expiry_date",
    "scope",
    "destination",
    "headers",
    "is_active",
    "emails",
    "namespace",
    "key",
    "permission_set",
    "category_id",
    "parent_id",
    "update_stock_behavior",
    "date_created",
    "total_ex_tax",
    "image_url",
)
INNER = (
    "id",
    "item_type",
    "item_id",
    "quantity",
    "amount",
    "adjustments",
    "location_id",
    "variant_id",
    "sku",
    "identity",
    "order_product_id",
    "provider_id",
    "product_id",
    "product_options",
    "name",
    "price_ex_tax",
    "price_inc_tax",
    "pickups",
    "shipping",
    "line_items",
    "label",
    "option_display_name",
    "total_amount",
    "address1",
    "email",
)
QUERY = (
    "page",
    "limit",
    "sort",
    "direction",
    "include",
    "id",
    "id:in",
    "sku",
    "sku:in",
    "product_id:in",
    "variant_id:in",
    "location_id:in",
    "customer_id:in",
    "date_modified:min",
    "created:min",
    "min_id",
    "max_total",
    "min_date_created",
    "status_id",
    "price:min",
    "categories",
    "name",
    "after",
    "inventory_level:less",
    "order_id:in",
)


@pytest.fixture
def api(bigcommerce_server: Running, bigcommerce_url: str) -> Api:
    """A client of a fresh store without a quota."""
    found = Api(bigcommerce_server)
    found.switch(quota=10**9, default_concurrency=False)
    return found


def paths(api: Api, methods: set[str]) -> list[tuple[str, str]]:
    """Every API route of some methods, with ids that exist."""
    order = api.place(bottle_order())["id"]
    ids = {
        "store_hash": HASH,
        "order_id": order,
        "product_id": 100,
        "variant_id": 2001,
        "row_id": 1,
        "part_id": 180,
        "value_id": 601,
        "location_id": 1,
        "status_id": 11,
        "zone_id": 1,
        "tree_id": 1,
        "channel_id": 1,
        "hook_id": 31200045,
        "refund_id": 71,
    }
    found = []
    for rule in api.server.app._address.map.iter_rules():
        route = rule.endpoint
        is_api = route.path.startswith("/stores/") and not route.path.endswith(".json")
        if is_api and route.method in methods:
            path = re.sub(r"<(?:int:)?(\w+)>", lambda part: str(ids.get(part[1], 1)), route.path)
            found.append((route.method, path.removeprefix(f"/stores/{HASH}")))
    return sorted(found)


def bodies(chance: random.Random) -> list[Any]:
    """Odd bodies for one route."""
    inner = [{name: chance.choice(ODD) for name in chance.sample(INNER, 8)} for _ in range(3)]
    objects = [{name: chance.choice((*ODD, inner, inner[0])) for name in chance.sample(FIELDS, 14)} for _ in range(4)]
    return [{}, [], [{}], *objects, objects]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_odd_bodies(api: Api, seed: int) -> None:
    chance = random.Random(seed)
    broken = []
    for method, path in paths(api, {"POST", "PUT"}):
        for body in bodies(chance):
            answer = api.call(method, path, body)
            if answer.status_code == 500:
                broken.append((method, path, body))
    assert broken == []


def test_odd_queries(api: Api) -> None:
    chance = random.Random(4)
    texts = ("x", "-1", "0", "1", "1,2", "1,x", "", "2026-01-01", "9" * 30, "é", "id:desc", "%")
    broken = []
    for (_, path), _ in itertools.product(paths(api, {"GET"}), range(6)):
        query = "&".join(f"{name}={chance.choice(texts)}" for name in chance.sample(QUERY, 4))
        answer = api.get(f"{path}?{query}")
        if answer.status_code == 500:
            broken.append((path, query))
    assert broken == []
