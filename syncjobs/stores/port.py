"""The store port: what flows, sets, polls, proofs and pages ask of a web store, in canonical records.

One Protocol a capability. Every method is at most the calls that its docstring names, observed by the run that asks
(`stores.opening`). Each may raise what any call may (`connections.connectors.http`: Unreachable, Throttled,
CredentialsRejected, PermissionMissing, ContractBroken and their like); a docstring names what one record may meet
besides, NotFound and Rejected. Ids are text, whatever the store makes of them; money is Decimal in the order's
currency; datetimes are aware.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NoReturn, Protocol

from connections.store_kinds import StoreProfile
from errors.failures import NotOffered, Rejected
from mappings.core.canonical.customer import Customer
from mappings.core.canonical.desk_order import DeskOrder
from mappings.core.canonical.listing import Listing, Names
from mappings.core.canonical.order import Address, Buyer, Order, PaymentState, VariantOption, Written
from mappings.core.canonical.product import Policy, Product
from mappings.core.canonical.refund import Refund
from mappings.core.canonical.shipment import Invoice, Parcel, Shipment, Tracking
from mappings.core.canonical.statuses import StatusMeaning
from mappings.core.rules.customer_fields import Values
from mappings.core.rules.matching import StoreItem
from mappings.core.rules.product_changes import Change
from syncjobs.stores.card_port import GiftCards, OrderCards, StoreCredit
from syncjobs.stores.charge_port import Charges
from syncjobs.stores.level_port import Levels
from syncjobs.stores.refund_port import GivingBack

LACKING = "{} offers us no {}: switch off what needs them."  # a kind of store, a capability


@dataclass(frozen=True, kw_only=True)
class OrderHead:
    """What a list of orders says of one, without what hangs on it."""

    id: str
    version: str  # changes with every change of the order; as the store writes it
    changed_at: datetime | None  # by the store's clock
    placed_at: datetime | None = None  # None when the list does not say
    status: str  # key, as the store knows it; "" when it does not say
    meaning: StatusMeaning
    status_name: str  # as people know it
    total: Decimal | None  # with tax, all tenders, in cents; None when what stands there is no amount
    currency: str  # ISO 4217; "" when the store does not say
    is_paid: bool = False  # the store says that all of its money was taken, and none given back since
    is_deleted: bool = False  # archived
    notes: tuple[Written, ...] = ()  # comment and staff notes


@dataclass(frozen=True, kw_only=True)
class StatusCount:
    """A status as the store has it now."""

    key: str
    label: str  # as the merchant calls it; "" where as the store does
    orders: int


class OrderWalk(Protocol):
    """Orders in an order by which a change during the walk may repeat one and never hide one."""

    @property
    def next_from(self) -> datetime | None:
        """Where the next walk begins, by the store's clock, once this one has ended; no call. None where not told."""

    def __iter__(self) -> Iterator[OrderHead]:
        """Each order once or more: a call a page, made when its first order is wanted."""


class Orders(Protocol):
    """Reading orders. Whom an order names, no later word of this store repeats (`ipaas.masking`)."""

    def order(self, order_id: str) -> Order:
        """One order with its lines: one call, and one for each part that it counts and the answer lacks.

        `Order.unanswered` names what it may lack nevertheless. Raises NotFound.
        """

    def whole(self, order_id: str) -> Order:
        """The same with what was unanswered, and with what was given back where it hints at that: a call more each.

        Raises NotFound.
        """

    def refunded(self, order_id: str) -> Decimal:
        """How much money was given back, by the store's records: one call. Raises NotFound."""

    def head(self, order_id: str) -> OrderHead:
        """An order as lists show it: one call. Raises NotFound."""

    def changed_since(self, moment: datetime) -> OrderWalk:
        """Orders changed at or after a moment of the store's clock, archived ones too. No call until it is walked."""

    def placed_between(self, first: datetime, last: datetime, *, after: str = "") -> OrderWalk:
        """Orders placed in a time, both included, by ascending id; those with a greater id than `after`.

        No call until it is walked.
        """

    def living(self, order_ids: Collection[str]) -> set[str]:
        """Those that the store has and that are not archived: the fewest calls that tell."""

    def numbered(self, numbers: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Ids of the orders that bear some numbers, by number; the fewest calls, none where a number is the id."""

    def status_counts(self) -> list[StatusCount]:
        """How many orders are in each status that the store counts: the fewest calls."""

    def variant_options(self, product_ids: Sequence[str]) -> Mapping[str, Sequence[VariantOption]]:
        """By variant: what makes the variants of some products what they are, to settle `Line.choices`. One call."""


class OrderLists(Protocol):
    """Lists that give orders whole: for orders that wait together. A kind without one has them read one by one."""

    def rows(self, order_ids: Sequence[str]) -> Mapping[str, Any]:
        """By id, orders of which one list tells, the first and as many more as it can, as the store wrote them.

        None for what is missing there, or came without a part: that says nothing of it. At most one call.
        """

    def title(self, row: Any) -> str:
        """What people call an order of such a list. No call."""

    def order(self, row: Any) -> Order:
        """What `Orders.whole` would have answered then: no call, but for what that costs more than one."""


class OrderSweeps(Protocol):
    """Orders of which the list of changes does not tell: of a store whose clock some changes do not move."""

    def newest(self) -> str:
        """The greatest id of an order; "" where there is none. One call."""

    def after(self, order_id: str) -> OrderWalk:
        """Orders with a greater id. No call until it is walked."""

    def open_now(self) -> OrderWalk:
        """Orders of which more is to happen. No call until it is walked."""


class OrderPart(StrEnum):
    """What hangs on orders."""

    SHIPMENTS = "shipments"
    REFUNDS = "refunds"
    INVOICES = "invoices"


class OrderParts(Protocol):
    """What hangs on orders and has a clock of its own: of a store where an order's may stand still as it changes."""

    def changed_since(self, part: OrderPart, moment: datetime) -> OrderWalk:
        """Orders of which a part changed at or after a moment of the store's clock; `changed_at` is the part's.

        A call a page of parts, and one for each hundred orders; none until it is walked. Raises PermissionMissing.
        """


class Accounts(Protocol):
    """Customer accounts."""

    def holder(self, typed: Buyer, *, country: str) -> Buyer | None:
        """Who holds the account of an order's buyer; None when it is gone. One call. Raises PermissionMissing.

        `typed` is the order's billing contact, for what the account lacks; `country` reads a phone without a code.
        """


@dataclass(frozen=True, kw_only=True)
class AccountWrite:
    """What an account is to be brought to. What is not named here stays, the defaults among addresses too."""

    values: Values = field(default_factory=dict)
    address_changes: Mapping[str, Address] = field(default_factory=dict)  # by the store's id
    address_adds: Sequence[Address] = ()

    def __bool__(self) -> bool:
        return bool(self.values or self.address_changes or self.address_adds)


class Customers(Protocol):
    """Customer accounts, kept alike on both sides. Whom one names, no later word of this store repeats."""

    def account(self, account_id: str) -> Customer | None:
        """One account with its addresses; None when it is gone. One call."""

    def accounts(self, account_ids: Sequence[str]) -> list[Customer]:
        """Those of some accounts that there are, at most `accounts_at_once`: one call."""

    accounts_at_once: int

    def changed_since(self, moment: datetime) -> Iterator[Customer]:
        """Accounts changed since, by the store's clock: a call a page. It may not tell of changes of addresses."""

    def of_email(self, email: str) -> list[Customer]:
        """Accounts with this e-mail address: one call."""

    def create(self, values: Values) -> str:
        """Make an account, of which the store may mail the shopper; answers its id. One call. Raises Rejected.

        Not safe to repeat: look before, by e-mail.
        """

    def write(self, account: Customer, wanted: AccountWrite) -> Customer:
        """Change an account as it was read; answers it as it then is, but for addresses that were added.

        Safe to repeat but for those. The fewest calls: one for the account, one for changed addresses and one for new
        ones where the store has them apart. Raises NotFound or Rejected.
        """

    def groups(self) -> Mapping[str, str]:
        """Names of the groups of customers by key: one call."""


@dataclass(frozen=True, kw_only=True)
class PointsField:
    """A field of customer accounts that may hold loyalty points."""

    key: str  # by which `Loyalty` is asked
    name: str  # as people know it


@dataclass(frozen=True, kw_only=True)
class Member:
    """What an account shows of loyalty."""

    id: str
    points: str  # as the field holds them; "" for an empty one
    group: str = ""  # id of the customer group; "" for none, and where a list does not tell it


class Loyalty(Protocol):
    """Loyalty points and the customer group, as accounts show them."""

    def fields(self) -> list[PointsField]:
        """Fields that may hold points: a call for each page."""

    def groups(self) -> Mapping[str, str]:
        """Names of customer groups by id, without that of guests: a call for each page."""

    def member(self, account_id: str, field: str) -> Member | None:
        """One account; None when it is gone. One call."""

    def members(self, field: str, *, since: datetime) -> Iterator[Member]:
        """Accounts with points that may have changed since then; more where the store cannot tell. A call a page."""

    def points_write(self, account_id: str, field: str, points: int) -> None:
        """Have the field show so many points: one call, safe to repeat. Raises NotFound or Rejected."""

    def group_write(self, account_id: str, group: str) -> None:
        """Move an account to a customer group: one call, safe to repeat. Raises NotFound or Rejected."""


class Payments(Protocol):
    """What was taken of an order's money."""

    def payment_state(self, order: Order) -> PaymentState:
        """As the gateways reported it, for orders that do not say themselves: one call. Raises NotFound."""

    def taken_in_part(self, order: Order) -> Decimal | None:
        """What gateways took of an order that says it is paid, where that is less than they have to bring; else None.

        At most one call. Raises NotFound.
        """

    def is_withdrawn(self, order: Order, known: str) -> bool | None:
        """Whether what was promised of its money, and not taken, was let go. `known`: the payment's reference then.

        None where the store shows that nothing happened to it since; at most one call. Raises NotFound.
        """


class Refunds(GivingBack, Protocol):
    """What was given back of an order, and giving more of it back."""

    def refunds(self, order: Order) -> list[Refund]:
        """All of an order as it was read in this run, in the order in which they were made, whatever became of them.

        At most one call. Raises NotFound, or PermissionMissing.
        """


class Feedback(Protocol):
    """What the store is told of a booked order. Answers how the order then is: its version is our own echo."""

    def number_write(self, order_id: str, number: str, *, status: str = "") -> OrderHead:
        """Name our sales order on the store's order, and move it to a status where one is given: the fewest calls.

        Safe to repeat. Raises NotFound or Rejected.
        """

    def status_write(self, order_id: str, status: str) -> OrderHead:
        """Move an order to a status, by its key: the fewest calls, safe to repeat.

        Raises NotFound, or Rejected: also for a status that the store gives alone (`Status.is_settable`).
        """

    def note_write(self, order_id: str, text: str) -> OrderHead:
        """Tell the store's staff something on an order, unseen by the shopper: two calls, one where it stands there.

        Safe to repeat. Raises NotFound or Rejected.
        """


class DeskOrders(Protocol):
    """Keeping a record of orders that were made at Heartland's desk. Nobody is mailed, and no money is asked for."""

    def recorded(self, mark: str) -> list[OrderHead]:
        """Orders that bear a mark, without archived ones: one call."""

    def record(self, order: DeskOrder) -> OrderHead:
        """Make the store's order, to be fulfilled, marked, and paid elsewhere; its stock goes by the store's settings.

        One call. Not safe to repeat: look before, by the mark. Raises Rejected.
        """


class Shipments(Protocol):
    """What left, as the store shows it."""

    def shipments(self, order_id: str) -> list[Shipment]:
        """All of an order: one call. Raises NotFound when the order is gone."""

    def ship(
        self, order_id: str, parcel: Parcel, invoice: Invoice, *, place: str = "", notifies: bool = True
    ) -> Shipment:
        """Make one shipment, from a place of the store where that is known: the fewest calls.

        The store may mail the shopper of it (`StoreProfile.mails_shopper`), where it can be told only if `notifies`.
        Answers what the store made of it, which may be less than the parcel. Not safe to repeat: look before. Raises
        NotFound or Rejected.
        """

    def track(self, order_id: str, shipment_id: str, invoice: Invoice, *, notifies: bool = True) -> Shipment:
        """Bring a shipment the carrier and numbers of an invoice: the fewest calls. Raises NotFound or Rejected."""

    def tracking_of(self, invoice: Invoice) -> Tracking:
        """Carrier and numbers of an invoice as the store would show them. No call."""


class Pickups(Protocol):
    """Telling of orders that are collected at a counter, where no status does. Answers how the order then is.

    Neither is safe to repeat: look what is shown as left before. Raises NotFound or Rejected.
    """

    def ready(self, order: Order) -> OrderHead:
        """What is left of it waits to be collected, and the store mails the shopper: two calls."""

    def collected(self, order: Order, invoice: Invoice) -> OrderHead:
        """What is left of it was collected, of which nobody is mailed: the fewest calls."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A product that the store has now."""

    id: str
    brand_id: str = ""  # "" for none, and where it is not known


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One entry of a batch; those of one kind are sent together."""

    kind: str  # a key of `Catalogue.most_edits`
    body: Any  # as the store takes it, for itself to read


class Catalogue(Protocol):
    """Products, read whole and changed where they differ. What each takes of them: `opening.limits_of`."""

    most_edits: Mapping[str, int]  # kinds of edits in the order in which they are sent, with how many a call takes

    def count(self) -> int:
        """How many products there are: one call."""

    def page(self, after: str, *, changed_since: datetime | None = None) -> tuple[list[Listing], bool]:
        """Products with a greater id ("": from the first on), ascending, all or those changed; and if more follow.

        By id, so that a change during the walk neither hides nor repeats one. One call.
        """

    def listings(self, ids: Sequence[str]) -> list[Listing]:
        """Some products, without those that are gone: the fewest calls."""

    def names(self) -> Names:
        """Of all brands and categories: a call for each page of both."""

    def item(self, sku: str) -> StoreItem | None:
        """What a SKU is, to be linked; None when the store has none that is equal. Two calls."""

    def category_create(self, name: str) -> str:
        """Add a category at the top; answers its id. One call. Raises Rejected."""

    def create(
        self, product: Product, policy: Policy, *, category_ids: Sequence[str], pictures: Sequence[str], is_shown: bool
    ) -> Made:
        """Make a product with its variants, its pictures fetched from addresses. One call.

        Safe to repeat: where the store refuses it as there already, it is the one with its first SKU, which was made
        without an answer; that is one call more. Raises Rejected.
        """

    def edits(
        self,
        source: Product,
        target: Product,
        changes: Sequence[Change],
        policy: Policy,
        *,
        category_ids: Sequence[str],
    ) -> list[Edit]:
        """What brings a product after its source but for pictures and new variants. No call."""

    def additions(self, source: Product, target: Product, skus: set[str]) -> list[Edit]:
        """What adds variants to a product with options: one call, and one for each value that its options lack.

        Raises Rejected where a variant does not fit its options.
        """

    def withdrawal(self, product_id: str, *, is_hidden: bool) -> Edit:
        """What takes a product off sale: hidden, or shown and not sold. No call."""

    def send(self, edits: Sequence[Edit]) -> None:
        """Write edits of one kind, at most as many as a call takes: all or none, safe to repeat. Raises Rejected."""

    def named(self, edits: Sequence[Edit], refusal: Rejected) -> list[Edit]:
        """Those that a refusal of them names. No call."""

    def has_pictures(self, product_id: str) -> bool:
        """Asked of the product alone: one call. Raises NotFound."""

    def picture_add(self, product_id: str, url: str, *, is_first: bool) -> None:
        """Have the store show a picture; not safe to repeat. One call. Raises Rejected."""

    def delete(self, product_id: str) -> None:
        """Remove a product for good: one call. Raises NotFound when it is gone already."""


class Store(ABC):
    """One web store, ready to be asked: `stores.opening`. A kind sets what it can do; the rest raises NotOffered."""

    profile: StoreProfile
    orders: Orders
    order_lists: OrderLists
    order_sweeps: OrderSweeps
    order_parts: OrderParts
    accounts: Accounts
    customers: Customers
    loyalty: Loyalty
    payments: Payments
    refunds: Refunds
    charges: Charges
    feedback: Feedback
    desk_orders: DeskOrders
    shipments: Shipments
    pickups: Pickups
    levels: Levels
    catalogue: Catalogue
    gift_cards: GiftCards
    order_cards: OrderCards
    store_credit: StoreCredit

    def __getattr__(self, name: str) -> NoReturn:
        """Asked only for what the kind did not set."""
        if name in Store.__annotations__:
            raise NotOffered(LACKING.format(self.profile.name, name))
        raise AttributeError(name)

    @abstractmethod
    def limit_calls_to(self, seconds: float) -> None:
        """From now on no call takes longer: somebody waits before a page."""
