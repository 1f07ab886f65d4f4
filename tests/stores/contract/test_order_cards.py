"""Gift cards of a store that tells of them by its orders alone: which an order sold, and which paid of it."""

from decimal import Decimal

import pytest

from errors.failures import NotFound
from mappings.core.canonical.card import CardOfOrder
from tests.stores.under_test import Counted, StoreUnderTest

FIFTY = Decimal(50)


def test_an_order_tells_which_cards_it_sold_and_which_paid(under_test: StoreUnderTest) -> None:
    order_id, number = under_test.card_sold(FIFTY)
    counted = Counted()
    cards = under_test.opened(counted).order_cards
    sold = cards.of(order_id)
    assert (sold.sold, sold.pieces, sold.spent) == ((CardOfOrder(number=number, amount=FIFTY),), 1, ())
    assert len(counted.calls) == 1
    lines = [{"sku": "DOG-LEAD", "quantity": 1, "type": "simple", "price": "20.00"}]
    paid = cards.of(under_test.order_place(lines=lines, gift_certificate=number))
    assert (paid.sold, paid.pieces) == ((), 0)
    (spent,) = paid.spent
    assert spent.number == number
    assert Decimal(20) <= spent.amount <= FIFTY  # of the goods and what is charged beside them
    with pytest.raises(NotFound):
        cards.of("999999")
