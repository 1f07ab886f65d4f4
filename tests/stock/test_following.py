"""What moves in Heartland reaches the store by itself: the ledger tells that, the values tell how much."""

import os
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import timezone
from django_q.models import OrmQ

from connections.connect.bigcommerce.clients import bigcommerce_client
from connections.models import Connection, InventorySettings
from ipaas import processes, queue
from mappings.models import StockLevel
from syncjobs.bulk.write_lease import write_lease_take
from syncjobs.engine import job_enqueue, lane_run, sweep
from syncjobs.engine.expedite_stock import stock_expedite
from syncjobs.intake.follow_distribution import distribution_look
from syncjobs.models import Cursor
from syncjobs.pages.inventory.inventory_state import state_of
from syncjobs.stock.follow_ledger import LAGS_KEPT, stock_follow
from tests.stock.conftest import Shelf
from tests.stock.test_full import FENCE, VALUES, WRITE


@pytest.fixture
def synced(shelf: Shelf) -> Shelf:
    shelf.sync()
    shelf.calls()
    return shelf


def test_a_pos_sale_reaches_the_store_in_three_calls(synced: Shelf) -> None:
    sale = {"location": "MAIN", "lines": [{"sku": "DOG-LEAD", "qty": 2}, {"sku": "LGT-LANT", "qty": 1}]}
    synced.pair.heartland.post("/_sim/staff/pos_sale", sale)
    followed = synced.follow()
    assert followed is not None
    assert synced.calls() == Counter({FENCE: 1, VALUES: 1, WRITE: 1})
    assert sorted(one.level.sku for one in followed.pushed.taken) == ["DOG-LEAD", "LGT-LANT"]
    assert synced.web() == synced.expected()
    lags = Cursor.objects.get(feed=Cursor.STOCK).lags
    assert len(lags) == 2
    assert all(0 <= lag < 60 for lag in lags)


def test_how_long_moves_take_is_kept_of_the_newest_and_shown(synced: Shelf) -> None:
    Cursor.objects.filter(feed=Cursor.STOCK).update(lags=[9.0] * LAGS_KEPT)
    synced.move("DOG-LEAD", -1)
    synced.follow()
    lags = Cursor.objects.get(feed=Cursor.STOCK).lags
    assert (len(lags), lags[0], lags[-1] < 60) == (LAGS_KEPT, 9.0, True)
    assert state_of(synced.pair.connection, timezone.now()).lag_ms == 9000


def test_an_idle_look_costs_one_call_to_heartland_and_none_to_the_store(synced: Shelf) -> None:
    assert synced.follow() is not None
    assert synced.calls() == Counter({FENCE: 1})


def test_what_moves_and_comes_back_is_read_and_not_written(synced: Shelf) -> None:
    synced.move("DOG-LEAD", -1)
    synced.move("DOG-LEAD", 1)
    followed = synced.follow()
    assert followed is not None
    assert (followed.transactions, followed.looked_at) == (2, 1)
    assert synced.calls() == Counter({FENCE: 1, VALUES: 1})


def test_after_a_full_sync_the_ledger_is_looked_at_at_once(shelf: Shelf) -> None:
    OrmQ.objects.all().delete()
    shelf.sync()
    assert "run_stock" in {queue.token_read(token.payload).task for token in OrmQ.objects.filter(key="soon")}
    assert Cursor.objects.get(feed=Cursor.STOCK).due_at <= timezone.now()


def test_nothing_follows_before_the_first_full_sync(shelf: Shelf) -> None:
    shelf.move("DOG-LEAD", -1)
    assert shelf.follow() is None
    assert shelf.calls() == Counter()


def test_an_answer_that_got_lost_is_written_again_although_the_stock_came_back(synced: Shelf) -> None:
    was = synced.web()["DOG-LEAD"]
    synced.move("DOG-LEAD", -1)
    synced.pair.lose(synced.pair.bigcommerce, "PUT", "/stores/a1b2c3d4e5/v3/inventory/adjustments/absolute")
    assert synced.follow() is None
    assert synced.web()["DOG-LEAD"] == was - 1
    assert StockLevel.objects.get(sku="DOG-LEAD").quantity is None
    synced.move("DOG-LEAD", 1)
    assert synced.follow() is not None
    assert synced.web()["DOG-LEAD"] == was


def test_a_kill_after_the_write_is_healed_by_the_next_look(synced: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    synced.move("DOG-LEAD", -1)
    monkeypatch.setattr("syncjobs.stock.level_rows.pushed", killed)
    with pytest.raises(KeyboardInterrupt):
        synced.follow()
    monkeypatch.undo()
    Cursor.objects.update(lease_until=None)
    synced.move("DOG-LEAD", 1)
    assert synced.follow() is not None
    assert synced.web() == synced.expected()
    assert not StockLevel.objects.filter(is_dirty=True).exists()


def killed(*args: Any) -> None:
    raise KeyboardInterrupt


def test_a_worker_that_was_held_up_is_put_right(synced: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its old number lands after another worker's newer one: the store is told the newer one again."""
    synced.move("DOG-LEAD", -1)
    send = type(bigcommerce_client(synced.pair.connection.store)).stock_set
    is_late = [True]

    def late(client: Any, items: Any, reason: str) -> None:
        if is_late.pop() if is_late else False:
            Cursor.objects.update(lease_until=None)  # the lease ran out while this worker stood still
            synced.move("DOG-LEAD", -1)
            assert synced.follow() is not None
        send(client, items, reason)

    monkeypatch.setattr(type(bigcommerce_client(synced.pair.connection.store)), "stock_set", late)
    assert synced.follow() is None
    assert synced.web() != synced.expected()
    assert synced.follow() is not None
    assert synced.web() == synced.expected()


def test_pieces_on_held_orders_are_not_sold_twice(synced: Shelf) -> None:
    web_id = synced.pair.place(lines=[{"sku": "DOG-LEAD", "quantity": 2}, {"sku": "WEB-CRATE", "quantity": 1}])
    synced.pair.run(web_id)
    assert synced.pair.record(web_id).disposition == "held"
    assert synced.follow() is not None
    assert synced.web() == synced.expected(pending={"DOG-LEAD": 2})
    level = StockLevel.objects.get(sku="DOG-LEAD")
    assert (level.pending, level.quantity) == (2, synced.web()["DOG-LEAD"])
    synced.pair.bigcommerce.post(f"/_sim/orders/{web_id}/cancel", {})
    synced.pair.run(web_id)
    assert synced.follow() is not None
    assert synced.web() == synced.expected()
    assert StockLevel.objects.get(sku="DOG-LEAD").pending == 0


def test_a_booked_order_keeps_its_pieces_back_until_a_location_ships_them(synced: Shelf) -> None:
    """Heartland commits nothing for a line that is not distributed (its notes, §21.1)."""
    free = synced.expected()["DOG-LEAD"]
    web_id = synced.pair.book(lines=[{"sku": "DOG-LEAD", "quantity": 2}, {"sku": "LGT-LANT", "quantity": 1}])
    assert synced.follow() is not None
    assert synced.expected()["DOG-LEAD"] == free
    assert synced.web() == synced.expected(pending={"DOG-LEAD": 2, "LGT-LANT": 1})
    order = synced.pair.record(web_id).target_label
    synced.pair.heartland.post("/_sim/staff/distribute", {"order": order, "location": "MAIN"})
    assert distribution_look(connection=synced.pair.connection, now=timezone.now()) == 1
    assert synced.follow() is not None
    assert synced.expected()["DOG-LEAD"] == free - 2
    assert synced.web() == synced.expected()
    assert not StockLevel.objects.filter(pending__gt=0).exists()


def test_a_newly_linked_item_gets_its_stock_with_the_next_look(synced: Shelf) -> None:
    StockLevel.objects.filter(sku="DOG-LEAD").delete()
    link = synced.pair.connection.links.get(kind="item", source_id="DOG-LEAD")
    link.pk = None
    synced.pair.connection.links.filter(source_id="DOG-LEAD").delete()
    link.save()
    followed = synced.follow()
    assert followed is not None
    assert [one.level.sku for one in followed.pushed.taken] == ["DOG-LEAD"]


def test_while_somebody_writes_the_look_comes_back_soon(synced: Shelf) -> None:
    OrmQ.objects.all().delete()
    Cursor.objects.filter(feed=Cursor.STOCK).update(due_at=timezone.now())
    assert write_lease_take(synced.pair.connection, timezone.now()) is not None
    assert stock_follow(connection=synced.pair.connection, now=timezone.now()) is None
    assert [queue.token_read(token.payload).task for token in OrmQ.objects.filter(key="soon")] == ["run_stock"]


def test_the_turn_of_a_dead_worker_is_taken_over_at_once(synced: Shelf) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    dead = processes.identity().replace(f"/{os.getpid()}/", f"/{child}/")
    os.waitpid(child, 0)
    held = timezone.now() + timedelta(minutes=1)
    Cursor.objects.filter(feed=Cursor.STOCK).update(lease_until=held, lease_owner=dead)
    assert synced.follow() is not None
    assert write_lease_take(synced.pair.connection, timezone.now()) is not None
    assert write_lease_take(synced.pair.connection, timezone.now()) is None  # ours, and we live


def test_a_message_hurries_the_look_once(synced: Shelf, settings: LazySettings) -> None:
    settings.STOCK_POLL_SECONDS = 600
    assert synced.follow() is not None
    OrmQ.objects.all().delete()
    connection: Connection = synced.pair.connection
    assert [stock_expedite(connection.pk, timezone.now()) for _ in range(3)] == [True, False, False]
    assert OrmQ.objects.count() == 1


def test_orders_hurry_the_look_that_takes_their_pieces_off(synced: Shelf, settings: LazySettings) -> None:
    settings.STOCK_POLL_SECONDS = 600
    assert synced.follow() is not None
    connection = synced.pair.connection
    web_id = synced.pair.place(lines=[{"sku": "DOG-LEAD", "quantity": 2}])
    now = timezone.now()
    job = job_enqueue(connection=connection, flow="orders", external_id=web_id, cause="webhook", now=now)
    assert lane_run(lane_id=job.lane_id, now=now) == "1 jobs"
    due_at = Cursor.objects.get(feed=Cursor.STOCK).due_at
    assert timedelta() < due_at - now < timedelta(seconds=10)


def test_the_sweep_replaces_a_lost_token(synced: Shelf) -> None:
    OrmQ.objects.all().delete()
    Cursor.objects.filter(feed=Cursor.STOCK).update(due_at=timezone.now() - timedelta(minutes=2))
    sweep(now=timezone.now())
    assert "run_stock" in {queue.token_read(token.payload).task for token in OrmQ.objects.filter(key="soon")}


def test_what_moves_fast_keeps_more_back_until_a_day_with_fewer_moves(synced: Shelf) -> None:
    InventorySettings.objects.update(fast_moves=3, fast_units=2)
    was = synced.web()["DOG-LEAD"]
    for _ in range(2):
        synced.move("DOG-LEAD", -1)
    synced.follow()
    assert synced.web()["DOG-LEAD"] == was - 2
    synced.move("DOG-LEAD", -1)
    synced.follow()
    assert synced.web()["DOG-LEAD"] == was - 3 - 2
    level = StockLevel.objects.get(sku="DOG-LEAD")
    assert (level.moves, level.moves_on) == (3, timezone.now().date())
    StockLevel.objects.filter(pk=level.pk).update(moves_on=timezone.now().date() - timedelta(days=1))
    Cursor.objects.filter(feed=Cursor.STOCK).update(succeeded_at=timezone.now() - timedelta(days=1))
    synced.calls()
    synced.follow()
    assert synced.web()["DOG-LEAD"] == was - 3
    assert StockLevel.objects.get(sku="DOG-LEAD").moves == 0


def test_without_a_fast_rule_nothing_is_counted(synced: Shelf) -> None:
    synced.move("DOG-LEAD", -1)
    synced.follow()
    assert not StockLevel.objects.filter(moves__gt=0).exists()
