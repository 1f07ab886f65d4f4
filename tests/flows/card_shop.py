"""Gift cards between a till and a store, over HTTP: what the stories of cards share."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from connections.models import Connection
from ipaas.types import JSON
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.engine.running import job_run
from syncjobs.flows.cards.card_entries import card_find
from syncjobs.intake.follow_cards import cards_follow
from syncjobs.models import CardMovement, CardSettings, Cursor, GiftCard, Record, SyncJob
from syncjobs.stories.demo.sim import Sandbox

NUMBER = "GC8R3N"
PLACE = 100005


@dataclass
class CardShop:
    """Both sides of one connection, as people move cards there."""

    connection: Connection
    heartland: Sandbox
    store: Sandbox
    store_rows: Callable[[], list[JSON]]  # {number, balance, is_good}

    def look(self, at: datetime | None = None) -> None:
        """A look at both lists, and every card that it queues; again until nothing is queued."""
        now = at or timezone.now()
        Cursor.objects.get_or_create(connection=self.connection, feed=Cursor.CARDS, defaults={"due_at": now})
        Cursor.objects.filter(connection=self.connection, feed=Cursor.CARDS).update(due_at=now)
        seen = cards_follow(connection=self.connection, now=now)
        assert seen is not None, Cursor.objects.get(connection=self.connection, feed=Cursor.CARDS).failure
        self.work(now)

    def work(self, now: datetime | None = None) -> None:
        for _ in range(5):
            pending = SyncJob.objects.filter(connection=self.connection, flow="cards", status="pending").order_by("pk")
            due = list(pending)
            for job in due:
                job_run(job_id=job.pk, now=max(now or timezone.now(), job.not_before + timedelta(seconds=1)))
            if not due:
                return

    def run(self, number: str = NUMBER) -> str:
        job = job_enqueue(
            connection=self.connection, flow="cards", external_id=str(self.card(number).pk), cause="retry",
            now=timezone.now(),
        )  # fmt: skip
        return job_run(job_id=job.pk, now=timezone.now())

    def card(self, number: str = NUMBER) -> GiftCard:
        found = card_find(self.connection, number)
        assert found is not None
        return found

    def record(self, number: str = NUMBER) -> Record:
        return Record.objects.get(connection=self.connection, flow="cards", external_id=str(self.card(number).pk))

    def moved(self, number: str = NUMBER) -> list[tuple[str, str, Decimal]]:
        rows = CardMovement.objects.filter(card=self.card(number)).order_by("pk")
        return [(one.kind, one.place, one.delta) for one in rows]

    # the till

    def till(self, number: str = NUMBER) -> Decimal | None:
        rows = [row for row in self.heartland.rows("gift_cards") if row["number"] == number]
        assert len(rows) < 2
        return Decimal(str(rows[0]["balance"])) if rows else None

    def till_issues(self, number: str, balance: str) -> None:
        self.heartland.post("/_sim/staff/issue_gift_card", {"number": number, "balance": balance})

    def till_spends(self, number: str, amount: str) -> None:
        """A ticket for goods of this price, paid by the card."""
        line = {"sku": "DOG-LEAD", "qty": 1, "price": amount}
        self.heartland.post("/_sim/staff/pos_sale", {"location": PLACE, "lines": [line], "gift_card": number})

    def till_sells(self, number: str, value: str) -> None:
        """A ticket on which a card is sold for cash."""
        card = {"number": number, "value": value}
        self.heartland.post("/_sim/staff/pos_sale", {"location": PLACE, "lines": [], "gift_cards": [card]})

    # the store

    def in_store(self, number: str = NUMBER) -> Decimal | None:
        rows = [row for row in self.store_rows() if row["number"] == number]
        assert len(rows) < 2
        return Decimal(str(rows[0]["balance"])) if rows else None

    def both(self, number: str = NUMBER) -> tuple[Decimal | None, Decimal | None]:
        return self.till(number), self.in_store(number)

    def settings(self, **changes: Any) -> None:
        CardSettings.objects.update_or_create(connection=self.connection, defaults=changes)

    def lose(self, system: Sandbox, method: str, path: str) -> None:
        """The next such call is done, and its answer is lost."""
        system.post("/_sim/faults", {"method": method, "path": path, "times": 1, "after": True, "lose": True})
