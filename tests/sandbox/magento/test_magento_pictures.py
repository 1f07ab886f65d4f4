"""Pictures and categories of products (apis/magento.md §14.2, §14.5, case M15)."""

import base64

import pytest
import requests

from tests.sandbox.magento.goods_bodies import custom, mug, product, saved
from tests.sandbox.magento.magento_api import Api, criteria

DOTS = b"dots of a picture"


def entry(name: str = "mug.png", *types: str, **content: str) -> dict[str, object]:
    data = {"base64_encoded_data": base64.b64encode(DOTS).decode(), "type": "image/png", "name": name, **content}
    return {"entry": {"media_type": "image", "label": "Mug", "disabled": False, "types": list(types), "content": data}}


@pytest.fixture
def trail_mug(shop: Api) -> Api:
    saved(shop, mug())
    return shop


def test_the_same_picture_sent_thrice_is_there_thrice(trail_mug: Api) -> None:
    """Case M15: the shop does not compare."""
    for _ in range(3):
        assert trail_mug.post("/V1/products/TRL-MUG/media", entry()).status_code == 200
    held = trail_mug.get("/V1/products/TRL-MUG/media").json()
    assert [row["file"] for row in held] == ["/m/u/mug.png", "/m/u/mug_1.png", "/m/u/mug_2.png"]
    assert [row["position"] for row in held] == [1, 2, 3]


def test_a_lost_answer_leaves_the_picture(trail_mug: Api) -> None:
    """Case M15."""
    rule = {"method": "POST", "path": "/media", "times": 1, "lose": True}
    trail_mug.session.post(f"{trail_mug.url}/_sim/faults", json=rule, timeout=10).raise_for_status()
    with pytest.raises(requests.ConnectionError):
        trail_mug.post("/V1/products/TRL-MUG/media", entry())
    assert len(trail_mug.get("/V1/products/TRL-MUG/media").json()) == 1


def test_a_role_moves_to_the_newest_picture_and_the_file_is_served(trail_mug: Api) -> None:
    first = trail_mug.post("/V1/products/TRL-MUG/media", entry("a.png", "image", "thumbnail")).json()
    second = trail_mug.post("/V1/products/TRL-MUG/media", entry("b.png", "image")).json()
    held = trail_mug.get("/V1/products/TRL-MUG/media").json()
    assert [(row["id"], row["types"]) for row in held] == [(first, ["thumbnail"]), (second, ["image"])]
    assert custom(product(trail_mug, "TRL-MUG"))["image"] == "/b/./b.png".replace("/./", "/_/")
    assert requests.get(f"{trail_mug.url}/media/catalog/product{held[1]['file']}", timeout=10).content == DOTS
    assert trail_mug.delete(f"/V1/products/TRL-MUG/media/{second}").json() is True
    assert [row["types"] for row in trail_mug.get("/V1/products/TRL-MUG/media").json()] == [["thumbnail"]]
    assert "image" not in custom(product(trail_mug, "TRL-MUG"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"base64_encoded_data": "no base64!"}, "The image content must be valid base64 encoded data."),
        ({"type": "text/html"}, "The image MIME type is not valid or not supported."),
        ({"name": "a/b.png"}, "Provided image name contains forbidden characters."),
        ({"base64_encoded_data": ""}, "The image content is invalid. Verify the content and try again."),
    ],
)
def test_what_is_no_picture_is_refused(trail_mug: Api, content: dict[str, str], message: str) -> None:
    answer = trail_mug.post("/V1/products/TRL-MUG/media", entry(**{"name": "x.png", **content}))
    assert (answer.status_code, answer.json()) == (400, {"message": message})
    assert trail_mug.get("/V1/products/TRL-MUG/media").json() == []


def test_the_seed_has_a_picture_of_everything(shop: Api) -> None:
    held = product(shop, "AXE-FELL")["media_gallery_entries"]
    assert [row["types"] for row in held] == [["image", "small_image", "thumbnail"]]
    picture = requests.get(f"{shop.url}/media/catalog/product{held[0]['file']}", timeout=10)
    assert (picture.headers["Content-Type"], picture.content[:4]) == ("image/png", b"\x89PNG")


def test_the_tree_begins_at_the_root_and_names_what_is_below(shop: Api) -> None:
    tree = shop.get("/V1/categories").json()
    assert (tree["id"], tree["parent_id"], tree["name"]) == (1, 0, "Root Catalog")
    (default,) = tree["children_data"]
    assert (default["id"], default["name"], default["level"]) == (2, "Default Category", 1)
    assert "Clothing" in [row["name"] for row in default["children_data"]]
    shallow = shop.get("/V1/categories?rootCategoryId=2&depth=1").json()
    assert shallow["children_data"]
    assert all(row["children_data"] == [] for row in shallow["children_data"])


def test_categories_are_made_found_linked_and_deleted(trail_mug: Api) -> None:
    made = trail_mug.post("/V1/categories", {"category": {"name": "Mugs", "parent_id": 2, "is_active": True}}).json()
    assert (made["path"], made["level"], custom(made)["url_key"]) == (f"1/2/{made['id']}", 2, "mugs")
    found = trail_mug.get("/V1/categories/list" + criteria([[("name", "eq", "mugs")]])).json()
    assert [row["id"] for row in found["items"]] == [made["id"]]
    link = {"productLink": {"sku": "TRL-MUG", "position": 3, "category_id": str(made["id"])}}
    assert trail_mug.post(f"/V1/categories/{made['id']}/products", link).json() is True
    assert trail_mug.get(f"/V1/categories/{made['id']}/products").json() == [
        {"sku": "TRL-MUG", "position": 3, "category_id": str(made["id"])}
    ]
    assert custom(product(trail_mug, "TRL-MUG"))["category_ids"] == [str(made["id"])]
    assert trail_mug.delete(f"/V1/categories/{made['id']}").json() is True
    assert "category_ids" not in custom(product(trail_mug, "TRL-MUG"))
    assert trail_mug.get(f"/V1/categories/{made['id']}").status_code == 404


def test_category_links_of_a_product_are_kept_replaced_or_emptied(trail_mug: Api) -> None:
    def links(body: object) -> object:
        answer = trail_mug.put("/V1/products/TRL-MUG", {"product": body}, store="all").json()
        return [row["category_id"] for row in answer["extension_attributes"].get("category_links", [])]

    two = [{"position": 0, "category_id": "3"}, {"position": 1, "category_id": "4"}]
    assert links({"extension_attributes": {"category_links": two}}) == ["3", "4"]
    assert links({"price": 3}) == ["3", "4"]
    assert links({"custom_attributes": {"category_ids": ["5"]}}) == ["5"]
    assert links({"extension_attributes": {"category_links": []}}) == []
    unknown = {"extension_attributes": {"category_links": [{"position": 0, "category_id": "999"}]}}
    assert trail_mug.put("/V1/products/TRL-MUG", {"product": unknown}, store="all").status_code == 404
