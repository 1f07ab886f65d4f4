"""A worker that dies at any write of store credit, before it is asked or once it is answered: both sides end alike."""

from decimal import Decimal

import pytest

from syncjobs.flows.cards.card_choices import UNWRITTEN, WRITTEN
from syncjobs.models import CustomerIdentity
from tests.flows.conftest import BUYER
from tests.flows.deaths import SIDES, Carry, at_every_write
from tests.flows.test_store_credit import GOODS, CreditShop, D, shop

__all__ = ["shop"]

pytestmark = [pytest.mark.parametrize("side", SIDES), pytest.mark.sampled(1)]


def newcomer(shop: CreditShop, number: int) -> str:
    """From here on the shop's shopper is somebody else; answers the e-mail."""
    who = {"email": f"credit{number}@example.org", "first_name": "Ann", "last_name": "Ruiz"}
    shop.account = str(shop.pair.store_client().customer_create(who)["id"])
    shop.customer = shop.pair.heartland_client().customer_create(who)
    CustomerIdentity.objects.create(
        connection=shop.connection, account_id=shop.account, customer_id=shop.customer, state="linked"
    )
    return who["email"]


def end_alike(shop: CreditShop, side: str, left: Decimal) -> None:
    """The next workers look, and a person who is asked whether the write was made looks there, and says so."""
    for _ in range(3):
        shop.look()
        if shop.entry().code == "card_write_unknown":
            shop.decide(WRITTEN if side == "answered" else UNWRITTEN)
    assert (shop.sides(), shop.purse().balance, shop.entry().code) == ((left, left), left, "")
    assert shop.named() == shop.number()


def test_credit_becomes_one_card_that_its_customer_names(shop: CreditShop, side: str) -> None:
    def deed(number: int, carry: Carry) -> None:
        newcomer(shop, number)
        shop.give("50.00")
        carry(shop.look)
        end_alike(shop, side, D(50))
        assert len([row for row in shop.heartland.rows("gift_cards") if row["number"].startswith("SC")]) == number

    assert at_every_write("cards", side, deed) >= 2


def test_credit_that_both_sides_spent_is_carried_once(shop: CreditShop, side: str) -> None:
    def deed(number: int, carry: Carry) -> None:
        email = newcomer(shop, number)
        shop.give("50.00")
        shop.look()
        shop.till_spends(shop.number(), "12.50")
        shopper = {"customer": email, "bill_to": BUYER | {"email": email}}
        shop.pair.book(**GOODS | shopper, store_credit="20.00")
        carry(shop.look)
        end_alike(shop, side, D("17.50"))

    assert at_every_write("cards", side, deed) >= 2
