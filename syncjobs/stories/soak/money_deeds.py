"""What people do that moves money, points or customers: each with the flow whose writes carry it to the other side."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.utils import timezone

from ipaas.types import JSON
from syncjobs.engine.enqueueing import job_enqueue
from syncjobs.flows.cards import CARDS
from syncjobs.flows.customers import CUSTOMERS
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.points import POINTS
from syncjobs.flows.points.settings_points import loyalty_save
from syncjobs.flows.refunds import REFUNDS
from syncjobs.flows.returns import RETURNS
from syncjobs.flows.shipments import SHIPMENTS
from syncjobs.intake.customer_answers import same_person
from syncjobs.models import CustomerIdentity, CustomerQuestion
from syncjobs.stories.auditor.read_systems import TOKEN, let_in
from syncjobs.stories.demo.money_report import MoneyAct
from syncjobs.stories.demo.money_story import AT_THE_TILL, ONLINE, PIECE, MoneyStory

POINTS_FIELD = "loyalty_points"  # of Heartland's customers
EARNED = 30
TWO_PIECES = "coupon-percent"  # a kind of recipe: an account's order of two articles at least
PROMISED = "authorized"


@dataclass
class Business:
    """The story of money with what its deeds need beside it."""

    money: MoneyStory
    points_field: str = ""
    points: dict[str, int] = field(default_factory=dict)  # that an account should have
    made: int = 0  # of whatever needs a name of its own
    twins: dict[str, tuple[str, str]] = field(default_factory=dict)  # account: who stays, who is switched off

    def next(self) -> int:
        self.made += 1
        return self.made

    def write(self, method: str, path: str, body: JSON) -> Any:
        """As staff of Heartland's."""
        let_in(self.money.heartland)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return self.money.heartland.write(method, f"/api{path}?by=hand", body, headers)

    # --- what there must be before -------------------------------------------------------------------

    def order(self, kind: str) -> int:
        """A booked order of that kind."""
        money = self.money
        recipe = next(one for one in money.store.wishes(60, money.seed + self.next()) if one["kind"] == kind)
        (web_id,) = money.store.buy([recipe])
        money.placed[web_id] = kind
        money.wait("an order is taken in", money.all_are_final)
        money.know(web_id, money.store.books().orders[str(web_id)])
        return web_id

    def left(self) -> int:
        """An order whose goods have left, and the store knows."""
        web_id = self.order(TWO_PIECES)
        self.money.acts[web_id] = MoneyAct.SHIP
        self.money.ship(web_id, self.money.number(web_id))
        self.money.wait("a shipment is carried", self.money.all_invoices_are_carried)
        return web_id

    def card(self) -> str:
        """A number that both sides know."""
        number = self.new_card()
        self.sell_card(number)
        self.money.wait("a card is known", self.money.cards_left)
        return number

    def new_card(self) -> str:
        return f"SOAKCARD{self.next():04d}"

    def account(self) -> str:
        """An account that is somebody's in Heartland, and has points on both sides."""
        number = self.next()
        account = self.money.store.register(f"soak{number}@example.org", "Sol", f"Keeper{number}")
        self.look(CUSTOMERS.name, account)
        self.money.wait("an account is known", lambda: self.unknown(account))
        return account

    def member(self) -> str:
        """An account whose points both sides count."""
        account = self.account()
        if not self.points_field:
            self.reward()
        self.look(POINTS.name, account)
        self.money.wait("points are counted", self.money.jobs)
        return account

    def unknown(self, account: str) -> list[str]:
        known = CustomerIdentity.objects.filter(connection=self.money.connection, account_id=account)
        is_linked = known.filter(state=CustomerIdentity.State.LINKED).exclude(customer_id="").exists()
        return [*(() if is_linked else [f"account {account}"]), *self.money.jobs()]

    def customer_of(self, account: str) -> str:
        identity = CustomerIdentity.objects.get(connection=self.money.connection, account_id=account)
        return identity.customer_id

    def asked(self) -> str:
        """An account that may be either of two customers."""
        number = self.next()
        person = {"first_name": "Twin", "last_name": f"Doubled{number}", "email": f"twin{number}@example.org"}
        for _ in range(2):
            self.write("POST", "/customers", person)
        account = self.money.store.register(person["email"], person["first_name"], person["last_name"])
        self.look(CUSTOMERS.name, account)
        self.money.wait("a person is asked who it is", lambda: [] if self.questions(account) else [account])
        return account

    def questions(self, account: str) -> list[CustomerQuestion]:
        return list(CustomerQuestion.objects.open().filter(identity__account_id=account))

    def look(self, flow: str, external_id: str) -> None:
        """Somebody asks for a look."""
        now = timezone.now()
        job_enqueue(connection=self.money.connection, flow=flow, external_id=external_id, cause="retry", now=now)

    # --- what people do ------------------------------------------------------------------------------

    def ship(self, web_id: int) -> None:
        self.money.acts[web_id] = MoneyAct.SHIP
        self.money.ship(web_id, self.money.number(web_id))

    def give_back(self, web_id: int, *, act: MoneyAct, wish: JSON) -> None:
        self.money.acts[web_id] = act
        self.money.gives_back(web_id, wish)

    def take_back(self, web_id: int) -> None:
        self.money.acts[web_id] = MoneyAct.TILL
        self.money.takes_back(web_id, self.money.own_payment_type())

    def sell_card(self, number: str) -> None:
        self.money.till_sells(number)

    def spend_at_till(self, number: str) -> None:
        self.money.till_spends(number, AT_THE_TILL)

    def spend_online(self, number: str) -> None:
        self.money.store_spends(number, ONLINE)

    def sell_online(self, subject: None) -> None:
        self.money.store_sells()

    def rename(self, account: str) -> None:
        self.money.rename(account, self.customer_of(account), self.next())

    def earn(self, account: str) -> None:
        """Points come in the store, and as many in Heartland, between two looks."""
        store, customer = self.money.store, self.customer_of(account)
        store.show_points(account, self.points_field, EARNED)
        self.money.heartland_says(customer, custom={POINTS_FIELD: str(EARNED)})
        self.points[account] = 2 * EARNED
        self.look(POINTS.name, account)

    def reward(self) -> None:
        self.write("POST", "/custom_fields", {"group_id": "customer", "name": "Loyalty points"})
        self.points_field = self.money.store.points_field()
        loyalty_save(
            connection=self.money.connection, actor=self.money.staff, is_on=True, heartland_field=POINTS_FIELD,
            store_field=self.points_field, points=0,
        )  # fmt: skip

    def merge(self, account: str) -> None:
        (question,) = self.questions(account)
        kept, gone = question.candidates
        self.twins[account] = kept, gone
        same_person(question=question, customer_id=kept, merges=True, actor=self.money.staff, now=timezone.now())

    # --- what is left to be carried ------------------------------------------------------------------

    def not_level(self) -> list[str]:
        """All that both systems do not say alike yet."""
        money = self.money
        return [
            *money.money_left(), *money.cards_left(), *money.people_left(), *self.points_left(), *self.merges_left()
        ]  # fmt: skip

    def points_left(self) -> list[str]:
        if not self.points:
            return []
        rows = {str(row["id"]): row for row in self.money.heartland.rows("customers")}
        found = []
        for account, due in self.points.items():
            said = (rows[self.customer_of(account)].get("custom") or {}).get(POINTS_FIELD)
            both = int(said or 0), self.money.store.points(account, self.points_field)
            if both != (due, due):
                found.append(f"Account {account} should have {due} points; Heartland and the store say {both}")
        return found

    def merges_left(self) -> list[str]:
        rows = {str(row["id"]): row["active"] for row in self.money.heartland.rows("customers")}
        return [
            f"Customers {kept} and {gone} of account {account}: switched on {rows[kept], rows[gone]}"
            for account, (kept, gone) in self.twins.items()
            if (rows[kept], rows[gone]) != (True, False)
        ]


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Something that people do, with what must be there before."""

    name: str
    flow: str  # whose writes carry it
    ready: Callable[[Business], Any]
    do: Callable[[Business, Any], None]
    needs_cards: bool = False


def gives_back(act: MoneyAct, wish: JSON) -> Callable[[Business, int], None]:
    return partial(Business.give_back, act=act, wish=wish)


DEEDS = (
    Deed(name="charge", flow=SHIPMENTS.name, ready=lambda shop: shop.order(PROMISED), do=Business.ship),
    Deed(
        name="refund-open-piece",
        flow=ORDERS.name,
        ready=lambda shop: shop.order(TWO_PIECES),
        do=gives_back(MoneyAct.OPEN_PIECE, PIECE),
    ),
    Deed(
        name="refund-open-all",
        flow=ORDERS.name,
        ready=lambda shop: shop.order(TWO_PIECES),
        do=gives_back(MoneyAct.OPEN_ALL, {}),
    ),
    Deed(name="refund-left", flow=REFUNDS.name, ready=Business.left, do=gives_back(MoneyAct.LEFT_PIECE, PIECE)),
    Deed(name="till-return", flow=RETURNS.name, ready=Business.left, do=Business.take_back),
    Deed(name="card-sold-at-till", flow=CARDS.name, ready=Business.new_card, do=Business.sell_card, needs_cards=True),
    Deed(name="card-sold-online", flow=CARDS.name, ready=lambda shop: None, do=Business.sell_online, needs_cards=True),
    Deed(name="card-spent-at-till", flow=CARDS.name, ready=Business.card, do=Business.spend_at_till, needs_cards=True),
    Deed(name="card-spent-online", flow=CARDS.name, ready=Business.card, do=Business.spend_online, needs_cards=True),
    Deed(name="points", flow=POINTS.name, ready=Business.member, do=Business.earn),
    Deed(name="customer-changed", flow=CUSTOMERS.name, ready=Business.account, do=Business.rename),
    Deed(name="customers-merged", flow=CUSTOMERS.name, ready=Business.asked, do=Business.merge),
)
