"""Gift cards over HTTP: two places that spend one card, and what is made of it (gift-cards.md)."""

from datetime import date, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from connections.models import AuditEntry
from connections.payment_addresses import payment_address_renew
from errors.failures import ConfigurationFailure
from ipaas.types import JSON
from syncjobs.flows.cards.card_choices import card_act
from syncjobs.models import CardMovement, GiftCard, Record
from syncjobs.money.import_cards import Taken, cards_import, cards_import_lists
from syncjobs.money.total_cards import cards_total
from tests import factories
from tests.flows.card_shop import NUMBER, CardShop
from tests.flows.conftest import Pair
from tests.flows.test_payment_calls import ask
from tests.flows.test_till_returns import ONE, price_now, sold
from tests.flows.tills import refunding, take_back, work

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
    assert "overdrawn by 20.00: 40.00 at the till (Ticket " in record.reason
    assert "), 30.00 in the web store." in record.reason


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


def sold_online(pair: Pair, shop: CardShop) -> tuple[str, str]:
    """A shopper buys a card of 50.00, whose order is booked; answers the order and the card's number."""
    settings = pair.connection.order_settings
    settings.gift_card_item_id = str(pair.heartland.rows("items")[0]["id"])
    settings.eligible_statuses = [*settings.eligible_statuses, "10"]
    settings.save()
    web_id = pair.book(lines=[{"sku": "GIFT-CERT", "quantity": 1, "certificate": {"amount": "50.00"}}])
    shop.look()
    (row,) = (one for one in pair.bigcommerce.rows("gift_certificates") if str(one["order_id"]) == web_id)
    return web_id, str(row["code"]).replace("-", "").upper()


def test_g04_a_card_that_was_partly_spent_ends_with_its_order(pair: Pair, shop: CardShop) -> None:
    """Sold online it is a line of the item for cards, and issued in Heartland; what was spent of it is lost."""
    web_id, number = sold_online(pair, shop)
    (order,) = pair.sales_orders(web_id)
    assert (Decimal(str(order["total"])), shop.till(number)) == (Decimal(50), Decimal(50))
    assert pair.record(web_id).to_distribute == 0  # nobody packs a card
    assert shop.moved(number) == [("sold", "store", Decimal(50))]
    shop.till_spends(number, "20.00")
    shop.look()
    pair.store_client().order_update(web_id, status_id=14)  # Partially Refunded
    pair.run(web_id)
    shop.look()
    assert shop.record(number).code == "card_sale_refunded"
    assert "Refundable is 30.00: 20.00 was spent, 20.00 at the till (Ticket " in shop.record(number).reason
    assert shop.till(number) == Decimal(30)
    pair.store_client().order_update(web_id, status_id=4)  # Refunded
    pair.run(web_id)
    shop.look()
    shop.run(number)
    assert (shop.card(number).balance, shop.card(number).is_good, shop.till(number)) == (Decimal(0), False, Decimal(0))
    (row,) = (one for one in pair.bigcommerce.rows("gift_certificates") if str(one["order_id"]) == web_id)
    assert (Decimal(str(row["balance"])), row["status"]) == (Decimal(0), "disabled")
    last = CardMovement.objects.filter(card=shop.card(number)).latest("pk")
    assert (last.kind, last.delta) == ("taken_back", Decimal(-30))
    (ticket,) = (row for row in pair.heartland.rows("transactions") if row["total"] == 20)
    assert last.note == f"20.00 of it was spent: 20.00 at the till (Ticket {ticket['public_id']}). That is lost."


def test_a_change_that_fits_neither_case_is_a_question(pair: Pair, shop: CardShop) -> None:
    sold_at_the_till(shop)
    shop.till_spends(NUMBER, "10.00")
    shop.lose(pair.bigcommerce, "PUT", "/v2/gift_certificates/.*")
    assert shop.run() == "retry"
    store_spends(pair, NUMBER, "5.00")
    shop.work()
    assert shop.record().code == "card_write_unknown"
    assert "from 50.00 to 40.00 and did not answer. It shows 35.00 now" in shop.record().reason
    card_act(
        card=shop.card(), act="written", code="", note="", shown=None,
        actor=factories.member(pair.connection.merchant), now=timezone.now(),
    )  # fmt: skip
    shop.run()
    assert (shop.card().balance, *shop.both()) == (Decimal(35), Decimal(35), Decimal(35))


def test_a_card_that_left_the_store_is_asked_about(pair: Pair, shop: CardShop) -> None:
    sold_at_the_till(shop)
    place = f"/stores/{pair.connection.store.store_hash}/v2/gift_certificates/{shop.card().store_id}"
    rule = {"method": "GET", "path": place.replace(f"/stores/{pair.connection.store.store_hash}", ".*"), "status": 404}
    shop.store.post("/_sim/faults", rule | {"times": 1, "body": []})
    assert shop.run() == "hold"
    assert shop.record().code == "card_gone"


def test_g11_what_did_not_come_back_of_an_order_is_a_difference(pair: Pair, shop: CardShop) -> None:
    """A shopper pays in part with the card; the order is cancelled, and the store gives 1.00 back."""
    sold_at_the_till(shop, "25.00")
    web_id = pair.book(lines=[{"sku": "DOG-LEAD", "quantity": 4}], gift_certificate=NUMBER)
    shop.look()
    assert (shop.card().balance, shop.till()) == (Decimal(0), Decimal(0))
    (spent,) = CardMovement.objects.filter(kind="spent")
    assert (spent.document, spent.order_id, spent.delta) == (f"Order {web_id}", web_id, Decimal(-25))
    pair.store_client().order_update(web_id, status_id=5)  # Cancelled
    pair.run(web_id)
    store_spends(pair, NUMBER, "-1.00")
    for _ in range(2):
        shop.look()
    assert (shop.card().balance, *shop.both()) == (Decimal(1), Decimal(1), Decimal(1))
    assert shop.record().code == "card_money_missing"
    assert f"Order {web_id} is over, and 24.00 that the card paid of it has not come back" in shop.record().reason
    card_act(
        card=shop.card(), act="give_back", code="", note="", shown=None,
        actor=factories.member(pair.connection.merchant), now=timezone.now(),
    )  # fmt: skip
    shop.run()
    assert shop.both() == (Decimal(25), Decimal(25))
    assert shop.record().disposition == Record.Disposition.BOOKED


def test_g08_a_till_takes_no_card_after_its_last_day(pair: Pair, shop: CardShop) -> None:
    """Good through the day that is printed on it, where the shop is; a till knows of no days, so it is taken there."""
    sold_at_the_till(shop)
    row = certificate(pair)
    kept = {name: row[name] for name in ("to_name", "to_email", "from_name", "from_email", "amount")}
    zone = ZoneInfo(pair.connection.merchant.time_zone)
    last = timezone.now().astimezone(zone).replace(hour=20, minute=0)
    pair.store_client().certificate_update(str(row["id"]), {**kept, "expiry_date": format_datetime(last)})
    shop.run()
    assert shop.card().expires_on == last.date()
    assert shop.both() == (Decimal(50), Decimal(50))
    shop.look(at=last + timedelta(hours=5))
    assert shop.both() == (Decimal(0), Decimal(0))
    assert shop.card().balance == Decimal(50)  # it is owed until a person ends the card


def test_g01_a_reserve_is_kept_back_in_the_store(shop: CardShop) -> None:
    sold_at_the_till(shop)
    shop.settings(sharing="reserve", reserve=Decimal(10))
    shop.run()
    assert (*shop.both(), shop.card().balance) == (Decimal(50), Decimal(40), Decimal(50))
    shop.till_spends(NUMBER, "45.00")
    shop.look()
    assert (*shop.both(), shop.card().balance) == (Decimal(5), Decimal(0), Decimal(5))


def test_g13_a_web_order_returned_at_a_till_against_a_new_card(pair: Pair, shop: CardShop) -> None:
    """The ticket comes to nothing; the card is issued on both sides, and no gateway gives anything back."""
    refunding(pair.connection)
    web_id, made = sold(pair, 2, "26.75")
    take_back(pair.heartland, pair.connection, made, ONE, gift_card="GC7Q2M9")
    work(pair.connection)
    shop.look()
    assert shop.both("GC7Q2M9") == (Decimal("26.75"), Decimal("26.75"))
    assert shop.card("GC7Q2M9").balance == Decimal("26.75")
    (given,) = (row for row in pair.bigcommerce.rows("refunds") if row["order_id"] == int(web_id))
    assert [(one["provider_id"], one["offline"]) for one in given["payments"]] == [("custom", True)]
    assert Decimal(str(given["total_amount"])) == Decimal("26.75")
    for _ in range(2):
        work(pair.connection)
        shop.look()
    assert len([row for row in pair.bigcommerce.rows("refunds") if row["order_id"] == int(web_id)]) == 1
    assert CardMovement.objects.filter(card=shop.card("GC7Q2M9")).count() == 1


def test_g07_a_card_that_pays_is_money_and_no_discount(pair: Pair, shop: CardShop) -> None:
    """Discount and tax are of the goods, whatever the card takes of them."""
    sold_at_the_till(shop)
    price_now(pair, "DOG-LEAD", "100.00")
    web_id = pair.book(lines=[{"sku": "DOG-LEAD", "quantity": 1}], discount="10.00", gift_certificate=NUMBER)
    (order,) = pair.sales_orders(web_id)
    (row,) = (one for one in pair.bigcommerce.rows("orders") if str(one["id"]) == web_id)
    assert [Decimal(str(row[name])) for name in ("discount_amount", "subtotal_tax", "shipping_cost_inc_tax")] == [
        Decimal(10), Decimal("7.43"), Decimal("8.66"),
    ]  # fmt: skip
    assert (Decimal(str(order["total"])), Decimal(str(order["balance"]))) == (Decimal("106.09"), Decimal(0))
    paid = [Decimal(str(one["amount"])) for one in pair.rows_of("payments", order["id"])]
    assert sorted(paid) == [Decimal(50), Decimal("56.09")]
    (goods,) = pair.rows_of("order_lines", order["id"])
    assert (goods["unit_price"], goods["adjusted_unit_price"]) == (100, 90)
    shop.look()
    assert shop.both() == (Decimal(0), Decimal(0))
    assert shop.moved()[-1] == ("spent", "store", Decimal(-50))


def test_g10_both_systems_lists_are_taken_over_without_a_file(pair: Pair, shop: CardShop) -> None:
    """Cards of before, spelled otherwise or worth nothing; one that both know otherwise is a person's."""
    people = {"to_name": "A", "to_email": "a@b.example", "from_name": "B", "from_email": "b@b.example"}
    shop.till_issues("0042GC100", "50.00")
    shop.till_issues("GC200", "25.00")
    shop.till_issues("GC900", "0.00")
    for code, amount in (("0042-gc100", "50.00"), ("GC200", "30.00"), ("GC300", "10.00"), ("GC#7", "5.00")):
        shop.store.post("/_sim/certificates", {**people, "code": code, "amount": amount})
    GiftCard.objects.all().delete()

    def read(*, is_dry: bool) -> Taken:
        return cards_import_lists(connection=shop.connection, is_dry=is_dry, actor=None, now=timezone.now())

    dry = read(is_dry=True)
    assert not GiftCard.objects.exists()
    done = read(is_dry=False)
    assert dry.created == done.created
    assert {"0042GC100", "GC300"} <= {one.number for one in done.created}
    assert "GC900" not in {one.number for one in done.created}
    assert [one.why for one in done.conflicts] == ["Card …00: BigCommerce has 30.00, Heartland has 25.00."]
    assert [one.why for one in done.refused] == ["Card …#7 has a code that no till can keep."]
    shop.work()
    assert shop.both("GC300") == (Decimal(10), Decimal(10))
    assert (shop.till("0042GC100"), shop.card("0042GC100").store_holds) == (Decimal(50), Decimal(50))
    assert shop.both("GC200") == (Decimal(25), Decimal(30))
    assert read(is_dry=False).created == ()


@pytest.mark.parametrize("lost", ["", "POST /v2/gift_certificates", "PUT /v2/gift_certificates/.*"])
def test_a_lost_card_is_moved_to_a_new_number(pair: Pair, shop: CardShop, lost: str) -> None:
    sold_at_the_till(shop)
    shop.till_spends(NUMBER, "20.00")
    shop.look()
    person = factories.member(pair.connection.merchant)

    def move(number: str) -> GiftCard | None:
        return card_act(
            card=shop.card(), act="move", code="", note="", shown=None, number=number, actor=person, now=timezone.now()
        )

    for wrong, why in (("1.23457E+11", "digits are lost"), (NUMBER.lower(), "has this number already")):
        with pytest.raises(ConfigurationFailure, match=why):
            move(wrong)
    if lost:
        shop.lose(pair.bigcommerce, *lost.split())
    fresh = move("gc-new-0077")
    assert fresh is not None
    for number in (NUMBER, "GCNEW0077"):
        shop.run(number)
    shop.look()
    assert (shop.both(), shop.both("GCNEW0077")) == ((Decimal(0), Decimal(0)), (Decimal(30), Decimal(30)))
    assert certificate(pair)["status"] == "disabled"
    assert [card.balance for card in GiftCard.objects.order_by("pk")] == [Decimal(0), Decimal(30)]
    assert shop.moved("GCNEW0077") == [("taken_over", "us", Decimal(30))]
    with pytest.raises(ConfigurationFailure, match="not as it was"):
        move("GCNEW0078")
