"""What the contract suite needs to know of a kind of store beside its port: its sandbox, from outside."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from connections.models import Store
from ipaas.types import Call, NoObserver
from mappings.core.canonical.product import Product
from mappings.core.canonical.statuses import Statuses
from syncjobs.stores import port
from syncjobs.stores.opening import STATUSES, store_of
from syncjobs.stories.demo.sim import Sandbox
from tests.sandbox.conftest import Running

WRITE, PAGES = "write", "pages"  # of levels
MAKE, LIST, EDIT = "make", "list", "edit"  # of products
ORDER, ORDERS, NUMBER, SHIP = "order", "orders", "number", "ship"  # of orders
CHARGE, REFUND = "charge", "refund"  # of money
CARD = "card"  # made
CREDIT = "credit"  # moved
RECORD = "record"  # an order made at the desk
MOVE, TRACK = "move", "track"  # to a status beside a number; of a shipment
ON_BOTH = frozenset(
    {
        "levels",
        "catalogue",
        "orders",
        "order_lists",
        "customers",
        "loyalty",
        "feedback",
        "shipments",
        "charges",
        "refunds",
    }
)
LOST = {"after": True, "lose": True}  # it is done, and the answer is lost


class Counted(NoObserver):
    """Counts calls."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def after(self, call: Call) -> None:
        self.calls.append(call)


class StoreUnderTest(ABC):
    """A sandbox of one kind: how it is started and opened, what its staff do there, and what it truly holds."""

    kind: ClassVar[str]
    place: ClassVar[str]  # that web orders take from
    writing: ClassVar[int] = 1  # calls of a write of few levels: one, and those that look before it
    refuses_uncounted: ClassVar[bool] = True  # else it takes a quantity of what it does not count, without effect
    calls: ClassVar[dict[str, tuple[str, str]]]  # what the port asks → method and path, a regular expression
    offers: ClassVar[frozenset[str]]  # capabilities of the port, by the suite's files

    costs: ClassVar[dict[str, int]] = {}  # calls of what is told of an order, where it is not one
    moves: ClassVar[tuple[str, str]]  # two statuses that an open order may be moved to by us, one after the other
    uncounted: ClassVar[frozenset[str]] = frozenset()  # statuses of which the store counts no orders

    def __init__(self) -> None:
        self.server = self.started()
        self.sandbox = Sandbox(self.server.url)

    @abstractmethod
    def started(self) -> Running:
        """The sandbox, with quota for a whole run."""

    def fresh(self) -> None:
        """Back to the seed, and no fault left."""
        self.server.fresh()
        self.sandbox.delete("/_sim/faults")

    def registered(self) -> AbstractContextManager[None]:
        """Known to the product while it lasts."""
        return nullcontext()

    @abstractmethod
    def row(self) -> Store:
        """The store as a merchant connected it."""

    def opened(self, observer: NoObserver | None = None) -> port.Store:
        return store_of(self.row(), observer or NoObserver())

    def statuses(self) -> Statuses:
        """Of the store's orders, by key."""
        return STATUSES[self.kind]

    def spoil(self, call: str, **fault: Any) -> None:
        """The next such call goes wrong."""
        method, path = self.calls[call]
        self.sandbox.post("/_sim/faults", {"method": method, "path": path, "times": 1, **fault})

    @abstractmethod
    def throttled(self, seconds: int) -> dict[str, Any]:
        """The fault by which the store asks to wait for so long."""

    @abstractmethod
    def pages_of(self, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
        """Have pages of levels, products and orders be so small."""

    # asked of kinds that offer what it is about

    def signed_with(self) -> str:
        """The client secret that its callbacks are signed with; "" where none are."""
        raise NotImplementedError

    def happen(self) -> Mapping[str, str]:
        """All that its callbacks tell of happens, and they are sent; by topic, the record that each then names."""
        raise NotImplementedError

    def held(self, place: str) -> dict[str, int]:
        """What the sandbox itself holds at a place, by SKU."""
        raise NotImplementedError

    def place_open(self, name: str) -> str:
        """Staff open one more place; answers its id."""
        raise NotImplementedError

    def place_close(self, place: str) -> None:
        """Staff remove a place for good."""
        raise NotImplementedError

    def sku_rename(self, sku: str, new: str) -> None:
        """Staff give a product's SKU another name."""
        raise NotImplementedError

    def count_stop(self, sku: str) -> None:
        """Staff have the store keep no stock of a SKU's product any more."""
        raise NotImplementedError

    def order_place(self, **recipe: Any) -> str:
        """A shopper orders (`ipaas.sandbox.catalog.recipes.Recipe`); answers the order's id."""
        return str(self.sandbox.post("/_sim/orders", recipe)["ids"][0])

    def credit_opened(self) -> None:
        """The shop is one that lets other systems read and move store credit."""
        raise NotImplementedError

    def card_sold(self, worth: Decimal) -> tuple[str, str]:
        """A shopper buys a gift card of a store that tells of them by its orders; answers the order and the number."""
        raise NotImplementedError

    def account(self) -> str:
        """The e-mail address of somebody who has an account there."""
        raise NotImplementedError

    def mails(self, order_id: str) -> int:
        """How often its shopper was mailed since it was placed."""
        raise NotImplementedError

    def points_field(self) -> str:
        """The key of a field that may hold points of accounts."""
        raise NotImplementedError

    def group_made(self, name: str) -> str:
        """Staff add a customer group; answers its id."""
        raise NotImplementedError

    def order_total(self, order_id: str) -> Decimal:
        """What the sandbox itself says that the shopper was charged."""
        raise NotImplementedError

    def order_move(self, order_id: str, status: str) -> None:
        """Staff give an order another status."""
        raise NotImplementedError

    def order_remove(self, order_id: str) -> None:
        """Staff archive an order, or what comes nearest to it there."""
        raise NotImplementedError

    def order_note(self, order_id: str, text: str) -> None:
        """Staff write on an order."""
        raise NotImplementedError

    def number_shown(self, order_id: str) -> str:
        """Which sales order of ours the store's order names; "" for none."""
        raise NotImplementedError

    def taken(self, order_id: str) -> Decimal:
        """What the sandbox's own gateway took for an order."""
        raise NotImplementedError

    def tracking_shown(self, order_id: str) -> list[str]:
        """The tracking number of each shipment of an order."""
        raise NotImplementedError

    def making(self, product: Product) -> int:
        """How many calls it takes to make a product, where nothing was asked of the store before."""
        return 1

    def picture(self) -> str:
        """The address of a picture that the store can show."""
        return "https://pictures.example/cup.jpg"

    def products(self) -> dict[str, str]:
        """The products that the sandbox itself holds: titles by id."""
        raise NotImplementedError

    def product_price(self, product_id: str, price: str) -> None:
        """Staff give a product another price."""
        raise NotImplementedError

    def product_remove(self, product_id: str) -> None:
        """Staff remove a product for good."""
        raise NotImplementedError
