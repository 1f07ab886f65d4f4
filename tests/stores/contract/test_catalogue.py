"""Products, as any store has to list, make and change them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from connections.models import Store
from errors.failures import NotFound, Rejected, Throttled, Unreachable
from mappings.core.canonical.listing import Listing, Names, facts_named, store_product
from mappings.core.canonical.product import CatalogueLimits, Policy, Product, Variant
from mappings.core.rules.product_changes import differences
from syncjobs.bulk.batches import deliver, in_full
from syncjobs.stores.opening import limits_of
from syncjobs.stores.port import Catalogue, Edit
from tests.stores.under_test import EDIT, LIST, LOST, MAKE, Counted, StoreUnderTest

POLICY = Policy()
NOBODYS = "NOBODY-SELLS-THIS"
SOLD = "DOG-LEAD"  # of the seed's catalogue, which all sandboxes sell
CUP = Product(
    external_id="i1",
    title="Pier Cup",
    description="Enamel.",
    variants=(
        Variant(
            external_id="1",
            sku="CUP-1",
            price=Decimal("12.5"),
            msrp=Decimal(15),
            cost=Decimal(4),
            weight=Decimal("0.3"),
            barcode="085000098011",
        ),
    ),
)
TEE = Product(
    external_id="g1",
    title="Pier Tee",
    variants=tuple(
        Variant(external_id=size, sku=f"TEE-{size}", options=(("Size", size),), price=Decimal(price), weight=Decimal(1))
        for size, price in (("S", "20"), ("M", "21.5"))
    ),
)
PAGE = 50


def limits(under_test: StoreUnderTest) -> CatalogueLimits:
    return limits_of(Store(kind=under_test.kind))


def made(store: Catalogue, product: Product, *category_ids: str) -> str:
    return store.create(product, POLICY, category_ids=category_ids, pictures=[], is_shown=True).id


def meant(listing: Listing, names: Names | None = None) -> Product:
    """What a listing says, once it was kept."""
    facts = facts_named(listing, names or Names())
    return store_product(listing.id, facts, {one.id: one.facts for one in listing.variants}, POLICY)


def shown(store: Catalogue, product_id: str) -> Product:
    (listing,) = store.listings([product_id])
    return meant(listing)


def edits_of(store: Catalogue, source: Product, product_id: str) -> list[Edit]:
    target = shown(store, product_id)
    return store.edits(source, target, differences(source, target, POLICY), POLICY, category_ids=[])


def repriced(product: Product, price: str) -> Product:
    return replace(product, variants=tuple(replace(one, price=Decimal(price)) for one in product.variants))


def retitled(store: Catalogue, product_id: str, title: str) -> Edit:
    (edit,) = edits_of(store, replace(shown(store, product_id), title=title), product_id)
    return edit


@pytest.mark.parametrize("product", [CUP, TEE], ids=["single", "with options"])
def test_what_is_made_says_what_was_meant(under_test: StoreUnderTest, product: Product) -> None:
    counted = Counted()
    store = under_test.opened(counted).catalogue
    key = made(store, product)
    assert len(counted.calls) == under_test.making(product)
    found = shown(store, key)
    assert differences(product, found, POLICY) == []
    assert [one.options for one in found.variants] == [one.options for one in product.variants]
    assert (found.title, found.is_active, found.has_options) == (product.title, True, product.has_options)
    assert under_test.products()[key] == product.title
    item = store.item(product.variants[0].sku)
    assert item
    assert (item.sku, item.barcode) == (product.variants[0].sku, product.variants[0].barcode)
    assert item.name == " - ".join([product.title, *(value for _, value in product.variants[0].options)])


def test_what_changes_is_written_and_nothing_else(under_test: StoreUnderTest) -> None:
    store = under_test.opened().catalogue
    for product in (CUP, TEE):
        key = made(store, product)
        before = shown(store, key)
        wanted = repriced(replace(product, title=f"{product.title} II"), "30")
        edits = edits_of(store, wanted, key)
        for kind in store.most_edits:
            if some := [one for one in edits if one.kind == kind]:
                store.send(some)
        after = shown(store, key)
        assert differences(wanted, after, POLICY) == []
        assert repriced(replace(after, title=before.title), "1") == repriced(before, "1")
        assert edits_of(store, wanted, key) == []


def test_a_variant_joins_a_product_with_a_value_of_its_options(under_test: StoreUnderTest) -> None:
    store = under_test.opened().catalogue
    key = made(store, TEE)
    large = Variant(external_id="L", sku="TEE-L", options=(("Size", "L"),), price=Decimal(22))
    wanted = replace(TEE, variants=(*TEE.variants, large))
    for one in store.additions(wanted, shown(store, key), {"TEE-L"}):
        store.send([one])
    assert {one.sku: one.options for one in shown(store, key).variants}["TEE-L"] == (("Size", "L"),)
    stranger = replace(large, sku="TEE-X", options=(("Material", "Wool"),))
    with pytest.raises(Rejected):
        store.additions(replace(TEE, variants=(stranger,)), shown(store, key), {"TEE-X"})


def test_a_walk_misses_and_repeats_no_product_whatever_happens_meanwhile(
    under_test: StoreUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_test.pages_of(monkeypatch, PAGE)
    store = under_test.opened().catalogue
    before = under_test.products()
    assert len(before) == store.count() > 2 * PAGE
    page, has_more = store.page("")
    seen = [listing.id for listing in page]
    under_test.product_remove(seen[0])
    under_test.product_price(seen[-1], "99")
    late = made(store, CUP)
    while has_more:
        page, has_more = store.page(seen[-1])
        seen += [listing.id for listing in page]
    assert len(seen) == len(set(seen))
    assert set(seen) == {*before, late}


def test_what_changed_since_a_moment_is_asked_for_alone(under_test: StoreUnderTest) -> None:
    store = under_test.opened().catalogue
    moments, after, has_more = [], "", True
    while has_more:
        page, has_more = store.page(after)
        moments += [listing.changed_at for listing in page if listing.changed_at]
        after = page[-1].id
    since = max(moments) + timedelta(seconds=1)
    assert store.page("", changed_since=since) == ([], False)
    under_test.product_price(after, "99")
    found, _ = store.page("", changed_since=since)
    assert [listing.id for listing in found] == [after]
    assert [one.price for one in meant(found[0]).variants] == [Decimal(99)] * len(found[0].variants)


def test_a_bad_one_is_parted_and_the_others_are_written(under_test: StoreUnderTest) -> None:
    store = under_test.opened().catalogue
    keys = list(under_test.products())[:5]
    batch = [retitled(store, key, f"Number {number}") for number, key in enumerate(keys)]
    if limits(under_test).is_name_unique:
        batch[2] = retitled(store, keys[2], under_test.products()[keys[4]])
    else:
        under_test.product_remove(keys[2])
    before = under_test.products()
    with pytest.raises(Rejected) as caught:
        store.send(batch)
    assert under_test.products() == before
    assert store.named(batch, caught.value) in ([batch[2]], [])
    refused: list[tuple[Edit, str]] = []
    deliver(store.send, batch, refused, store.named, words=in_full)
    assert [one for one, _ in refused] == [batch[2]]
    assert [under_test.products().get(key) for key in keys] == [
        "Number 0", "Number 1", before.get(keys[2]), "Number 3", "Number 4",
    ]  # fmt: skip


@pytest.mark.parametrize("product", [CUP, TEE], ids=["single", "with options"])
def test_what_was_made_without_an_answer_is_found_and_not_made_twice(
    under_test: StoreUnderTest, product: Product
) -> None:
    store, before = under_test.opened().catalogue, under_test.products()
    under_test.spoil(MAKE, **LOST)
    with pytest.raises(Unreachable):
        made(store, product)
    key = made(store, product)
    assert under_test.products() == before | {key: product.title}
    assert made(store, product) == key
    assert under_test.products() == before | {key: product.title}


def test_an_edit_without_an_answer_is_repeated_safely(under_test: StoreUnderTest) -> None:
    store = under_test.opened().catalogue
    key = made(store, CUP)
    edits = edits_of(store, repriced(CUP, "30"), key)
    under_test.spoil(EDIT, **LOST)
    with pytest.raises(Unreachable):
        store.send(edits)
    store.send(edits)
    assert shown(store, key).variants[0].price == 30


@pytest.mark.parametrize("call", [MAKE, LIST, EDIT])
def test_who_asks_too_much_is_told_how_long_to_wait(under_test: StoreUnderTest, call: str) -> None:
    store = under_test.opened().catalogue
    key = next(iter(under_test.products()))
    edit, before = retitled(store, key, "Another"), under_test.products()
    under_test.spoil(call, **under_test.throttled(4))
    asked: dict[str, Callable[[], object]] = {
        MAKE: lambda: made(store, CUP),
        LIST: lambda: store.page(""),
        EDIT: lambda: store.send([edit]),
    }
    with pytest.raises(Throttled) as caught:
        asked[call]()
    assert (caught.value.retry_after, under_test.products()) == (4.0, before)


def test_the_case_of_a_sku_is_told_as_the_limits_say(under_test: StoreUnderTest) -> None:
    store = under_test.opened().catalogue
    before = under_test.products()
    small = replace(CUP, variants=(replace(CUP.variants[0], sku=SOLD.lower()),))
    if limits(under_test).is_sku_case_told:
        assert made(store, small) not in before
    else:
        with pytest.raises(Rejected):
            made(store, small)
        assert under_test.products() == before
    assert store.item(SOLD)
    assert store.item(NOBODYS) is None


def test_a_name_is_taken_twice_only_where_the_limits_say(under_test: StoreUnderTest) -> None:
    store = under_test.opened().catalogue
    made(store, CUP)
    other = replace(CUP, title=CUP.title.upper(), variants=(replace(CUP.variants[0], sku="CUP-2", barcode=""),))
    if limits(under_test).is_name_unique:
        with pytest.raises(Rejected):
            made(store, other)
    else:
        made(store, other)


def test_a_title_of_the_longest_length_is_kept_whole(under_test: StoreUnderTest) -> None:
    opened = under_test.opened()
    store, longest = opened.catalogue, limits(under_test).longest_name
    title = ("Harbor Tent " * 30)[: longest - 1] + "X"
    assert shown(store, made(store, replace(CUP, title=title))).title == title
    assert limits(under_test).store == opened.profile.name


def test_categories_are_told_by_name(under_test: StoreUnderTest) -> None:
    store = under_test.opened().catalogue
    key = made(store, CUP, number := store.category_create("Cups of the pier"))
    names = store.names()
    assert names.categories[number][-1:] == ["Cups of the pier"]
    (listing,) = store.listings([key])
    assert "Cups of the pier" in meant(listing, names).categories


def test_pictures_are_fetched_from_their_address(under_test: StoreUnderTest) -> None:
    store = under_test.opened().catalogue
    key = made(store, CUP)
    assert not store.has_pictures(key)
    store.picture_add(key, under_test.picture(), is_first=True)
    assert store.has_pictures(key)
    assert shown(store, key).has_pictures


@pytest.mark.parametrize("is_hidden", [True, False])
def test_what_is_withdrawn_is_not_sold(under_test: StoreUnderTest, is_hidden: bool) -> None:
    store = under_test.opened().catalogue
    key = made(store, CUP)
    store.send([store.withdrawal(key, is_hidden=is_hidden)])
    assert not shown(store, key).is_active


def test_what_is_deleted_is_gone(under_test: StoreUnderTest) -> None:
    store = under_test.opened().catalogue
    key = made(store, CUP)
    store.delete(key)
    assert key not in under_test.products()
    assert store.listings([key]) == []
    with pytest.raises(NotFound):
        store.delete(key)
