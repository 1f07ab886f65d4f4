"""Any order of spending on either side, looks, lost answers and deaths: both sides end at what is left of a card."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from errors.failures import Unreachable
from ipaas import failpoints
from syncjobs.engine.orphans_release import orphan_release
from syncjobs.flows.cards.card_choices import UNWRITTEN, WRITTEN, card_act
from syncjobs.models import SyncJob
from tests import factories
from tests.flows.card_shop import CardShop
from tests.flows.conftest import Pair
from tests.flows.test_gift_cards import shop, store_spends

__all__ = ["shop"]

WORTH = Decimal(50)
TILL, STORE, LOOK = "till", "store", "look"
LOST_THERE, LOST_ONLINE, DIES_BEFORE, DIES_AFTER = "lost there", "lost online", "asks", "answered"
AMOUNTS = {TILL: Decimal("2.51"), STORE: Decimal("3.25")}  # no sum of the one is one of the other
STEPS = st.sampled_from([TILL, STORE, LOOK, LOST_THERE, LOST_ONLINE, DIES_BEFORE, DIES_AFTER])
numbers = count(1)


class Killed(BaseException):
    """As `kill -9` ends a worker: nothing of ours cleans up."""


@dataclass
class Interleaving:
    """One card, and what happened to it."""

    pair: Pair
    shop: CardShop
    number: str
    is_written: bool = True  # whether the last write without an answer was made: what a person finds out
    spent: Counter[str] = field(default_factory=Counter)

    @property
    def left(self) -> Decimal:
        return WORTH - sum((AMOUNTS[where] * times for where, times in self.spent.items()), Decimal(0))

    def play(self, step: str) -> None:
        if step == TILL:
            self.shop.till_spends(self.number, str(AMOUNTS[TILL]))
        elif step == STORE:
            with suppress(Unreachable):  # a fault that waits for a call of ours met this one
                store_spends(self.pair, self.number, str(AMOUNTS[STORE]))
        elif step == LOST_THERE:
            self.shop.lose(self.pair.heartland, "POST", "/api/gift_card/adjustments")
        elif step == LOST_ONLINE:
            self.shop.lose(self.pair.bigcommerce, "PUT", "/v2/gift_certificates/.*")
        elif step == LOOK:
            self.look()
        else:
            self.die(step)
        if step in AMOUNTS:
            self.spent[step] += 1
        assert min(one for one in self.shop.both(self.number) if one is not None) >= 0

    def look(self) -> None:
        self.shop.look()
        self.answered()
        self.is_written = True  # any later write of which nobody hears was made, unless its asker died before

    def answered(self) -> None:
        """A person who is asked whether a write was made looks there, and says so."""
        card = self.shop.card(self.number)
        if self.shop.record(self.number).code == "card_write_unknown":
            act = WRITTEN if self.is_written else UNWRITTEN
            person = factories.member(self.pair.connection.merchant)
            card_act(
                card=card, act=act, code="card_write_unknown", note="", shown=None, actor=person, now=timezone.now()
            )  # fmt: skip
            self.shop.run(self.number)

    def die(self, side: str) -> None:
        """A look whose worker dies on that side of its first write; where there is none, it is a look."""

        def passing(name: str) -> None:
            if name == f"cards.{side}":
                raise Killed

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(failpoints, "passing", passing)
            with suppress(Killed):
                self.shop.look()
        if job := SyncJob.objects.filter(flow="cards", status="running").first():
            self.is_written = side == DIES_AFTER
            assert orphan_release(job.pk, timezone.now())
        else:
            self.answered()


@settings(
    max_examples=5, deadline=None, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(steps=st.lists(STEPS, min_size=3, max_size=9))
@example(steps=[TILL, DIES_BEFORE, STORE, LOOK])
@example(steps=[STORE, DIES_AFTER, TILL, LOOK])
@example(steps=[TILL, STORE, LOST_THERE, DIES_AFTER, TILL, STORE, LOST_ONLINE, LOOK])
def test_both_sides_end_at_what_is_left(pair: Pair, shop: CardShop, steps: list[str]) -> None:
    number = f"RUN{next(numbers):04d}"
    for system in (pair.heartland, pair.bigcommerce):
        system.delete("/_sim/faults")
    shop.till_sells(number, str(WORTH))
    shop.look()
    assert shop.both(number) == (WORTH, WORTH)
    run = Interleaving(pair, shop, number)
    for step in steps:
        run.play(step)
    for _ in range(3):
        run.look()
    assert shop.both(number) == (run.left, run.left)
    assert shop.card(number).balance == run.left
    spent = [delta for kind, _, delta in shop.moved(number) if kind == "spent"]
    assert sum(spent) == run.left - WORTH
