"""V3 catalog: products, variants, options, modifiers, brands, categories (note §18, §19)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.bigcommerce_api import Api, stocked
from tests.sandbox.conftest import Running

PRODUCTS = "/v3/catalog/products"
BOTTLE: dict[str, Any] = {"name": "Probe Bottle", "type": "physical", "weight": 0.4, "price": 20, "sku": "PB-750"}
COLORS: list[dict[str, Any]] = [
    {"sku": f"PB-750-{code}", "option_values": [{"option_display_name": "Color", "label": label}]}
    for code, label in (("BLK", "Black"), ("RED", "Red"))
]


@pytest.fixture
def api(bigcommerce_server: Running, bigcommerce_url: str) -> Api:
    """A client of a fresh store at noon of 6 January 2026."""
    found = Api(bigcommerce_server)
    found.stop_time()
    return found


def made(api: Api, **more: Any) -> dict[str, Any]:
    """A product made by POST."""
    answer = api.post(PRODUCTS, {**BOTTLE, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


def test_a_simple_product_has_one_base_variant(api: Api) -> None:
    product = made(api, description="<p>x</p>", cost_price=7.5)
    assert product["base_variant_id"] == product["variants"][0]["id"]
    assert {
        name: product["variants"][0][name]
        for name in (
            "sku",
            "sku_id",
            "price",
            "calculated_price",
            "weight",
            "calculated_weight",
            "option_values",
            "map_price",
        )
    } == {
        "sku": "PB-750",
        "sku_id": None,
        "price": None,
        "calculated_price": 20,
        "weight": None,
        "calculated_weight": 0.4,
        "option_values": [],
        "map_price": {},
    }
    read = api.get(f"{PRODUCTS}/{product['id']}").json()
    assert read["meta"] == {}
    expected = {
        "id": product["id"],
        "name": "Probe Bottle",
        "type": "physical",
        "sku": "PB-750",
        "description": "<p>x</p>",
        "weight": 0.4,
        "width": 0,
        "depth": 0,
        "height": 0,
        "price": 20,
        "cost_price": 7.5,
        "retail_price": 0,
        "sale_price": 0,
        "map_price": 0,
        "calculated_price": 20,
        "tax_class_id": 0,
        "product_tax_code": "",
        "categories": [],
        "brand_id": 0,
        "option_set_id": None,
        "option_set_display": "right",
        "inventory_level": 0,
        "inventory_warning_level": 0,
        "inventory_tracking": "none",
        "reviews_rating_sum": 0,
        "reviews_count": 0,
        "total_sold": 0,
        "fixed_cost_shipping_price": 0,
        "is_free_shipping": False,
        "is_visible": False,
        "is_featured": False,
        "related_products": [-1],
        "warranty": "",
        "bin_picking_number": "",
        "layout_file": "",
        "upc": "",
        "mpn": "",
        "gtin": "",
        "search_keywords": "",
        "availability": "available",
        "availability_description": "",
        "gift_wrapping_options_type": "any",
        "gift_wrapping_options_list": [],
        "sort_order": 0,
        "condition": "New",
        "is_condition_shown": False,
        "order_quantity_minimum": 0,
        "order_quantity_maximum": 0,
        "page_title": "",
        "meta_keywords": [],
        "meta_description": "",
        "date_created": "2026-01-06T12:00:00+00:00",
        "date_modified": "2026-01-06T12:00:00+00:00",
        "view_count": 0,
        "preorder_release_date": None,
        "preorder_message": "",
        "is_preorder_only": False,
        "is_price_hidden": False,
        "price_hidden_label": "",
        "custom_url": {"url": "/probe-bottle/", "is_customized": False},
        "base_variant_id": product["base_variant_id"],
        "open_graph_type": "product",
        "open_graph_title": "",
        "open_graph_description": "",
        "open_graph_use_meta_description": True,
        "open_graph_use_product_name": True,
        "open_graph_use_image": True,
    }
    assert read["data"] == expected


def test_variants_make_their_options(api: Api) -> None:
    product = made(api, variants=COLORS, inventory_tracking="variant")
    assert product["base_variant_id"] is None
    options = api.get(f"{PRODUCTS}/{product['id']}/options").json()["data"]
    assert [(row["display_name"], [value["label"] for value in row["option_values"]]) for row in options] == [
        ("Color", ["Black", "Red"])
    ]
    black = options[0]["option_values"][0]
    variant = api.get("/v3/catalog/variants?sku=PB-750-BLK").json()["data"][0]
    assert variant["option_values"] == [
        {"id": black["id"], "label": "Black", "option_id": options[0]["id"], "option_display_name": "Color"}
    ]
    assert variant["sku_id"] is not None
    assert variant["sku_id"] != variant["id"]
    assert (variant["id"], variant["product_id"]) == (product["variants"][0]["id"], product["id"])


def test_the_sku_lookup_finds_base_variants_and_is_exact(api: Api) -> None:
    product = made(api)
    found = api.get("/v3/catalog/variants?sku=PB-750").json()
    assert [row["product_id"] for row in found["data"]] == [product["id"]]
    assert found["meta"]["pagination"]["total"] == 1
    assert api.get("/v3/catalog/variants?sku=pb-750").json()["data"] == []
    api.switch(sku_lookup="nocase")
    assert len(api.get("/v3/catalog/variants?sku=pb-750").json()["data"]) == 1
    assert api.get("/v3/catalog/variants?sku=none").json()["data"] == []
    assert api.get(f"/v3/catalog/variants?product_id:in={product['id']},1").json()["data"][0]["sku"] == "PB-750"
    assert api.get(f"/v3/catalog/variants?id={product['base_variant_id']}").json()["data"][0]["sku"] == "PB-750"


@pytest.mark.parametrize(
    ("body", "field", "title"),
    [
        ({"sku": "pb-750 ", "name": "Other"}, "sku", "The product sku is a duplicate"),
        ({"sku": "X", "name": "probe bottle"}, "name", "The product name is a duplicate"),
        ({"sku": "X", "name": "Y", "categories": [99999]}, "categories", "The product category does not exist"),
        ({"sku": "X", "name": "Y", "brand_id": 99999}, "brand_id", "The product brand does not exist"),
        ({"sku": "X", "name": "Y", "tax_class_id": 99}, "tax_class_id", "The product tax class does not exist"),
        (
            {"sku": "X", "name": "Y", "variants": [{**COLORS[0], "sku": "PB-750"}]},
            "sku",
            "The product sku is a duplicate",
        ),
    ],
)
def test_conflicts_are_409_and_nothing_is_stored(api: Api, body: dict[str, Any], field: str, title: str) -> None:
    made(api)
    before = api.get(f"{PRODUCTS}?limit=1").json()["meta"]["pagination"]["total"]
    answer = api.post(PRODUCTS, {**BOTTLE, **body})
    assert answer.status_code == 409
    assert answer.json() == {
        "status": 409,
        "title": title,
        "errors": {field: title},
        "type": "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes",
    }
    assert api.get(f"{PRODUCTS}?limit=1").json()["meta"]["pagination"]["total"] == before
    assert api.get("/v3/catalog/variants?sku=X").json()["data"] == []


@pytest.mark.parametrize(
    ("body", "title", "fields"),
    [
        ({"name": None}, "Missing Required Fields", ["name"]),
        ({"type": None, "weight": None}, "Missing Required Fields", ["type", "weight"]),
        ({"type": "service"}, "JSON data is missing or invalid", ["type"]),
        ({"price": "20"}, "JSON data is missing or invalid", ["price"]),
        ({"weight": -1}, "JSON data is missing or invalid", ["weight"]),
        ({"name": "x" * 251}, "JSON data is missing or invalid", ["name"]),
        ({"sku": "x" * 256}, "JSON data is missing or invalid", ["sku"]),
        ({"upc": "1" * 15}, "JSON data is missing or invalid", ["upc"]),
        ({"inventory_tracking": "simple"}, "JSON data is missing or invalid", ["inventory_tracking"]),
        ({"variants": [{"sku": "V"}]}, "JSON data is missing or invalid", ["variants.0.option_values"]),
    ],
)
def test_bad_products_are_422(api: Api, body: dict[str, Any], title: str, fields: list[str]) -> None:
    whole = {name: value for name, value in {**BOTTLE, **body}.items() if value is not None}
    answer = api.post(PRODUCTS, whole)
    assert (answer.status_code, answer.json()["title"], sorted(answer.json()["errors"])) == (422, title, fields)


def test_an_update_changes_what_was_sent(api: Api) -> None:
    product = made(api)
    api.listen("store/product/*", "store/sku/*")
    api.advance(5)
    answer = api.put(f"{PRODUCTS}/{product['id']}", {"price": 21.5, "sku": "PB-751", "brand_name": "Probe & Co"})
    changed = answer.json()["data"]
    assert (answer.status_code, changed["price"], changed["sku"], changed["date_modified"]) == (
        200,
        21.5,
        "PB-751",
        "2026-01-06T12:00:05+00:00",
    )
    assert api.get("/v3/catalog/variants?sku=PB-751").json()["data"][0]["calculated_price"] == 21.5
    assert api.get(f"/v3/catalog/brands/{changed['brand_id']}").json()["data"]["name"] == "Probe & Co"
    assert [(event["scope"], event["data"]) for event in api.events()] == [
        ("store/product/updated", {"type": "product", "id": product["id"]})
    ]


def test_batches_are_at_most_ten_and_whole(api: Api) -> None:
    product = made(api)
    eleven = [{"id": product["id"], "price": n} for n in range(1, 12)]
    answer = api.put(PRODUCTS, eleven)
    assert (answer.status_code, answer.json()["title"]) == (
        413,
        "The request payload is too large. The maximum items allowed in the array is 10",
    )
    assert api.put(PRODUCTS, [{"price": 5}]).status_code == 422
    mixed = api.put(PRODUCTS, [{"id": product["id"], "price": 5}, {"id": 999999, "price": 5}])
    assert mixed.status_code == 404
    assert api.get(f"{PRODUCTS}/{product['id']}").json()["data"]["price"] == 20
    assert api.put(PRODUCTS, [{"id": product["id"], "price": 5}]).json()["data"][0]["price"] == 5


def test_variant_batches_are_at_most_fifty_and_report_each_fault(api: Api) -> None:
    product = made(api, variants=COLORS)
    first, second = (row["id"] for row in product["variants"])
    answer = api.put("/v3/catalog/variants", [{"id": first}] * 51)
    assert (answer.status_code, answer.json()["title"]) == (
        413,
        "The request payload is too large. The maximum items allowed in the array is 50",
    )
    bad = api.put(
        "/v3/catalog/variants",
        [{"id": first, "price": 19}, {"id": second, "sku": "PB-750-BLK"}, {"id": 999999, "price": 1}],
    )
    assert bad.status_code == 422
    assert [(fault["status"], list(fault["errors"])) for fault in bad.json()["batch_errors"]] == [
        (422, ["1.sku"]),
        (422, ["2.id"]),
    ]
    assert api.get(f"{PRODUCTS}/{product['id']}/variants/{first}").json()["data"]["price"] is None
    values = [{"option_display_name": "Color", "label": "Green"}]
    good = api.put(
        "/v3/catalog/variants",
        [{"id": first, "price": 19}, {"product_id": product["id"], "sku": "PB-750-GRN", "option_values": values}],
    )
    assert [(row["sku"], row["price"], row["calculated_price"]) for row in good.json()["data"]] == [
        ("PB-750-BLK", 19, 19),
        ("PB-750-GRN", None, 20),
    ]


def test_variants_of_a_product(api: Api) -> None:
    product = made(api, variants=COLORS)
    path = f"{PRODUCTS}/{product['id']}/variants"
    assert [row["sku"] for row in api.get(path).json()["data"]] == ["PB-750-BLK", "PB-750-RED"]
    option = product["variants"][0]["option_values"][0]["option_id"]
    green = api.post(f"{PRODUCTS}/{product['id']}/options/{option}/values", {"label": "Green"}).json()["data"]["id"]
    body = {"sku": "PB-750-GRN", "option_values": [{"option_id": option, "id": green}]}
    api.listen("store/sku/*")
    variant = api.post(path, body).json()["data"]
    assert api.post(path, {**body, "sku": "PB-750-G2"}).status_code == 409
    assert api.post(path, {"sku": "SB-1"}).json()["errors"] == {"option_values": "option_values is required"}
    assert api.put(f"{path}/{variant['id']}", {"upc": "123"}).json()["data"]["upc"] == "123"
    assert api.delete(f"{path}/{variant['id']}").status_code == 204
    assert api.get(f"{path}/{variant['id']}").status_code == 404
    data = {"type": "sku", "id": variant["sku_id"], "sku": {"product_id": product["id"], "variant_id": variant["id"]}}
    assert [(event["scope"], event["data"]) for event in api.events()] == [
        ("store/sku/created", data),
        ("store/sku/updated", data),
        ("store/sku/deleted", data),
    ]


# --- lists ----------------------------------------------------------------------------------------


def found(api: Api, query: str) -> list[str]:
    """SKUs of the products a list query gives."""
    return [row["sku"] for row in api.get(f"{PRODUCTS}?{query}").json()["data"]]


def test_filters_and_sorting(api: Api) -> None:
    first = made(api, upc="123456789012", is_visible=True)
    api.advance(60)
    second = made(api, name="Probe Cup", sku="PB-CUP", price=9, brand_name="Probe & Co", condition="Used")
    api.advance(1)
    ids = f"id:in={first['id']},{second['id']}"
    cases: list[tuple[str, list[str]]] = [
        (ids, ["PB-750", "PB-CUP"]),
        (f"{ids}&sort=price", ["PB-CUP", "PB-750"]),
        (f"{ids}&sort=name&direction=desc", ["PB-CUP", "PB-750"]),
        (f"{ids}&direction=desc", ["PB-CUP", "PB-750"]),
        ("sku=PB-750", ["PB-750"]),
        ("sku:in=PB-CUP,PB-750", ["PB-750", "PB-CUP"]),
        ("name=Probe Cup", ["PB-CUP"]),
        ("upc=123456789012", ["PB-750"]),
        (f"{ids}&price:less=10", ["PB-CUP"]),
        (f"{ids}&price:min=9", ["PB-750", "PB-CUP"]),
        (f"{ids}&is_visible=true", ["PB-750"]),
        (f"{ids}&condition=Used", ["PB-CUP"]),
        (f"{ids}&brand_id={second['brand_id']}", ["PB-CUP"]),
        ("keyword=probe bottle", ["PB-750"]),
        (f"{ids}&id:not_in={first['id']}", ["PB-CUP"]),
        (f"id:greater={first['id']}", ["PB-CUP"]),
        (f"{ids}&date_modified:min=2026-01-06T12:00:30Z", ["PB-CUP"]),
        (f"{ids}&date_modified:max=2026-01-06T12:00:30Z", ["PB-750"]),
        (f"{ids}&date_modified:min=2026-01-06", []),  # a bare date gets the present time of day
        (f"{ids}&type=digital", []),
        (f"{ids}&availability=available&weight:max=1", ["PB-750", "PB-CUP"]),
    ]
    assert [(query, found(api, query)) for query, _ in cases] == cases


def test_stock_filters(api: Api) -> None:
    variant = stocked(api, level=3)
    only = f"id={variant['product_id']}"
    assert found(api, f"{only}&inventory_level:min=3") == ["T-BOTTLE"]
    assert found(api, f"{only}&inventory_level=4") == []
    assert found(api, f"{only}&out_of_stock=true") == []


def test_pages_have_relative_links_and_totals(api: Api) -> None:
    answer = api.get(f"{PRODUCTS}?page=2&limit=10&is_visible=true").json()["meta"]["pagination"]
    assert (answer["count"], answer["per_page"], answer["current_page"]) == (10, 10, 2)
    assert answer["total_pages"] == -(-answer["total"] // 10)
    assert answer["links"] == {
        "previous": "?page=1&limit=10&is_visible=true",
        "next": "?page=3&limit=10&is_visible=true",
        "current": "?page=2&limit=10&is_visible=true",
    }
    first = api.get(f"{PRODUCTS}?limit=10").json()["meta"]["pagination"]["links"]
    assert first == {"next": "?page=2&limit=10", "current": "?page=1&limit=10"}
    beyond = api.get(f"{PRODUCTS}?page=999")
    assert (beyond.status_code, beyond.json()["data"]) == (200, [])


def test_include_clips_the_page_and_names_what_it_knows(api: Api) -> None:
    answer = api.get(f"{PRODUCTS}?limit=50&include=options,modifiers").json()
    assert len(answer["data"]) == 10
    assert {"options", "modifiers"} <= answer["data"][0].keys()
    assert api.get(f"{PRODUCTS}?include=colours").status_code == 422
    assert api.get(f"{PRODUCTS}?limit=251").status_code == 422
    product = made(
        api,
        images=[{"image_url": "https://img.example.com/b.jpg", "is_thumbnail": True}],
        custom_fields=[{"name": "Origin", "value": "Norway"}],
    )
    read = api.get(f"{PRODUCTS}/{product['id']}?include=images,primary_image,custom_fields,variants").json()["data"]
    assert read["primary_image"] == read["images"][0]
    assert read["custom_fields"] == [{"id": 1, "name": "Origin", "value": "Norway"}]
    assert len(read["variants"]) == 1


def test_fields_can_be_chosen(api: Api) -> None:
    product = made(api)
    path = f"{PRODUCTS}?id={product['id']}"
    assert api.get(f"{path}&include_fields=name,sku").json()["data"] == [
        {"id": product["id"], "name": "Probe Bottle", "sku": "PB-750"}
    ]
    assert "description" not in api.get(f"{path}&exclude_fields=description,id").json()["data"][0]


def test_unknown_filters_are_ignored_or_refused(api: Api) -> None:
    assert api.get(f"{PRODUCTS}?colour=red").status_code == 200
    api.switch(unknown_filter="422")
    assert api.get(f"{PRODUCTS}?colour=red").json()["errors"] == {"colour": "The filter is not supported"}


def test_a_product_can_be_saved_in_part(api: Api) -> None:
    api.switch(partial_product_save=True)
    answer = api.post(PRODUCTS, {**BOTTLE, "inventory_tracking": "product", "inventory_level": 5})
    assert (answer.status_code, sorted(answer.json())) == (207, ["data", "errors", "meta"])
    assert answer.json()["errors"] == {"inventory_level": "The inventory level could not be saved"}
    path = f"{PRODUCTS}/{answer.json()['data']['id']}"
    assert api.get(path).json()["data"]["inventory_level"] == 0
    assert api.put(path, {"price": 3}).status_code == 200
    assert api.put(path, {"price": 4, "inventory_level": 5}).status_code == 207
    assert api.get(path).json()["data"]["price"] == 4


def test_deletes(api: Api) -> None:
    product = made(api, variants=COLORS)
    assert api.delete(PRODUCTS).status_code == 422
    assert api.delete(f"{PRODUCTS}?id:in={product['id']}").status_code == 204
    assert api.get(f"{PRODUCTS}/{product['id']}").status_code == 404
    assert api.get("/v3/catalog/variants?sku=PB-750-BLK").json()["data"] == []
    again = made(api)
    assert api.delete(f"{PRODUCTS}/{again['id']}").status_code == 204


# --- parts ----------------------------------------------------------------------------------------


def test_modifiers(api: Api) -> None:
    product = made(api)
    path = f"{PRODUCTS}/{product['id']}/modifiers"
    text = api.post(
        path, {"display_name": "Engraving", "type": "text", "required": True, "config": {"text_max_length": 20}}
    ).json()["data"]
    assert (text["product_id"], text["required"], text["option_values"], text["config"]) == (
        product["id"],
        True,
        [],
        {"text_max_length": 20},
    )
    box = api.post(path, {"display_name": "Monogram", "type": "checkbox", "required": False}).json()["data"]
    assert [value["label"] for value in box["option_values"]] == ["Yes", "No"]
    assert box["option_values"][0]["adjusters"] == {
        "price": None,
        "weight": None,
        "image_url": "",
        "purchasing_disabled": {"status": False, "message": ""},
    }
    assert sorted(api.post(path, {"type": "text"}).json()["errors"]) == ["display_name", "required"]
    assert api.post(path, {"display_name": "x", "type": "sound", "required": False}).status_code == 422
    assert [row["id"] for row in api.get(path).json()["data"]] == [text["id"], box["id"]]
    value = api.post(
        f"{path}/{box['id']}/values",
        {"label": "Maybe", "adjusters": {"price": {"adjuster": "relative", "adjuster_value": 2}}},
    ).json()["data"]
    assert value["adjusters"]["price"] == {"adjuster": "relative", "adjuster_value": 2}
    assert api.delete(f"{path}/{box['id']}/values/{value['id']}").status_code == 204
    assert api.delete(f"{path}/{text['id']}").status_code == 204
    assert api.get(f"{path}/{text['id']}").status_code == 404


def test_a_renamed_option_value_renames_the_variants(api: Api) -> None:
    product = made(api, variants=COLORS)
    value = product["variants"][0]["option_values"][0]
    path = f"{PRODUCTS}/{product['id']}/options/{value['option_id']}/values/{value['id']}"
    assert api.put(path, {"label": "Jet"}).json()["data"]["label"] == "Jet"
    assert api.get("/v3/catalog/variants?sku=PB-750-BLK").json()["data"][0]["option_values"][0]["label"] == "Jet"


def test_option_and_modifier_ids_do_not_meet(api: Api) -> None:
    product = made(api, variants=COLORS)
    modifier = api.post(
        f"{PRODUCTS}/{product['id']}/modifiers", {"display_name": "Text", "type": "text", "required": False}
    ).json()["data"]["id"]
    options = {row["id"] for row in api.get(f"{PRODUCTS}/{product['id']}/options").json()["data"]}
    assert modifier not in options


def test_brands_and_categories(api: Api) -> None:
    brand = api.post("/v3/catalog/brands", {"name": "Probe & Co"}).json()["data"]
    assert api.post("/v3/catalog/brands", {"name": "probe & co"}).status_code == 409
    assert [row["id"] for row in api.get("/v3/catalog/brands?name=Probe %26 Co").json()["data"]] == [brand["id"]]
    assert api.put(f"/v3/catalog/brands/{brand['id']}", {"name": "Nord"}).json()["data"]["name"] == "Nord"
    assert api.delete("/v3/catalog/brands").status_code == 422
    assert api.delete(f"/v3/catalog/brands/{brand['id']}").status_code == 204
    top = api.post("/v3/catalog/categories", {"name": "Probe Bottles", "parent_id": 0}).json()["data"]
    child = api.post("/v3/catalog/categories", {"name": "Steel", "parent_id": top["id"]}).json()["data"]
    assert api.post("/v3/catalog/categories", {"name": "Steel", "parent_id": top["id"]}).status_code == 409
    assert api.post("/v3/catalog/categories", {"name": "x", "parent_id": 99999}).status_code == 422
    tree = api.get("/v3/catalog/trees").json()["data"][0]["id"]
    branch = next(
        row for row in api.get(f"/v3/catalog/trees/{tree}/categories").json()["data"] if row["id"] == top["id"]
    )
    assert [row["id"] for row in branch["children"]] == [child["id"]]
    made_in_tree = api.post("/v3/catalog/trees/categories", [{"tree_id": tree, "name": "Probe Cups", "parent_id": 0}])
    assert made_in_tree.json()["data"][0]["name"] == "Probe Cups"


def test_images(api: Api) -> None:
    product = made(api)
    path = f"{PRODUCTS}/{product['id']}/images"
    first = api.post(path, {"image_url": "https://img.example.com/a.jpg"}).json()["data"]
    second = api.post(path, {"image_url": "https://img.example.com/b.jpg", "is_thumbnail": True}).json()["data"]
    assert [row["is_thumbnail"] for row in api.get(path).json()["data"]] == [False, True]
    assert (first["url_standard"], second["image_file"]) == ("https://img.example.com/a.jpg", "b.jpg")
    assert api.post(path, {"image_url": "a.jpg"}).json()["errors"] == {"image_url": "image_url must be a valid URL"}
