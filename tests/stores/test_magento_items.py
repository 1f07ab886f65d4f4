"""Magento's catalogue beyond the contract. Cases M12 to M16: what a push may change, and what it must leave alone."""

import base64
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache

from errors.failures import Rejected, Unreachable
from mappings.core.canonical.listing import Names, facts_named, store_product
from mappings.core.canonical.product import Field, Policy, Product, Variant
from mappings.core.rules.product_changes import differences
from syncjobs.stores.port import Catalogue, Store
from tests.pictures import PNG
from tests.stores.magento import MagentoUnderTest
from tests.stores.under_test import LOST

LIST = "GET /rest/all/V1/products"
POLICY = Policy()
SALES = Policy(original_is_regular=True)
MUG = Product(
    external_id="i1",
    title="Trail Mug",
    variants=(Variant(external_id="1", sku="TRL-MUG", price=Decimal("24.5"), weight=Decimal("0.4")),),
)
TEE = Product(
    external_id="g1",
    title="Pier Boot",
    variants=tuple(
        Variant(external_id=size, sku=f"PIER-{size}", options=(("Size", size),), price=Decimal(90))
        for size in ("12", "13")
    ),
)


@pytest.fixture(scope="module")
def server() -> Iterator[MagentoUnderTest]:
    made = MagentoUnderTest()
    yield made
    made.close()


@pytest.fixture
def shop(db: None, server: MagentoUnderTest) -> MagentoUnderTest:
    server.fresh()
    cache.clear()
    return server


def api(shop: MagentoUnderTest, method: str, path: str, body: Any = None, store: str = "all") -> Any:
    """As the merchant's own people or apps read and write."""
    return shop.api(method, path, body, store=store)


def made(store: Store, product: Product, policy: Policy = POLICY) -> str:
    return store.catalogue.create(product, policy, category_ids=[], pictures=[], is_shown=True).id


def shown(catalogue: Catalogue, key: str, policy: Policy = POLICY) -> Product:
    (listing,) = catalogue.listings([key])
    facts = facts_named(listing, Names())
    return store_product(key, facts, {one.id: one.facts for one in listing.variants}, policy)


def pushed(store: Store, source: Product, key: str, policy: Policy = POLICY) -> int:
    """Bring a product after its source; answers how many edits that took."""
    target = shown(store.catalogue, key, policy)
    changes = differences(source, target, policy)
    edits = store.catalogue.edits(source, target, changes, policy, category_ids=[])
    for edit in edits:
        store.catalogue.send([edit])
    return len(edits)


def priced(product: Product, price: str, sale: str = "", weight: str = "") -> Product:
    changes: dict[str, Any] = {"price": Decimal(price), "sale_price": Decimal(sale) if sale else None}
    changes |= {"weight": Decimal(weight)} if weight else {}
    return replace(product, variants=tuple(replace(one, **changes) for one in product.variants))


def calls(shop: MagentoUnderTest) -> Counter[str]:
    counts = Counter(f"{call.method} {call.path}" for call in shop.counted.calls)
    del shop.counted.calls[:]
    return counts


def test_a_sale_of_one_website_shows_in_all_its_views_and_in_no_other(shop: MagentoUnderTest) -> None:
    """M12. Websites of the seed: base has the views default and canada, europe has its own."""
    shop.sandbox.put("/_sim/settings", {"path": "catalog/price/scope", "value": 1})
    store = shop.opened(shop.counted)
    key = made(store, priced(MUG, "99"), SALES)
    api(shop, "PUT", "/products/TRL-MUG", {"product": {"extension_attributes": {"website_ids": [1, 2]}}})
    sale = priced(MUG, "99", "79")
    assert pushed(store, sale, key, SALES) == 1
    prices = shop.sandbox.get("/_sim/selling-price", sku="TRL-MUG")
    assert prices == {"default": 79, "canada": 79, "europe": 99}
    calls(shop)
    assert pushed(shop.reopened(), sale, key, SALES) == 0
    assert not [call for call in calls(shop) if not call.startswith("GET")]
    assert pushed(store, priced(MUG, "99"), key, SALES) == 1
    assert set(shop.sandbox.get("/_sim/selling-price", sku="TRL-MUG").values()) == {99}


def test_a_new_name_keeps_the_address_of_the_page(shop: MagentoUnderTest) -> None:
    """M13."""
    store = shop.opened(shop.counted)
    key = made(store, MUG)
    api(shop, "PUT", "/products/TRL-MUG", {"product": {"custom_attributes": {"url_key": "trail-mug"}}})
    assert pushed(store, replace(MUG, title="Trail Mug 350 ml"), key) == 1
    product = api(shop, "GET", "/products/TRL-MUG")
    assert (product["name"], custom(product)["url_key"]) == ("Trail Mug 350 ml", "trail-mug")


def custom(product: Any) -> dict[str, Any]:
    return {row["attribute_code"]: row["value"] for row in product["custom_attributes"]}


def size_options(shop: MagentoUnderTest, *options: tuple[int, str]) -> None:
    """The options of `size` as the merchant numbered them."""
    state = shop.server.app.service.state
    attribute = state.attributes.first(attribute_code="size")
    for row in state.options.find(attribute_id=attribute["id"]):
        state.options.delete(row["id"])
    for number, label in options:
        shop.sandbox.post("/_sim/options", {"attribute_code": "size", "label": label, "id": number})


def test_a_size_is_known_by_its_label_and_never_by_an_id(shop: MagentoUnderTest) -> None:
    """M14, first run: id 12 is called 6XL, and the size 12 has the id 57."""
    size_options(shop, (12, "6XL"), (57, "12"), (58, "13"))
    store = shop.opened(shop.counted)
    key = made(store, TEE)
    assert custom(api(shop, "GET", "/products/PIER-12"))["size"] == "57"
    api(shop, "PUT", "/products/PIER-12", {"product": {"custom_attributes": {"size": "12"}}})
    options = {one.sku: one.options for one in shown(store.catalogue, key).variants}
    assert options == {"PIER-12": (("Size", "6XL"),), "PIER-13": (("Size", "13"),)}


def test_a_size_that_the_store_takes_for_another_is_held(shop: MagentoUnderTest) -> None:
    """M14, second run: there is no size 12, and Magento refuses to make it because an id is spelt so."""
    size_options(shop, (12, "6XL"), (58, "13"))
    store, before = shop.opened(shop.counted), shop.products()
    with pytest.raises(Rejected, match="has no option “12” of Size, and refuses to make it"):
        made(store, TEE)
    assert shop.products() == before


def test_options_that_are_missing_are_looked_for_and_made_once(shop: MagentoUnderTest) -> None:
    size_options(shop, (58, "13"))
    store = shop.opened(shop.counted)
    made(store, TEE)
    labels = [row["label"] for row in api(shop, "GET", "/products/attributes/size/options")]
    assert Counter(labels)["12"] == Counter(labels)["13"] == 1
    wool = replace(
        TEE,
        title="Pier Scarf",
        variants=(replace(TEE.variants[0], sku="SCARF-1", options=(("Yarn", "Wool"),)),),
    )
    made(store, wool)
    made(store, replace(wool, variants=(replace(wool.variants[0], sku="SCARF-2"),)))
    attribute = api(shop, "GET", "/products/attributes/yarn")
    assert (attribute["default_frontend_label"], attribute["scope"]) == ("Yarn", "global")
    assert [row["label"] for row in attribute["options"] if row["value"]] == ["Wool"]
    assert (
        custom(api(shop, "GET", "/products/SCARF-1"))["yarn"] == custom(api(shop, "GET", "/products/SCARF-2"))["yarn"]
    )


def test_a_picture_is_there_once_whatever_is_repeated(shop: MagentoUnderTest) -> None:
    """M15."""
    store = shop.opened(shop.counted)
    key = made(store, MUG)
    shop.sandbox.post("/_sim/faults", {"method": "POST", "path": "/V1/products/TRL-MUG/media", "times": 1} | LOST)
    with pytest.raises(Unreachable):
        store.catalogue.picture_add(key, shop.picture(), is_first=True)
    for _ in range(2):
        shop.reopened().catalogue.picture_add(key, shop.picture(), is_first=True)
    pictures = api(shop, "GET", "/products/TRL-MUG/media")
    assert [sorted(one["types"]) for one in pictures] == [["image", "small_image", "thumbnail"]]
    assert sum(count for call, count in calls(shop).items() if call == "POST /rest/all/V1/products/TRL-MUG/media") == 1


def test_a_price_push_leaves_alone_what_it_does_not_name(shop: MagentoUnderTest) -> None:
    """M16."""
    store = shop.opened(shop.counted)
    key = made(store, MUG)
    api(shop, "PUT", "/products/TRL-MUG", {"product": beside()})
    api(shop, "PUT", "/products/TRL-MUG", {"product": {"name": "Reisebecher"}}, store="canada")
    row = shop.server.app.service.state.products.first(sku="TRL-MUG")
    overrides = dict(row["values"]["2"])
    before = api(shop, "GET", "/products/TRL-MUG")
    assert pushed(store, priced(MUG, "26", weight="0.5"), key) == 2
    after = api(shop, "GET", "/products/TRL-MUG")
    assert (after["price"], after["weight"]) == (26, Decimal("0.5"))
    for name in ("media_gallery_entries", "tier_prices", "options", "custom_attributes", "extension_attributes"):
        assert after[name] == before[name]
    assert [len(one["types"]) for one in after["media_gallery_entries"]] == [2, 1, 0]
    assert (len(after["tier_prices"]), len(after["options"])) == (2, 2)
    assert after["extension_attributes"]["website_ids"] == [1, 2]
    row = shop.server.app.service.state.products.first(sku="TRL-MUG")
    assert dict(row["values"]["2"]) == overrides
    assert api(shop, "GET", "/products/TRL-MUG", store="canada")["name"] == "Reisebecher"


def beside() -> dict[str, Any]:
    """What a merchant keeps of a product beside what we push."""
    content = {"base64_encoded_data": base64.b64encode(PNG).decode(), "type": "image/png"}
    roles = {"a.png": ["image", "small_image"], "b.png": ["thumbnail"], "c.png": []}
    return {
        "media_gallery_entries": [
            {"media_type": "image", "label": "", "position": place, "disabled": False, "types": types}
            | {"content": {**content, "name": name}}
            for place, (name, types) in enumerate(roles.items(), 1)
        ],
        "tier_prices": [
            {"customer_group_id": 32000, "qty": 10, "value": 22},
            {"customer_group_id": 32000, "qty": 50, "value": 20},
        ],
        "options": [
            {"product_sku": "TRL-MUG", "title": name, "type": "field", "sort_order": 1, "is_require": False}
            for name in ("Engraving", "Note")
        ],
        "extension_attributes": {"website_ids": [1, 2]},
    }


def test_a_category_is_joined_beside_the_others(shop: MagentoUnderTest) -> None:
    store = shop.opened(shop.counted)
    key = made(store, MUG)
    links = [{"position": 7, "category_id": "3"}]
    api(shop, "PUT", "/products/TRL-MUG", {"product": {"extension_attributes": {"category_links": links}}})
    number = store.catalogue.category_create("Mugs of the pier")
    target = shown(store.catalogue, key)
    source = replace(MUG, categories=("Mugs of the pier",))
    changes = [one for one in differences(source, target, POLICY) if one.field == Field.CATEGORIES]
    for edit in store.catalogue.edits(source, target, changes, POLICY, category_ids=["3", number]):
        store.catalogue.send([edit])
    found = api(shop, "GET", "/products/TRL-MUG")["extension_attributes"]["category_links"]
    assert {(row["category_id"], row["position"]) for row in found} == {("3", 7), (number, 0)}


def test_prices_of_many_products_are_one_call_and_a_bad_one_is_named(shop: MagentoUnderTest) -> None:
    store = shop.opened(shop.counted)
    mugs = [replace(MUG, title=f"Mug {n}", variants=(replace(MUG.variants[0], sku=f"MUG-{n}"),)) for n in range(5)]
    keys = [made(store, one) for one in mugs]
    edits = [edit for one, key in zip(mugs, keys, strict=True) for edit in _edits(store, priced(one, "31"), key)]
    calls(shop)
    store.catalogue.send(edits)
    assert calls(shop) == {"POST /rest/all/V1/products/base-prices": 1}
    assert {api(shop, "GET", f"/products/MUG-{n}")["price"] for n in range(5)} == {31}
    edits = [edit for one, key in zip(mugs, keys, strict=True) for edit in _edits(store, priced(one, "32"), key)]
    shop.sandbox.post("/_sim/products/delete", {"sku": "MUG-2"})
    with pytest.raises(Rejected) as caught:
        store.catalogue.send(edits)
    assert store.catalogue.named(edits, caught.value) == [edits[2]]
    assert {api(shop, "GET", f"/products/MUG-{n}")["price"] for n in (0, 1, 3, 4)} == {32}


def _edits(store: Store, source: Product, key: str) -> list[Any]:
    target = shown(store.catalogue, key)
    return store.catalogue.edits(source, target, differences(source, target, POLICY), POLICY, category_ids=[])


def test_a_walk_that_goes_on_elsewhere_does_not_read_who_holds_whom_again(
    shop: MagentoUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each slice of a run opens the shop anew; a shop of 10,000 configurable products tells that in 100 calls."""
    monkeypatch.setattr("syncjobs.stores.magento.catalogue.LISTED", 3)
    store = shop.opened(shop.counted)
    calls(shop)
    first, _ = store.catalogue.page("")
    with_links = calls(shop)[LIST]
    following, _ = shop.reopened().catalogue.page(first[-1].id)
    assert (with_links, calls(shop)[LIST]) == (4, 3)  # who holds whom; ids, products and their children
    parents = [row for row in shop.sandbox.rows("products") if row["type_id"] == "configurable"]
    children = {str(child) for row in parents for child in row["child_ids"]}
    assert not children & {one.id for one in [*first, *following]}
