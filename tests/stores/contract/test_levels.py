"""Stock, as any store has to show it."""

from dataclasses import replace

import pytest

from connections.store_kinds import default_place, kind_of
from errors.failures import NotFound, Rejected, SyncFailure, Throttled, Unreachable
from syncjobs.stores.level_port import Cause, Level, Levels, LevelWrite
from tests.stores.under_test import LOST, PAGES, WRITE, Counted, StoreUnderTest

SKUS = ("DOG-LEAD", "LGT-LANT")  # of the seed's catalogue, which all sandboxes sell
NOBODYS = "NOBODY-SELLS-THIS"


def writes(store: Levels, place: str, quantities: dict[str, int]) -> list[LevelWrite]:
    """By the ids that the store says, as a run names them."""
    known = {row.sku: row for row in store.levels(list(quantities))}
    return [write_of(known[sku], place, number) for sku, number in quantities.items()]


def write_of(level: Level, place: str, quantity: int) -> LevelWrite:
    return LevelWrite(
        sku=level.sku,
        place=place,
        quantity=quantity,
        product_id=level.product_id,
        variant_id=level.variant_id,
        is_counted_by_product=level.is_counted_by_product,
    )


def refused(store: Levels, batch: list[LevelWrite]) -> SyncFailure:
    with pytest.raises((Rejected, NotFound)) as caught:
        store.write(batch)
    return caught.value


def test_what_is_told_is_held_and_shown(under_test: StoreUnderTest) -> None:
    counted = Counted()
    store = under_test.opened(counted)
    place, before = under_test.place, under_test.held(under_test.place)
    told = {SKUS[0]: before[SKUS[0]] + 7, SKUS[1]: 0}
    batch = writes(store.levels, place, told)
    del counted.calls[:]
    store.levels.write(batch)
    assert len(counted.calls) == under_test.writing
    assert under_test.held(place) == before | told
    assert {row.sku: row.onhand for row in store.levels.levels(SKUS)} == told
    for one in batch:
        del counted.calls[:]
        shown = store.levels.level(one.sku, place, variant_id=one.variant_id)
        assert (shown and write_of(shown, place, one.quantity), len(counted.calls)) == (one, 1)
    assert store.levels.level(NOBODYS, place) is None


def test_a_sku_is_enough_until_its_ids_are_known(under_test: StoreUnderTest) -> None:
    store = under_test.opened()
    place = under_test.place
    (known,) = store.levels.levels(SKUS[:1])
    nameless = LevelWrite(sku=SKUS[0], place=place, quantity=known.onhand + 1)
    if known.is_counted_by_product:  # it insists on the product's id, and says so
        assert store.levels.refusal_of([nameless], refused(store.levels, [nameless])).cause == Cause.BY_PRODUCT
    else:
        store.levels.write([nameless])
        assert under_test.held(place)[SKUS[0]] == known.onhand + 1


def test_each_place_holds_its_own(under_test: StoreUnderTest) -> None:
    store = under_test.opened()
    home, away = under_test.place, under_test.place_open("Pier")
    before = under_test.held(home)
    store.levels.write(writes(store.levels, away, {SKUS[0]: 41}))
    assert (under_test.held(away)[SKUS[0]], under_test.held(home)) == (41, before)
    shown = store.levels.level(SKUS[0], away)
    assert shown
    assert shown.onhand == 41


def test_places_are_listed_by_name(under_test: StoreUnderTest) -> None:
    away = under_test.place_open("Pier")
    row = under_test.row()
    places = {place.id: place for place in kind_of(row).places(row)}
    assert (places[away].name, places[away].is_enabled) == ("Pier", True)
    assert default_place(row) == under_test.place
    assert under_test.place in places


def test_pages_show_each_level_once_and_go_on_where_one_stopped(
    under_test: StoreUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_test.pages_of(monkeypatch, 100)
    counted = Counted()
    store = under_test.opened(counted)
    place = under_test.place
    pages = list(store.levels.pages(place))
    held = under_test.held(place)
    assert len(counted.calls) == len(pages) == -(-len(held) // 100)
    rows = [row for page in pages for row in page]
    assert (len(rows), {row.sku: row.onhand for row in rows}) == (len(held), held)
    assert list(store.levels.pages(place, first=3)) == pages[2:]


def test_a_bad_one_is_named_and_keeps_the_others_back_once(under_test: StoreUnderTest) -> None:
    store = under_test.opened()
    place = under_test.place
    before = under_test.held(place)
    first, last = writes(store.levels, place, {sku: before[sku] + 3 for sku in SKUS})
    bad = LevelWrite(sku=NOBODYS, place=place, quantity=1)
    failure = refused(store.levels, [first, bad, last])
    refusal = store.levels.refusal_of([first, bad, last], failure)
    assert (refusal.cause, refusal.named) == (Cause.SKU_GONE, (bad,))
    assert refusal.words
    assert under_test.held(place) == before
    store.levels.write([first, last])
    assert under_test.held(place) == before | {sku: before[sku] + 3 for sku in SKUS}


def test_a_renamed_sku_is_found_by_its_ids_or_named_as_gone(under_test: StoreUnderTest) -> None:
    store = under_test.opened()
    place = under_test.place
    (write,) = writes(store.levels, place, {SKUS[0]: 17})
    assert store.levels.has_ids == bool(write.product_id + write.variant_id)
    under_test.sku_rename(SKUS[0], "LEAD-2")
    if store.levels.has_ids:
        store.levels.write([write])
        assert under_test.held(place)["LEAD-2"] == 17
    else:
        refusal = store.levels.refusal_of([write], refused(store.levels, [write]))
        assert (refusal.cause, refusal.named) == (Cause.SKU_GONE, (write,))


def test_a_lost_answer_is_repeated_safely(under_test: StoreUnderTest) -> None:
    store = under_test.opened()
    place = under_test.place
    batch = writes(store.levels, place, {SKUS[0]: 23})
    under_test.spoil(WRITE, **LOST)
    with pytest.raises(Unreachable):
        store.levels.write(batch)
    once = under_test.held(place)
    store.levels.write(batch)
    assert (once[SKUS[0]], under_test.held(place)) == (23, once)


@pytest.mark.parametrize("call", [WRITE, PAGES])
def test_who_asks_too_much_is_told_how_long_to_wait(under_test: StoreUnderTest, call: str) -> None:
    store = under_test.opened()
    place = under_test.place
    batch, before = writes(store.levels, place, {SKUS[0]: 31}), under_test.held(place)
    under_test.spoil(call, **under_test.throttled(4))
    with pytest.raises(Throttled) as caught:
        store.levels.write(batch) if call == WRITE else next(store.levels.pages(place))
    assert (caught.value.retry_after, under_test.held(place)) == (4.0, before)


def test_a_place_that_is_gone_takes_nothing(under_test: StoreUnderTest) -> None:
    store = under_test.opened()
    away = under_test.place_open("Pier")
    batch = writes(store.levels, away, dict.fromkeys(SKUS, 5))
    under_test.place_close(away)
    assert store.levels.refusal_of(batch, refused(store.levels, batch)).cause == Cause.PLACE_GONE
    with pytest.raises(NotFound):
        next(store.levels.pages(away))


def test_a_product_that_the_store_does_not_count_says_so_until_it_does(under_test: StoreUnderTest) -> None:
    store = under_test.opened()
    place = under_test.place
    (write,) = writes(store.levels, place, {SKUS[0]: 12})
    under_test.count_stop(SKUS[0])
    if under_test.refuses_uncounted:
        assert store.levels.refusal_of([write], refused(store.levels, [write])).cause == Cause.NOT_COUNTED
    else:
        store.levels.write([write])
    store.levels.count(SKUS[0], write.product_id, is_by_variant=not write.is_counted_by_product)
    store.levels.write([replace(write, quantity=13)])
    assert under_test.held(place)[SKUS[0]] == 13
