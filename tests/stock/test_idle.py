"""What an idle store costs: an hour of the clock's own work through the real tasks, with every call outside counted."""

import heapq
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db import connection as database
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from ipaas import queue
from mappings.models import StockLevel
from syncjobs.catalogue.follow_catalogues import followed_from
from syncjobs.engine.schedules import schedules_ring, schedules_write
from syncjobs.models import Cursor
from syncjobs.stock.follow_locations import SYNC
from syncjobs.tasks import prove, run_stock, task_of
from tests.flows.test_order_statements import short
from tests.stock.conftest import Shelf

RING = timedelta(seconds=20)  # a cluster looks at its schedules about as often
HOUR = timedelta(hours=1)
GOAL = 240  # calls an hour, all told
OF_HEARTLAND = 180  # of them


@dataclass
class MovedClock:
    """Our side's time, and the tokens that ring in it."""

    now: datetime
    tokens: list[tuple[datetime, int, str]] = field(default_factory=list)

    def run(self, span: timedelta) -> None:
        """Let the clusters work for so long."""
        end = self.now + span
        while self.now < end:
            schedules_ring(self.now)
            following = self.now + RING
            self._take_up()
            while self.tokens and self.tokens[0][0] < following:
                at, _, text = heapq.heappop(self.tokens)
                self.now = max(self.now, at)
                token = queue.token_read(text)
                task_of(token)(*token.ids)
                self._take_up()
            self.now = following

    def _take_up(self) -> None:
        for row in OrmQ.objects.order_by("pk").annotate(clock=Now()):
            delay = max(timedelta(), row.lock - row.clock)
            seconds = timedelta(seconds=round(delay.total_seconds()))
            heapq.heappush(self.tokens, (self.now + seconds, row.pk, row.payload))
            row.delete()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> MovedClock:
    moved = MovedClock(timezone.now())
    monkeypatch.setattr(timezone, "now", lambda: moved.now)
    return moved


def test_an_idle_store_is_asked_seldom_though_an_order_waits_for_hours(shelf: Shelf, clock: MovedClock) -> None:
    """After two quiet days; what is done once a day falls in the hour before the counted one."""
    systems = (shelf.pair.heartland, shelf.pair.bigcommerce)
    for system in systems:
        system.put("/_sim/deliveries/controls", {"paused": True})
    web_id = shelf.pair.book()
    shelf.sync()
    followed_from(shelf.pair.connection, clock.now)
    schedules_write()
    OrmQ.objects.all().delete()
    clock.run(timedelta(minutes=5))
    begins = (clock.now + timedelta(days=2)).replace(hour=12, minute=0, second=0)
    for system in systems:
        system.post("/_sim/clock/advance", {"seconds": (begins - clock.now).total_seconds()})
    clock.now = begins
    clock.run(timedelta(minutes=10, seconds=20))  # no feed begins with the counted hour
    prove(shelf.pair.connection.pk)  # again: of what the first proof of a day found the day is proved once more
    shelf.calls()
    clock.run(HOUR)
    calls = shelf.calls()
    assert calls.total() <= GOAL
    heartland = sum(count for call, count in calls.items() if "/api/" in call)
    ledger = calls["GET /api/inventory/transactions"]  # every 30 s, and once more where the locations are read between
    assert ledger in (120, 121)
    assert calls == Counter(
        {
            "GET /api/inventory/transactions": ledger,
            "GET /api/sales/orders": 30 + 4,  # what changed there, every 2 min, and what waits for distribution
            "GET /api/sales/invoices": 12,
            "GET /api/items": 12,
            "GET /stores/<store_hash>/v2/orders": 12,
            "GET /stores/<store_hash>/v3/catalog/products": 12,
            "GET /api/locations": 1,
            "GET /api/webhooks": 1,
            "GET /stores/<store_hash>/v3/hooks": 1,
            "GET /stores/<store_hash>/v3/hooks/admin": 1,
        }
    )
    assert heartland - (ledger - 120) == OF_HEARTLAND
    assert not shelf.pair.record(web_id).is_distributed


WANTED = [
    "SELECT connections_connection",  # with both systems
    "SELECT connections_inventorysettings",
    "SELECT connections_location",  # and rules: what stock is worked out by
    "UPDATE syncjobs_cursor",  # the lease
    "SELECT syncjobs_circuit",
    "UPDATE syncjobs_ratebudget",  # one permit
    "SELECT mappings_stocklevel",  # and what else may have changed: nothing
    "SELECT connections_hook",  # whether the look is expedited by webhooks
    "SELECT mappings_stocklevel",  # what was marked meanwhile
    "WITH syncjobs_cursor",  # the end, and the token of the next look
]


def test_a_look_that_finds_nothing_costs_so_many_statements(shelf: Shelf) -> None:
    """However many stores the account has, and one call."""
    shelf.sync()
    shelf.follow()
    shelf.calls()
    Cursor.objects.filter(feed=Cursor.STOCK).update(due_at=timezone.now())
    with CaptureQueriesContext(database) as log:
        run_stock(shelf.pair.connection.pk)
    assert [short(query["sql"]) for query in log.captured_queries] == WANTED
    assert shelf.calls() == {"GET /api/inventory/transactions": 1}


@pytest.mark.parametrize("news", ["moved", "marked", "waiting", "plan", "linked"])
def test_whatever_is_new_is_looked_at(shelf: Shelf, news: str) -> None:
    connection = shelf.pair.connection
    shelf.sync()
    shelf.follow()
    level = StockLevel.objects.get(sku="DOG-LEAD")
    if news == "moved":
        sale = {"location": "MAIN", "lines": [{"sku": level.sku, "qty": 1}]}
        shelf.pair.heartland.post("/_sim/staff/pos_sale", sale)
    elif news == "marked":
        StockLevel.objects.filter(pk=level.pk).update(is_dirty=True)
    elif news == "waiting":
        shelf.pair.book()
    elif news == "plan":
        connection.inventory_settings.safety_units = 3
        connection.inventory_settings.save()
    else:
        StockLevel.objects.order_by("-link")[0].delete()
    followed = shelf.follow()
    assert followed is not None
    assert (followed.looked_at > 0) == (news != "plan")
    begun = connection.runs.filter(kind=SYNC, state="running").count()
    assert begun == (news == "plan")
