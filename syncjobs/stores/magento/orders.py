"""Orders at Magento: read in one call, walked by the time of their change. Its notes §8, §20."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from connections.connectors.magento import MagentoClient
from errors.failures import NotFound
from ipaas.masking import NAME, STREET
from ipaas.types import JSON
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import Order, PaymentState, VariantOption
from mappings.core.magento.orders import order_from_magento, refunded_of
from mappings.core.magento.payments import is_promise_withdrawn, state_by_transactions
from mappings.core.magento.sides import side_of
from mappings.core.magento.statuses import (
    CANCELED,
    CLOSED,
    COMPLETE,
    HELD,
    NEW,
    PENDING_PAYMENT,
    PROCESSING,
    REVIEW,
)
from mappings.core.rules.people_named import names_on, streets_on
from syncjobs.stores.magento.order_heads import ChangedHeads, ChangedRows, Heads, head_from_magento
from syncjobs.stores.magento.order_website import Views
from syncjobs.stores.port import OrderHead, StatusCount

STATES = (NEW, PENDING_PAYMENT, REVIEW, PROCESSING, HELD, COMPLETE, CLOSED, CANCELED)
OPEN_STATES = (NEW, REVIEW, PROCESSING, HELD)  # in which something may change that moves no clock (notes §20.1)


class OrderRows:
    """Orders as the shop writes them, each asked for once a run where the run needs more of it than it reads."""

    def __init__(self, client: MagentoClient, views: Views, currency: str) -> None:
        self.client, self.views, self.currency = client, views, currency
        self._read: dict[str, JSON] = {}

    def read(self, order_id: str) -> JSON:
        """The order as it is now: one call. Raises NotFound, also for one of another website."""
        row = self.client.order_read(order_id)
        if not self.views.is_ours(row):
            raise NotFound(f"Magento's order {order_id} is of another website.")
        self._read[order_id] = row
        return row

    def known(self, order_id: str) -> JSON:
        """The order as this run read it; one call where it did not."""
        return self._read.get(order_id) or self.read(order_id)

    def order(self, row: JSON) -> Order:
        """The record; whom it names, no later word of the client repeats."""
        order = order_from_magento(row, currency=self.currency)
        self._read[order.source_id] = row
        self.client.redactor.conceal(NAME, names_on(order))
        self.client.redactor.conceal(STREET, streets_on(order))
        return order

    def head(self, row: JSON) -> OrderHead:
        return head_from_magento(row, self.currency)

    def heads(self, rows: Iterable[JSON]) -> Iterator[OrderHead]:
        """Those of the website's orders among rows of a list."""
        return map(self.head, self.views.ours(rows))


class MagentoOrders:
    """Fulfils `port.Orders`."""

    def __init__(self, rows: OrderRows) -> None:
        self._rows, self._client = rows, rows.client

    def order(self, order_id: str) -> Order:
        return self._rows.order(self._rows.read(order_id))

    def whole(self, order_id: str) -> Order:
        return self.order(order_id)

    def refunded(self, order_id: str) -> Decimal:
        row = Row(self._rows.read(order_id), f"Order {order_id}")
        return refunded_of(row, side_of(row, self._rows.currency))

    def head(self, order_id: str) -> OrderHead:
        return self._rows.head(self._rows.read(order_id))

    def changed_since(self, moment: datetime) -> ChangedHeads:
        return ChangedHeads(ChangedRows(lambda: self._client.orders_changed(moment)), self._rows.heads)

    def placed_between(self, first: datetime, last: datetime, *, after: str = "") -> Heads:
        return Heads(lambda: self._rows.heads(self._client.orders_placed(first, last, after=after)))

    def living(self, order_ids: Collection[str]) -> set[str]:
        """A call for each hundred."""
        rows = self._rows.views.ours(self._client.orders_by_id(sorted(order_ids, key=int)))
        return {str(row["entity_id"]) for row in rows}

    def numbered(self, numbers: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """A call for each hundred; several views may have given one number."""
        found = defaultdict[str, list[str]](list)
        for row in self._rows.views.ours(self._client.orders_numbered(numbers)):
            found[str(row["increment_id"])].append(str(row["entity_id"]))
        return found

    def status_counts(self) -> list[StatusCount]:
        """A call for each state, since a list counts what it lists alone. How many left in part, none counts."""
        return [StatusCount(key=state, label="", orders=self._client.orders_count(state)) for state in STATES]

    def variant_options(self, product_ids: Sequence[str]) -> Mapping[str, Sequence[VariantOption]]:
        """Nothing is left to settle: a configurable's row says what it is by its SKU."""
        return {}


class MagentoOrderLists:
    """Fulfils `port.OrderLists`: a list's orders are whole."""

    def __init__(self, rows: OrderRows) -> None:
        self._rows = rows

    def rows(self, order_ids: Sequence[str]) -> Mapping[str, JSON | None]:
        found = {str(row["entity_id"]): row for row in self._rows.views.ours(self._rows.client.orders_by_id(order_ids))}
        return {order_id: found.get(order_id) for order_id in order_ids}

    def title(self, row: JSON) -> str:
        return str(row.get("increment_id") or row["entity_id"])

    def order(self, row: JSON) -> Order:
        return self._rows.order(row)


class MagentoOrderSweeps:
    """Fulfils `port.OrderSweeps`: what moves no clock, and rows whose time is odd (notes §20.1, §20.2)."""

    def __init__(self, rows: OrderRows) -> None:
        self._rows, self._client = rows, rows.client

    def newest(self) -> str:
        return self._client.order_newest()

    def after(self, order_id: str) -> Heads:
        return self._heads(lambda: self._client.orders_after(order_id))

    def open_now(self) -> Heads:
        return self._heads(lambda: self._client.orders_in(OPEN_STATES))

    def _heads(self, ask: Callable[[], Iterator[JSON]]) -> Heads:
        return Heads(lambda: self._rows.heads(ask()))


class MagentoPayments:
    """Fulfils `port.Payments` (notes §13)."""

    def __init__(self, rows: OrderRows) -> None:
        self._client = rows.client

    def payment_state(self, order: Order) -> PaymentState:
        return state_by_transactions(order, self._client.transactions_of(order.source_id))

    def taken_in_part(self, order: Order) -> Decimal | None:
        """The order itself says how much, and an edited one is another order (notes §13)."""
        return None

    def is_withdrawn(self, order: Order, known: str) -> bool | None:
        """The order names its last transaction, and says nothing of a void: the transactions do."""
        if known in {tender.reference for tender in order.tenders}:
            return None
        return is_promise_withdrawn(order, self._client.transactions_of(order.source_id))
