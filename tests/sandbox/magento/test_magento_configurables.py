"""Configurables and their children, bundles, virtual goods and gift cards of the seed (apis/magento.md §14.4)."""

import pytest

from tests.sandbox.magento.goods_bodies import custom, mug, product, saved
from tests.sandbox.magento.magento_api import Api

SIZE, COLOR = 141, 93


@pytest.fixture
def jacket(shop: Api) -> Api:
    """A configurable without options and two children."""
    for size, value in (("S", "101"), ("M", "102")):
        saved(shop, mug(sku=f"TRL-JKT-{size}", name=f"Jacket {size}", visibility=1, custom_attributes={"size": value}))
    parent = {"sku": "TRL-JKT", "name": "Trail Jacket", "attribute_set_id": 4, "type_id": "configurable"}
    saved(shop, {"product": parent})
    return shop


def axis(*values: int) -> dict[str, object]:
    rows = [{"value_index": value} for value in values]
    return {"option": {"attribute_id": str(SIZE), "label": "Size", "position": 0, "values": rows}}


def test_children_are_attached_one_by_one_after_the_options(jacket: Api) -> None:
    early = jacket.post("/V1/configurable-products/TRL-JKT/child", {"childSku": "TRL-JKT-S"})
    assert (early.status_code, early.json()) == (
        400,
        {"message": "The parent product doesn't have configurable product options."},
    )
    number = jacket.post("/V1/configurable-products/TRL-JKT/options", axis(101, 102)).json()
    for sku in ("TRL-JKT-S", "TRL-JKT-M"):
        assert jacket.post("/V1/configurable-products/TRL-JKT/child", {"childSku": sku}).json() is True
    again = jacket.post("/V1/configurable-products/TRL-JKT/child", {"childSku": "TRL-JKT-S"})
    assert (again.status_code, again.json()) == (400, {"message": "The product is already attached."})
    children = jacket.get("/V1/configurable-products/TRL-JKT/children").json()
    assert [row["sku"] for row in children] == ["TRL-JKT-S", "TRL-JKT-M"]
    parent = product(jacket, "TRL-JKT")
    assert parent["price"] == 0
    assert parent["extension_attributes"]["configurable_product_options"] == [
        {
            "id": int(number),
            "attribute_id": "141",
            "label": "Size",
            "position": 0,
            "values": [{"value_index": 101}, {"value_index": 102}],
            "product_id": parent["id"],
        }
    ]
    assert jacket.delete("/V1/configurable-products/TRL-JKT/children/TRL-JKT-S").json() is True
    left = jacket.get("/V1/configurable-products/TRL-JKT/children").json()
    assert [row["sku"] for row in left] == ["TRL-JKT-M"]


def test_a_child_without_the_value_and_one_with_the_same_value_are_refused(jacket: Api) -> None:
    jacket.post("/V1/configurable-products/TRL-JKT/options", axis(101, 102))
    jacket.post("/V1/configurable-products/TRL-JKT/child", {"childSku": "TRL-JKT-S"})
    bare = jacket.post("/V1/configurable-products/TRL-JKT/child", {"childSku": "AXE-FELL"})
    assert (bare.status_code, bare.json()) == (
        400,
        {
            "message": 'The child product doesn\'t have the "%1" attribute value. Verify the value and try again.',
            "parameters": ["size"],
        },
    )
    saved(jacket, mug(sku="TRL-JKT-S2", name="Jacket S again", custom_attributes={"size": "101"}))
    assert jacket.post("/V1/configurable-products/TRL-JKT/child", {"childSku": "TRL-JKT-S2"}).status_code == 400
    assert len(product(jacket, "TRL-JKT")["extension_attributes"]["configurable_product_links"]) == 1


def test_one_save_brings_options_and_links_and_links_are_the_whole_set(jacket: Api) -> None:
    ids = [product(jacket, sku)["id"] for sku in ("TRL-JKT-S", "TRL-JKT-M")]
    more = {
        "configurable_product_options": [axis(101, 102)["option"]],
        "configurable_product_links": ids,
    }
    made = jacket.put("/V1/products/TRL-JKT", {"product": {"extension_attributes": more}}, store="all").json()
    assert made["extension_attributes"]["configurable_product_links"] == ids
    fewer = {"extension_attributes": {"configurable_product_links": ids[:1]}}
    cut = jacket.put("/V1/products/TRL-JKT", {"product": fewer}, store="all").json()
    assert cut["extension_attributes"]["configurable_product_links"] == ids[:1]
    assert len(cut["extension_attributes"]["configurable_product_options"]) == 1


def test_a_product_of_another_type_has_no_options_to_add_to(shop: Api) -> None:
    answer = shop.post("/V1/configurable-products/AXE-FELL/options", axis(101))
    assert (answer.status_code, answer.json()) == (
        400,
        {"message": 'The product with the "%1" SKU isn\'t a configurable product.', "parameters": ["AXE-FELL"]},
    )
    assert shop.get("/V1/configurable-products/AXE-FELL/children").json() == []


def test_the_seed_has_the_shop_of_the_other_sandboxes(shop: Api) -> None:
    tee = product(shop, "HP-TEE")
    options = tee["extension_attributes"]["configurable_product_options"]
    assert [(row["attribute_id"], row["label"], len(row["values"])) for row in options] == [
        ("141", "Size", 5),
        ("93", "Color", 3),
    ]
    assert len(tee["extension_attributes"]["configurable_product_links"]) == 15
    child = product(shop, "HP-TEE-RED-M")
    assert (child["name"], child["price"], child["visibility"], custom(child)["size"]) == (
        "Harbor Tee-M-Red",
        24,
        1,
        "102",
    )
    assert product(shop, "DIG-TRAILS")["type_id"] == "virtual"
    assert product(shop, "SVC-REPAIR")["extension_attributes"]["stock_item"]["manage_stock"] is False
    assert product(shop, "ROP-METER")["extension_attributes"]["stock_item"]["is_qty_decimal"] is True
    assert product(shop, "LGT-OLD")["status"] == 2
    assert shop.get("/V1/products/GIFT-CERT").status_code == 404


def test_the_kit_is_a_bundle_whose_parts_are_read(shop: Api) -> None:
    kit = product(shop, "KIT-MORNING")
    assert (kit["type_id"], kit["price"], custom(kit)["price_type"]) == ("bundle", 64, "1")
    options = shop.get("/V1/bundle-products/KIT-MORNING/options/all").json()
    assert options == kit["extension_attributes"]["bundle_product_options"]
    assert [(row["title"], [part["sku"] for part in row["product_links"]]) for row in options] == [
        ("Coffee", ["COF-BEAN", "COF-DRIP"]),
        ("Tableware", ["CMP-PLAT", "CMP-CUTL"]),
    ]
    parts = shop.get("/V1/bundle-products/KIT-MORNING/children").json()
    assert [part["sku"] for part in parts] == ["COF-BEAN", "COF-DRIP", "CMP-PLAT", "CMP-CUTL"]
    answer = shop.get("/V1/bundle-products/AXE-FELL/children")
    assert (answer.status_code, answer.json()["parameters"]) == (400, ["AXE-FELL"])
