"""What stories ask of a store of the sandbox: one class a kind fulfils it."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from ipaas.types import JSON
from syncjobs.stories.demo.sim import Sandbox
from syncjobs.stories.demo.visitor import Visitor

BY_HAND = "by=hand"  # in the address of what people do and look up themselves, so that a fault can be of our calls only
OURS = f"(?!.*{BY_HAND})"  # behind a path's beginning, in a fault's regular expression
PACKING, PARTLY, SHIPPED = "Being packed", "Partly shipped", "Shipped"  # stages of our pages
OVER = "Cancelled, given back, skipped or closed"


@dataclass(kw_only=True)
class Sold:
    """An order of a store by the store's own word."""

    id: str
    total: Decimal
    currency: str
    status: str  # in the store's words
    is_archived: bool = False
    has_ended: bool = False  # cancelled or declined
    is_over: bool = False  # … or shipped whole, or given back
    is_promised: bool = True  # its goods must not be sold again while nobody ships them
    stage: str = PACKING  # of our pages, once Heartland distributed it
    placed_at: datetime | None = None
    number: str = ""  # as shoppers know it
    pieces: Counter[str] = field(default_factory=Counter)  # by SKU
    goods: Counter[str] = field(default_factory=Counter)  # … of what goes to an address
    shipped: Counter[str] = field(default_factory=Counter)  # pieces by SKU
    given_back: Counter[str] = field(default_factory=Counter)  # … whether they had left or not
    kept: Counter[str] = field(default_factory=Counter)  # pieces that the store does not sell because of it

    @property
    def is_living(self) -> bool:
        return not self.is_archived


@dataclass(kw_only=True)
class Books:
    """What a store itself holds."""

    orders: dict[str, Sold]
    stock: dict[str, int]  # at the default place, by SKU
    told: set[str] = field(default_factory=set)  # orders of which a webhook of the store told us


@dataclass(frozen=True, kw_only=True)
class StockRoutes:
    """How the sandbox counts the calls of stock, and the most that one call can do."""

    levels: str
    write: str
    levels_per_call: int
    writes_per_call: int
    looks_before_writes: bool = False  # what would be written is read once more: the store keeps more in it than we do


@dataclass(frozen=True, kw_only=True)
class Moved:
    """Money that a payment provider moved, as its own list of movements has it."""

    id: str
    order: int
    reference: str  # of the payment; of what goes back that of what came
    amount: Decimal  # below zero: given back
    at: datetime


@dataclass(frozen=True, kw_only=True)
class PaidByCard:
    """What a checkout took off a gift card."""

    amount: Decimal
    order: int = 0  # 0: none that stories follow


class NotThere(Exception):
    """A kind of store has no such act."""


class ShopSide(ABC):
    """A store of the sandbox from outside. Raises requests.HTTPError where it refuses what staff or shoppers want."""

    kind: ClassVar[str]  # value of Store.kind
    to_ship: ClassVar[str] = ""  # status of what is paid and to be shipped
    statuses_of_cards: ClassVar[Sequence[str]] = ()  # of what is paid and goes to no address
    topics: ClassVar[str]  # how topics of webhooks of an order begin
    api: ClassVar[str]  # a regular expression of the API's paths, for faults
    stock_routes: ClassVar[StockRoutes]
    ships_what_it_holds: ClassVar[bool] = False  # it refuses a shipment of goods that it has too few of
    hears_of_tills: ClassVar[bool] = True  # what tills sell and spend of gift cards reaches its own
    throttled: ClassVar[Mapping[str, Any]] = {}  # switches: as a store throttles on a busy day
    unthrottled: ClassVar[Mapping[str, Any]] = {}
    crowded: ClassVar[JSON] = {}  # a fault: as the host of a store without limits of its own refuses some calls

    def __init__(self, control: str) -> None:
        self.sandbox = Sandbox(control)

    # --- the merchant --------------------------------------------------------------------------------

    @abstractmethod
    def join(self, owner: Visitor, web: str, *, uses_token: bool) -> None:
        """The owner connects the store through our pages, up to where it is confirmed. `web` is our address.

        `uses_token`: by a token alone, where the kind has such a way.
        """

    # --- shoppers ------------------------------------------------------------------------------------

    def wishes(self, count: int, seed: int) -> list[JSON]:
        """What so many shoppers want: recipes with their `kind`."""
        return list(self.sandbox.get("/_sim/recipes", n=count, seed=seed)["recipes"])

    def numbered(self, recipe: JSON, number: str) -> JSON:
        """The recipe of an order that bears a number, where a store's numbers are not its orders' ids."""
        return recipe

    def buy(self, recipes: Sequence[JSON]) -> list[int]:
        """Checkouts; answers the orders' ids."""
        return list(map(int, self.sandbox.post("/_sim/orders", list(recipes))["ids"]))

    # --- staff of the store --------------------------------------------------------------------------

    @abstractmethod
    def cancel(self, order: int) -> None: ...

    @abstractmethod
    def edit(self, order: int, change: Callable[[int], int]) -> int:
        """The first line gets another quantity, worked out from the present one; answers the order that has it then."""

    @abstractmethod
    def refund(self, order: int, amount: str) -> None:
        """Money alone is given back."""

    @abstractmethod
    def give_back(self, order: int, wish: JSON) -> Decimal:
        """`{"lines": [{"line", "quantity"}]}`, `{"amount"}`, or all that is left; answers how much that was."""

    def spend_card(self, number: str, amount: Decimal) -> PaidByCard:
        """A checkout takes at least so much off a gift card that has it."""
        raise NotThere

    def sell_card(self, value: Decimal) -> tuple[int, str]:
        """A guest buys a gift card; answers the order's id and the card's number."""
        raise NotThere

    def rename(self, account: str, last_name: str) -> None:
        """A shopper changes their name."""
        raise NotThere

    @abstractmethod
    def register(self, email: str, first_name: str, last_name: str) -> str:
        """Somebody makes an account; answers its id."""

    @abstractmethod
    def points_field(self) -> str:
        """The key of a field of accounts that holds points."""

    @abstractmethod
    def show_points(self, account: str, field: str, points: int) -> None:
        """Something in the store gives an account so many."""

    def move(self, order: int, status: str) -> None:
        """Give an order another status."""
        raise NotThere

    def archive(self, order: int) -> None:
        raise NotThere

    def type_stock(self, sku: str, quantity: int) -> None:
        """A number typed in the back office, where Heartland is master."""
        raise NotThere

    def take_by_phone(self, sku: str, *, currency: str, contact: JSON) -> int:
        """An order that staff type in: any currency, and a buyer of whom nothing else is known; answers its id."""
        raise NotThere

    def give_to_new_account(self, order: int) -> None:
        """A guest registers after the checkout; the store gives the order to the new account."""
        raise NotThere

    @abstractmethod
    def let_promise(self) -> None:
        """From now on orders whose money is only promised are to be shipped too."""

    @abstractmethod
    def refuse_captures(self, *, is_on: bool) -> None:
        """The provider takes no promised money, until it does again."""

    # --- its books -----------------------------------------------------------------------------------

    @abstractmethod
    def books(self) -> Books:
        """Everything that it holds, by its API where that tells, else by control state."""

    @abstractmethod
    def given_back(self) -> dict[int, Decimal]:
        """Money, by order."""

    @abstractmethod
    def moved(self) -> list[Moved]:
        """What payment providers took and gave back."""

    @abstractmethod
    def taken(self) -> dict[int, Decimal]:
        """What was paid, by order: to payment providers, and by the store's own money where it shows that."""

    @abstractmethod
    def promised(self) -> set[int]:
        """Orders whose money was only promised when they were placed."""

    def cards(self) -> dict[str, Decimal]:
        """Balances of gift cards, by number."""
        raise NotThere

    @property
    def has_cards(self) -> bool:
        try:
            self.cards()
        except NotThere:
            return False
        return True

    def account(self, account: str) -> dict[str, str]:
        """`last_name` and `phone` of a customer."""
        raise NotThere

    @abstractmethod
    def points(self, account: str, field: str) -> int:
        """What the field of an account says."""

    @abstractmethod
    def stock(self) -> dict[str, int]:
        """What its default place holds, by SKU."""

    @abstractmethod
    def mailed_without_tracking(self) -> set[int]:
        """Orders whose shopper was mailed of a shipment that named no tracking number."""

    def newest(self) -> int:
        """The id of its last order; 0 before the first."""
        return max((int(row["id"]) for row in self.sandbox.rows("orders")), default=0)

    @abstractmethod
    def upcoming(self, count: int) -> list[str]:
        """Numbers that its next orders are going to bear."""

    def deliveries(self) -> dict[str, int]:
        """Its webhooks by what became of them."""
        return dict(Counter(row["status"] for row in self.sandbox.rows("deliveries")))
