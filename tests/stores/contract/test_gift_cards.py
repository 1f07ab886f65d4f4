"""Gift cards as any store that offers them has to keep them: looked for, made once, and moved from what was known."""

from decimal import Decimal

import pytest

from errors.failures import NotFound, Rejected, Unreachable
from syncjobs.stores.card_port import GiftCards
from tests.stores.under_test import CARD, LOST, Counted, StoreUnderTest

NUMBER = "GC7Q2M"
FIFTY, REST = Decimal(50), Decimal("37.50")


def make(cards: GiftCards) -> str:
    return cards.create(NUMBER, FIFTY, holder="Harbor & Pine", email="cards@harbor.example").id


def test_a_card_that_was_made_is_found_in_every_way(under_test: StoreUnderTest) -> None:
    counted = Counted()
    cards = under_test.opened(counted).gift_cards
    assert cards.numbered(NUMBER) is None
    card_id = make(cards)
    found = cards.card(card_id)
    assert cards.numbered(NUMBER) == found
    assert len(counted.calls) == 4
    assert (found.number, found.balance, found.face, found.is_good) == (NUMBER, FIFTY, FIFTY, True)
    assert (found.is_pending, found.expires_on, found.order_id) == (False, None, "")
    assert [one for page in cards.pages() for one in page if one.id == card_id] == [found]
    with pytest.raises(Rejected):
        make(cards)
    with pytest.raises(NotFound):
        cards.card("999999")


def test_a_balance_is_moved_from_what_was_known_or_not_at_all(under_test: StoreUnderTest) -> None:
    counted = Counted()
    cards = under_test.opened(counted).gift_cards
    card_id = make(cards)
    del counted.calls[:]
    moved = cards.move(card_id, FIFTY, REST - FIFTY, is_good=True)
    assert (moved and moved.balance, len(counted.calls)) == (REST, 2)
    assert cards.move(card_id, FIFTY, Decimal(-1), is_good=True) is None
    assert cards.card(card_id).balance == REST
    ended = cards.move(card_id, REST, -REST, is_good=False)
    assert (ended and ended.balance, ended and ended.is_good) == (Decimal(0), False)


def test_a_card_whose_answer_was_lost_is_found_by_its_number(under_test: StoreUnderTest) -> None:
    under_test.spoil(CARD, **LOST)
    cards = under_test.opened().gift_cards
    with pytest.raises(Unreachable):
        make(cards)
    found = cards.numbered(NUMBER)
    assert (found and found.balance) == FIFTY
    assert len([one for page in cards.pages() for one in page if one.number == NUMBER]) == 1
