"""The measured money of orders: taken, given back, spent from cards and closed, while everything acts up."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

import requests
from django.utils import timezone

from connections import clients
from connections.models import OrderSettings
from ipaas.types import JSON
from mappings.core.rules.card_ledger import Sharing
from syncjobs import engine
from syncjobs.flows.cards.card_choices import card_settings_save
from syncjobs.flows.shipments import SHIPMENTS
from syncjobs.intake.customer_choices import customer_settings_of, customer_settings_save, version_of
from syncjobs.models import CustomerIdentity, SyncJob
from syncjobs.stories.auditor.reach import audited
from syncjobs.stories.demo.money_books import books_closed
from syncjobs.stories.demo.money_report import ZERO, Card, Closed, MoneyAct, MoneyReport, Person, judged
from syncjobs.stories.demo.money_seen import CARD_VALUE, MoneySeen, Spent, in_cents
from syncjobs.stories.demo.orders_at_work import PLACE
from syncjobs.stories.demo.sim import cents

SHARES: Mapping[MoneyAct, int] = {  # of a hundred booked orders
    MoneyAct.SHIP: 13, MoneyAct.OPEN_PIECE: 12, MoneyAct.OPEN_MONEY: 5, MoneyAct.OPEN_ALL: 8, MoneyAct.LEFT_PIECE: 10,
    MoneyAct.LEFT_MONEY: 8, MoneyAct.LEFT_DELIVERY: 6, MoneyAct.LEFT_ALL: 6, MoneyAct.LEFT_OFTEN: 8, MoneyAct.TILL: 9,
    MoneyAct.TILL_CASH: 7, MoneyAct.BOTH: 8,
}  # fmt: skip
ALONE = {  # what becomes of an order of one piece
    MoneyAct.OPEN_PIECE: MoneyAct.SHIP,  # else its delivery alone were left, which is a person's
    MoneyAct.BOTH: MoneyAct.TILL,  # else it came back twice
}
PIECE = {"lines": [{"line": 0, "quantity": 1}]}
MONEY = {"amount": "1.00"}
OPEN: Mapping[MoneyAct, JSON] = {MoneyAct.OPEN_PIECE: PIECE, MoneyAct.OPEN_MONEY: MONEY, MoneyAct.OPEN_ALL: {}}
WISHES: Mapping[MoneyAct, Sequence[JSON]] = {  # what the store's staff give back once all has left
    MoneyAct.LEFT_PIECE: [PIECE],
    MoneyAct.LEFT_MONEY: [MONEY],
    MoneyAct.LEFT_DELIVERY: [{"shipping": "1.50"}],
    MoneyAct.LEFT_ALL: [{}],
    MoneyAct.LEFT_OFTEN: [{"amount": "0.37"}, PIECE, {"amount": "0.41"}],
    MoneyAct.BOTH: [PIECE],
}
CARDS, CARDS_ONLINE, PEOPLE, PROMISED = 5, 3, 5, 4
RECIPES = 60  # of which one is promised
FEE_ITEM = {"public_id": "FEES", "description": "Fees", "cost": 0, "price": 0, "track_inventory": False}
CARDS_OF = "cards@harbor.example"
CARD_ORDER, BY_CARD, PROMISED_ORDER = "a gift card", "by a gift card", "authorized"  # kinds of orders
AT_THE_TILL, ONLINE, TOO_MUCH = Decimal(5), Decimal(7), Decimal(30)


@dataclass
class MoneyStory(MoneySeen):
    """One store whose merchant lets refunds, returns, gift cards and customers be carried by themselves."""

    shares = SHARES

    refused: int = 0  # shipments that were held since a provider refused their money
    sold: list[str] = field(default_factory=list)  # cards

    # --- the parts of the story, in their order ------------------------------------------------------

    def begin_well(self) -> None:
        """What a merchant switches on, and cards that shoppers have already."""
        self.let_money_flow()
        self.store.let_promise()
        if self.store.ships_what_it_holds:
            self.tell_stock()
        self.sold = self.cards_sold()

    def go_wrong(self) -> None:
        """All who give back or take back do, and providers refuse."""
        self.wait("shipments are carried back", self.all_invoices_are_carried)
        self.money_refused()
        for web_id, act in self.acts.items():
            self.go_on(web_id, act)
        self.cards_spent(self.sold)

    def come_to_rest(self) -> None:
        self.wait("money is level", self.money_left)
        self.wait("cards and customers are level", lambda: [*self.cards_left(), *self.people_left()])

    def let_money_flow(self) -> None:
        """Amounts that are given back for no goods stand on an item of their own."""
        ours = self.connection
        OrderSettings.objects.filter(connection=ours).update(
            books_refunds=True, till_returns=OrderSettings.TillReturns.STORE, settle_hours=0, charges_at_shipment=True,
            fee_item_id=self.item_of_fees(), gift_card_item_id=self.item_of_cards(),
            eligible_statuses=[*ours.order_settings.eligible_statuses, *self.store.statuses_of_cards],
        )  # fmt: skip
        now = timezone.now()
        if self.store.has_cards:
            card_settings_save(
                connection=ours, follows=True, sharing=Sharing.BOTH, reserve=ZERO, email=CARDS_OF,
                till_asks=False, credit_field="", actor=self.staff, now=now,
            )  # fmt: skip
        shown = version_of(customer_settings_of(ours))
        customer_settings_save(connection=ours, changes={"is_on": True}, shown=shown, actor=self.staff, now=now)

    def item_of_fees(self) -> str:
        known = [str(row["id"]) for row in self.heartland.rows("items") if row["public_id"] == FEE_ITEM["public_id"]]
        client = clients.heartland_setup_client(self.connection.heartland)
        return known[0] if known else str(client.item_create(FEE_ITEM))

    def item_of_cards(self) -> str:
        """As what cards are booked that shoppers buy: an item without stock keeping."""
        return next(str(row["id"]) for row in self.heartland.rows("items") if not row["track_inventory"])

    def promise(self) -> None:
        """Some shoppers only promise their money."""
        recipes = [one for one in self.store.wishes(RECIPES, self.seed) if one["kind"] == PROMISED_ORDER]
        for web_id in self.store.buy(recipes * PROMISED):
            self.placed[web_id] = PROMISED_ORDER

    # --- what people do ------------------------------------------------------------------------------

    def drawn(self, web_id: int) -> MoneyAct:
        """Cards that shoppers bought stay as they are, and every other promise is refused once."""
        if self.placed[web_id] == CARD_ORDER:
            return MoneyAct.CARD
        if self.placed[web_id] == PROMISED_ORDER and list(self.acts.values()).count(MoneyAct.REFUSED) < PROMISED // 2:
            return MoneyAct.REFUSED
        act: MoneyAct = super().drawn(web_id)
        return act

    def begin(self, web_id: int, act: MoneyAct) -> MoneyAct:
        """The first step; answers the act that it became, as the store refuses some."""
        if act in {MoneyAct.CARD, MoneyAct.REFUSED}:
            return act
        if act in ALONE and self.pieces(web_id) < 2:
            return self.begin(web_id, ALONE[act])
        if act not in OPEN:
            self.ship(web_id, self.number(web_id))
        elif not self.gives_back(web_id, OPEN[act]):
            return self.begin(web_id, MoneyAct.SHIP)
        return act

    def go_on(self, web_id: int, act: MoneyAct) -> None:
        """What is given back once all has left."""
        for wish in WISHES.get(act, ()):
            self.gives_back(web_id, wish)
        if act in {MoneyAct.TILL, MoneyAct.BOTH}:
            self.takes_back(web_id, self.own_payment_type())
        if act == MoneyAct.TILL_CASH:
            self.takes_back(web_id, "Cash")

    def own_payment_type(self) -> str:
        """Of what leaves it to the store to give money back."""
        kind = self.connection.order_settings.payment_type_id
        return next(str(row["name"]) for row in self.heartland.rows("payment_types") if str(row["id"]) == kind)

    def money_refused(self) -> None:
        """A provider refuses what leaves; once the shopper's card is good again staff have it asked once more."""
        waiting = [web_id for web_id, act in self.acts.items() if act == MoneyAct.REFUSED]
        self.store.refuse_captures(is_on=True)
        for web_id in waiting:
            self.ship(web_id, self.number(web_id))
        self.wait("refused money holds shipments", lambda: self.not_refused(waiting))
        held = self.records(SHIPMENTS.name).filter(order_id__in=waiting, disposition="held")
        taken = self.store.taken()
        self.problems += [
            f"Order {web_id}: a refused payment took {taken[web_id]}" for web_id in waiting if web_id in taken
        ]
        self.refused = held.count()
        self.store.refuse_captures(is_on=False)
        for external_id in held.values_list("external_id", flat=True):
            engine.record_retry(
                connection=self.connection, flow=SHIPMENTS.name, external_id=external_id, actor=self.staff
            )

    def not_refused(self, waiting: Sequence[int]) -> list[str]:
        held = self.records(SHIPMENTS.name).filter(disposition="held", facts__charge__state="refused")
        known = set(held.values_list("order_id", flat=True))
        return [f"shipment of order {web_id}" for web_id in waiting if str(web_id) not in known]

    def gives_back(self, web_id: int, wish: JSON) -> bool:
        """Staff of the store give money back; False where the store refuses it."""
        try:
            self.asked[web_id] += in_cents(self.store.give_back(web_id, wish))
        except requests.HTTPError:
            return False
        return True

    def takes_back(self, web_id: int, payment_type: str) -> None:
        """The till takes a piece of the first article back that it can; `payment_type` is the name of what it gives."""
        for invoice in self.invoices(web_id)[:1]:
            sold = [row for row in self.lines_of(invoice) if row["type"] == "ItemLine" and row["item_id"]]
            line = {"item_id": sold[-1]["item_id"], "qty": 1}
            wish = {"parent_transaction_id": invoice["id"], "lines": [line], "payment_type": payment_type}
            ticket = self.heartland.post("/_sim/staff/pos_return", wish)
            self.asked[web_id] += in_cents(-cents(ticket["total"]))

    def cards_sold(self) -> list[str]:
        """Cards that the till sells, as far as the store hears of them."""
        is_heard_of = self.store.has_cards and self.store.hears_of_tills
        numbers = [f"STORYCARD{number:04d}" for number in range(CARDS if is_heard_of else 0)]
        for number in numbers:
            self.till_sells(number)
        self.wait("cards are known in the store", self.cards_left)
        return numbers

    def cards_spent(self, cards: Sequence[str]) -> None:
        """Each in both channels at once; the last one beyond what it is worth, as this store asks nobody."""
        self.wait("cards are known to both", self.cards_left)
        for number in cards[:-1]:
            self.till_spends(number, AT_THE_TILL)
            self.store_spends(number, ONLINE)
        for number in cards[-1:]:
            self.till_spends(number, TOO_MUCH)
            self.store_spends(number, TOO_MUCH)

    def till_sells(self, number: str) -> None:
        card = {"number": number, "value": str(CARD_VALUE)}
        self.heartland.post("/_sim/staff/pos_sale", {"location": PLACE, "lines": [], "gift_cards": [card]})
        self.spent[number] = Spent()

    def till_spends(self, number: str, amount: Decimal) -> None:
        line = {"sku": "DOG-LEAD", "qty": 1, "price": str(amount)}
        self.heartland.post("/_sim/staff/pos_sale", {"location": PLACE, "lines": [line], "gift_card": number})
        self.spent[number].till += amount

    def store_spends(self, number: str, amount: Decimal) -> None:
        paid = self.store.spend_card(number, amount)
        self.spent[number].online += paid.amount
        if paid.order:
            self.placed[paid.order] = BY_CARD
            self.know(paid.order, self.store.books().orders[str(paid.order)])
            self.acts[paid.order] = MoneyAct.BY_CARD

    def shoppers_buy_cards(self) -> None:
        """Of stores that sell any."""
        before = set(self.spent)
        for _ in range(CARDS_ONLINE if self.store.has_cards else 0):
            self.store_sells()
        self.sold = [*(self.spent.keys() - before), *self.sold]

    def store_sells(self) -> None:
        """A shopper buys a card, which is no goods and leaves at once."""
        web_id, number = self.store.sell_card(CARD_VALUE)
        self.placed[web_id] = CARD_ORDER
        self.spent[number] = Spent()

    def people_renamed(self, *, but: Sequence[str]) -> None:
        """The store learns a new last name of each, Heartland a new phone; `but` are customers of others' stories."""
        known = CustomerIdentity.objects.filter(connection=self.connection, state=CustomerIdentity.State.LINKED)
        for number, one in enumerate(known.exclude(customer_id__in=["", *but]).order_by("pk")[:PEOPLE]):
            self.rename(one.account_id, one.customer_id, number + self.at * PEOPLE)

    def rename(self, account: str, customer_id: str, number: int) -> None:
        name, phone = f"Newname{chr(ord('a') + number)}", f"51255501{number:02}"
        self.store.rename(account, name)
        self.heartland_says(customer_id, phone_number=phone)
        self.renamed[account] = {"last_name": name, "phone": phone, "customer": customer_id}

    def heartland_says(self, customer_id: str, **fields: Any) -> None:
        client = clients.heartland_client(self.connection.heartland)
        self.by_hand(partial(client.customer_update, customer_id, **fields))

    # --- waiting -------------------------------------------------------------------------------------

    def money_left(self) -> list[str]:
        return [str(one) for one in self.ledgers() if not one.is_level] + self.jobs()

    def jobs(self) -> list[str]:
        """All that is on its way."""
        waiting = [SyncJob.Status.PENDING, SyncJob.Status.RUNNING]
        return [str(job) for job in SyncJob.objects.filter(status__in=waiting)]

    def disagreements(self) -> list[str]:
        """Of our pages with both systems: what came back is on sale again once Heartland's ledger was followed."""
        return list(audited(self.world, self.shops).disagreements)

    def cards_left(self) -> list[str]:
        return [f"card {number}: {card}" for number, card in self.cards().items() if not card.is_level]

    def people_left(self) -> list[str]:
        return [f"{name}: {one}" for name, one in self.people().items() if not one.is_level]


def played(stories: Sequence[MoneyStory], orders: int) -> MoneyReport:
    """The stories of all stores of one Heartland account, part by part; answers their judgement."""
    first = stories[0]
    for one in stories:
        one.begin_well()
    for one in stories:
        one.spoil()
        one.promise()
        one.shoppers_buy_cards()
    for one in stories:
        one.take_orders(orders // len(stories))
    for one in stories:
        one.go_wrong()
    renamed: list[str] = []
    for one in stories:
        one.people_renamed(but=renamed)
        renamed += [str(wish["customer"]) for wish in one.renamed.values()]
    for one in stories:
        one.come_to_rest()
    for one in stories:
        one.clear_up()
    first.wait("stock and pages agree", first.disagreements)
    return report_of(stories, closes=[books_closed(one) for one in stories], disagreements=first.disagreements())


def report_of(
    stories: Sequence[MoneyStory], *, closes: Sequence[Closed] = (), disagreements: Sequence[str] = ()
) -> MoneyReport:
    """The judgement as both systems are now."""
    cards: dict[str, Card] = {}
    people: dict[str, Person] = {}
    for one in stories:
        cards |= one.cards()
        people |= {f"{name} of {one.connection.store}": person for name, person in one.people().items()}
    return judged(
        [ledger for one in stories for ledger in one.ledgers()],
        cards,
        people,
        closes,
        refused=sum(one.refused for one in stories),
        acts=dict(Counter(act for one in stories for act in one.acts.values())),
        dispositions=sum((one.dispositions() for one in stories), Counter[str]()),
        problems=[problem for one in stories for problem in one.problems],
        disagreements=disagreements,
    )
