"""*Check all items*: both catalogues in the smallest number of calls, linked letter by letter, the rest explained."""

from collections import Counter
from typing import Any

import pytest

from connections.connectors.bigcommerce import base
from connections.connectors.heartland import catalog as items
from mappings.link_states import states_settle, store_rows
from mappings.models import CatalogueProduct, CatalogueSku, Link, Side
from syncjobs.models import Run
from tests.bulk import link_all
from tests.catalogue.conftest import Catalogue

ITEMS, GRIDS = "GET /api/items", "GET /api/item_grids"
PRODUCTS = "GET /stores/<store_hash>/v3/catalog/products"
NAMES = {
    "GET /stores/<store_hash>/v3/catalog/brands": 1,
    "GET /stores/<store_hash>/v3/catalog/categories": 1,
}
State = CatalogueSku.State


def row(sku: str) -> CatalogueSku:
    return CatalogueSku.objects.get(side=Side.STORE, sku=sku)


def test_a_check_counts_both_sides_and_reads_each_page_once(catalogue: Catalogue) -> None:
    run = link_all(catalogue.pair.connection)
    assert catalogue.calls() == Counter({ITEMS: 2, GRIDS: 1, PRODUCTS: 2, **NAMES})
    assert run.sentence == "572 SKUs are linked; 9 are not."
    assert catalogue.states() == Counter({"linked": 572, "unlinked": 9})
    assert Link.objects.of(catalogue.pair.connection, Link.Kind.ITEM).count() == 572
    assert (
        run.done
        == run.total
        == len(catalogue.pair.heartland.rows("items")) + len(catalogue.pair.bigcommerce.rows("products"))
    )


def test_small_pages_cost_exactly_their_number(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "ITEMS_PER_PAGE", 100)
    monkeypatch.setattr(base, "ROWS_PER_PAGE", 20)
    link_all(catalogue.pair.connection)
    sizes = {name: len(catalogue.pair.heartland.rows(name)) for name in ("items", "grids")}
    products = len(catalogue.pair.bigcommerce.rows("products"))
    calls = catalogue.calls()
    assert calls[ITEMS] == 1 + -(-sizes["items"] // 100)
    assert calls[GRIDS] == -(-sizes["grids"] // 100)
    assert calls[PRODUCTS] == 1 + -(-products // 20)
    assert catalogue.states()["linked"] == 572


def test_a_run_that_is_cut_after_every_page_goes_on_where_it_was(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("syncjobs.bulk.run_walk.SLICE_SECONDS", 0.0)
    monkeypatch.setattr(items, "ITEMS_PER_PAGE", 200)
    monkeypatch.setattr(base, "ROWS_PER_PAGE", 50)
    assert link_all(catalogue.pair.connection).state == Run.State.DONE
    count = len(catalogue.pair.heartland.rows("items"))
    assert catalogue.calls()[ITEMS] == 1 + -(-count // 200)
    assert catalogue.states() == Counter({"linked": 572, "unlinked": 9})


@pytest.mark.parametrize(
    ("sku", "number", "difference"),
    [
        ("CMP-POT1", "CMP-P0T1", "characters that look alike, such as 0 and O"),
        ("CMP-KETL", "cmp-ketl", "capital and small letters"),
        ("KNF-FOLD", "KNF_FOLD", "the separators between its parts"),
        ("0417", "417", "leading zeros"),
    ],
)
def test_near_misses_are_suggested_and_not_linked(catalogue: Catalogue, sku: str, number: str, difference: str) -> None:
    link_all(catalogue.pair.connection)
    found = row(sku)
    assert (found.state, found.suggestion, found.score) == (State.UNLINKED, number, 100)
    assert f"differs from the SKU only in {difference}" in found.reason
    assert "the same barcode" in found.reason


def test_a_sku_that_nobody_resembles_says_so(catalogue: Catalogue) -> None:
    link_all(catalogue.pair.connection)
    assert row("WEB-CRATE").reason == "No item in Heartland has this number, nor one that looks like it."


def test_what_both_sides_no_longer_have_is_forgotten(catalogue: Catalogue) -> None:
    link_all(catalogue.pair.connection)
    before = CatalogueProduct.objects.filter(side=Side.STORE).count()
    catalogue.store.product_delete(catalogue.product("WEB-CRATE")["id"])
    link_all(catalogue.pair.connection)
    assert CatalogueProduct.objects.filter(side=Side.STORE).count() == before - 1
    assert not CatalogueSku.objects.filter(side=Side.STORE, sku="WEB-CRATE").exists()


def test_one_sku_on_two_variants_links_neither(catalogue: Catalogue) -> None:
    link_all(catalogue.pair.connection)
    Link.objects.filter(source_id="DOG-LEAD").delete()
    twin = row("WEB-CRATE")
    twin.sku, twin.folded = "DOG-LEAD", row("DOG-LEAD").folded
    twin.save()
    products = CatalogueSku.objects.filter(sku="DOG-LEAD", side=Side.STORE).values_list("product", flat=True)
    assert states_settle(catalogue.pair.connection, store_rows(catalogue.pair.connection, products)) == 0
    states = CatalogueSku.objects.filter(sku="DOG-LEAD", side=Side.STORE).values_list("state", "reason")
    assert set(states) == {("ambiguous", "2 variants of the store have this SKU: give each its own.")}


def test_an_excluded_sku_is_left_alone(catalogue: Catalogue) -> None:
    link_all(catalogue.pair.connection)
    Link.objects.filter(source_id="DOG-LEAD").delete()
    CatalogueSku.objects.filter(sku="DOG-LEAD", side=Side.STORE).update(state=State.EXCLUDED)
    run = link_all(catalogue.pair.connection)
    assert row("DOG-LEAD").state == State.EXCLUDED
    assert not Link.objects.filter(source_id="DOG-LEAD").exists()
    assert run.sentence == "571 SKUs are linked; 9 are not."


def test_singles_in_one_product_are_called_built_differently(catalogue: Catalogue) -> None:
    link_all(catalogue.pair.connection)
    client = catalogue.heartland
    for item in catalogue.items_of_product("HP-GLV-BRN-SM"):
        client.item_update(str(item["id"]), {"grid_id": None})
    link_all(catalogue.pair.connection)
    assert catalogue.states()["mismatch"] == len(catalogue.items_of_product("HP-GLV-BRN-SM", by_store=True))
    assert row("HP-GLV-BRN-SM").reason == "One product in the store, several items or grids in Heartland."


def test_clipped_pages_hide_no_product(catalogue: Catalogue) -> None:
    """Pages of ten whose number of pages is reckoned with two hundred and fifty (a real store's, seen by others)."""
    whole = link_all(catalogue.pair.connection)
    catalogue.pair.bigcommerce.put("/_sim/switches", {"pages_clipped": True})
    clipped = link_all(catalogue.pair.connection)
    assert clipped.result["looked_at"] == whole.result["looked_at"] > 700
    assert clipped.sentence == whole.sentence


def test_a_barcode_links_where_the_merchant_wants_it_and_one_item_only_has_it(catalogue: Catalogue) -> None:
    codes = {"A": "085000012345", "B": "085000012352"}
    about: dict[str, dict[str, Any]] = {
        "H-1": {"custom": {"upc": codes["A"]}},
        "H-2": {"custom": {"upc": codes["B"]}},
        "H-3": {"primary_barcode": codes["B"]},
    }
    for number, more in about.items():
        body = {"public_id": number, "description": f"Item {number}", "cost": 1, "price": 9}
        catalogue.heartland.item_create(body | more)
    for sku, code in (("W-1", codes["A"]), ("W-2", codes["B"])):
        product = {"name": f"Thing {sku}", "type": "physical", "weight": 1, "price": 9, "sku": sku, "upc": code}
        catalogue.store.product_create(product)
    link_all(catalogue.pair.connection)
    assert (row("W-1").state, row("W-1").suggestion) == (State.UNLINKED, "H-1")
    catalogue.choose("manual", links_by_barcode=True)
    link_all(catalogue.pair.connection)
    assert (row("W-1").state, row("W-1").reason) == (State.LINKED, "Linked by its barcode.")
    assert Link.objects.get(source_id="W-1").target_id == str(catalogue.item("H-1")["id"])
    assert row("W-2").state == State.AMBIGUOUS
    assert not Link.objects.filter(source_id="W-2").exists()
