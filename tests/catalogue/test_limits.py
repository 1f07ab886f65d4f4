"""What a target does not take is known in the preview, over both systems; what was shortened is not written again."""

from decimal import Decimal
from typing import Any

import pytest

from mappings.models import Link
from syncjobs.models import Run, RunChange
from tests.catalogue.conftest import Catalogue

PUSHED = {"includes_imageless": True, "updates": True}
PLAIN = {"type": "physical", "weight": 1, "price": 9}
TITLE = "Waterproof four season expedition dome tent" + " with reinforced seams" * 12


def item(catalogue: Catalogue, number: str, name: str, **more: Any) -> int:
    body = {"public_id": number, "description": name, "cost": 1, "price": 9, "custom": {"mine": "yes"}}
    return int(catalogue.heartland.item_create(body | more))


def mine(catalogue: Catalogue, mode: str = "push", **choices: Any) -> None:
    """Only what these tests made moves."""
    for name in ("Mine", "Bin", "Material"):
        catalogue.heartland.custom_field_create("item", name)
    only = [{"field": "mine", "operator": "is", "value": "yes"}] if mode == "push" else []
    catalogue.choose(mode, **PUSHED | {"filters": only} | choices)


def of(preview: Run, sku: str) -> RunChange:
    return preview.changes.get(subject=sku)


def grid(catalogue: Catalogue, name: str, members: list[tuple[str, dict[str, str]]]) -> None:
    grid_id = int(
        catalogue.heartland.grid_create({"item_description": name, "item_price": 5, "item_cost": 1, "item_custom": {}})
    )
    for number, custom in members:
        item(catalogue, number, f"{name} {number}", grid_id=grid_id, custom={"mine": "yes"} | custom)


def test_c15_a_long_title_is_cut_with_a_word_and_equals_its_original(catalogue: Catalogue) -> None:
    assert len(TITLE) > 288
    mine(catalogue)
    item(catalogue, "TENT-LONG", TITLE)
    preview = catalogue.preview()
    row = of(preview, "TENT-LONG")
    assert row.kind == RunChange.Kind.CREATE
    assert row.reason == (f"Its title has {len(TITLE)} characters: the store keeps the first 250, and Heartland all.")
    assert catalogue.apply(preview).sentence == "Created 1, updated 0; 0 needed nothing."
    assert catalogue.product("TENT-LONG")["name"] == TITLE[:250].rstrip()
    again = catalogue.preview()
    assert again.sentence.startswith("Would create 0, update 0; 1 unchanged")
    catalogue.choose("pull", updates=True)
    assert not catalogue.preview().changes.filter(subject="TENT-LONG").exists()
    assert catalogue.item("TENT-LONG")["description"] == TITLE


def test_c16_more_than_600_variants_are_a_conflict_with_its_reason(catalogue: Catalogue) -> None:
    mine(catalogue)
    grid(catalogue, "Cable", [(f"GC-{n}", {"size": str(n // 10), "color": f"c{n % 10}"}) for n in range(610)])
    row = of(catalogue.preview(), "GC-0")
    assert (row.kind, row.reason) == (
        RunChange.Kind.CONFLICT,
        "It has 610 variants, and BigCommerce takes 600 a product: split the grid in Heartland.",
    )


def test_more_than_250_values_of_an_option_are_a_conflict_and_250_are_taken(catalogue: Catalogue) -> None:
    mine(catalogue)
    grid(catalogue, "Rope", [(f"RP-{n}", {"size": str(n)}) for n in range(251)])
    grid(catalogue, "Cord", [(f"CD-{n}", {"size": str(n)}) for n in range(250)])
    preview = catalogue.preview()
    row = of(preview, "RP-0")
    assert (row.kind, "has 251 values, and BigCommerce takes 250 of an option" in row.reason) == ("conflict", True)
    done = catalogue.apply(preview, changes=[of(preview, "CD-0").pk])
    assert done.sentence == "Created 1, updated 0; 0 needed nothing."


def test_what_the_store_takes_once_is_known_before(catalogue: Catalogue) -> None:
    mine(catalogue)
    taken = catalogue.product("DOG-LEAD")["name"]
    item(catalogue, "ONE-A", "Double pole")
    item(catalogue, "ONE-B", "double POLE")
    item(catalogue, "ONE-C", taken.upper())
    item(catalogue, "dog-lead", "Another lead")
    item(catalogue, "ONE-D", "Case of numbers")
    item(catalogue, "one-d", "Numbers of cases")
    preview = catalogue.preview()
    said = dict(preview.changes.filter(kind="conflict").values_list("subject", "reason"))
    assert said["ONE-B"] == (
        "BigCommerce takes a name once, and ONE-A is to be called “double POLE” too: give one of them another name."
    )
    assert said["ONE-C"].startswith(
        f"BigCommerce takes a name once, and its product with DOG-LEAD is called “{taken.upper()}”"
    )
    assert said["dog-lead"] == (
        "BigCommerce takes large and small letters for the same, and has the SKU “DOG-LEAD” already."
    )
    assert said["one-d"] == "BigCommerce takes large and small letters for the same, and “ONE-D” is to be made too."
    assert sorted(said) == ["ONE-B", "ONE-C", "dog-lead", "one-d"]
    assert catalogue.apply(preview).sentence == "Created 2, updated 0; 0 needed nothing."


@pytest.mark.parametrize("mode", ["push", "pull"])
def test_what_would_be_free_waits_until_that_is_allowed(catalogue: Catalogue, mode: str) -> None:
    mine(catalogue, mode)
    if mode == "push":
        item(catalogue, "AU-ZERO", "Nothing asked", price=0)
    else:
        catalogue.store.product_create(PLAIN | {"name": "Nothing asked", "sku": "AU-ZERO", "price": 0})
    row = of(catalogue.preview(), "AU-ZERO")
    assert row.kind == RunChange.Kind.CONFLICT
    assert row.reason.startswith("The price of AU-ZERO is 0: it would be sold for nothing.")
    catalogue.choose(mode, sells_free=True)
    assert of(catalogue.preview(), "AU-ZERO").kind == RunChange.Kind.CREATE


def test_a_price_that_becomes_zero_is_not_carried(catalogue: Catalogue) -> None:
    mine(catalogue)
    number = item(catalogue, "AU-WAS", "Asked for")
    catalogue.apply(catalogue.preview())
    catalogue.heartland.item_update(str(number), {"price": Decimal(0)})
    row = of(catalogue.preview(), "AU-WAS")
    assert (row.kind, row.reason[:25]) == (RunChange.Kind.CONFLICT, "The price of AU-WAS is 0:")


def test_the_words_of_a_refusal_arrive(catalogue: Catalogue) -> None:
    mine(catalogue)
    item(catalogue, "FAR-1", "Heavy thing", price=Decimal("9.00"))
    catalogue.pair.bigcommerce.post(
        "/_sim/faults",
        {
            "method": "POST",
            "path": "/stores/a1b2c3d4e5/v3/catalog/products",
            "times": 1,
            "status": 422,
            "body": {
                "status": 422,
                "title": "JSON data is missing or invalid",
                "type": "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes",
                "errors": {"weight": "weight must be heavy"},
            },
        },
    )
    done = catalogue.apply(catalogue.preview())
    assert done.changes.get().reason == (
        "BigCommerce refused the request (422): JSON data is missing or invalid (weight: weight must be heavy)"
    )


def options(catalogue: Catalogue, sku: str) -> dict[str, list[str]]:
    number = catalogue.product(sku)["id"]
    return {
        row["display_name"]: [value["label"] for value in row["option_values"]]
        for row in catalogue.store.options_of(str(number))
    }


def test_the_fewest_fields_that_tell_items_apart_are_the_options(catalogue: Catalogue) -> None:
    mine(catalogue)
    shades = [("S", "Red"), ("S", "Blue"), ("M", "Red"), ("M", "Blue")]
    grid(
        catalogue,
        "Shore tee",
        [
            (f"ST-{n}", {"size": size, "color": color, "material": "Wool" if n else "Cotton"})
            for n, (size, color) in enumerate(shades)
        ],
    )
    catalogue.apply(catalogue.preview())
    assert options(catalogue, "ST-0") == {"Color": ["Red", "Blue"], "Size": ["S", "M"]}


def test_where_several_sets_of_fields_would_do_the_preview_asks(catalogue: Catalogue) -> None:
    mine(catalogue)
    shades = [("S", "Red"), ("S", "Blue"), ("M", "Red"), ("M", "Blue")]
    members = [(f"SB-{n}", {"size": s, "color": c, "bin": f"B{n}"}) for n, (s, c) in enumerate(shades)]
    grid(catalogue, "Shore bag", members)
    row = of(catalogue.preview(), "SB-0")
    assert (row.kind, row.reason) == (
        RunChange.Kind.CONFLICT,
        "Its items can be told apart by Bin or by Color and Size: say which shoppers choose by, as fields that tell"
        " them apart.",
    )
    catalogue.choose("push", option_keys="size, color")
    catalogue.apply(catalogue.preview())
    assert list(options(catalogue, "SB-0")) == ["Size", "Color"]


def test_c13_options_of_any_letters_keep_their_values_apart(catalogue: Catalogue) -> None:
    mine(catalogue, "pull")
    for about in [
        {"name": "Trail shirt", "options": {"Размер": ["S", "M"], "Цвет": ["Синий", "Red"]}},
        {"name": "Cup", "options": {"色": ["赤", "青"]}},
        {"name": "Paint", "options": {"🎨": ["red", "blue"]}},
        {"name": "Schuh", "options": {"Größe": ["42"], "Grosse": ["x"]}},
    ]:
        make(catalogue, about)
    preview = catalogue.preview()
    wanted = preview.changes.filter(kind="create", title__in=["Trail shirt", "Cup", "Paint", "Schuh"])
    assert wanted.count() == 4
    new = preview.parameters["new_fields"]
    assert [name for name in new if name[:2] in ("Ра", "Цв", "色 ", "🎨 ", "Gr")] == new == list(dict.fromkeys(new))
    assert len(new) == 6
    done = catalogue.apply(preview, changes=list(wanted.values_list("pk", flat=True)))
    assert done.result["create"] == 4
    keys = {row["name"]: row["key"] for row in catalogue.heartland.custom_fields(group="item")}
    assert all(keys[name] for name in new)
    assert len({keys[name] for name in new}) == 6
    size, color = keys["Размер (razmer)"], keys["Цвет (tsvet)"]
    shirts = [catalogue.item(f"Trail shirt-{n}")["custom"] for n in range(4)]
    assert [(one[size], one[color]) for one in shirts] == [("S", "Синий"), ("S", "Red"), ("M", "Синий"), ("M", "Red")]
    assert catalogue.item("Cup-1")["custom"][next(keys[name] for name in new if name.startswith("色"))] == "青"
    assert catalogue.preview().parameters.get("new_fields", []) == []


def make(catalogue: Catalogue, about: dict[str, Any]) -> None:
    """A product of the store with a variant for each choice."""
    choices: list[list[dict[str, str]]] = [[]]
    for name, values in about["options"].items():
        choices = [[*one, {"option_display_name": name, "label": value}] for one in choices for value in values]
    variants = [{"sku": f"{about['name']}-{n}", "price": 9, "option_values": one} for n, one in enumerate(choices)]
    catalogue.store.product_create(PLAIN | {"name": about["name"], "variants": variants})


def test_c13_a_field_that_exists_stays_the_options_own(catalogue: Catalogue) -> None:
    mine(catalogue, "pull")
    catalogue.heartland.custom_field_create("item", "Größe")
    known = {row["name"]: row["key"] for row in catalogue.heartland.custom_fields(group="item")}
    make(catalogue, {"name": "Schuh", "options": {"Größe": ["42", "43"]}})
    preview = catalogue.preview()
    catalogue.apply(preview, changes=[of(preview, "Schuh-0").pk])
    assert catalogue.item("Schuh-1")["custom"][known["Größe"]] == "43"
    assert Link.objects.get(source_id="Schuh-1").target_id == str(catalogue.item("Schuh-1")["id"])
