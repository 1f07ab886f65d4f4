"""A worker that dies at any write of points, before it is asked or once it is answered: no points come or go by it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.flows.deaths import SIDES, Carry, at_every_write
from tests.flows.loyalty.conftest import Shop


@pytest.mark.sampled(2)
@pytest.mark.parametrize("side", SIDES)
def test_what_moved_on_both_sides_is_counted_once(shop: Shop, side: str) -> None:
    shop.switch_on(points=0)
    shop.book("50.00")
    shop.at_the_till(120)
    shop.points()
    now = timezone.now()
    due = 120

    def deed(number: int, carry: Carry) -> None:
        nonlocal now, due
        shop.at_the_till(due + 30)
        shop.show(due + 45)
        due += 30 + 45
        now += timedelta(minutes=10)
        carry(lambda: shop.points(at=now))
        now += timedelta(minutes=10)  # once a write that was not answered shows
        shop.settle(at=now)
        assert shop.both() == (str(due), str(due))
        assert shop.moves()[-2:] == [("till", 30), ("store", 45)]
        assert sum(points for _, points in shop.moves()) == due

    assert at_every_write("points", side, deed) == 2
