"""What an idle store costs: an hour of the clock's own work through the real tasks, with every call outside counted."""

import heapq
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone
from django_q.models import OrmQ

from ipaas import queue
from syncjobs.catalogue.follow_catalogues import followed_from
from syncjobs.engine.schedules import schedules_ring, schedules_write
from syncjobs.tasks import prove, task_of
from tests.stock.conftest import Shelf

RING = timedelta(seconds=20)  # a cluster looks at its schedules about as often
HOUR = timedelta(hours=1)
GOAL = 240  # calls an hour, all told


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
    assert not shelf.pair.record(web_id).is_distributed
