"""Gift cards of Adobe Commerce, whose orders alone tell of them, over HTTP (gift-cards.md G04, G06, G07, G14)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from ipaas.types import JSON
from syncjobs.flows.cards.card_choices import card_act
from syncjobs.intake.follow_cards import cards_follow
from syncjobs.models import CardMovement, Cursor, GiftCard, Record
from syncjobs.money.total_cards import cards_total
from tests import factories
from tests.flows.card_shop import CardShop
from tests.flows.magento.conftest import Pair, line

D = Decimal


@pytest.fixture
def shop(pair: Pair) -> CardShop:
    pair.switch(profile="commerce-2.4.8")
    settings = pair.connection.order_settings
    settings.gift_card_item_id = str(pair.heartland.rows("items")[0]["id"])
    settings.save()
    made = CardShop(pair.connection, pair.heartland, pair.magento, list)
    made.settings(follows=True)
    made.look()  # orders of before stay where they are
    return made


def sell(pair: Pair, amount: str = "50.00", quantity: int = 1, **more: Any) -> str:
    """A shopper buys cards; answers the order, as it was booked."""
    card = {"sku": "GIFT-CERT", "quantity": quantity, "certificate": {"amount": amount}}
    return str(pair.book(card, **more))


def codes(pair: Pair, order_id: str) -> list[str]:
    """Those that the shop made for an order."""
    (item,) = (row for row in pair.magento.rows("order_items") if str(row["order_id"]) == order_id)
    option: JSON = item["product_option"]["giftcard_item_option"]
    return list(option["extension_attributes"]["giftcard_created_codes"])


def test_a_card_that_an_order_sold_is_issued_at_the_tills_once(pair: Pair, shop: CardShop) -> None:
    order_id = sell(pair, quantity=2)
    for _ in range(3):
        shop.look()
    first, second = codes(pair, order_id)
    assert (shop.till(first), shop.till(second)) == (D(50), D(50))
    assert shop.moved(first) == [("sold", "store", D(50))]
    assert shop.card(first).sold_in == order_id
    total = cards_total(pair.connection, timezone.now())
    assert total is not None
    assert (total.worth, total.ties_out) == (D(100), True)


def test_a_look_that_breaks_between_two_orders_loses_neither_card(pair: Pair, shop: CardShop) -> None:
    """What the first order moved is in the ledger by then, and no news to the next look."""
    orders = [sell(pair), sell(pair)]
    pair.magento.post("/_sim/faults", {"method": "GET", "path": "/V1/orders", "skip": 1, "status": 503})
    now = timezone.now()
    Cursor.objects.filter(connection=pair.connection, feed=Cursor.CARDS).update(due_at=now)
    assert cards_follow(connection=pair.connection, now=now) is None
    pair.magento.delete("/_sim/faults")
    shop.look(now + timedelta(minutes=5))
    assert [shop.till(number) for order in orders for number in codes(pair, order)] == [D(50), D(50)]


def test_g06_a_card_sold_for_less_is_worth_what_is_printed_on_it(pair: Pair, shop: CardShop) -> None:
    order_id = sell(pair, "100.00", rule={"percent": 50})
    shop.look()
    (number,) = codes(pair, order_id)
    assert (shop.till(number), shop.card(number).balance) == (D(100), D(100))


def test_g07_a_card_that_pays_is_money_and_no_discount(pair: Pair, shop: CardShop) -> None:
    (number,) = codes(pair, sell(pair))
    shop.look()
    order_id = pair.book(line("DOG-LEAD", "100.00"), discount="10.00", gift_certificate=number)
    assert pair.there(order_id)["total"] == 90
    assert sorted(pair.paid(order_id)) == [D(40), D(50)]
    for _ in range(2):
        shop.look()
    assert (shop.till(number), shop.card(number).balance) == (D(0), D(0))
    spent = CardMovement.objects.get(card=shop.card(number), kind="spent")
    assert (spent.delta, spent.order_id, spent.place) == (D(-50), order_id, "store")


def test_what_tills_and_orders_spent_both_is_shown_as_overdrawn(pair: Pair, shop: CardShop) -> None:
    (number,) = codes(pair, sell(pair))
    shop.look()
    shop.till_spends(number, "40.00")
    pair.book(line("DOG-LEAD", "30.00"), gift_certificate=number)
    shop.look()
    assert (shop.till(number), shop.card(number).overdrawn) == (D(0), D(20))
    assert shop.record(number).code == "card_overdrawn"


def test_g14_more_codes_than_cards_sold(pair: Pair, shop: CardShop) -> None:
    pair.switch(codes_twice=True)
    first, second = codes(pair, sell(pair))
    for _ in range(3):
        shop.look()
    assert (shop.till(first), shop.till(second)) == (D(50), None)
    assert shop.record(second).code == "more_cards_than_sold"
    assert sum(GiftCard.objects.values_list("balance", flat=True)) == D(50)
    card_act(
        card=shop.card(second), act="reject", code="more_cards_than_sold", note="", shown=None,
        actor=factories.member(pair.connection.merchant), now=timezone.now(),
    )  # fmt: skip
    shop.run(second)
    assert shop.record(second).disposition == Record.Disposition.BOOKED
    assert shop.till(second) is None


def test_g04_a_card_ends_with_the_order_that_sold_it(pair: Pair, shop: CardShop) -> None:
    order_id = sell(pair)
    (number,) = codes(pair, order_id)
    shop.look()
    shop.till_spends(number, "20.00")
    shop.look()
    assert (shop.till(number), shop.card(number).balance) == (D(30), D(30))
    pair.magento.post(f"/_sim/orders/{order_id}/refund", {})
    pair.run(order_id)
    shop.look()
    assert (shop.till(number), shop.card(number).balance, shop.card(number).is_good) == (D(0), D(0), False)
    last = CardMovement.objects.filter(card=shop.card(number)).latest("pk")
    assert (last.kind, last.delta) == ("taken_back", D(-30))
    assert "20.00 of it was spent" in last.note


def test_what_an_order_that_is_over_gave_back_to_a_card_is_asked(pair: Pair, shop: CardShop) -> None:
    """No order says how much came back to the card: Heartland is told once a person looked."""
    (number,) = codes(pair, sell(pair))
    shop.look()
    order_id = pair.book(line("DOG-LEAD", "30.00"), gift_certificate=number)
    shop.look()
    assert shop.till(number) == D(20)
    pair.magento.post(f"/_sim/orders/{order_id}/cancel", {})
    pair.run(order_id)
    for _ in range(2):
        shop.look()
    assert (shop.record(number).code, shop.till(number)) == ("card_money_missing", D(20))
    card_act(
        card=shop.card(number), act="give_back", code="card_money_missing", note="", shown=None,
        actor=factories.member(pair.connection.merchant), now=timezone.now(),
    )  # fmt: skip
    shop.run(number)
    assert (shop.till(number), shop.card(number).balance) == (D(50), D(50))
