"""Gift cards that shoppers spend in the store: found, made, and moved from a balance that was known."""

from decimal import Decimal

import pytest

from errors.failures import Rejected
from syncjobs.stores.card_port import GiftCards
from tests.stores.under_test import Counted, StoreUnderTest

NUMBER, EMAIL = "TILLCARD0001", "cards@harbor.example"


def made(cards: GiftCards) -> str:
    return cards.create(NUMBER, Decimal(50), holder="Ann Ruiz", email=EMAIL).id


def test_a_card_of_the_till_is_made_once_and_found_by_its_number(under_test: StoreUnderTest) -> None:
    counted = Counted()
    cards = under_test.opened(counted).gift_cards
    assert cards.numbered(NUMBER) is None
    card_id = made(cards)
    assert len(counted.calls) == 2
    found = cards.numbered(NUMBER)
    assert found is not None
    assert (found.id, found.balance, cards.card(card_id).balance) == (card_id, Decimal(50), Decimal(50))
    assert card_id in {one.id for page in cards.pages() for one in page}
    with pytest.raises(Rejected):
        made(cards)


def test_a_balance_moves_from_what_was_known_and_from_nothing_else(under_test: StoreUnderTest) -> None:
    cards = under_test.opened().gift_cards
    card_id = made(cards)
    moved = cards.move(card_id, Decimal(50), Decimal(-12), is_good=True)
    assert moved is not None
    assert moved.balance == cards.card(card_id).balance == Decimal(38)
    assert cards.move(card_id, Decimal(50), Decimal(-12), is_good=True) is None
    assert cards.card(card_id).balance == Decimal(38)
