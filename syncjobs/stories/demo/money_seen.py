"""The money of orders, cards and customers as both systems show it at one moment."""

import re
from abc import ABC
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ipaas.types import JSON
from syncjobs.flows.cards import CARDS
from syncjobs.flows.returns import RETURNS
from syncjobs.stories.demo.life_report import alive
from syncjobs.stories.demo.money_report import UNTOLD, ZERO, Card, Ledger, Person
from syncjobs.stories.demo.orders_at_work import OrdersAtWork
from syncjobs.stories.demo.report import FINAL, FLOW, payments_by_order
from syncjobs.stories.demo.sim import cents

CARD_VALUE = Decimal(50)
GAVE_MORE = re.compile(r"The till gave ([0-9.]+) more")
OVERDRAWN = re.compile(r"it is overdrawn by ([0-9.]+)")


@dataclass
class Spent:
    """Of a card, by where."""

    till: Decimal = ZERO
    online: Decimal = ZERO


@dataclass
class MoneySeen(OrdersAtWork, ABC):
    """What people did with money so far, and what became of it on both sides."""

    asked: Counter[int] = field(default_factory=Counter)  # money that people gave back, by order, in cents
    spent: dict[str, Spent] = field(default_factory=dict)  # by card
    renamed: dict[str, Mapping[str, str]] = field(default_factory=dict)  # by the store's account

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

    def dispositions(self) -> Counter[str]:
        """What we say of all that shoppers placed."""
        said = dict(self.records(FLOW).values_list("external_id", "disposition"))
        found = (said.get(str(web_id)) for web_id in self.placed)
        return Counter(str(one) if one in FINAL else UNTOLD for one in found)

    def told_of(self, web_id: int) -> Decimal:
        """What our page of the order says that a till gave beyond what was paid."""
        reasons = self.records(RETURNS.name).filter(order_id=web_id).values_list("reason", flat=True)
        return sum((Decimal(amount) for one in reasons for amount in GAVE_MORE.findall(one)), ZERO)

    def cards(self) -> dict[str, Card]:
        if not self.spent:
            return {}
        till = {row["number"]: cents(row["balance"]) for row in self.heartland.rows("gift_cards")}
        store = self.store.cards()
        told = self.overdrafts_told()
        found = {}
        for number, spent in self.spent.items():
            due = CARD_VALUE - spent.till - spent.online
            found[number] = Card(
                due=due,
                due_in_store=due if self.store.hears_of_tills else CARD_VALUE - spent.online,
                till=till.get(number),
                store=store.get(number),
                told=told.get(number[-4:], ZERO) if due < 0 else ZERO,
            )
        return found

    def overdrafts_told(self) -> dict[str, Decimal]:
        """By how much our pages of cards say that they are overdrawn; by the last signs of a number, all they show."""
        told = self.records(CARDS.name).filter(code="card_overdrawn").values_list("label", "reason")
        return {label[-4:]: Decimal(said[1]) for label, reason in told if (said := OVERDRAWN.search(reason))}

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
