"""Magento's stock beyond the contract: its limits, its queue, what it takes without a word. Cases M17 and M35."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from connections.connectors import parts
from connections.connectors.magento import inventory
from connections.models import AuditEntry
from errors.failures import Rejected, ServerTrouble
from syncjobs.stores.level_port import Cause, LevelWrite
from syncjobs.stores.magento import stock_queue
from syncjobs.stores.magento.learnt_sizes import ASKS_FOR_MORE_AFTER
from syncjobs.stores.magento.levels import MagentoLevels
from syncjobs.stores.port import Store
from tests.stores.magento import MagentoUnderTest

SAVE, QUEUE = "POST /rest/all/V1/inventory/source-items", "POST /rest/all/async/bulk/V1/inventory/source-items"
CUP, PARENT = "DOG-LEAD", "HP-TEE"


@pytest.fixture(scope="module")
def server() -> Iterator[MagentoUnderTest]:
    made = MagentoUnderTest()
    yield made
    made.close()


@pytest.fixture
def shop(db: None, server: MagentoUnderTest, monkeypatch: pytest.MonkeyPatch) -> MagentoUnderTest:
    server.fresh()
    cache.clear()
    monkeypatch.setattr(stock_queue, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(stock_queue, "ROWS_PER_SECOND", 10_000)
    monkeypatch.setattr(stock_queue, "WAITED_SECONDS", 0.4)
    return server


def told(shop: MagentoUnderTest, count: int, pieces: int) -> dict[str, int]:
    """So many SKUs of the place, each with the same number of pieces."""
    return dict.fromkeys(sorted(shop.held(shop.place))[:count], pieces)


def writes(quantities: Mapping[str, int], place: str = MagentoUnderTest.place) -> list[LevelWrite]:
    return [LevelWrite(sku=sku, place=place, quantity=pieces) for sku, pieces in quantities.items()]


def calls(shop: MagentoUnderTest) -> Counter[str]:
    """Since the last time, by method and path."""
    counts = Counter(f"{call.method} {call.path}" for call in shop.counted.calls)
    del shop.counted.calls[:]
    return counts


def limit(shop: MagentoUnderTest, rows: int) -> None:
    shop.sandbox.put("/_sim/switches", {"input_limiting": rows > 0, "array_max": rows or 20})


def test_a_limit_that_came_overnight_is_learnt_from_the_refusal(shop: MagentoUnderTest) -> None:
    """M35: one refused call, 25 of twenty rows, and nobody is blamed; tomorrow begins with twenty."""
    store = shop.opened(shop.counted)
    limit(shop, 20)
    wanted = told(shop, 500, 11)
    calls(shop)
    store.levels.write(writes(wanted))
    assert calls(shop)[SAVE] == 1 + 25
    assert shop.held(shop.place) | wanted == shop.held(shop.place)
    entry = AuditEntry.objects.get(action="store.limit_learnt", detail__what="source items of a call")
    assert entry.detail["most"] == 20
    tomorrow = shop.reopened()
    tomorrow.levels.write(writes(told(shop, 60, 12)))
    assert calls(shop)[SAVE] == 3
    learnt = AuditEntry.objects.filter(action="store.limit_learnt", detail__what="source items of a call")
    assert list(learnt) == [entry]


def test_after_a_week_more_is_asked_for_again(shop: MagentoUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    store = shop.opened(shop.counted)
    limit(shop, 20)
    store.levels.write(writes(told(shop, 60, 11)))
    week_later = timezone.now() + ASKS_FOR_MORE_AFTER + timedelta(minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: week_later)
    calls(shop)
    shop.reopened().levels.write(writes(told(shop, 60, 12)))
    assert calls(shop)[SAVE] == 1 + 3
    monkeypatch.setattr(timezone, "now", lambda: week_later + ASKS_FOR_MORE_AFTER + timedelta(minutes=1))
    limit(shop, 0)
    shop.reopened().levels.write(writes(told(shop, 60, 13)))
    shop.reopened().levels.write(writes(told(shop, 60, 14)))
    assert calls(shop)[SAVE] == 2
    assert {pieces for sku, pieces in shop.held(shop.place).items() if sku in told(shop, 60, 14)} == {14}


def test_smaller_pages_are_learnt_too(shop: MagentoUnderTest) -> None:
    store = shop.opened(shop.counted)
    held = shop.held(shop.place)
    limit(shop, 20)
    pages = list(store.levels.pages(shop.place))
    assert {row.sku: row.onhand for page in pages for row in page} == held
    assert max(map(len, pages)) == 300


def queue(shop: MagentoUnderTest, **switches: object) -> Store:
    """A shop that takes twenty rows at a time, as was learnt before, and whose queue is so."""
    store = shop.opened(shop.counted)
    limit(shop, 20)
    store.levels.write(writes(told(shop, 21, 3)))
    shop.sandbox.put("/_sim/switches", switches)
    calls(shop)
    return shop.reopened()


def test_many_short_lists_go_by_the_queue_where_somebody_works_at_it(shop: MagentoUnderTest) -> None:
    wanted = told(shop, 500, 21)
    queue(shop).levels.write(writes(wanted))
    made = calls(shop)
    assert (made[QUEUE], made[SAVE]) == (1, 0)
    assert shop.held(shop.place) | wanted == shop.held(shop.place)


def test_values_are_read_where_the_status_stays_open(shop: MagentoUnderTest) -> None:
    """M17: 340 are done although all 500 are called open; 160 are sent at once, and not 500 again."""
    wanted = told(shop, 500, 22)
    store = queue(shop, consumer_leaves_open=True, consumer_stops_after=17)
    store.levels.write(writes(wanted))
    made = calls(shop)
    assert (made[QUEUE], made[SAVE]) == (1, 160 // 20)
    assert shop.held(shop.place) | wanted == shop.held(shop.place)
    store.levels.write(writes(told(shop, 500, 23)))  # nobody is expected to work at it soon
    made = calls(shop)
    assert (made[QUEUE], made[SAVE]) == (0, 25)


def test_what_a_queue_works_off_late_is_not_taken_for_what_was_told_since(shop: MagentoUnderTest) -> None:
    store = queue(shop, consumer_running=False)
    old, new = told(shop, 500, 124), told(shop, 500, 125)
    store.levels.write(writes(old))
    assert shop.held(shop.place) | old == shop.held(shop.place)
    store.levels.write(writes(new))
    assert store.levels.late() == set()
    shop.sandbox.put("/_sim/switches", {"consumer_running": True})
    shop.sandbox.post("/_sim/clock/advance", {"seconds": 1})
    shop.settle(lambda: shop.held(shop.place) | old == shop.held(shop.place))
    again = shop.reopened()
    assert again.levels.late() == set(old)
    assert again.levels.late() == set()
    again.levels.write(writes(new))
    assert shop.held(shop.place) | new == shop.held(shop.place)


def test_who_may_not_see_the_queue_does_without_it(shop: MagentoUnderTest) -> None:
    store = queue(shop)
    shop.rights_without("Magento_Logging::system_magento_logging_bulk_operations")
    wanted = told(shop, 100, 26)
    store.levels.write(writes(wanted))
    made = calls(shop)
    assert (made[QUEUE], made[SAVE]) == (0, 5)
    assert shop.held(shop.place) | wanted == shop.held(shop.place)


def test_what_was_taken_off_sale_by_hand_stays_so(shop: MagentoUnderTest) -> None:
    store = shop.opened(shop.counted)
    shop.sandbox.put("/_sim/stock", {"sku": CUP, "source_code": shop.place, "quantity": 5, "status": 0})
    store.levels.write(writes({CUP: 9}))
    assert shop.row_at(CUP) == (9, 0)
    store.levels.write(writes({CUP: 0}))
    assert shop.row_at(CUP) == (0, 0)
    store.levels.write(writes({CUP: 4}))  # what was sold out comes back by itself
    assert shop.row_at(CUP) == (4, 1)


def test_what_is_there_already_is_not_written(shop: MagentoUnderTest) -> None:
    store = shop.opened(shop.counted)
    store.levels.write(writes({CUP: 9}))
    calls(shop)
    store.levels.write(writes({CUP: 9}))
    assert calls(shop)[SAVE] == 0


@pytest.mark.parametrize(("page", "looks"), [(1_000, 1), (200, 3), (100, 1 + 3)])
def test_many_are_looked_at_by_all_that_lie_among_them_where_that_is_fewer_calls(
    shop: MagentoUnderTest, monkeypatch: pytest.MonkeyPatch, page: int, looks: int
) -> None:
    """Of 500 SKUs, three lists of them, or as many pages as there are: what was taken off sale is seen either way."""
    monkeypatch.setattr(inventory, "ROWS_BETWEEN", page)
    monkeypatch.setattr(parts, "ROOM", 4_000)  # two hundred SKUs of the seed fit
    store, wanted = shop.opened(shop.counted), told(shop, 500, 9)
    off = list(wanted)[250]
    shop.sandbox.put("/_sim/stock", {"sku": off, "source_code": shop.place, "quantity": 5, "status": 0})
    calls(shop)
    store.levels.write(writes(wanted))
    assert calls(shop)[f"GET {SAVE.removeprefix('POST ')}"] == looks
    assert shop.held(shop.place) | wanted == shop.held(shop.place)
    assert shop.row_at(off) == (9, 0)


def test_nothing_is_written_of_what_is_made_of_others(shop: MagentoUnderTest) -> None:
    store = shop.opened(shop.counted)
    before = shop.held(shop.place)
    with pytest.raises(Rejected) as caught:
        store.levels.write(writes({CUP: 9, PARENT: 3}))
    refusal = store.levels.refusal_of(writes({CUP: 9, PARENT: 3}), caught.value)
    assert (refusal.cause, [one.sku for one in refusal.named]) == (Cause.NOT_COUNTED, [PARENT])
    assert shop.held(shop.place) == before


def test_a_list_that_cannot_be_saved_is_parted_before_anybody_is_blamed(shop: MagentoUnderTest) -> None:
    store = shop.opened(shop.counted)
    wanted = told(shop, 16, 27)
    unsaved = {"status": 400, "body": {"message": "Could not save Source Item"}, "times": 2}
    shop.sandbox.post("/_sim/faults", {"method": "POST", "path": "/V1/inventory/source-items", **unsaved})
    calls(shop)
    store.levels.write(writes(wanted))
    assert calls(shop)[SAVE] == 2 + 2
    assert shop.held(shop.place) | wanted == shop.held(shop.place)


def test_trouble_of_the_database_blames_no_record(shop: MagentoUnderTest) -> None:
    store = shop.opened(shop.counted)
    busy = {"status": 400, "body": {"message": "Database deadlock found when trying to get lock"}}
    shop.sandbox.post("/_sim/faults", {"method": "POST", "path": "/V1/inventory/source-items", **busy})
    with pytest.raises(ServerTrouble):
        store.levels.write(writes(told(shop, 16, 28)))
    shop.sandbox.delete("/_sim/faults")
    unsaved = {"status": 400, "body": {"message": "Could not save Source Item"}}
    shop.sandbox.post("/_sim/faults", {"method": "POST", "path": "/V1/inventory/source-items", **unsaved})
    with pytest.raises(ServerTrouble):
        store.levels.write(writes(told(shop, 16, 28)))


def test_a_shop_without_sources_is_told_by_its_stock_items(shop: MagentoUnderTest) -> None:
    shop.sandbox.put("/_sim/switches", {"inventory_modules": False})
    store = shop.opened(shop.counted)
    assert isinstance(store.levels, MagentoLevels)
    place = store.profile.default_place
    store.levels.write(writes({CUP: 31, "LGT-LANT": 0}, place))
    shown = {one.sku: one.onhand for one in store.levels.levels([CUP, "LGT-LANT", "NOBODY"])}
    assert shown == {CUP: 31, "LGT-LANT": 0}
    rows = [one for page in store.levels.pages(place) for one in page]
    assert {one.sku: one.onhand for one in rows} | shown == {one.sku: one.onhand for one in rows}
    assert not store.levels.reserved([place])


def test_smaller_lists_are_asked_for_by_the_next_run_without_a_refusal(shop: MagentoUnderTest) -> None:
    shop.opened()
    shop.sandbox.put("/_sim/switches", {"input_limiting": True, "page_size_max": 20})
    shop.reopened().orders.living([str(number) for number in range(1, 101)])
    learning = shop.counted.calls[-1:]
    assert [call.status for call in learning] == [200]
    del shop.counted.calls[:]
    assert len(shop.reopened().orders.living([str(number) for number in range(1, 101)])) > 20
    assert {call.status for call in shop.counted.calls} == {200}
    entry = AuditEntry.objects.get(action="store.limit_learnt")
    assert entry.detail == {"what": "rows of a list", "most": 20}
