"""Heartland → store: what a preview says, and nothing else, is written, in the largest batches the store takes."""

from collections import Counter
from decimal import Decimal

import pytest

from errors.models import SyncError
from mappings.models import CatalogueSku, Link, Side
from syncjobs.models import Run, RunChange
from syncjobs.pages.runs.forecasts import of_items
from tests.catalogue.conftest import Catalogue

POST = "POST /stores/<store_hash>/v3/catalog/products"
PUT_PRODUCTS = "PUT /stores/<store_hash>/v3/catalog/products"
PUT_VARIANTS = "PUT /stores/<store_hash>/v3/catalog/variants"
PRODUCTS = "GET /stores/<store_hash>/v3/catalog/products"
ITEMS = "GET /api/items"
SOLD_ON_WEB = [{"field": "sold_on_web", "operator": "is", "value": "true"}]
GLOVE = "HP-GLV-BRN-SM"


def price(catalogue: Catalogue, sku: str, value: str) -> None:
    """Heartland's staff change a price."""
    catalogue.heartland.item_update(str(catalogue.item(sku)["id"]), {"price": Decimal(value)})


def grid(catalogue: Catalogue, name: str = "Shore Tee", sizes: tuple[str, ...] = ("S", "M")) -> str:
    """A new style in Heartland, sold on the web; answers its grid id."""
    about = {"brand": "Harbor & Pine", "department": "Clothing", "sold_on_web": "true"}
    grid_id = catalogue.heartland.grid_create(
        {
            "item_description": name,
            "item_long_description": "Soft.",
            "item_price": 24,
            "item_cost": 9,
            "item_custom": about,
        }
    )
    for size in sizes:
        member(catalogue, grid_id, name, size)
    return grid_id


def member(catalogue: Catalogue, grid_id: str, name: str, size: str) -> str:
    code = "".join(word[0] for word in name.split()).upper()
    custom = {"size": size, "color": "Red", "sold_on_web": "true", "brand": "Harbor & Pine", "department": "Clothing"}
    return catalogue.heartland.item_create(
        {
            "public_id": f"{code}-{size}",
            "description": f"{name} - {size}",
            "cost": 9,
            "price": 24,
            "grid_id": int(grid_id),
            "custom": custom,
        }
    )


def test_equal_catalogues_need_nothing_and_near_misses_wait_for_a_person(catalogue: Catalogue) -> None:
    catalogue.choose("push", updates=True, includes_imageless=True, filters=SOLD_ON_WEB)
    preview = catalogue.preview()
    assert preview.sentence == ("Would create 0, update 0; 139 unchanged, 6 in conflict, 4 left out by your choices.")
    row = preview.changes.get(subject="CMP-P0T1")
    assert row.kind == RunChange.Kind.CONFLICT
    assert row.reason == "“CMP-POT1” in the store may be “CMP-P0T1” in Heartland: link them, or exclude it."
    catalogue.calls()
    done = catalogue.apply(preview)
    assert (done.total, done.sentence) == (0, "Created 0, updated 0; 0 needed nothing.")
    assert catalogue.calls() == Counter()


def test_a_grid_becomes_a_product_with_options_and_its_variants_are_linked(catalogue: Catalogue) -> None:
    catalogue.choose("push", includes_imageless=True, filters=SOLD_ON_WEB, option_keys="size")
    grid(catalogue)
    preview = catalogue.preview()
    row = preview.changes.get(kind="create")
    assert (row.title, [detail["after"] for detail in row.details]) == (
        "Shore Tee",
        ["Size S; 24.00", "Size M; 24.00"],
    )
    catalogue.calls()
    done = catalogue.apply(preview)
    assert done.sentence == "Created 1, updated 0; 0 needed nothing."
    assert catalogue.writes() == Counter({POST: 1})
    product = catalogue.product("ST-S")
    assert (product["name"], product["description"], product["is_visible"]) == ("Shore Tee", "Soft.", True)
    assert product["inventory_tracking"] == "variant"
    values = [value["label"] for value in catalogue.variant("ST-M")["option_values"]]
    assert values == ["M"]
    assert {link.source_id for link in Link.objects.filter(source_id__startswith="ST-")} == {"ST-S", "ST-M"}
    assert catalogue.preview().changes.filter(kind__in=["create", "update"]).count() == 0


def test_changes_go_in_batches_of_ten_products_and_fifty_variants(catalogue: Catalogue) -> None:
    catalogue.choose("push", updates=True, filters=SOLD_ON_WEB)
    catalogue.preview()
    singles = [
        row
        for row in catalogue.pair.heartland.rows("items")
        if not row["grid_id"] and row["custom"].get("sold_on_web") == "true"
    ]
    chosen = [row for row in singles if Link.objects.filter(target_id=str(row["id"])).exists() and row["active"]][:23]
    for row in chosen:
        catalogue.heartland.item_update(str(row["id"]), {"price": Decimal(str(row["price"])) + 5})
    for row in catalogue.items_of_product(GLOVE):
        catalogue.heartland.item_update(str(row["id"]), {"price": Decimal("77.50")})
    preview = catalogue.preview()
    assert preview.result["update"] == 24
    assert preview.changes.order_by("-weight")[0].details[0]["after"].startswith("77.50")
    forecast = of_items(preview, catalogue.pair.connection.item_settings)
    assert (forecast.records, forecast.heartland, forecast.store) == (24, 1, 2 + 3)
    catalogue.calls()
    done = catalogue.apply(preview)
    assert done.sentence == "Created 0, updated 24; 0 needed nothing."
    calls = catalogue.calls()
    assert (calls[PUT_PRODUCTS], calls[PUT_VARIANTS]) == (3, 1)
    assert sum(calls.values()) == 3 + 1 + READS
    assert catalogue.variant(GLOVE)["price"] == Decimal("77.5")
    catalogue.calls()
    again = catalogue.preview()
    assert again.result.get("update", 0) == 0
    assert catalogue.apply(again).total == 0
    assert catalogue.writes() == Counter()


READS = 5  # for a hundred products: singles, grid members, grids, the store's before and after


def test_new_only_leaves_what_is_there(catalogue: Catalogue) -> None:
    catalogue.choose("push", updates=False, filters=SOLD_ON_WEB)
    price(catalogue, "DOG-LEAD", "99")
    assert catalogue.preview().changes.filter(kind="update").count() == 0


def test_a_field_that_is_switched_off_does_not_move(catalogue: Catalogue) -> None:
    catalogue.choose("push", updates=True, moved_fields=["price"], filters=SOLD_ON_WEB)
    item = str(catalogue.item("DOG-LEAD")["id"])
    before = catalogue.product("DOG-LEAD")["name"]
    catalogue.heartland.item_update(item, {"price": Decimal(31), "description": "Another name"})
    preview = catalogue.preview()
    assert [(d["field"], d["after"]) for d in preview.changes.get(kind="update").details] == [("price", "31.00")]
    catalogue.apply(preview)
    product = catalogue.product("DOG-LEAD")
    assert (product["name"], product["price"]) == (before, Decimal(31))


@pytest.mark.parametrize(("overwrites", "left"), [(False, True), (True, False)])
def test_a_blank_overwrites_only_when_told(catalogue: Catalogue, overwrites: bool, left: bool) -> None:
    catalogue.choose("push", updates=True, blanks_overwrite=overwrites, filters=SOLD_ON_WEB)
    catalogue.heartland.item_update(str(catalogue.item("DOG-LEAD")["id"]), {"long_description": ""})
    catalogue.apply(catalogue.preview())
    assert bool(catalogue.product("DOG-LEAD")["description"]) == left


def test_only_the_ticked_ones_are_applied(catalogue: Catalogue) -> None:
    catalogue.choose("push", updates=True, filters=SOLD_ON_WEB)
    price(catalogue, "DOG-LEAD", "31")
    price(catalogue, "CMP-SPRK", "41")
    preview = catalogue.preview()
    assert [row.subject for row in preview.changes.filter(kind="update").order_by("-weight")] == [
        "CMP-SPRK",
        "DOG-LEAD",
    ]
    catalogue.apply(preview, changes=[preview.changes.get(subject="CMP-SPRK").pk])
    assert catalogue.product("CMP-SPRK")["price"] == 41
    assert catalogue.product("DOG-LEAD")["price"] != 31


def test_what_the_store_changed_since_the_preview_is_not_written_over(catalogue: Catalogue) -> None:
    catalogue.choose("push", updates=True, filters=SOLD_ON_WEB)
    price(catalogue, "DOG-LEAD", "31")
    price(catalogue, "CMP-SPRK", "41")
    preview = catalogue.preview()
    catalogue.store.products_update([{"id": catalogue.product("DOG-LEAD")["id"], "price": 19}])
    price(catalogue, "CMP-SPRK", "43")
    done = catalogue.apply(preview)
    assert done.sentence == "Created 0, updated 1, 1 in conflict; 0 needed nothing."
    assert catalogue.product("DOG-LEAD")["price"] == 19
    assert catalogue.product("CMP-SPRK")["price"] == 43
    problem = SyncError.objects.get()
    assert problem.code == "item_edited_outside"
    assert "price of DOG-LEAD is “19.00”, not “31.00”" in problem.reason
    again = catalogue.apply(catalogue.preview())
    assert again.sentence == "Created 0, updated 1; 0 needed nothing."
    assert not SyncError.objects.open().exists()


def test_a_refused_product_is_named_and_keeps_nobody_back(catalogue: Catalogue) -> None:
    catalogue.choose("push", updates=True, filters=SOLD_ON_WEB)
    for sku in ("DOG-LEAD", "CMP-JUG", "CMP-SPRK"):
        price(catalogue, sku, "31")
    catalogue.heartland.item_update(str(catalogue.item("CMP-JUG")["id"]), {"description": "Taken meanwhile"})
    preview = catalogue.preview()
    catalogue.store.product_create(
        {"name": "Taken meanwhile", "type": "physical", "weight": 1, "price": 9, "sku": "X-1"}
    )
    done = catalogue.apply(preview)
    assert done.sentence == "Created 0, updated 2, 1 were refused; 0 needed nothing."
    refused = done.changes.get(kind="refused")
    assert refused.subject == "CMP-JUG"
    assert "name" in refused.reason
    assert [catalogue.product(sku)["price"] for sku in ("DOG-LEAD", "CMP-SPRK")] == [31, 31]
    assert SyncError.objects.get().external_id == refused.key


def test_a_product_made_without_an_answer_is_found_and_not_made_twice(catalogue: Catalogue) -> None:
    catalogue.choose("push", updates=True, includes_imageless=True, filters=SOLD_ON_WEB, option_keys="size")
    grid(catalogue)
    preview = catalogue.preview()
    catalogue.pair.lose(catalogue.pair.bigcommerce, "POST", "/v3/catalog/products")
    done = catalogue.apply(preview)
    assert done.state == Run.State.DONE
    assert done.sentence == "Created 1, updated 0; 0 needed nothing."
    assert len([row for row in catalogue.pair.bigcommerce.rows("products") if row["name"] == "Shore Tee"]) == 1


def test_a_new_size_is_added_to_the_product_with_its_option_value(catalogue: Catalogue) -> None:
    catalogue.choose("push", updates=True, includes_imageless=True, filters=SOLD_ON_WEB, option_keys="size")
    grid_id = grid(catalogue)
    catalogue.apply(catalogue.preview())
    member(catalogue, grid_id, "Shore Tee", "XL")
    done = catalogue.apply(catalogue.preview())
    assert done.sentence == "Created 0, updated 1; 0 needed nothing."
    assert [value["label"] for value in catalogue.variant("ST-XL")["option_values"]] == ["XL"]
    assert catalogue.preview().result.get("update", 0) == 0


@pytest.mark.parametrize(
    ("archived", "name", "value"),
    [("nothing", "is_visible", True), ("hide", "is_visible", False), ("disable", "availability", "disabled")],
)
def test_an_item_that_is_switched_off_follows_the_policy(
    catalogue: Catalogue, archived: str, name: str, value: object
) -> None:
    catalogue.choose("push", updates=True, archived=archived)
    catalogue.heartland.item_update(str(catalogue.item("DOG-LEAD")["id"]), {"active": False})
    catalogue.apply(catalogue.preview())
    assert catalogue.product("DOG-LEAD")[name] == value
    assert catalogue.preview().result.get("archive", 0) == 0


def test_an_item_that_is_switched_off_deletes_its_product_only_when_told(catalogue: Catalogue) -> None:
    catalogue.choose("push", updates=True, archived="delete")
    catalogue.preview()
    catalogue.heartland.item_update(str(catalogue.item("DOG-LEAD")["id"]), {"active": False})
    assert catalogue.apply(catalogue.preview()).sentence == ("Created 0, updated 0, took 2 off sale; 0 needed nothing.")
    assert not [row for row in catalogue.pair.bigcommerce.rows("variants") if row["sku"] == "DOG-LEAD"]
    assert not CatalogueSku.objects.filter(side=Side.STORE, sku="DOG-LEAD").exists()


def test_pictures_come_along_when_a_product_is_made(catalogue: Catalogue) -> None:
    catalogue.choose("push", filters=SOLD_ON_WEB, option_keys="size")
    grid_id = grid(catalogue)
    first = next(row for row in catalogue.pair.heartland.rows("items") if row["grid_id"] == int(grid_id))
    assert catalogue.preview().result.get("create", 0) == 0  # without a picture it stays
    catalogue.heartland.item_picture_add(str(first["id"]), "https://pictures.example/tee.jpg")
    catalogue.apply(catalogue.preview())
    number = catalogue.product("ST-S")["id"]
    urls = [row["image_url"] for row in catalogue.pair.bigcommerce.rows("images") if row["product_id"] == number]
    assert urls == ["https://pictures.example/tee.jpg"]


def test_pictures_and_variants_that_an_include_leaves_out_are_asked_for(catalogue: Catalogue) -> None:
    catalogue.heartland.item_picture_add(str(catalogue.item("DOG-LEAD")["id"]), "https://pictures.example/lead.jpg")
    catalogue.choose("push", updates=True, filters=SOLD_ON_WEB)
    number = catalogue.product("DOG-LEAD")["id"]
    known = [row["id"] for row in catalogue.pair.bigcommerce.rows("images") if row["product_id"] == number]
    if not known:
        catalogue.store.picture_add(str(number), "https://pictures.example/own.jpg", is_first=True)
        known = [row["id"] for row in catalogue.pair.bigcommerce.rows("images") if row["product_id"] == number]
    products = len(catalogue.pair.bigcommerce.rows("products"))
    catalogue.pair.bigcommerce.put("/_sim/switches", {"product_includes": "empty"})
    preview = catalogue.preview()
    assert preview.result.get("create", 0) == 0  # no SKU passes for one that the store has not
    assert catalogue.states()["linked"] > 500
    catalogue.apply(preview)
    assert [row["id"] for row in catalogue.pair.bigcommerce.rows("images") if row["product_id"] == number] == known
    assert len(catalogue.pair.bigcommerce.rows("products")) == products


def test_a_paused_run_rests_and_goes_on_from_its_checkpoint(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncjobs.bulk.run_walk.SLICE_SECONDS", 0.0)
    monkeypatch.setattr("syncjobs.catalogue.apply_products.AT_ONCE", {"push": 1, "pull": 1})
    catalogue.choose("push", updates=True, filters=SOLD_ON_WEB)
    for sku in ("DOG-LEAD", "CMP-JUG", "CMP-SPRK"):
        price(catalogue, sku, "31")
    preview = catalogue.preview()
    catalogue.calls()
    done = catalogue.apply(preview)
    assert (done.done, done.sentence) == (3, "Created 0, updated 3; 0 needed nothing.")
    assert catalogue.writes() == Counter({PUT_PRODUCTS: 3})


def test_a_product_that_is_gone_since_the_preview_is_not_made_anew(catalogue: Catalogue) -> None:
    catalogue.choose("push", updates=True, includes_imageless=True, filters=SOLD_ON_WEB)
    price(catalogue, "DOG-LEAD", "31")
    preview = catalogue.preview()
    catalogue.store.product_delete(catalogue.product("DOG-LEAD")["id"])
    done = catalogue.apply(preview)
    assert done.sentence == "Created 0, updated 0, 1 in conflict; 0 needed nothing."
    assert not [row for row in catalogue.pair.bigcommerce.rows("variants") if row["sku"] == "DOG-LEAD"]
