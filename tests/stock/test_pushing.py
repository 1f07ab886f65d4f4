"""Parting a refused batch: pure, at the real size."""

import math
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from connections.connectors.bigcommerce import BigCommerceClient
from errors.failures import Rejected
from ipaas.types import NoObserver
from mappings.models import StockLevel
from syncjobs.bulk.batches import deliver
from syncjobs.stock.level_rows import Wanted
from syncjobs.stock.push_levels import batches, named, write_of
from syncjobs.stores.bigcommerce.levels import BigCommerceLevels

BATCH = 2_000
SHELVES = BigCommerceLevels(BigCommerceClient("https://api.example", "a1b2c3d4e5", "none", NoObserver()))


def wanted(count: int, store_location: str = "1") -> list[Wanted]:
    return [
        Wanted(
            level=StockLevel(pk=n, item_id=n, sku=f"S{n}", store_location=store_location, product_id="", variant_id=""),
            quantity=n,
        )
        for n in range(1, count + 1)
    ]


class Store:
    """Refuses a batch that holds a bad item; names it, or does not."""

    def __init__(self, bad: set[int], *, names: bool) -> None:
        self.bad, self.names = bad, names
        self.calls = 0
        self.taken: list[int] = []

    def send(self, batch: Sequence[Wanted]) -> None:
        self.calls += 1
        wrong = [one.level for one in batch if one.level.pk in self.bad]
        if wrong:
            who = f": Items with identity: [sku {wrong[0].sku}] were not found" if self.names else "."
            raise Rejected(f"BigCommerce refused the request (422){who}", status=422)
        self.taken += [one.level.pk for one in batch]


def culprits(batch: Sequence[Wanted], failure: Rejected) -> list[Wanted]:
    return named(batch, SHELVES.refusal_of([write_of(one, {}) for one in batch], failure), {})


def sent(store: Store, count: int) -> set[int]:
    """Deliver a batch; answers who was refused."""
    refused: list[tuple[Wanted, str]] = []
    deliver(store.send, wanted(count), refused, culprits, words=str)
    return {one.level.pk for one, _ in refused}


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(1, BATCH), max_size=3), st.booleans())
def test_three_bad_items_cost_few_calls_and_keep_nobody_back(bad: set[int], names: bool) -> None:
    store = Store(bad, names=names)
    assert sent(store, BATCH) == bad
    assert sorted(store.taken) == [n for n in range(1, BATCH + 1) if n not in bad]
    most = len(bad) if names else 2 * len(bad) * math.ceil(math.log2(BATCH))
    assert store.calls <= 1 + most


def test_a_name_that_begins_like_another_is_not_taken_for_it() -> None:
    store = Store({1}, names=True)
    assert (sent(store, 15), store.calls) == ({1}, 2)


def test_batches_are_full_and_of_one_location() -> None:
    parts = batches(wanted(3_000) + wanted(1, store_location="2"), most=SHELVES.most_writes)
    assert [(len(part), part[0].level.store_location) for part in parts] == [(2_000, "1"), (1_000, "1"), (1, "2")]
