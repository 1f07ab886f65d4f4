"""Gift cards over HTTP: two places that spend one card, and what is made of it (gift-cards.md)."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from connections.models import AuditEntry
from connections.payment_addresses import payment_address_renew
from ipaas.types import JSON
from syncjobs.models import CardMovement, GiftCard, Record
from syncjobs.money.import_cards import Taken, cards_import
from syncjobs.money.total_cards import cards_total
from tests import factories
from tests.flows.card_shop import NUMBER, CardShop
from tests.flows.conftest import Pair
from tests.flows.test_payment_calls import ask

HALF = Decimal("17.50")


@pytest.fixture
def shop(pair: Pair) -> CardShop:
    def rows() -> list[JSON]:
        found = pair.bigcommerce.rows("gift_certificates")
        return [{"number": one["code"], "balance": one["balance"], "status": one["status"]} for one in found]

    made = CardShop(pair.connection, pair.heartland, pair.bigcommerce, rows)
    made.settings(follows=True, email="cards@harbor.example")
    made.look()  # what was there before stays where it is
    return made


def certificate(pair: Pair, number: str = NUMBER) -> JSON:
    (found,) = pair.store_client().certificates_with_code(number)
    return found


def store_spends(pair: Pair, number: str, amount: str) -> None:
    """The store's own books move by as much as a checkout takes."""
    row = certificate(pair, number)
    kept = {name: row[name] for name in ("to_name", "to_email", "from_name", "from_email", "amount")}
    left = Decimal(row["balance"]) - Decimal(amount)
    pair.store_client().certificate_update(str(row["id"]), {**kept, "balance": str(left)})


def sold_at_the_till(shop: CardShop, value: str = "50.00") -> None:
    shop.till_sells(NUMBER, value)
    shop.look()
    assert shop.both() == (Decimal(value), Decimal(value))


def test_a_card_sold_at_the_till_is_one_in_the_store(shop: CardShop) -> None:
    sold_at_the_till(shop)
    assert shop.moved() == [("taken_over", "till", Decimal(50))]
    for _ in range(2):
        shop.look()
    assert shop.both() == (Decimal(50), Decimal(50))
    assert CardMovement.objects.count() == 1
    assert NUMBER not in str(list(GiftCard.objects.values("digest", "last_signs")))


@pytest.mark.parametrize(("first", "lost"), [("till", ""), ("store", "heartland"), ("till", "store")])
def test_g02_spent_on_both_sides_between_two_looks(pair: Pair, shop: CardShop, first: str, lost: str) -> None:
    sold_at_the_till(shop)
    if first == "till":
        shop.till_spends(NUMBER, "12.50")
    store_spends(pair, NUMBER, "20.00")
    if first == "store":
        shop.till_spends(NUMBER, "12.50")
    if lost == "heartland":
        shop.lose(pair.heartland, "POST", "/api/gift_card/adjustments")
    if lost == "store":
        shop.lose(pair.bigcommerce, "PUT", "/v2/gift_certificates/.*")
    shop.look()
    assert shop.both() == (HALF, HALF)
    assert shop.card().balance == HALF
    assert sorted(delta for kind, _, delta in shop.moved() if kind == "spent") == [Decimal(-20), Decimal("-12.50")]


def test_g01_two_that_did_not_ask_overdrew_it_and_both_are_named(pair: Pair, shop: CardShop) -> None:
    sold_at_the_till(shop)
    shop.till_spends(NUMBER, "40.00")
    store_spends(pair, NUMBER, "30.00")
    shop.look()
    assert shop.both() == (Decimal(0), Decimal(0))
    assert shop.card().overdrawn == Decimal("20.00")
    record = shop.record()
    assert (record.disposition, record.code) == (Record.Disposition.HELD, "card_overdrawn")
    assert "overdrawn by 20.00: 40.00 at the till, 30.00 in the web store" in record.reason


def test_g12_a_rise_that_nothing_explains_is_carried_nowhere(pair: Pair, shop: CardShop) -> None:
    sold_at_the_till(shop, "20.00")
    store_spends(pair, NUMBER, "20.00")
    shop.look()
    store_spends(pair, NUMBER, "-40.00")
    for _ in range(2):
        shop.look()
    assert shop.both() == (Decimal(20), Decimal(40))
    assert shop.card().balance == Decimal(20)
    assert shop.record().code == "card_rise_unexplained"
    assert "20.00 more on it than it took" in shop.record().reason


def test_both_balances_of_a_card_that_both_knew_are_asked_about(pair: Pair, shop: CardShop) -> None:
    people = {"to_name": "A", "to_email": "a@b.example", "from_name": "B", "from_email": "b@b.example"}
    shop.store.post("/_sim/certificates", {**people, "code": "GC200", "amount": "30.00"})
    shop.till_issues("GC200", "25.00")
    shop.look()
    assert shop.record("GC200").code == "card_balances_differ"
    assert shop.both("GC200") == (Decimal(25), Decimal(30))


def test_g14_more_codes_than_cards_sold(pair: Pair, shop: CardShop) -> None:
    """The store makes a certificate for a line, and another one, for which nobody paid, under the same order."""
    web_id = pair.place(lines=[{"sku": "GIFT-CERT", "quantity": 1, "certificate": {"amount": "50.00"}}])
    first = next(row for row in pair.bigcommerce.rows("gift_certificates") if str(row["order_id"]) == web_id)
    people = {"to_name": "A", "to_email": "a@b.example", "from_name": "B", "from_email": "b@b.example"}
    shop.store.post("/_sim/certificates", {**people, "code": "D4E5F6", "amount": "50.00", "order_id": int(web_id)})
    for _ in range(3):
        shop.look()
    number = first["code"].replace("-", "").upper()
    assert (shop.till(number), shop.till("D4E5F6")) == (Decimal(50), None)
    assert shop.record("D4E5F6").code == "more_cards_than_sold"
    worth: Any = sum(GiftCard.objects.values_list("balance", flat=True))
    assert worth == Decimal(50)


def test_switched_off_nothing_moves(shop: CardShop) -> None:
    sold_at_the_till(shop)
    shop.settings(follows=False)
    shop.till_spends(NUMBER, "10.00")
    assert shop.run() == "done"
    assert shop.record().code == "cards_off"
    assert shop.both() == (Decimal(40), Decimal(50))
    assert not AuditEntry.objects.filter(action__startswith="cards").exists()


LIST = "number,balance\nGC100,50.00\ngc100 ,50.00\nGC200,30.00\nGC300,10.00\nGC400,-5.00\n"


def test_g10_a_dry_run_says_what_the_run_does_and_a_second_one_creates_nothing(shop: CardShop) -> None:
    shop.till_issues("GC200", "25.00")

    def read(*, is_dry: bool) -> Taken:
        return cards_import(connection=shop.connection, text=LIST, is_dry=is_dry, actor=None, now=timezone.now())

    dry = read(is_dry=True)
    assert not GiftCard.objects.exists()
    done = read(is_dry=False)
    for one in (dry, done):
        counts = len(one.created), len(one.same), len(one.conflicts), len(one.refused)
        assert (counts, one.worth) == ((2, 1, 1, 1), Decimal("60.00"))
        assert one.conflicts[0].why == "Card …00: the list has 30.00, Heartland has 25.00."
    shop.work()
    assert shop.both("GC100") == (Decimal(50), Decimal(50))
    assert shop.both("GC300") == (Decimal(10), Decimal(10))
    assert read(is_dry=False).created == ()


@pytest.fixture
def asked(shop: CardShop) -> dict[str, str]:
    """The addresses of a till that keeps no cards of its own."""
    shop.settings(till_asks=True)
    return payment_address_renew(shop.connection, factories.member(shop.connection.merchant))


def test_g01_where_the_till_asks_the_ledger_answers(pair: Pair, shop: CardShop, asked: dict[str, str]) -> None:
    """The store does not ask, so what it spent is read before the till is answered."""
    people = {"to_name": "A", "to_email": "a@b.example", "from_name": "B", "from_email": "b@b.example"}
    shop.store.post("/_sim/certificates", {**people, "code": NUMBER, "amount": "50.00"})
    shop.look()
    wish = {"number": NUMBER.lower()}
    assert ask(asked["balance"], wish) == (200, "")
    store_spends(pair, NUMBER, "30.00")
    status, said = ask(asked["capture"], wish | {"payment_id": "1", "amount": "40.00"})
    assert (status, said) == (422, "The card has 20.00 left.")
    for _ in range(2):
        assert ask(asked["capture"], wish | {"payment_id": "2", "amount": "15.00"}) == (200, "")
    shop.work()
    assert (shop.till(), shop.in_store()) == (None, Decimal(5))
    for _ in range(2):
        assert ask(asked["void"], wish | {"payment_id": "2", "amount": "15.00"}) == (200, "")
    assert ask(asked["refund"], wish | {"payment_id": "3", "amount": "2.00"}) == (200, "")
    shop.work()
    assert (shop.card().balance, shop.in_store()) == (Decimal(22), Decimal(22))
    assert ask(asked["balance"], {"number": "NOSUCH"})[0] == 404
    GiftCard.objects.update(expires_on=date(2026, 3, 31))
    status, said = ask(asked["capture"], wish | {"payment_id": "4", "amount": "1.00"})
    assert (status, said) == (422, "The card was good through March 31, 2026.")


def test_g05_what_a_refund_gives_back_lives_again_once(pair: Pair, shop: CardShop) -> None:
    sold_at_the_till(shop, "40.00")
    store_spends(pair, NUMBER, "40.00")
    shop.look()
    assert shop.both() == (Decimal(0), Decimal(0))
    store_spends(pair, NUMBER, "-40.00")
    for _ in range(3):
        shop.look()
    assert shop.both() == (Decimal(40), Decimal(40))
    assert shop.moved()[-1] == ("given_back", "store", Decimal(40))
    assert shop.record().disposition == Record.Disposition.BOOKED


def test_the_night_ties_out_and_says_by_how_much_it_does_not(pair: Pair, shop: CardShop) -> None:
    sold_at_the_till(shop)
    now = timezone.now()
    first = cards_total(pair.connection, now)
    assert first is not None
    assert (first.worth, first.moved, first.ties_out) == (Decimal(50), Decimal(50), True)
    assert cards_total(pair.connection, now) is None
    store_spends(pair, NUMBER, "4.00")
    second = cards_total(pair.connection, now + timedelta(days=1))
    assert second is not None
    assert (second.differing, second.difference, second.ties_out) == (1, Decimal(4), False)
    assert AuditEntry.objects.filter(action="cards.tied_out").count() == 2
