"""Two workers, one store, everything that can happen between two of their calls.

Both systems are models in memory here, so that each call is a place where the test decides what comes between: a sale,
an answer that is lost, another worker, a lease that runs out because its holder stood still.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from connections.models import Connection, InventorySettings, Location
from errors.failures import Unreachable
from mappings.models import Link, StockLevel
from syncjobs import tasks
from syncjobs.bulk.runs import run_start
from syncjobs.models import Cursor, Run
from syncjobs.stock.follow_ledger import stock_follow
from syncjobs.stock.follow_locations import SYNC
from tests import factories

MOVED_AT = "2026-03-02T18:20:00+00:00"
ITEMS = (1, 2)
MOVES = {"sale": -1, "return": 1}
AT_A_CALL = st.sampled_from(["sale", "return", "lost", "worker", "run", "stall", "nothing"])
ROUNDS = st.tuples(
    st.tuples(st.sampled_from(["sale", "return"]), st.sampled_from(ITEMS)),
    st.sampled_from(["worker", "worker", "run"]),
    st.tuples(*[st.tuples(AT_A_CALL, st.sampled_from(ITEMS))] * 3),
)
Event = tuple[str, int]
Round = tuple[Event, str, tuple[Event, Event, Event]]


class World:
    """Heartland's stock and ledger, the store's levels, and the script of what happens at each call."""

    def __init__(self) -> None:
        self.script: list[tuple[str, int]] = []
        self.stock = dict.fromkeys(ITEMS, 10)
        self.ledger: list[int] = []
        self.store: dict[str, int] = {}
        self.written: dict[str, list[int]] = defaultdict(list)  # by SKU, in order
        self.writers = 0  # inside a write just now
        self.most_writers = 0
        self.depth = 0

    def between(self) -> None:
        """One outside call: whatever the script says comes first."""
        if not self.script:
            return
        event, item = self.script.pop(0)
        if event in MOVES:
            self.move(event, item)
        elif event == "lost":
            raise Unreachable("No answer.")
        elif event == "stall" and self.depth < 2:  # its holder stands still so long that another takes over
            Cursor.objects.update(lease_until=None)
            self.move("sale", item)
            self.depth += 1
            self.work("worker")
            self.depth -= 1
        elif event in {"worker", "run"} and self.depth < 2:
            self.depth += 1
            self.work(event)
            self.depth -= 1

    def play(self, round_: Round) -> None:
        """Something moves, then somebody works, with one event of the script before each of their calls."""
        (move, item), worker, script = round_
        self.move(move, item)
        self.script = list(script)
        self.work(worker)

    def move(self, event: str, item: int) -> None:
        self.stock[item] += MOVES[event]
        self.ledger.append(item)

    def work(self, event: str) -> None:
        connection = Connection.objects.get()
        Cursor.objects.update(due_at=timezone.now())
        if event == "worker":
            stock_follow(connection=connection, now=timezone.now())
        else:
            with suppress(Exception):  # one goes on already
                run_start(connection=connection, actor=None, kind=SYNC, now=timezone.now())
            Run.objects.update(due_at=timezone.now())
            for run in Run.objects.filter(state=Run.State.RUNNING):
                tasks.run_slice(run.pk)

    # --- Heartland -----------------------------------------------------------------------------------

    def newest_transaction(self) -> int:
        self.between()
        return len(self.ledger)

    def iter_transactions(self, after: int) -> Iterator[list[dict[str, Any]]]:
        self.between()
        entries = [(n, item) for n, item in enumerate(self.ledger, 1) if n > after]
        if entries:
            yield [{"id": n, "item_id": item, "created_at": MOVED_AT} for n, item in entries]

    def stock_page(self, after: int, places: Sequence[str], *, by_location: bool) -> tuple[list[dict[str, Any]], bool]:
        rows = self.stock_of([item for item in ITEMS if item > after][:2], places, by_location=by_location)
        return rows, bool(rows) and rows[-1]["item_id"] != ITEMS[-1]

    def stock_of(self, items: Sequence[int], places: Sequence[str], *, by_location: bool) -> list[dict[str, Any]]:
        self.between()
        names = ("qty_on_hand", "qty_committed", "qty_in_transit", "qty_available")
        return [{"item_id": item, **dict.fromkeys(names, self.stock[item])} for item in items]

    def locations(self) -> list[dict[str, Any]]:
        return [{"id": int(place.external_id), "name": place.name} for place in Location.objects.all()]

    def iter_items(self, **asked: Any) -> Iterator[dict[str, Any]]:
        self.between()
        return iter(())

    def items_of(self, *, ids: Sequence[int]) -> list[dict[str, Any]]:
        return [{"id": item, "track_inventory?": True} for item in ids]

    # --- the store -----------------------------------------------------------------------------------

    def stock_set(self, items: Sequence[dict[str, Any]], reason: str) -> None:
        """What comes between may come before the quantities are taken, or lose the answer after they are."""
        self.writers += 1
        self.most_writers = max(self.most_writers, self.writers)
        try:
            if self.script and self.script[0][0] == "lost":
                self._take(items)
            self.between()
            self._take(items)
        finally:
            self.writers -= 1

    def iter_levels(self, location: int, *, first_page: int) -> Iterator[list[dict[str, Any]]]:
        self.between()
        yield [
            {
                "identity": {"sku": f"S{item}", "variant_id": item, "product_id": item, "sku_id": item},
                "total_inventory_onhand": self.store.get(f"S{item}", 3),
            }
            for item in ITEMS
        ]

    def levels_of(self, skus: Sequence[str]) -> list[dict[str, Any]]:
        return [row for page in self.iter_levels(1, first_page=1) for row in page]

    def _take(self, items: Sequence[dict[str, Any]]) -> None:
        for item in items:
            sku = item.get("sku") or f"S{item['variant_id']}"
            self.store[sku] = item["quantity"]
            self.written[sku].append(item["quantity"])


@pytest.mark.django_db
def test_whatever_comes_between_the_store_ends_at_heartlands_numbers() -> None:
    connection = factories.connection()
    InventorySettings.objects.filter(connection=connection).update(counts_all_locations=True)
    for item in ITEMS:
        Link.objects.create(connection=connection, kind=Link.Kind.ITEM, source_id=f"S{item}", target_id=str(item))

    @settings(max_examples=60, deadline=None, phases=[Phase.generate])
    @given(rounds=st.lists(ROUNDS, min_size=2, max_size=6))
    def holds(rounds: list[Round]) -> None:
        Run.objects.all().delete()
        Cursor.objects.all().delete()
        StockLevel.objects.all().delete()
        check(rounds)

    holds()


def check(rounds: list[Round]) -> None:
    world = World()
    with (
        patch("connections.clients.heartland_client", lambda *_, **__: world),
        patch("connections.connect.bigcommerce.clients.bigcommerce_client", lambda *_, **__: world),
    ):
        world.work("run")
        for one in rounds:
            world.play(one)
        world.script = []
        world.work("worker")
        while Run.objects.filter(state=Run.State.RUNNING).exists():
            world.work("run")
        world.work("worker")
    expected = {f"S{item}": max(0, world.stock[item]) for item in ITEMS}
    assert world.store == expected
    assert {level.sku: level.shown for level in StockLevel.objects.all()} == expected
    events = {event for move, _, script in rounds for event, _ in (move, *script)}
    if "stall" not in events:
        assert world.most_writers == 1
        if "return" not in events:  # stock only falls: an older number is a larger one
            assert all(numbers == sorted(numbers, reverse=True) for numbers in world.written.values())
