"""A long catalogue at Magento: read and written page by page, in memory that does not grow with it."""

import gc
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from typing import ClassVar

import pytest

from syncjobs.stores.level_port import LevelWrite
from tests.sandbox.conftest import Running, running
from tests.stores.magento import MagentoUnderTest

ROWS = 40_000
MEGABYTE = 1 << 20


class LongList(MagentoUnderTest):
    rows: ClassVar = ROWS

    def started(self) -> Running:
        return running("magento", "--scale", str(self.rows))


@pytest.fixture
def shop(db: None) -> Iterator[LongList]:
    made = LongList()
    yield made
    made.close()


def ours() -> int:
    """Bytes that our own rooms hold just now, without the sandbox's that runs beside."""
    rooms = [tracemalloc.Filter(True, f"*/{room}/*") for room in ("connections", "mappings", "syncjobs")]
    gc.collect()  # in a process with many objects Python comes to it late by itself
    snapshot = tracemalloc.take_snapshot().filter_traces(rooms)
    return sum(one.size for one in snapshot.statistics("filename"))


def test_levels_are_read_and_written_in_flat_memory(shop: LongList) -> None:
    """A call for each thousand rows; for each 2,000 that differ four writes, and a question each for every 200 SKUs."""
    store = shop.opened(shop.counted)
    del shop.counted.calls[:]
    tracemalloc.start()
    held, seen, batch = list[int](), 0, list[LevelWrite]()
    for page in store.levels.pages(shop.place):
        seen += len(page)
        batch += [LevelWrite(sku=one.sku, place=shop.place, quantity=one.onhand + 1) for one in page[:100]]
        if len(batch) >= store.levels.most_writes:
            store.levels.write(batch)
            batch = []
            held.append(ours())
    tracemalloc.stop()
    paths = Counter(f"{call.method} {call.path.removeprefix('/rest/all/V1')}" for call in shop.counted.calls)
    assert seen > 0.99 * ROWS
    assert len(held) == ROWS // 20_000
    assert paths["POST /inventory/source-items"] == 4 * len(held)
    assert max(held) - held[0] < MEGABYTE
