"""Products of both sides, read into one shape, compared field by field, and shaped into what is written."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from mappings.core.bigcommerce.products import (
    listing_from_bigcommerce,
    names_from_bigcommerce,
    store_changes_body,
    store_product_body,
)
from mappings.core.canonical.listing import Names, facts_named, store_product
from mappings.core.canonical.product import (
    Direction,
    Field,
    Policy,
    Product,
    Variant,
    barcode,
    barcode_key,
    plain,
)
from mappings.core.heartland.products import (
    grid_facts,
    heartland_product,
    item_body,
    item_facts,
    option_names,
    shared_fields,
)
from mappings.core.rules.item_filter import Condition, Operator, conditions_of, fits
from mappings.core.rules.product_changes import Change, change_of, differences, jump, wording
from mappings.core.rules.product_obstacles import lacking

PUSH, PULL = Policy(), Policy(direction=Direction.PULL)


def item(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "public_id": f"TEE-{number}",
        "description": "Harbor Tee - M",
        "long_description": "Soft.",
        "price": Decimal("24.00"),
        "original_price": Decimal(30),
        "cost": Decimal("7.5"),
        "active?": True,
        "primary_barcode": f"SR{number}",
        "custom": {"brand": "Harbor", "department": "Clothing", "upc": "085000098011", "blank": ""},
    } | more


def from_items(*rows: dict[str, Any], grid: dict[str, Any] | None = None, policy: Policy = PUSH) -> Product:
    facts = {str(row["id"]): item_facts(row) for row in rows}
    return heartland_product("g1" if grid else "i1", grid_facts(grid) if grid else None, facts, {}, policy)


def product(**more: Any) -> dict[str, Any]:
    return {
        "name": "Harbor Tee - M",
        "type": "physical",
        "description": "<p>Soft.</p>",
        "price": 24,
        "sale_price": 0,
        "retail_price": 30,
        "cost_price": Decimal("7.5"),
        "is_visible": True,
        "availability": "available",
        "upc": "85000098011",
        "brand_id": 3,
        "categories": [7],
        "images": [],
    } | more


def variant(sku: str = "TEE-1", **more: Any) -> dict[str, Any]:
    return {"sku": sku, "price": None, "sale_price": None, "option_values": []} | more


def from_store(head: dict[str, Any], *variants: dict[str, Any], policy: Policy = PUSH) -> Product:
    rows = [{"id": n} | row for n, row in enumerate(variants, 1)]
    listing = listing_from_bigcommerce({"id": 412, "variants": rows} | head)
    facts = facts_named(listing, Names(brands={"3": "HARBOR"}, categories={"7": ["Clothing", "Tees"]}))
    return store_product("412", facts, {one.id: one.facts for one in listing.variants}, policy)


def test_what_is_kept_of_a_product_reads_as_ever() -> None:
    """Rows of former versions compare with what is read now: another key or form would be a change of every product."""
    options = [{"option_display_name": "Size", "label": "M", "id": 1, "option_id": 2}]
    row = product(images=[{"url_standard": "u", "image_url": "v"}], date_modified="2026-05-01T10:00:00Z", sku="TEE")
    rows = [variant(id=7, price=Decimal("2.50"), option_values=options)]
    listing = listing_from_bigcommerce({"id": 412, "inventory_tracking": "none", "variants": rows} | row)
    assert facts_named(listing, Names(brands={"3": "Loom"}, categories={"7": ["Clothing", "Tees"]})) == {
        "name": "Harbor Tee - M", "type": "physical", "sku": "TEE", "description": "<p>Soft.</p>", "price": "24",
        "sale_price": "0", "retail_price": "30", "cost_price": "7.5", "weight": None, "is_visible": True,
        "availability": "available", "upc": "85000098011", "brand": "Loom", "category_ids": [7],
        "categories": ["Clothing", "Tees"], "pictures": ["u"],
    }  # fmt: skip
    assert [(one.id, one.facts) for one in listing.variants] == [
        ("7", {"price": "2.5", "sale_price": None, "retail_price": None, "cost_price": None, "weight": None,
               "upc": None, "purchasing_disabled": None, "number": "TEE-1", "options": [["Size", "M"]]}),
    ]  # fmt: skip
    assert (listing.id, listing.keeps_stock, listing.changed_at) == ("412", False, datetime(2026, 5, 1, 10, tzinfo=UTC))
    assert listing_from_bigcommerce({"id": 1, "date_modified": "?"}).changed_at is None


def test_categories_are_named_with_those_above_them() -> None:
    rows = [{"id": 7, "parent_id": 0, "name": "Clothing"}, {"id": 9, "parent_id": 7, "name": "Tees"}]
    names = names_from_bigcommerce([{"id": 3, "name": "Loom"}], [*rows, {"id": 11, "parent_id": 11, "name": "Round"}])
    assert names.brands == {"3": "Loom"}
    assert names.categories == {"7": ["Clothing"], "9": ["Clothing", "Tees"], "11": ["Round"]}


def test_both_sides_of_one_product_agree() -> None:
    assert differences(from_items(item(1)), from_store(product(), variant()), PUSH) == []


@pytest.mark.parametrize(
    ("change", "field", "before", "after"),
    [
        ({"price": Decimal("21.5")}, "price", "24.00", "21.50"),
        ({"original_price": Decimal(35)}, "msrp", "30", "35"),
        ({"description": "Shore Tee"}, "title", "Harbor Tee - M", "Shore Tee"),
        ({"long_description": "Softer."}, "description", "Soft.", "Softer."),
        ({"weight": Decimal("0.4")}, "weight", "", "0.4"),
        ({"has_images?": True}, "images", "none", "added"),
        ({"custom": {"brand": "Loom"}}, "brand", "HARBOR", "Loom"),
        ({"custom": {"department": "Camp"}}, "categories", "Clothing, Tees", "Camp"),
        ({"custom": {"upc": "085000098028"}}, "barcode", "85000098011", "085000098028"),
    ],
)
def test_each_field_that_differs_is_named(change: dict[str, Any], field: str, before: str, after: str) -> None:
    policy = Policy(fields=frozenset({field}))
    source, target = from_items(item(1, **change)), from_store(product(), variant())
    (found,) = differences(source, target, policy)
    assert (found.field, found.before, found.after) == (field, before, after)
    assert differences(source, target, Policy(fields=frozenset())) == []


def test_a_blank_says_nothing_unless_it_may_overwrite() -> None:
    source = from_items(item(1, long_description=None, custom={}))
    assert differences(source, from_store(product(), variant()), PUSH) == []
    found = differences(source, from_store(product(), variant()), Policy(blanks_overwrite=True))
    assert {change.field for change in found} == {"description", "brand", "barcode"}


def test_a_sale_of_the_store_is_left_alone_by_a_push_and_taken_by_a_pull() -> None:
    on_sale = product(sale_price=18, retail_price=0)
    assert from_store(on_sale, variant()).variants[0].price == 24
    pulled = from_store(on_sale, variant(), policy=PULL).variants[0]
    assert (pulled.price, pulled.msrp, pulled.sale_price) == (Decimal(18), Decimal(24), None)


def test_heartlands_markdown_becomes_a_sale_where_the_merchant_says_so() -> None:
    policy = Policy(original_is_regular=True)
    source = from_items(item(1), policy=policy)
    (found,) = differences(source, from_store(product(), variant(), policy=policy), policy)
    assert (found.before, found.after) == ("24.00", "30.00 now 24.00")
    body = store_changes_body(source, from_store(product(), variant()), [found], policy, category_ids=[])
    assert body == {"id": 412, "price": Decimal(30), "sale_price": Decimal(24)}


def test_a_price_alone_never_touches_the_sale() -> None:
    source, target = from_items(item(1, price=Decimal(25))), from_store(product(sale_price=18), variant())
    body = store_changes_body(source, target, differences(source, target, PUSH), PUSH, category_ids=[])
    assert body == {"id": 412, "price": Decimal(25)}


def test_a_grid_tells_its_items_apart_by_what_differs_and_all_have() -> None:
    rows = [
        item(n, custom={"size": size, "color": "Red", "fit": fit}) for n, size, fit in ((1, "S", ""), (2, "M", "x"))
    ]
    made = from_items(*rows, grid={"item_description": "Harbor Tee", "item_custom": {"brand": "Loom"}})
    assert (made.title, made.brand) == ("Harbor Tee", "Loom")
    assert [one.options for one in made.variants] == [(("Size", "S"),), (("Size", "M"),)]
    chosen = from_items(*rows, grid={"item_description": "T"}, policy=Policy(option_keys=("color", "size")))
    assert chosen.variants[0].options == (("Color", "Red"), ("Size", "S"))


def test_items_that_cannot_be_told_apart_are_not_made() -> None:
    rows = [item(n, custom={"size": "S"}) for n in (1, 2)]
    made = from_items(*rows, grid={"item_description": "Harbor Tee"})
    assert "cannot be told apart" in lacking(made, PUSH)
    assert lacking(from_items(item(1, price=None)), PUSH) == "It has no price."
    assert lacking(from_items(item(1, description=" ")), PUSH) == "It has no title."
    assert lacking(from_items(item(1)), PUSH) == ""


def test_a_new_variant_shows_in_one_line() -> None:
    source = Product(
        external_id="g1",
        title="Tee",
        variants=(Variant(external_id="1", sku="A", options=(("Size", "S"),), price=Decimal(24)),),
    )
    (found,) = differences(source, Product(external_id="412", title="Tee"), PUSH)
    assert (found.label, found.sku, found.after) == ("New variant", "A", "Size S; 24.00")
    assert change_of(found.stored()) == found


def test_the_biggest_price_move_counts_in_cents() -> None:
    moves = [
        Change(field="price", before="20.00 now 15.00", after="18.00"),
        Change(field="title", before="1", after="9"),
    ]
    assert jump(moves) == 300
    assert jump([]) == 0


def test_only_switched_on_fields_reach_a_new_product() -> None:
    policy = Policy(fields=frozenset({Field.PRICE}))
    body = store_product_body(from_items(item(1)), policy, category_ids=["7"], pictures=["u"], is_visible=False)
    assert body == {
        "name": "Harbor Tee - M",
        "type": "physical",
        "is_visible": False,
        "inventory_tracking": "product",
        "categories": [],
        "weight": 0,
        "price": Decimal("24"),
        "sku": "TEE-1",
    }


def test_an_item_from_the_store_carries_its_options_as_custom_fields() -> None:
    options = [{"option_display_name": "Shoe size", "label": "9"}]
    source = from_store(product(name="Boot"), variant("BOOT-9", option_values=options), policy=PULL)
    body = item_body(source, source.variants[0], PULL, grid_id=77)
    assert (body["public_id"], body["description"], body["grid_id"]) == ("BOOT-9", "Boot - 9", 77)
    assert body["custom"] == {"brand": "HARBOR", "department": "Clothing", "shoe_size": "9", "upc": "85000098011"}
    assert option_names(source) == ["Shoe size"]
    assert shared_fields(source, PULL) == {
        "brand": "Brand",
        "department": "Department",
        "upc": "Upc",
    }


@pytest.mark.parametrize(
    ("field", "operator", "value", "holds"),
    [
        ("sold_on_web", Operator.IS, "yes", True),
        ("sold_on_web", Operator.IS_NOT, "True", False),
        ("price", Operator.AT_LEAST, "24", True),
        ("price", Operator.AT_MOST, "23.99", False),
        ("price", Operator.IS, "24.0", True),
        ("public_id", Operator.CONTAINS, "tee-", True),
        ("available_online", Operator.IS, "no", True),
        ("nowhere", Operator.IS, "", True),
        ("brand", Operator.AT_LEAST, "3", False),
    ],
)
def test_conditions_look_at_attributes_and_custom_fields(
    field: str, operator: Operator, value: str, holds: bool
) -> None:
    facts = item_facts(item(1, **{"custom": {"sold_on_web": "true", "brand": "Loom"}, "available_online?": False}))
    assert fits(facts, [Condition(field=field, operator=operator, value=value)]) is holds
    assert fits(facts, conditions_of([{"field": field, "operator": operator, "value": value}])) is holds


def test_an_item_that_is_switched_off_never_fits() -> None:
    assert not fits(item_facts(item(1, **{"active?": False})), [])


def test_barcodes_are_gtins_and_equal_without_leading_zeros() -> None:
    assert barcode("SR100412") == barcode("1234567") == ""
    assert barcode_key("085000098011") == barcode_key("85000098011") == "00085000098011"


def test_numbers_compare_whatever_their_zeros() -> None:
    assert plain({"a": [Decimal("2.50"), 0, None, True, "x"]}) == {"a": ["2.5", "0", None, True, "x"]}


@pytest.mark.parametrize("text", ["<" * 5000, "&#" + "9" * 5000 + ";", "&#x" + "f" * 5000, "&" * 5000, "<a" * 2500])
def test_a_hostile_description_is_only_text(text: str) -> None:
    assert len(wording(f"Cord <b>jacket</b> {text}")) <= len(text) + 15
    assert wording(f"Cord <b>jacket</b> {text}").startswith("Cord jacket")
