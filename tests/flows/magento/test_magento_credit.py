"""Store credit of Adobe Commerce and the gift card that Heartland keeps it on, over HTTP (gift-cards.md G02, G12)."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.utils import timezone

from connections.connect.magento.clients import magento_client
from errors.failures import ConfigurationFailure, NotOffered
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.engine.running import job_run
from syncjobs.flows.cards.card_choices import card_act, card_settings_save
from syncjobs.models import CardMovement, CardSettings, CustomerIdentity, CustomerSettings, GiftCard, Record
from syncjobs.money.total_cards import cards_total
from syncjobs.stores.magento import store_credit
from tests import factories
from tests.flows.card_shop import CardShop
from tests.flows.magento.conftest import Pair, line

FIELD = "store_credit"
ANN = "ann.credit@example.com"
D = Decimal


@dataclass
class CreditShop(CardShop):
    """One shopper, with an account in the store and a customer in Heartland."""

    pair: Pair
    account: str = ""
    customer: str = ""

    def purse(self) -> GiftCard:
        return GiftCard.objects.get(connection=self.connection, account_id=self.account)

    def credit(self) -> Decimal:
        rows = self.store.rows("balances")
        return next((D(str(row["amount"])) for row in rows if str(row["customer_id"]) == self.account), D(0))

    def give(self, amount: str) -> None:
        """Staff set the credit, by an import of theirs."""
        row = {"_email": ANN, "_website": "base", "_finance_website": "base", "store_credit": amount}
        magento_client(self.connection.store).credit_import(row)

    def sides(self) -> tuple[Decimal | None, Decimal]:
        return self.till(self.purse().number), self.credit()

    def entry(self) -> Record:
        return Record.objects.get(connection=self.connection, flow="cards", external_id=str(self.purse().pk))

    def again(self) -> str:
        job = job_enqueue(
            connection=self.connection, flow="cards", external_id=str(self.purse().pk), cause="retry",
            now=timezone.now(),
        )  # fmt: skip
        return job_run(job_id=job.pk, now=timezone.now())

    def order(self, credit: str) -> str:
        """The shopper pays in part by credit; the order is booked."""
        return self.pair.book(line("DOG-LEAD", "60.00"), customer=ANN, guest=None, store_credit=credit)

    def decide(self, act: str) -> None:
        card_act(
            card=self.purse(), act=act, code=self.entry().code, note="", shown=None,
            actor=factories.member(self.connection.merchant), now=timezone.now(),
        )  # fmt: skip
        self.again()


@pytest.fixture
def shop(pair: Pair) -> CreditShop:
    pair.switch(profile="commerce-2.4.9")
    client = pair.heartland_client()
    field = {"group_id": "customer", "name": "Store credit", "validation_type": "text"}
    client._create("/custom_fields", "field", field)
    made = CreditShop(pair.connection, pair.heartland, pair.magento, list, pair)
    account = {"email": ANN, "firstname": "Ann", "lastname": "Ruiz", "website_id": 1}
    made.account = str(magento_client(pair.connection.store).customer_create(account)["id"])
    made.customer = client.customer_create({"email": ANN, "first_name": "Ann", "last_name": "Ruiz"})
    CustomerSettings.objects.create(connection=pair.connection, is_on=True)
    CustomerIdentity.objects.create(
        connection=pair.connection, account_id=made.account, customer_id=made.customer, state="linked"
    )
    made.settings(follows=True, credit_field=FIELD)
    return made


def credited(shop: CreditShop, amount: str) -> None:
    shop.give(amount)
    shop.look()
    assert shop.sides() == (D(amount), D(amount))


def test_credit_of_an_account_is_a_card_that_heartlands_customer_names(shop: CreditShop) -> None:
    credited(shop, "25.00")
    named = shop.pair.heartland_client().customer_read(shop.customer)["custom"].get(FIELD)
    assert named == shop.purse().number
    shop.till_sells(shop.purse().number, "10.00")
    for _ in range(2):
        shop.look()
    assert shop.sides() == (D(35), D(35))
    moves = CardMovement.objects.filter(card=shop.purse()).order_by("pk")
    assert [(one.kind, one.place, one.delta) for one in moves] == [
        ("taken_over", "store", D(25)),
        ("loaded", "till", D(10)),
    ]
    total = cards_total(shop.connection, timezone.now())
    assert total is not None
    assert total.ties_out


@pytest.mark.parametrize(("first", "lost"), [("till", ""), ("store", "heartland"), ("till", "store")])
def test_g02_credit_spent_on_both_sides_between_two_looks(shop: CreditShop, first: str, lost: str) -> None:
    credited(shop, "50.00")
    if first == "till":
        shop.till_spends(shop.purse().number, "12.50")
    shop.order("20.00")
    if first == "store":
        shop.till_spends(shop.purse().number, "12.50")
    if lost == "heartland":
        shop.lose(shop.heartland, "POST", "/api/gift_card/adjustments")
    if lost == "store":
        shop.lose(shop.store, "POST", "/V1/import/csv")
    shop.look()
    assert shop.sides() == (D("17.50"), D("17.50"))
    spent = CardMovement.objects.filter(card=shop.purse(), kind="spent")
    assert sorted(spent.values_list("delta", flat=True)) == [D(-20), D("-12.50")]
    assert {one.document.split()[0] for one in spent} == {"Ticket", "Order"}


def test_g12_credit_that_came_back_twice_is_carried_nowhere(shop: CreditShop) -> None:
    credited(shop, "20.00")
    order_id = shop.order("20.00")
    shop.look()
    assert shop.sides() == (D(0), D(0))
    shop.pair.act(order_id, "cancel")
    shop.pair.run(order_id)
    shop.give("40.00")
    for _ in range(2):
        shop.look()
    assert (shop.sides(), shop.purse().balance) == ((D(20), D(40)), D(20))
    assert shop.entry().code == "card_rise_unexplained"
    assert "shows 20.00 more on it than it took after Order" in shop.entry().reason
    shop.decide("reject")
    assert shop.sides() == (D(20), D(20))


def test_who_spends_between_our_look_and_our_write_is_not_overwritten(shop: CreditShop) -> None:
    """The import sets what there is: where a checkout was faster nothing is written, and it is read anew."""
    credited(shop, "50.00")
    credit = store_credit.MagentoStoreCredit(magento_client(shop.connection.store), shop.connection.store, "USD")
    shop.order("20.00")
    assert credit.move(shop.account, D(50), D(-10), is_good=True) is None
    assert shop.credit() == D(30)


def test_all_accounts_are_gone_through_part_by_part(shop: CreditShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credit that came without a change of its account is found, however many accounts stand before it."""
    monkeypatch.setattr(store_credit, "MOST_ASKED", 2)
    state = shop.pair.shop.app.service.state
    for row in list(state.customers.all())[5:-1]:
        state.customers.delete(row["id"])
    shop.give("25.00")
    accounts = len(shop.store.rows("customers"))
    shop.store.post("/_sim/clock/advance", {"seconds": 86_400})
    looks = 0
    while not looks or CardSettings.objects.get().credit_position:
        shop.look()
        looks += 1
    assert (accounts, looks) == (6, 3)
    assert shop.sides() == (D(25), D(25))
    shop.look()
    assert CardSettings.objects.get().credit_position == ""


def test_credit_of_an_account_that_was_deleted_can_be_ended(shop: CreditShop) -> None:
    """The shop shows nobody's credit as nothing: it is not taken for spent."""
    credited(shop, "25.00")
    client = magento_client(shop.connection.store)
    client._send("DELETE", client._v1(f"/customers/{shop.account}"))
    assert shop.again() == "hold"
    assert shop.entry().code == "card_gone"
    shop.decide("end")
    assert (shop.till(shop.purse().number), shop.purse().balance) == (D(0), D(0))


def settings_kept(shop: CreditShop) -> None:
    card_settings_save(
        connection=shop.connection, follows=True, sharing="both", reserve=D(0), email="", till_asks=False,
        credit_field=FIELD, actor=factories.member(shop.connection.merchant), now=timezone.now(),
    )  # fmt: skip


@pytest.mark.parametrize("profile", ["open-source-2.4.8", "commerce-2.4.8"])
def test_a_shop_that_shows_no_credit_says_so(shop: CreditShop, profile: str) -> None:
    shop.settings(credit_field="")
    shop.pair.switch(profile=profile)
    with pytest.raises(NotOffered, match=r"Adobe Commerce does from 2\.4\.9 on"):
        settings_kept(shop)
    assert CardSettings.objects.get().credit_field == ""
    shop.pair.switch(profile="commerce-2.4.9")
    settings_kept(shop)
    assert CardSettings.objects.get().credit_field == FIELD


def test_an_integration_that_may_not_import_is_told_which_right_it_lacks(shop: CreditShop) -> None:
    shop.settings(credit_field="")
    state = shop.pair.shop.app.service.state
    for row in state.integrations.all():
        state.integrations.update(row["id"], resources=["Magento_Customer::customer"])
    with pytest.raises(ConfigurationFailure, match="System > Data Transfer > API Import"):
        settings_kept(shop)
