"""Store credit of an account and the gift card that Heartland keeps it on, over HTTP (gift-cards.md G02, G12)."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.utils import timezone

from connections.payment_addresses import payment_address_renew
from ipaas.types import JSON
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.engine.running import job_run
from syncjobs.flows.cards.card_choices import card_act
from syncjobs.flows.refund_records import refund_record_id
from syncjobs.models import CardMovement, CustomerIdentity, CustomerSettings, GiftCard, Record
from syncjobs.money.total_cards import cards_total
from syncjobs.pages.personal.personal_data import personal_erase, personal_export
from tests import factories
from tests.flows.card_shop import CardShop
from tests.flows.conftest import BUYER, Pair
from tests.flows.test_payment_calls import ask
from tests.flows.test_refunds import refund

FIELD = "store_credit"
ANN = {"email": "ann.credit@example.com", "first_name": "Ann", "last_name": "Ruiz"}
GOODS: JSON = {
    "lines": [{"sku": "DOG-LEAD", "quantity": 4}], "customer": ANN["email"], "bill_to": BUYER | ANN, "handling": "0",
}  # fmt: skip
D = Decimal


@dataclass
class CreditShop(CardShop):
    """One shopper, with an account in the store and a customer in Heartland."""

    pair: Pair
    account: str = ""
    customer: str = ""

    def purse(self) -> GiftCard:
        return GiftCard.objects.get(connection=self.connection, account_id=self.account)

    def number(self) -> str:
        return str(self.purse().number)

    def credit(self) -> Decimal:
        (row,) = self.pair.store_client().customers_with_credit([self.account])
        return D(row["store_credit_amounts"][0]["amount"])

    def give(self, amount: str) -> None:
        """Staff set the credit in the panel."""
        amounts = [{"amount": D(amount)}]
        self.pair.store_client().customer_update(self.account, store_credit_amounts=amounts)

    def named(self) -> str:
        return str(self.pair.heartland_client().customer_read(self.customer)["custom"].get(FIELD) or "")

    def sides(self) -> tuple[Decimal | None, Decimal]:
        return self.till(self.number()), self.credit()

    def entry(self) -> Record:
        return Record.objects.get(connection=self.connection, flow="cards", external_id=str(self.purse().pk))

    def moves(self) -> list[tuple[str, str, Decimal]]:
        rows = CardMovement.objects.filter(card=self.purse()).order_by("pk")
        return [(one.kind, one.place, one.delta) for one in rows]

    def decide(self, act: str, shown: Decimal | None = None) -> None:
        card_act(
            card=self.purse(), act=act, code=self.entry().code, note="", shown=shown,
            actor=factories.member(self.connection.merchant), now=timezone.now(),
        )  # fmt: skip
        self.again()

    def again(self) -> str:
        job = job_enqueue(
            connection=self.connection, flow="cards", external_id=str(self.purse().pk), cause="retry",
            now=timezone.now(),
        )  # fmt: skip
        return job_run(job_id=job.pk, now=timezone.now())

    def order(self, credit: str) -> str:
        """The shopper pays in part by credit; the order is booked."""
        return self.pair.book(**GOODS, store_credit=credit)


@pytest.fixture
def shop(pair: Pair) -> CreditShop:
    client = pair.heartland_client()
    field = {"group_id": "customer", "name": "Store credit", "validation_type": "text"}
    client._create("/custom_fields", "field", field)
    made = CreditShop(pair.connection, pair.heartland, pair.bigcommerce, list, pair)
    made.account = str(pair.store_client().customer_create(ANN)["id"])
    made.customer = client.customer_create(ANN)
    CustomerSettings.objects.create(connection=pair.connection, is_on=True)
    CustomerIdentity.objects.create(
        connection=pair.connection, account_id=made.account, customer_id=made.customer, state="linked"
    )
    made.settings(follows=True, email="cards@harbor.example", credit_field=FIELD)
    return made


def credited(shop: CreditShop, amount: str = "25.00") -> None:
    shop.give(amount)
    shop.look()
    assert shop.sides() == (D(amount), D(amount))


def test_credit_of_an_account_is_a_card_that_heartlands_customer_names(shop: CreditShop) -> None:
    credited(shop)
    number = shop.number()
    assert (len(number), number[:2], shop.named()) == (16, "SC", number)
    assert shop.moves() == [("taken_over", "store", D(25))]
    for _ in range(2):
        shop.look()
    assert shop.sides() == (D(25), D(25))
    assert CardMovement.objects.filter(card=shop.purse()).count() == 1
    assert number not in shop.entry().label + shop.entry().reason


@pytest.mark.parametrize(("first", "lost"), [("till", ""), ("store", "heartland"), ("till", "store")])
def test_g02_credit_spent_on_both_sides_between_two_looks(shop: CreditShop, first: str, lost: str) -> None:
    credited(shop, "50.00")
    if first == "till":
        shop.till_spends(shop.number(), "12.50")
    shop.order("20.00")
    if first == "store":
        shop.till_spends(shop.number(), "12.50")
    if lost == "heartland":
        shop.lose(shop.heartland, "POST", "/api/gift_card/adjustments")
    if lost == "store":
        shop.lose(shop.store, "PUT", "/v3/customers")
    shop.look()
    assert shop.sides() == (D("17.50"), D("17.50"))
    assert shop.purse().balance == D("17.50")
    spent = CardMovement.objects.filter(card=shop.purse(), kind="spent")
    assert sorted(spent.values_list("delta", flat=True)) == [D(-20), D("-12.50")]
    assert {one.document.split()[0] for one in spent} == {"Ticket", "Order"}


@pytest.mark.parametrize("what", ["POST /api/gift_cards", "PUT /api/customers/.*"])
def test_an_answer_that_is_lost_makes_neither_a_second_card_nor_a_second_number(shop: CreditShop, what: str) -> None:
    method, path = what.split()
    shop.give("25.00")
    shop.lose(shop.heartland, method, path)
    shop.look()
    assert shop.sides() == (D(25), D(25))
    assert shop.named() == shop.number()
    assert len([row for row in shop.heartland.rows("gift_cards") if row["number"].startswith("SC")]) == 1


def test_what_a_till_loads_is_credit_in_the_store(shop: CreditShop) -> None:
    credited(shop)
    shop.till_sells(shop.number(), "10.00")
    shop.look()
    assert shop.sides() == (D(35), D(35))
    assert shop.moves()[-1] == ("loaded", "till", D(10))


def test_g12_credit_that_came_back_twice_is_carried_nowhere(shop: CreditShop) -> None:
    credited(shop, "20.00")
    web_id = shop.order("20.00")
    shop.look()
    assert shop.sides() == (D(0), D(0))
    shop.pair.store_client().order_update(web_id, status_id=6)  # Declined
    shop.pair.run(web_id)
    shop.give("40.00")
    for _ in range(2):
        shop.look()
    assert shop.sides() == (D(20), D(40))
    assert shop.purse().balance == D(20)
    assert shop.entry().code == "card_rise_unexplained"
    assert f"shows 20.00 more on it than it took after Order {web_id}" in shop.entry().reason
    total = cards_total(shop.connection, timezone.now())
    assert total is not None
    others = sum(D(str(one["store_credit"])) for one in shop.store.rows("customers")) - D(40)
    assert (total.worth, total.credit) == (others + 20, others + 20)
    shop.decide("reject")
    assert shop.sides() == (D(20), D(20))


def refunded(shop: CreditShop, web_id: str, amount: str) -> str:
    """Staff give a part of an order back as store credit; answers the refund."""
    return refund(shop.pair, web_id, amount=amount, provider="storecredit")


def hear(shop: CreditShop, web_id: str, refund_id: str) -> None:
    record_id = refund_record_id(web_id, refund_id)
    job = job_enqueue(
        connection=shop.connection, flow="refunds", external_id=record_id, cause="retry", now=timezone.now()
    )
    job_run(job_id=job.pk, now=timezone.now())


@pytest.mark.parametrize("is_heard_first", [True, False])
def test_a_refund_given_as_credit_explains_the_rise(shop: CreditShop, *, is_heard_first: bool) -> None:
    credited(shop, "5.00")
    web_id = shop.pair.book(**GOODS)
    refund_id = refunded(shop, web_id, "12.00")
    if is_heard_first:
        hear(shop, web_id, refund_id)
    shop.look()
    if not is_heard_first:
        assert (shop.entry().code, shop.sides()) == ("card_rise_unexplained", (D(5), D(17)))
        hear(shop, web_id, refund_id)
        shop.look()
    assert shop.sides() == (D(17), D(17))
    assert shop.entry().disposition == Record.Disposition.BOOKED
    assert shop.moves()[-2:] == [("unexplained", "store", D(12)), ("accepted", "store", D(12))]
    shop.give("29.00")
    for _ in range(2):
        shop.look()
    assert (shop.entry().code, shop.sides()) == ("card_rise_unexplained", (D(17), D(29)))


def test_a_refund_reaches_an_account_that_had_no_credit(shop: CreditShop) -> None:
    web_id = shop.pair.book(**GOODS)
    shop.look()
    hear(shop, web_id, refunded(shop, web_id, "12.00"))
    shop.look()
    assert shop.sides() == (D(12), D(12))


def test_a_card_that_the_customer_names_already_is_asked_about(shop: CreditShop) -> None:
    """Both kept credit before: one sum twice, or two. A person says which."""
    client = shop.pair.heartland_client()
    client.customer_update(shop.customer, custom={FIELD: "CR0042"})
    shop.till_issues("CR0042", "10.00")
    shop.give("25.00")
    shop.look()
    assert (shop.number(), shop.entry().code) == ("CR0042", "card_balances_differ")
    assert shop.sides() == (D(10), D(25))
    shop.decide("both", D(25))
    assert shop.sides() == (D(35), D(35))
    assert shop.purse().balance == D(35)
    client.customer_update(shop.customer, custom={FIELD: "OTHER9"})
    assert shop.again() == "hold"
    assert shop.entry().code == "credit_number_differs"
    assert "It names card …R9, and the credit lies on card …42." in shop.entry().reason
    client.customer_update(shop.customer, custom={FIELD: "CR0042"})
    assert shop.again() == "done"


def test_an_account_that_nobody_in_heartland_holds_waits_for_that(shop: CreditShop) -> None:
    CustomerIdentity.objects.all().delete()
    shop.give("25.00")
    shop.look()
    assert shop.sides() == (None, D(25))
    assert "once a customer there is linked" in shop.entry().reason
    CustomerIdentity.objects.create(
        connection=shop.connection, account_id=shop.account, customer_id=shop.customer, state="linked"
    )
    shop.look()
    assert shop.sides() == (D(25), D(25))


def test_credit_of_an_account_that_was_deleted_can_be_ended(shop: CreditShop) -> None:
    credited(shop)
    shop.pair.store_client()._send("DELETE", "/v3/customers", params=[("id:in", shop.account)])
    assert shop.again() == "hold"
    assert shop.entry().code == "card_gone"
    shop.decide("end")
    assert (shop.till(shop.number()), shop.purse().balance) == (D(0), D(0))
    assert shop.entry().disposition == Record.Disposition.BOOKED
    shop.look()


def test_credit_is_left_alone_where_it_is_switched_off(shop: CreditShop) -> None:
    credited(shop)
    shop.settings(credit_field="")
    shop.give("30.00")
    shop.look()
    assert shop.again() == "done"
    assert (shop.entry().code, shop.sides()) == ("cards_off", (D(25), D(30)))


def test_a_till_that_asks_is_answered_about_credit(shop: CreditShop) -> None:
    shop.settings(till_asks=True)
    addresses = payment_address_renew(shop.connection, factories.member(shop.connection.merchant))
    shop.give("25.00")
    shop.look()
    assert shop.named() == shop.number()
    wish: JSON = {"number": shop.number(), "payment_id": "1"}
    shop.order("20.00")
    assert ask(addresses["capture"], wish | {"amount": "10.00"}) == (422, "The card has 5.00 left.")
    for _ in range(2):
        assert ask(addresses["capture"], wish | {"amount": "4.00"}) == (200, "")
    shop.work()
    assert shop.sides() == (None, D(1))


def test_a_shopper_who_is_erased_is_owed_what_is_owed(shop: CreditShop) -> None:
    credited(shop)
    CardMovement.objects.filter(card=shop.purse()).update(note="Ann asked by telephone")
    merchant, email = shop.connection.merchant, ANN["email"]
    (store,) = personal_export(merchant=merchant, email=email, actor=None)["stores"]
    assert [(one["account"], one["balance"]) for one in store["store_credit"]] == [(shop.account, "25.00")]
    assert shop.number() not in str(store)
    personal_erase(merchant=merchant, email=email, actor=None)
    assert (shop.purse().balance, CardMovement.objects.get(card=shop.purse()).note) == (D(25), "")
    shop.look()
    assert shop.sides() == (D(25), D(25))
