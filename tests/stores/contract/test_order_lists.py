"""Lists of whole orders, as any store that has them has to give them."""

import pytest

from tests.stores.contract.orders import LEADS, TWO
from tests.stores.under_test import Counted, StoreUnderTest


def test_orders_out_of_a_list_are_those_that_are_read_one_by_one(under_test: StoreUnderTest) -> None:
    ids = [under_test.order_place(**recipe) for recipe in (TWO, LEADS, TWO)]
    counted = Counted()
    store = under_test.opened(counted)
    rows = store.order_lists.rows(ids)
    assert (list(rows), len(counted.calls)) == (ids, 1)
    assert [store.order_lists.order(rows[one]) for one in ids] == [store.orders.whole(one) for one in ids]


def test_what_is_gone_is_not_there(under_test: StoreUnderTest) -> None:
    first, gone, last = (under_test.order_place(**LEADS) for _ in range(3))
    under_test.order_remove(gone)
    rows = under_test.opened().order_lists.rows([first, gone, last])
    assert [one for one in rows if rows[one] is None] == [gone]


def test_the_first_is_always_among_those_that_are_told_of(under_test: StoreUnderTest) -> None:
    order_id = under_test.order_place(**LEADS)
    rows = under_test.opened().order_lists.rows([order_id, str(int(order_id) - 1)])
    assert order_id in rows


@pytest.mark.parametrize("count", [1, 2])
def test_it_is_one_call_at_most(under_test: StoreUnderTest, count: int) -> None:
    ids = [under_test.order_place(**LEADS) for _ in range(count)]
    counted = Counted()
    under_test.opened(counted).order_lists.rows(ids)
    assert len(counted.calls) <= 1
