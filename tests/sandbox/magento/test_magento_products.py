"""Products of the Magento sandbox: creating, partial writes, arrays that replace, scopes (apis/magento.md §14)."""

import base64

import pytest

from tests.sandbox.magento.goods_bodies import custom, mug, product, saved
from tests.sandbox.magento.magento_api import Api, criteria

PIXEL = base64.b64encode(b"not really a picture").decode()
GONE = {"message": "The product that was requested doesn't exist. Verify the product and try again."}


def picture(name: str, *types: str) -> dict[str, object]:
    content = {"base64_encoded_data": PIXEL, "type": "image/png", "name": name}
    return {"media_type": "image", "label": name, "disabled": False, "types": list(types), "content": content}


def test_a_new_product_answers_whole_with_what_it_was_not_told(shop: Api) -> None:
    made = saved(shop, mug())
    assert made == {
        "id": made["id"],
        "sku": "TRL-MUG",
        "name": "Trail Mug",
        "attribute_set_id": 4,
        "price": 24.5,
        "status": 1,
        "visibility": 4,
        "type_id": "simple",
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
        "weight": 0.4,
        "extension_attributes": made["extension_attributes"],
        "product_links": [],
        "options": [],
        "media_gallery_entries": [],
        "tier_prices": [],
        "custom_attributes": [
            {"attribute_code": "options_container", "value": "container2"},
            {"attribute_code": "tax_class_id", "value": "2"},
            {"attribute_code": "url_key", "value": "trail-mug"},
            {"attribute_code": "required_options", "value": "0"},
            {"attribute_code": "has_options", "value": "0"},
        ],
    }
    assert made["extension_attributes"]["website_ids"] == [1, 2]
    assert made["extension_attributes"]["stock_item"]["qty"] == 0
    assert product(shop, "trl-mug") == made


@pytest.mark.parametrize(
    ("store", "websites"), [("all", [1, 2]), ("", [1]), ("default", [1]), ("canada", [1]), ("europe", [2])]
)
def test_the_store_of_the_url_decides_the_websites_of_a_new_product(shop: Api, store: str, websites: list[int]) -> None:
    assert saved(shop, mug(), store)["extension_attributes"]["website_ids"] == websites
    assert product(shop, "TRL-MUG", "all")["name"] == "Trail Mug"


EMPTY_VALUE = 'The "%1" attribute value is empty. Set the attribute and try again.'
BAD_SET = {"message": "Invalid product data: %1", "parameters": ["Invalid attribute set entity type"]}
TAKEN = {"name": "Harbor Tee", "custom_attributes": [{"attribute_code": "url_key", "value": "harbor-tee-hp-tee"}]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, {"message": EMPTY_VALUE, "parameters": ["name"]}),
        ({"price": None}, {"message": EMPTY_VALUE, "parameters": ["price"]}),
        ({"attribute_set_id": 77}, BAD_SET),
        ({"sku": "X" * 65}, {"message": "SKU length should be %1 characters maximum.", "parameters": [64]}),
        (TAKEN, {"message": "URL key for specified store already exists."}),
    ],
)
def test_what_a_new_product_lacks_is_refused_and_nothing_is_made(
    shop: Api, change: dict[str, object], message: object
) -> None:
    before = len(shop.state.products)
    answer = shop.post("/V1/products", mug(**change), store="all")
    assert (answer.status_code, answer.json()) == (400, message)
    assert len(shop.state.products) == before


def test_a_price_push_keeps_what_it_does_not_name(shop: Api) -> None:
    """Case M16."""
    saved(
        shop,
        mug(
            options=[
                {"product_sku": "TRL-MUG", "title": name, "type": "field", "sort_order": 1, "is_require": False}
                for name in ("Engraving", "Note")
            ],
            media_gallery_entries=[
                picture("a.png", "image", "small_image"),
                picture("b.png", "thumbnail"),
                picture("c.png"),
            ],
            tier_prices=[
                {"customer_group_id": 32000, "qty": 10, "value": 22},
                {"customer_group_id": 32000, "qty": 50, "value": 20},
            ],
            extension_attributes={"website_ids": [1, 2]},
        ),
    )
    shop.put("/V1/products/TRL-MUG", {"product": {"name": "Reisebecher"}}, store="canada")
    before = product(shop, "TRL-MUG")
    answer = shop.put("/V1/products/TRL-MUG", {"product": {"price": 26, "weight": 0.5}}, store="all").json()
    assert (answer["price"], answer["weight"]) == (26, 0.5)
    for name in ("options", "media_gallery_entries", "tier_prices", "custom_attributes", "name"):
        assert answer[name] == before[name]
    assert [row["types"] for row in answer["media_gallery_entries"]] == [["image", "small_image"], ["thumbnail"], []]
    assert len(answer["tier_prices"]) == 2
    assert answer["extension_attributes"]["website_ids"] == [1, 2]
    assert product(shop, "TRL-MUG", "canada")["name"] == "Reisebecher"
    row = shop.state.products.first(sku_key="trl-mug") or {}
    assert row["values"]["2"] == {"name": "Reisebecher", "url_key": "reisebecher"}


def test_empty_arrays_take_away_what_was_there(shop: Api) -> None:
    """Case M16: a whole product sent back without its parts."""
    links = [{"position": 0, "category_id": "3"}]
    saved(
        shop,
        mug(
            media_gallery_entries=[picture("a.png", "image")],
            tier_prices=[{"customer_group_id": 32000, "qty": 10, "value": 22}],
            options=[
                {"product_sku": "TRL-MUG", "title": "Note", "type": "field", "sort_order": 1, "is_require": False}
            ],
            extension_attributes={"category_links": links},
        ),
    )
    body = {
        "options": [],
        "media_gallery_entries": [],
        "tier_prices": [],
        "extension_attributes": {"category_links": []},
    }
    emptied = shop.put("/V1/products/TRL-MUG", {"product": body}, store="all").json()
    assert [emptied[name] for name in ("options", "media_gallery_entries", "tier_prices")] == [[], [], []]
    assert "category_links" not in emptied["extension_attributes"]
    assert {"image", "category_ids"}.isdisjoint(custom(emptied))


def test_a_write_in_a_view_is_an_override_and_hides_later_admin_values(shop: Api) -> None:
    saved(shop, mug())
    shop.put("/V1/products/TRL-MUG", {"product": {"name": "Mug, default"}})  # no code in the URL: the default view
    shop.put("/V1/products/TRL-MUG", {"product": {"name": "Mug, new"}}, store="all")
    names = {code: product(shop, "TRL-MUG", code)["name"] for code in ("all", "default", "canada")}
    assert names == {"all": "Mug, new", "default": "Mug, default", "canada": "Mug, new"}


def test_a_global_attribute_is_written_for_all_from_any_view(shop: Api) -> None:
    saved(shop, mug())
    shop.put("/V1/products/TRL-MUG", {"product": {"price": 30, "weight": 2}}, store="europe")
    assert [product(shop, "TRL-MUG", code)["price"] for code in ("all", "default", "europe")] == [30, 30, 30]


def test_older_releases_copy_everything_into_the_view(shop: Api) -> None:
    saved(shop, mug())
    shop.switch(view_save_copies=True)
    shop.put("/V1/products/TRL-MUG", {"product": {"visibility": 2}}, store="canada")
    shop.put("/V1/products/TRL-MUG", {"product": {"name": "Newer"}}, store="all")
    assert product(shop, "TRL-MUG", "canada")["name"] == "Trail Mug"


@pytest.mark.parametrize(("remakes", "key"), [(True, "trail-mug-350-ml"), (False, "trail-mug")])
def test_a_new_name_alone_makes_a_new_address(shop: Api, remakes: bool, key: str) -> None:
    """Case M13."""
    saved(shop, mug())
    shop.switch(name_remakes_url_key=remakes)
    renamed = shop.put("/V1/products/TRL-MUG", {"product": {"name": "Trail Mug 350 ml"}}, store="all").json()
    assert (renamed["name"], custom(renamed)["url_key"]) == ("Trail Mug 350 ml", key)


def test_a_name_with_its_url_key_keeps_the_address(shop: Api) -> None:
    """Case M13."""
    saved(shop, mug())
    body = {"name": "Trail Mug 350 ml", "custom_attributes": [{"attribute_code": "url_key", "value": "trail-mug"}]}
    renamed = shop.put("/V1/products/TRL-MUG", {"product": body}, store="all").json()
    assert (renamed["name"], custom(renamed)["url_key"]) == ("Trail Mug 350 ml", "trail-mug")


def test_unknown_attributes_and_those_outside_the_set_are_dropped_in_silence(shop: Api) -> None:
    shop.post(
        "/V1/products/attributes",
        {"attribute": {"attribute_code": "finish", "frontend_input": "text", "default_frontend_label": "Finish"}},
    )
    attributes = [{"attribute_code": "finish", "value": "matt"}, {"attribute_code": "nowhere", "value": "x"}]
    made = saved(shop, mug(custom_attributes=attributes))
    assert {"finish", "nowhere"}.isdisjoint(custom(made))
    shop.post(
        "/V1/products/attribute-sets/attributes",
        {"attributeSetId": 4, "attributeGroupId": 7, "attributeCode": "finish", "sortOrder": 1},
    )
    again = shop.put("/V1/products/TRL-MUG", {"product": {"custom_attributes": {"finish": "matt"}}}, store="all").json()
    assert custom(again)["finish"] == "matt"


def test_numbers_among_custom_attributes_are_text_and_blank_clears(shop: Api) -> None:
    values = {"cost": 7.5, "special_price": "19.9", "special_to_date": "2026-03-15", "description": "<p>x</p>"}
    made = custom(saved(shop, mug(custom_attributes=values)))
    assert {code: made[code] for code in values} == {
        "cost": "7.500000",
        "special_price": "19.900000",
        "special_to_date": "2026-03-15 00:00:00",
        "description": "<p>x</p>",
    }
    cleared = shop.put(
        "/V1/products/TRL-MUG", {"product": {"custom_attributes": {"cost": None, "description": ""}}}, store="all"
    ).json()
    assert {"cost", "description"}.isdisjoint(custom(cleared))


def test_an_attribute_that_became_required_stops_every_save_until_it_is_given(shop: Api) -> None:
    saved(shop, mug())
    shop.put("/V1/products/attributes/upc", {"attribute": {"attribute_code": "upc", "is_required": True}})
    refused = shop.put("/V1/products/TRL-MUG", {"product": {"price": 26}}, store="all")
    assert (refused.status_code, refused.json()) == (400, {"message": EMPTY_VALUE, "parameters": ["upc"]})
    whole = {"product": {"price": 26, "custom_attributes": {"upc": "085001000051"}}}
    assert shop.put("/V1/products/TRL-MUG", whole, store="all").json()["price"] == 26
    nameless = shop.put("/V1/products/TRL-MUG", {"product": {"name": ""}}, store="all")
    assert (nameless.status_code, nameless.json()["parameters"]) == (400, ["name"])
    assert product(shop, "TRL-MUG")["name"] == "Trail Mug"


def test_a_known_id_renames_and_the_stock_stays_under_the_old_sku(shop: Api) -> None:
    held = product(shop, "AXE-FELL")
    renamed = saved(shop, {"product": {"id": held["id"], "sku": "AXE-FELL-2"}})
    assert (renamed["id"], renamed["sku"], renamed["name"]) == (held["id"], "AXE-FELL-2", held["name"])
    assert shop.get("/V1/products/AXE-FELL").status_code == 404
    rows = shop.get("/V1/inventory/source-items" + criteria([[("sku", "in", "AXE-FELL,AXE-FELL-2")]])).json()["items"]
    assert {row["sku"] for row in rows} == {"AXE-FELL"}


def test_the_path_wins_over_the_sku_of_the_body(shop: Api) -> None:
    saved(shop, mug())
    answer = shop.put("/V1/products/TRL-MUG", {"product": {"sku": "OTHER", "price": 1}}, store="all").json()
    assert (answer["sku"], answer["price"]) == ("TRL-MUG", 1)


def test_a_put_of_an_unknown_sku_is_a_creation_with_all_its_needs(shop: Api) -> None:
    partial = shop.put("/V1/products/TRL-MUG", {"product": {"price": 26}}, store="all")
    assert (partial.status_code, partial.json()) == (400, BAD_SET)
    assert shop.get("/V1/products/TRL-MUG").status_code == 404
    whole = shop.put("/V1/products/TRL-MUG", mug(), store="all")
    assert (whole.status_code, whole.json()["name"]) == (200, "Trail Mug")


def test_a_deleted_product_is_gone_and_its_parents_forget_it(shop: Api) -> None:
    child = product(shop, "HP-TEE-RED-M")
    assert shop.delete("/V1/products/HP-TEE-RED-M").json() is True
    answer = shop.get("/V1/products/HP-TEE-RED-M")
    assert (answer.status_code, answer.json()) == (404, GONE)
    assert child["id"] not in product(shop, "HP-TEE")["extension_attributes"]["configurable_product_links"]


def test_a_list_has_no_stock_and_a_single_product_has(shop: Api) -> None:
    found = shop.get("/V1/products" + criteria([[("sku", "in", "AXE-FELL,HP-TEE")]], [("sku", "ASC")])).json()
    assert [row["sku"] for row in found["items"]] == ["AXE-FELL", "HP-TEE"]
    assert all("stock_item" not in row["extension_attributes"] for row in found["items"])
    assert product(shop, "AXE-FELL")["extension_attributes"]["stock_item"]["item_id"] == found["items"][0]["id"]


def test_products_are_found_by_attributes_category_and_website(shop: Api) -> None:
    def count(field: str, condition: str, value: str) -> int:
        answer = shop.get("/V1/products" + criteria([[(field, condition, value)]], size=1), store="all").json()
        return int(answer["total_count"])

    everything = int(shop.get("/V1/products" + criteria(size=1)).json()["total_count"])
    assert count("type_id", "eq", "configurable") + count("type_id", "neq", "configurable") == everything
    assert count("name", "like", "%(retired)") == 1
    assert count("status", "eq", "2") == 1
    assert 0 < count("website_id", "eq", "2") < count("website_id", "eq", "1") == everything
    assert 0 < count("category_id", "in", "4") < everything
    unknown = shop.get("/V1/products" + criteria([[("colour", "eq", "1")]]))
    assert (unknown.status_code, unknown.json()) == (
        400,
        {"message": 'The "%1" attribute name is invalid. Reset the name and try again.', "parameters": ["colour"]},
    )


def test_only_a_save_of_the_product_moves_its_clock(shop: Api) -> None:
    saved(shop, mug())
    before = product(shop, "TRL-MUG")["updated_at"]
    shop.session.post(f"{shop.url}/_sim/clock/advance", json={"seconds": 60}, timeout=10)
    shop.post("/V1/products/base-prices", {"prices": [{"price": 25, "store_id": 0, "sku": "TRL-MUG"}]})
    shop.post("/V1/products/TRL-MUG/media", {"entry": picture("a.png")})
    shop.post("/V1/categories/3/products", {"productLink": {"sku": "TRL-MUG", "position": 1, "category_id": "3"}})
    shop.delete("/V1/products/TRL-MUG/websites/2")
    assert product(shop, "TRL-MUG")["updated_at"] == before
    shop.put("/V1/products/TRL-MUG", {"product": {"weight": 1}}, store="all")
    assert product(shop, "TRL-MUG")["updated_at"] > before
