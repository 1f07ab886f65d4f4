"""Attributes, options and sets (apis/magento.md §14.3, case M14)."""

import pytest

from tests.sandbox.magento.goods_bodies import custom, mug, product, saved
from tests.sandbox.magento.magento_api import Api, criteria

TAKEN = {"message": 'Admin store attribute option label "%1" is already exists.', "parameters": ["12"]}


def admin_option(shop: Api, label: str, number: int) -> None:
    body = {"attribute_code": "size", "label": label, "id": number}
    shop.session.post(f"{shop.url}/_sim/options", json=body, timeout=10).raise_for_status()


def without_size_12(shop: Api) -> None:
    held = shop.get("/V1/products/attributes/size/options").json()
    number = next(row["value"] for row in held if row["label"] == "12")
    assert shop.delete(f"/V1/products/attributes/size/options/{number}").json() is True


def test_options_begin_with_a_blank_row_and_numbers_are_text(shop: Api) -> None:
    rows = shop.get("/V1/products/attributes/size/options").json()
    assert rows[:3] == [{"label": " ", "value": ""}, {"label": "XS", "value": "100"}, {"label": "S", "value": "101"}]


def test_a_label_in_place_of_an_id_lands_on_the_option_of_that_number(shop: Api) -> None:
    """Case M14: nobody is told."""
    without_size_12(shop)
    admin_option(shop, "6XL", 12)
    admin_option(shop, "12", 57)
    right = saved(shop, mug(custom_attributes=[{"attribute_code": "size", "value": "57"}]))
    wrong = shop.put("/V1/products/TRL-MUG", {"product": {"custom_attributes": {"size": "12"}}}, store="all").json()
    labels = {row["value"]: row["label"] for row in shop.get("/V1/products/attributes/size/options").json()}
    assert [labels[custom(row)["size"]] for row in (right, wrong)] == ["12", "6XL"]


@pytest.mark.parametrize(("check", "status"), [("label_or_id", 400), ("label", 200)])
def test_a_new_label_that_spells_an_id_counts_as_a_duplicate(shop: Api, check: str, status: int) -> None:
    """Case M14, second run."""
    without_size_12(shop)
    admin_option(shop, "6XL", 12)
    shop.switch(label_check=check)
    answer = shop.post("/V1/products/attributes/size/options", {"option": {"label": "12"}})
    assert answer.status_code == status
    assert answer.json() == TAKEN if status == 400 else answer.json().isdecimal()


def test_a_label_exists_once_whatever_blanks_are_around_it_and_by_letter_case(shop: Api) -> None:
    before = len(shop.state.options)
    refused = shop.post("/V1/products/attributes/color/options", {"option": {"label": " Red "}})
    assert (refused.status_code, refused.json()["parameters"], len(shop.state.options)) == (400, [" Red "], before)
    made = shop.post("/V1/products/attributes/color/options", {"option": {"label": "RED"}}).json()
    assert made == str(shop.state.options.next_id - 1)
    shop.switch(option_id_prefix=True)
    old = shop.post("/V1/products/attributes/color/options", {"option": {"label": "Rouge"}}).json()
    assert old == f"id_{shop.state.options.next_id - 1}"


def test_store_labels_show_in_their_view(shop: Api) -> None:
    option = {"label": "Green", "sort_order": 9, "store_labels": [{"store_id": 3, "label": "Grün"}]}
    number = shop.post("/V1/products/attributes/color/options", {"option": option}).json()
    for store, label in (("all", "Green"), ("default", "Green"), ("europe", "Grün")):
        rows = shop.get("/V1/products/attributes/color/options", store=store).json()
        assert {"label": label, "value": number} in rows


def test_an_attribute_is_made_with_options_and_kept_only_by_its_set(shop: Api) -> None:
    attribute = {
        "attribute_code": "waist",
        "frontend_input": "select",
        "default_frontend_label": "Waist",
        "scope": "global",
        "options": [{"label": "30"}, {"label": "32"}],
    }
    made = shop.post("/V1/products/attributes", {"attribute": attribute}).json()
    assert (made["attribute_code"], made["scope"], made["is_searchable"], made["is_user_defined"]) == (
        "waist",
        "global",
        "0",
        True,
    )
    assert [row["label"] for row in made["options"]] == [" ", "30", "32"]
    again = shop.post("/V1/products/attributes", {"attribute": attribute})
    assert (again.status_code, again.json()) == (400, {"message": "An attribute with this code already exists."})
    value = {"waist": made["options"][2]["value"]}
    assert "waist" not in custom(saved(shop, mug(custom_attributes=value)))
    body = {"attributeSetId": 4, "attributeGroupId": 7, "attributeCode": "waist", "sortOrder": 5}
    assert isinstance(shop.post("/V1/products/attribute-sets/attributes", body).json(), int)
    saved(shop, mug(custom_attributes=value))
    assert custom(product(shop, "TRL-MUG"))["waist"] == made["options"][2]["value"]


@pytest.mark.parametrize("code", ["1waist", "waist-size", "container_waist", "w" * 61])
def test_a_code_that_no_attribute_may_have_is_refused(shop: Api, code: str) -> None:
    body = {"attribute": {"attribute_code": code, "frontend_input": "text", "default_frontend_label": "Waist"}}
    answer = shop.post("/V1/products/attributes", body)
    assert (answer.status_code, answer.json()["parameters"]) == (400, [code])


def test_an_unknown_attribute_is_404(shop: Api) -> None:
    answer = shop.get("/V1/products/attributes/nowhere")
    assert (answer.status_code, answer.json()) == (
        404,
        {
            "message": 'The attribute with a "%1" attributeCode doesn\'t exist. Verify the attribute and try again.',
            "parameters": ["nowhere"],
        },
    )


def test_attributes_are_found_by_code_and_sets_by_name(shop: Api) -> None:
    found = shop.get("/V1/products/attributes" + criteria([[("attribute_code", "in", "size,color")]])).json()
    assert {(row["attribute_code"], row["attribute_id"]) for row in found["items"]} == {("size", 141), ("color", 93)}
    sets = shop.get("/V1/products/attribute-sets/sets/list" + criteria([[("attribute_set_name", "eq", "Default")]]))
    assert [row["attribute_set_id"] for row in sets.json()["items"]] == [4]
    groups = shop.get("/V1/products/attribute-sets/groups/list" + criteria([[("attribute_set_id", "eq", "4")]])).json()
    assert [row["attribute_group_id"] for row in groups["items"]] == ["7"]


def test_a_new_set_copies_its_skeleton(shop: Api) -> None:
    body = {"attributeSet": {"attribute_set_name": "Shoes", "sort_order": 2}, "skeletonId": 4}
    made = shop.post("/V1/products/attribute-sets", body).json()
    copied = shop.get(f"/V1/products/attribute-sets/{made['attribute_set_id']}/attributes").json()
    assert {row["attribute_code"] for row in copied} >= {"name", "size", "color", "upc"}
    assert shop.delete(f"/V1/products/attribute-sets/{made['attribute_set_id']}/attributes/size").json() is True
    held = saved(shop, mug(attribute_set_id=made["attribute_set_id"], custom_attributes={"size": "100"}))
    assert "size" not in custom(held)
