"""The measured money of orders: given back from both sides, spent from cards, while everything acts up."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
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
from syncjobs.flows.cards.card_choices import card_settings_save
from syncjobs.flows.returns import RETURNS
from syncjobs.intake.customer_choices import customer_settings_of, customer_settings_save, version_of
from syncjobs.models import CustomerIdentity, Record, SyncJob
from syncjobs.stories.auditor.reach import audited
from syncjobs.stories.demo.life_report import alive
from syncjobs.stories.demo.money_report import LEAVES, ZERO, Card, Ledger, MoneyAct, MoneyReport, Person, judged
from syncjobs.stories.demo.orders_at_work import PLACE, OrdersAtWork
from syncjobs.stories.demo.report import payments_by_order
from syncjobs.stories.demo.sim import cents
from syncjobs.stories.shops.shop_side import NotThere

SHARES: Mapping[MoneyAct, int] = {  # of a hundred booked orders
    MoneyAct.SHIP: 25, MoneyAct.OPEN_PIECE: 15, MoneyAct.OPEN_ALL: 10, MoneyAct.LEFT_PIECE: 15,
    MoneyAct.LEFT_MONEY: 10, MoneyAct.TILL: 15, MoneyAct.BOTH: 10,
}  # fmt: skip
ALONE = {  # what becomes of an order of one piece
    MoneyAct.OPEN_PIECE: MoneyAct.SHIP,  # else its delivery alone were left, which is a person's
    MoneyAct.BOTH: MoneyAct.TILL,  # else it came back twice
}
PIECE = {"lines": [{"line": 0, "quantity": 1}]}
CARDS, PEOPLE, PROMISED = 5, 5, 3
RECIPES = 60  # of which one is promised
CARDS_OF = "cards@harbor.example"
GAVE_MORE = re.compile(r"The till gave ([0-9.]+) more")
CARD_VALUE, AT_THE_TILL, ONLINE = Decimal(50), Decimal(5), Decimal(7)


@dataclass
class MoneyStory(OrdersAtWork):
    """One world whose merchant lets refunds, returns, gift cards and customers be carried by themselves."""

    shares = SHARES

    asked: Counter[int] = field(default_factory=Counter)  # money that people gave back, by order, in cents
    spent: dict[str, Decimal] = field(default_factory=dict)  # by card
    renamed: dict[str, Mapping[str, str]] = field(default_factory=dict)  # by the store's account

    def play(self, orders: int) -> MoneyReport:
        """The whole story; answers its judgement."""
        self.let_money_flow()
        self.store.let_promise()
        if self.store.ships_what_it_holds:
            self.tell_stock()
        cards = self.cards_sold()
        self.spoil()
        self.promise()
        self.take_orders(orders)
        self.wait("shipments are carried back", self.all_invoices_are_carried)
        for web_id, act in self.acts.items():
            self.go_on(web_id, act)
        self.cards_spent(cards)
        self.people_renamed()
        self.wait("money is level", self.money_left)
        self.wait("cards and customers are level", lambda: [*self.cards_left(), *self.people_left()])
        self.clear_up()
        self.wait("stock and pages agree", self.disagreements)
        return judged(
            list(self.ledgers()),
            self.cards(),
            self.people(),
            acts=dict(Counter(self.acts.values())),
            problems=self.problems,
            disagreements=self.disagreements(),
        )

    def let_money_flow(self) -> None:
        """Amounts that are given back for no goods stand on an item of their own."""
        ours = self.connection
        fees = clients.heartland_setup_client(ours.heartland).item_create({"public_id": "FEES", "description": "Fees"})
        OrderSettings.objects.filter(connection=ours).update(
            books_refunds=True, till_returns=OrderSettings.TillReturns.STORE, settle_hours=0, charges_at_shipment=True,
            fee_item_id=fees,
        )  # fmt: skip
        now = timezone.now()
        card_settings_save(
            connection=ours, follows=True, sharing=Sharing.BOTH, reserve=ZERO, email=CARDS_OF,
            till_asks=False, credit_field="", actor=self.staff, now=now,
        )  # fmt: skip
        shown = version_of(customer_settings_of(ours))
        customer_settings_save(connection=ours, changes={"is_on": True}, shown=shown, actor=self.staff, now=now)

    def promise(self) -> None:
        """Some shoppers only promise their money."""
        recipes = [one for one in self.store.wishes(RECIPES, self.seed) if one["kind"] == "authorized"]
        for web_id in self.store.buy(recipes * PROMISED):
            self.placed[web_id] = "authorized"

    # --- what people do ------------------------------------------------------------------------------

    def begin(self, web_id: int, act: MoneyAct) -> MoneyAct:
        """The first step; answers the act that it became, as the store refuses some."""
        if act in ALONE and self.pieces(web_id) < 2:
            return self.begin(web_id, ALONE[act])
        if act in LEAVES:
            self.ship(web_id, self.number(web_id))
        elif not self.gives_back(web_id, {} if act == MoneyAct.OPEN_ALL else PIECE):
            return self.begin(web_id, MoneyAct.SHIP)
        return act

    def go_on(self, web_id: int, act: MoneyAct) -> None:
        """What is given back once all has left."""
        if act in {MoneyAct.LEFT_PIECE, MoneyAct.BOTH}:
            self.gives_back(web_id, PIECE)
        if act == MoneyAct.LEFT_MONEY:
            self.gives_back(web_id, {"amount": "1.00"})
        if act in {MoneyAct.TILL, MoneyAct.BOTH}:
            self.takes_back(web_id)

    def gives_back(self, web_id: int, wish: JSON) -> bool:
        """Staff of the store give money back; False where the store refuses it."""
        try:
            self.asked[web_id] += in_cents(self.store.give_back(web_id, wish))
        except requests.HTTPError:
            return False
        return True

    def takes_back(self, web_id: int) -> None:
        """The till takes a piece of the first article back that it can, and leaves the money to the store."""
        kind = self.connection.order_settings.payment_type_id
        name = next(row["name"] for row in self.heartland.rows("payment_types") if str(row["id"]) == kind)
        for invoice in self.invoices(web_id)[:1]:
            sold = [row for row in self.lines_of(invoice) if row["type"] == "ItemLine" and row["item_id"]]
            line = {"item_id": sold[-1]["item_id"], "qty": 1}
            wish = {"parent_transaction_id": invoice["id"], "lines": [line], "payment_type": name}
            ticket = self.heartland.post("/_sim/staff/pos_return", wish)
            self.asked[web_id] += in_cents(-cents(ticket["total"]))

    def cards_sold(self) -> list[str]:
        """Cards that the till sells, as far as the store has such cards."""
        numbers = [f"STORYCARD{number:04d}" for number in range(CARDS)]
        try:
            self.store.cards()
        except NotThere:
            return []
        for number in numbers:
            card = {"number": number, "value": str(CARD_VALUE)}
            self.heartland.post("/_sim/staff/pos_sale", {"location": PLACE, "lines": [], "gift_cards": [card]})
            self.spent[number] = ZERO
        self.wait("cards are known in the store", self.cards_left)
        return numbers

    def cards_spent(self, cards: list[str]) -> None:
        """Each in both channels at once."""
        for number in cards:
            line = {"sku": "DOG-LEAD", "qty": 1, "price": str(AT_THE_TILL)}
            self.heartland.post("/_sim/staff/pos_sale", {"location": PLACE, "lines": [line], "gift_card": number})
            self.store.spend_card(number, ONLINE)
            self.spent[number] = AT_THE_TILL + ONLINE

    def people_renamed(self) -> None:
        """The store learns a new last name of each, Heartland a new phone."""
        known = CustomerIdentity.objects.filter(connection=self.connection, state=CustomerIdentity.State.LINKED)
        for number, one in enumerate(known.exclude(customer_id="").order_by("pk")[:PEOPLE]):
            name, phone = f"Newname{chr(ord('a') + number)}", f"512555010{number}"
            self.store.rename(one.account_id, name)
            self.heartland_says(one.customer_id, phone_number=phone)
            self.renamed[one.account_id] = {"last_name": name, "phone": phone, "customer": one.customer_id}

    def heartland_says(self, customer_id: str, **fields: str) -> None:
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

    # --- seen from outside ---------------------------------------------------------------------------

    def pieces(self, web_id: int) -> int:
        return self.store.books().orders[str(web_id)].pieces.total()

    def ledgers(self) -> Iterator[Ledger]:
        """Every order that people touched, as both systems show its money."""
        rows = Rows(self.heartland)
        sold, given_back, taken = self.store.books().orders, self.store.given_back(), self.store.taken()
        promised = self.store.promised()
        for web_id, act in self.acts.items():
            orders = alive(rows.orders, self.labels[web_id])
            returns = rows.returns_of(self.labels[web_id])
            yield Ledger(
                web_id=web_id,
                act=act,
                sold=sold[str(web_id)].total,
                taken=taken.get(web_id),
                is_promised=web_id in promised,
                given_back=given_back.get(web_id, ZERO),
                asked=Decimal(self.asked[web_id]) / 100,
                told=self.told_of(web_id),
                orders=[cents(row["total"]) for row in orders],
                returns=[-cents(row["total"]) for row in returns],
                paid=sum((rows.paid.get(row["id"], ZERO) for row in orders), ZERO)
                + sum((rows.handed_out.get(row["id"], ZERO) for row in returns), ZERO),
            )

    def told_of(self, web_id: int) -> Decimal:
        """What our page of the order says that a till gave beyond what was paid."""
        reasons = Record.objects.filter(flow=RETURNS.name, order_id=web_id).values_list("reason", flat=True)
        return sum((Decimal(amount) for one in reasons for amount in GAVE_MORE.findall(one)), ZERO)

    def cards(self) -> dict[str, Card]:
        if not self.spent:
            return {}
        till = {row["number"]: cents(row["balance"]) for row in self.heartland.rows("gift_cards")}
        store = self.store.cards()
        return {
            number: Card(due=CARD_VALUE - spent, till=till.get(number), store=store.get(number))
            for number, spent in self.spent.items()
        }

    def people(self) -> dict[str, Person]:
        if not self.renamed:
            return {}
        customers = {str(row["id"]): row for row in self.heartland.rows("customers")}
        copies = Counter(str(row["email"]).lower() for row in customers.values() if row["active"] and row["email"])
        found = {}
        for account, wish in self.renamed.items():
            ours = customers[wish["customer"]]
            said = self.store.account(account)
            found[f"Account {account}"] = Person(
                copies=copies[str(ours["email"]).lower()],
                expected={"last_name": wish["last_name"], "phone": wish["phone"]},
                in_store={"last_name": said["last_name"], "phone": digits(said["phone"])},
                in_heartland={"last_name": str(ours["last_name"]), "phone": digits(ours["phone_number"])},
            )
        return found

    def lines_of(self, transaction: JSON) -> list[JSON]:
        rows = self.heartland.rows("transaction_lines")
        return [row for row in rows if row["transaction_id"] == transaction["id"]]


class Rows:
    """Heartland's orders, returns and payments at one moment."""

    def __init__(self, heartland: Any) -> None:
        self.orders = heartland.rows("orders")
        self.paid = payments_by_order(heartland)
        self.transactions = [row for row in heartland.rows("transactions") if row["status"] == "complete"]
        self.handed_out: dict[int, Decimal] = {}
        for row in heartland.rows("payments"):
            if row.get("transaction_id") and not row.get("order_id"):
                number = row["transaction_id"]
                self.handed_out[number] = self.handed_out.get(number, ZERO) + cents(row["amount"])

    def returns_of(self, label: str) -> list[JSON]:
        """Of an order's invoices, and those that bear its number."""
        sales = {row["id"] for row in self.orders if str(row["public_id"]).split("-")[:2] == label.split("-")[:2]}
        invoices = {row["id"] for row in self.transactions if row["type"] == "Invoice" and row["order_id"] in sales}
        return [
            row
            for row in self.transactions
            if row["type"] == "Return"
            and (row["parent_transaction_id"] in invoices or str(row["public_id"]).startswith(f"{label}-R"))
        ]


def in_cents(amount: Decimal) -> int:
    return int(amount * 100)


def digits(text: Any) -> str:
    return "".join(sign for sign in str(text or "") if sign.isdigit())[-10:]
