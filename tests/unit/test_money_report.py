"""What the story of money calls clean: nothing that shoppers placed is left out, and each card is due where it lies."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from syncjobs.stories.demo.money_books import lines_of
from syncjobs.stories.demo.money_report import UNTOLD, Card, MoneyReport, judged
from syncjobs.stories.shops.shop_side import Moved

D = Decimal


def report(cards: Mapping[str, Card] | None = None, **dispositions: int) -> MoneyReport:
    return judged([], cards or {}, {}, acts={}, dispositions=dispositions, problems=[], disagreements=[])


def test_an_order_without_its_disposition_is_lost() -> None:
    told = report(booked=3, held=1)
    assert (told.lost, told.is_clean) == (0, True)
    untold = judged([], {}, {}, acts={}, dispositions={"booked": 3, UNTOLD: 1}, problems=[], disagreements=[])
    assert (untold.lost, untold.is_clean) == (1, False)


@pytest.mark.parametrize(
    ("till", "store", "is_clean"),
    [("38", "43", True), ("38", "38", False), ("43", "43", False)],
)
def test_a_store_that_hears_of_no_till_shows_what_it_took_itself(till: str, store: str, is_clean: bool) -> None:
    card = Card(due=D(38), due_in_store=D(43), till=D(till), store=D(store))
    assert report({"GC1": card}).is_clean == is_clean


@pytest.mark.parametrize(("told", "is_clean"), [("18", True), ("0", False)])
def test_what_both_channels_spent_beyond_a_card_has_to_be_told(told: str, is_clean: bool) -> None:
    card = Card(due=D(-18), due_in_store=D(12), till=D(0), store=D(12), told=D(told))
    seen = report({"GC1": card})
    assert (seen.is_clean, seen.overdrawn, seen.overdrawn_by_the_store) == (is_clean, 0, told)


def test_a_story_played_past_midnight_utc_pays_out_on_the_merchants_day() -> None:
    """The closes end with that day: a payout of the next one would stand outside of them."""
    at = datetime(2026, 12, 1, 0, 40, tzinfo=UTC)
    moved = Moved(id="bc1", order=7, reference="pay_1", amount=D("10.00"), at=at)
    assert list(lines_of([moved], at, date(2026, 11, 30))) == [
        "bc1,sale,pay_1,10.00,0.59,9.41,2026-12-01 00:40:00,2026-11-30,PO-STORY",
        "PO-STORY,payout,,-9.41,0,-9.41,2026-12-01 00:40:00,2026-11-30,PO-STORY",
    ]
