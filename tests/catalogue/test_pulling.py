"""Store → Heartland: items, grids and the custom fields that they need; what is equal is not written."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from ipaas.types import JSON
from mappings.models import CatalogueProduct, CatalogueSku, Link, Side
from syncjobs.models import Run
from syncjobs.pages.runs.forecasts import of_items
from tests.catalogue.conftest import Catalogue

POST_ITEM, PUT_ITEM = "POST /api/items", "PUT /api/items/<int:row_id>"
POST_GRID = "POST /api/item_grids"
POST_FIELD = "POST /api/custom_fields"


def shirt(catalogue: Catalogue, **more: Any) -> JSON:
    """A product with options that only the store has."""
    labels = [("S", "Blue"), ("M", "Blue"), ("M", "Sand")]
    variants = [
        {
            "sku": f"SHIRT-{size}-{shade}",
            "price": 39,
            "option_values": [
                {"option_display_name": "Size", "label": size},
                {"option_display_name": "Shade", "label": shade},
            ],
        }
        for size, shade in labels
    ]
    body = {"name": "Linen Shirt", "type": "physical", "weight": Decimal("0.6"), "price": 39, "variants": variants}
    return catalogue.store.product_create(body | {"brand_name": "Loom", "description": "<p>Cool.</p>"} | more)


def test_the_first_preview_names_what_heartland_lacks(catalogue: Catalogue) -> None:
    catalogue.choose("pull")
    shirt(catalogue)
    preview = catalogue.preview()
    assert preview.result["create"] == 4  # with the three that only the store has
    assert preview.parameters["new_fields"] == ["Shade"]
    row = preview.changes.get(title="Linen Shirt")
    assert next((d["sku"], d["after"]) for d in row.details) == ("SHIRT-S-Blue", "Size S, Shade Blue; 39.00")
    assert catalogue.writes() == Counter({"POST /stores/<store_hash>/v3/catalog/products": 1})


def test_a_product_with_options_becomes_a_grid_of_linked_items(catalogue: Catalogue) -> None:
    catalogue.choose("pull")
    shirt(catalogue)
    preview = catalogue.preview()
    catalogue.calls()
    forecast = of_items(preview, catalogue.pair.connection.item_settings)
    assert (forecast.records, forecast.heartland, forecast.store) == (4, 1 + 1 + 6, 1)  # a field is made besides
    done = catalogue.apply(preview)
    assert done.sentence == "Created 4, updated 0; 0 needed nothing."
    assert catalogue.writes() == Counter({POST_FIELD: 1, POST_GRID: 1, POST_ITEM: 6})
    items = [row for row in catalogue.pair.heartland.rows("items") if row["public_id"].startswith("SHIRT-")]
    assert len({row["grid_id"] for row in items}) == 1
    first = catalogue.item("SHIRT-S-Blue")
    assert (first["description"], first["price"], first["active"]) == ("Linen Shirt - S - Blue", 39, True)
    assert {key: first["custom"][key] for key in ("size", "shade", "brand")} == {
        "size": "S",
        "shade": "Blue",
        "brand": "Loom",
    }
    assert Link.objects.get(source_id="SHIRT-S-Blue").target_id == str(first["id"])
    shirts = CatalogueSku.objects.filter(side=Side.STORE, sku__startswith="SHIRT-")
    assert set(shirts.values_list("state", flat=True)) == {CatalogueSku.State.LINKED}
    again = catalogue.preview()
    assert (again.result.get("create", 0), again.result.get("conflict", 0)) == (0, 6)  # the seed's near misses
    assert catalogue.apply(again).total == 0
    assert catalogue.writes() == Counter()


def test_changes_of_the_store_reach_the_item_and_nothing_else_is_written(catalogue: Catalogue) -> None:
    catalogue.choose("pull", updates=True)
    catalogue.apply(catalogue.preview())
    number = catalogue.product("DOG-LEAD")["id"]
    catalogue.store.products_update([{"id": number, "price": 21, "sale_price": 17, "name": "Dog Lead, long"}])
    preview = catalogue.preview()
    assert preview.result["update"] == 1
    catalogue.calls()
    catalogue.apply(preview)
    assert catalogue.writes() == Counter({PUT_ITEM: 1})
    item = catalogue.item("DOG-LEAD")
    assert (item["price"], item["description"]) == (17, "Dog Lead, long")
    assert catalogue.preview().result.get("update", 0) == 0


def test_a_variant_that_was_added_joins_the_grid(catalogue: Catalogue) -> None:
    catalogue.choose("pull", updates=True)
    number = shirt(catalogue)["id"]
    catalogue.apply(catalogue.preview())
    options = {row["display_name"]: row for row in catalogue.store.options_of(str(number))}
    values = [
        {"option_id": row["id"], "id": row["option_values"][index]["id"]}
        for row, index in ((options["Size"], 0), (options["Shade"], 1))
    ]
    catalogue.store.variants_write(
        [{"product_id": number, "sku": "SHIRT-S-Sand", "price": 39, "option_values": values}]
    )
    done = catalogue.apply(catalogue.preview())
    assert done.sentence == "Created 0, updated 1; 0 needed nothing."
    assert catalogue.item("SHIRT-S-Sand")["grid_id"] == catalogue.item("SHIRT-S-Blue")["grid_id"]
    assert catalogue.preview().result.get("update", 0) == 0


def test_an_item_made_without_an_answer_is_found_by_its_number(catalogue: Catalogue) -> None:
    catalogue.choose("pull")
    shirt(catalogue)
    preview = catalogue.preview()
    for path in ("/api/item_grids", "/api/items"):
        catalogue.pair.lose(catalogue.pair.heartland, "POST", path)
    done = catalogue.apply(preview)
    assert (done.state, done.result["create"]) == (Run.State.DONE, 4)
    numbers = [row["public_id"] for row in catalogue.pair.heartland.rows("items")]
    assert [number for number, count in Counter(numbers).items() if count > 1] == []
    grids = [row for row in catalogue.pair.heartland.rows("grids") if row["item_description"] == "Linen Shirt"]
    assert len(grids) == 1
    assert {row["grid_id"] for row in catalogue.pair.heartland.rows("items") if "SHIRT" in row["public_id"]} == {
        grids[0]["id"]
    }


def test_what_heartland_refuses_is_named_and_the_others_go_on(catalogue: Catalogue) -> None:
    catalogue.choose("pull")
    catalogue.pair.heartland.post(
        "/_sim/faults",
        {"method": "POST", "path": "/api/items", "times": 1, "status": 422, "body": {"error": "validation_error"}},
    )
    done = catalogue.apply(catalogue.preview())
    assert (done.result["create"], done.result["refused"]) == (2, 1)
    assert done.changes.filter(kind="refused").count() == 1


def test_a_digital_product_becomes_an_item_without_stock(catalogue: Catalogue) -> None:
    catalogue.choose("pull")
    catalogue.store.product_create(
        {"name": "Map, download", "type": "digital", "weight": 0, "price": 9, "sku": "MAP-D"}
    )
    catalogue.apply(catalogue.preview())
    assert catalogue.item("MAP-D")["track_inventory"] is False


def test_pictures_come_along(catalogue: Catalogue) -> None:
    catalogue.choose("pull")
    picture = [{"image_url": "https://pictures.example/shirt.jpg", "is_thumbnail": True}]
    shirt(catalogue, images=picture)
    catalogue.apply(catalogue.preview())
    first = catalogue.item("SHIRT-S-Blue")
    urls = [row["url"] for row in catalogue.pair.heartland.rows("images") if row["item_id"] == first["id"]]
    assert len(urls) == 1
    assert first["has_images"] is True


@pytest.mark.parametrize("kill_at", ["items.grid_made", "items.item_made"])
def test_a_kill_while_a_grid_is_made_leaves_one_grid(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, kill_at: str
) -> None:
    catalogue.choose("pull")
    shirt(catalogue)
    preview = catalogue.preview()
    killed: list[str] = []

    def die_once(name: str) -> None:
        if name == kill_at and not killed:
            killed.append(name)
            raise KeyboardInterrupt

    monkeypatch.setattr("ipaas.failpoints.passing", die_once)
    with pytest.raises(KeyboardInterrupt):
        catalogue.apply(preview)
    catalogue.go_on()
    grids = [row for row in catalogue.pair.heartland.rows("grids") if row["item_description"] == "Linen Shirt"]
    items = [row for row in catalogue.pair.heartland.rows("items") if "SHIRT" in row["public_id"]]
    assert (len(grids), len(items), {row["grid_id"] for row in items}) == (1, 3, {grids[0]["id"]})
    assert CatalogueProduct.objects.filter(side=Side.HEARTLAND, external_id=f"g{grids[0]['id']}").exists()
