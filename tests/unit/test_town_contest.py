"""The last pieces that every channel wants: which sales could have been avoided."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from syncjobs.stories.demo.stock_report import Sale
from syncjobs.stories.demo.town_contest import Contest

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PROPAGATION_SECONDS = 5.0


def sale(pieces: int, seconds: float = 0) -> Sale:
    return Sale(sku="A", pieces=pieces, at=NOON + timedelta(seconds=seconds))


def contest(**sold: Any) -> Contest:
    """Of nine pieces, in two stores."""
    made = Contest(people=SimpleNamespace(stores=[None, None]), sku="A", offered=9)  # type: ignore[arg-type]
    for name, sales in sold.items():
        setattr(made, name, sales)
    return made


def test_what_all_channels_sold_at_once_nobody_could_have_known() -> None:
    rush = contest(till=[sale(4)], web=[[sale(4)], [sale(4, 1)]])
    assert (rush.left, rush.oversold(PROPAGATION_SECONDS)) == (-3, {"avoidable": 0, "simultaneous": 3})


def test_a_store_that_sells_on_long_after_could_have_known() -> None:
    """Also where the other store does the same at that moment."""
    late = contest(till=[sale(4)], web=[[sale(4)], [sale(4, 1)]], afterwards=[sale(1, 60), sale(1, 60)])
    assert (late.left, late.oversold(PROPAGATION_SECONDS)) == (-5, {"avoidable": 5, "simultaneous": 0})


def test_what_was_refused_oversells_nothing() -> None:
    kept = contest(till=[sale(4)], web=[[sale(4)], []])
    assert (kept.left, kept.oversold(PROPAGATION_SECONDS)) == (1, {"avoidable": 0, "simultaneous": 0})
