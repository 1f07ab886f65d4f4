"""Orders at BigCommerce: read in one call, walked by id, told their number."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from connections.connectors.bigcommerce import BigCommerceClient
from connections.connectors.bigcommerce.base import ROWS_PER_PAGE
from connections.connectors.bigcommerce.orders import OrderWalk
from connections.connectors.http import http_date
from errors.failures import NotFound
from ipaas.masking import NAME, STREET
from ipaas.types import JSON
from mappings.core.bigcommerce.account_holder import holder_from_bigcommerce
from mappings.core.bigcommerce.customised import variant_options
from mappings.core.bigcommerce.order_texts import notes_of
from mappings.core.bigcommerce.orders import order_from_bigcommerce, total_of, version_of
from mappings.core.bigcommerce.payments import VOID, state_by_transactions, taken_in_part
from mappings.core.bigcommerce.refunds import (
    hints_at_refund,
    refunded_from_bigcommerce,
    refunds_from_bigcommerce,
)
from mappings.core.bigcommerce.statuses import meaning_of
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import Buyer, Order, PaymentState, VariantOption
from mappings.core.canonical.refund import Refund
from mappings.core.rules.people_named import names_on, streets_on
from syncjobs.stores.port import OrderHead, StatusCount

TAKEN = "captured"  # payment_status of an order that is paid, and of which nothing was given back


class Heads:
    """Fulfils `port.OrderWalk`."""

    def __init__(self, walk: OrderWalk) -> None:
        self._walk = walk

    @property
    def next_from(self) -> datetime | None:
        return self._walk.first_answer_at

    def __iter__(self) -> Iterator[OrderHead]:
        return map(head_from_bigcommerce, self._walk)


class RefundRows:
    """Refund records as the store writes them, each order's asked for once a run where the run needs them twice."""

    def __init__(self, client: BigCommerceClient) -> None:
        self._client = client
        self._read: dict[str, list[JSON]] = {}

    def read(self, order_id: str) -> list[JSON]:
        """As they are now: one call."""
        self._read[order_id] = rows = self._client.order_refunds(order_id)
        return rows

    def refunded(self, order_id: str) -> Decimal:
        return refunded_from_bigcommerce(order_id, self.read(order_id))

    def refunds(self, order: Order) -> list[Refund]:
        """Fulfils `port.Refunds` (notes §17): no call where the order's own reading made it."""
        rows = self._read.get(order.source_id)
        return refunds_from_bigcommerce(order, self.read(order.source_id) if rows is None else rows)


class BigCommerceOrders:
    """Fulfils `port.Orders` (BigCommerce notes §9 to §12, §17)."""

    def __init__(self, client: BigCommerceClient, refunds: RefundRows) -> None:
        self._client, self._refunds = client, refunds

    def order(self, order_id: str) -> Order:
        return order_concealed(self._client, self._client.order_read(order_id))

    def whole(self, order_id: str) -> Order:
        return order_completed(self._client, self._refunds, self._client.order_read(order_id))

    def refunded(self, order_id: str) -> Decimal:
        return self._refunds.refunded(order_id)

    def head(self, order_id: str) -> OrderHead:
        return head_from_bigcommerce(self._client.order_head(order_id))

    def changed_since(self, moment: datetime) -> Heads:
        return Heads(self._client.iter_orders(modified_since=moment))

    def placed_between(self, first: datetime, last: datetime, *, after: str = "") -> Heads:
        next_id = int(after) + 1 if after else None
        return Heads(self._client.iter_orders(created_from=first, created_to=last, min_id=next_id))

    def living(self, order_ids: Collection[str]) -> set[str]:
        """Those of the orders that are there: one by one, or 250 neighbouring numbers a call, whichever is less."""
        if not order_ids:
            return set()
        low, high = min(map(int, order_ids)), max(map(int, order_ids))
        if (high - low) // ROWS_PER_PAGE + 1 <= len(order_ids):
            listed = {str(row["id"]) for row in self._client.iter_orders(min_id=low, max_id=high)}
            return listed.intersection(order_ids)
        return {one for one in order_ids if self._is_there(one)}

    def numbered(self, numbers: Sequence[str]) -> Mapping[str, Sequence[str]]:
        return {number: [number] for number in numbers}

    def status_counts(self) -> list[StatusCount]:
        labels = {str(row["id"]): str(row.get("custom_label") or "") for row in self._client.order_statuses()}
        counts = {str(number): orders for number, orders in self._client.orders_count().items()}
        return [
            StatusCount(key=key, label=labels.get(key, ""), orders=counts.get(key, 0))
            for key in dict.fromkeys([*labels, *counts])
        ]

    def variant_options(self, product_ids: Sequence[str]) -> Mapping[str, Sequence[VariantOption]]:
        rows = self._client.variants_of(product_ids)
        return {str(variant["id"]): variant_options(variant) for variant in rows}

    def _is_there(self, order_id: str) -> bool:
        try:
            return not self.head(order_id).is_deleted
        except NotFound:
            return False


class BigCommerceOrderLists:
    """Fulfils `port.OrderLists`: the list takes the includes of a single order (notes §6.1)."""

    def __init__(self, client: BigCommerceClient, refunds: RefundRows) -> None:
        self._client, self._refunds = client, refunds

    def rows(self, order_ids: Sequence[str]) -> Mapping[str, JSON | None]:
        wanted = neighbours(list(map(int, order_ids)))
        listed = self._client.orders_whole(wanted[0], wanted[-1]) if len(wanted) > 1 else []
        found = {int(row["id"]): row for row in listed}
        return {str(number): found.get(number) for number in wanted}

    def title(self, row: JSON) -> str:
        return str(row["id"])

    def order(self, row: JSON) -> Order:
        return order_completed(self._client, self._refunds, row)


def neighbours(numbers: Sequence[int]) -> list[int]:
    """The first number and those after it, as long as at least every other order there is wanted: the rest is waste."""
    rising = sorted(number for number in numbers if numbers[0] <= number < numbers[0] + ROWS_PER_PAGE)
    most = max(count for count, number in enumerate(rising, 1) if number - rising[0] < 2 * count)
    return rising[:most]


def order_concealed(client: BigCommerceClient, answer: JSON) -> Order:
    """The order; whom it names, no later word of the client repeats."""
    order = order_from_bigcommerce(answer)
    client.redactor.conceal(NAME, names_on(order))
    client.redactor.conceal(STREET, streets_on(order))
    return order


def order_completed(client: BigCommerceClient, refunds: RefundRows, answer: JSON) -> Order:
    """The same with what was unanswered, and with what was given back: a call more each."""
    order = order_concealed(client, answer)
    if order.unanswered:
        ask = {"fees": client.order_fees, "coupons": client.order_coupons}
        order = order_from_bigcommerce(answer | {part: ask[part](order.source_id) for part in order.unanswered})
    return replace(order, refunded=refunds.refunded(order.source_id)) if hints_at_refund(order) else order


class BigCommerceAccounts:
    """Fulfils `port.Accounts` (notes §22)."""

    def __init__(self, client: BigCommerceClient) -> None:
        self._client = client

    def holder(self, typed: Buyer, *, country: str) -> Buyer | None:
        account = self._client.customer_read(typed.source_id)
        return None if account is None else holder_from_bigcommerce(account, typed, country=country)


class BigCommercePayments:
    """Fulfils `port.Payments` (notes §15)."""

    def __init__(self, client: BigCommerceClient) -> None:
        self._client = client

    def payment_state(self, order: Order) -> PaymentState:
        return state_by_transactions(order, self._client.order_transactions(order.source_id))

    def taken_in_part(self, order: Order) -> Decimal | None:
        return taken_in_part(order, self._client.order_transactions(order.source_id))

    def is_withdrawn(self, order: Order, known: str) -> bool | None:
        """The order says so itself (notes §9.2)."""
        return order.payment_status.lower() == VOID


class BigCommerceFeedback:
    """Fulfils `port.Feedback` (notes §13)."""

    def __init__(self, client: BigCommerceClient) -> None:
        self._client = client

    def number_write(self, order_id: str, number: str, *, status: str = "") -> OrderHead:
        fields = {"status_id": int(status)} if status else {}
        return head_from_bigcommerce(self._client.order_update(order_id, external_order_id=number, **fields))

    def status_write(self, order_id: str, status: str) -> OrderHead:
        return head_from_bigcommerce(self._client.order_update(order_id, status_id=int(status)))

    def note_write(self, order_id: str, text: str) -> OrderHead:
        """Below what stands in the staff notes, of which there is one field."""
        answer = self._client.order_head(order_id)
        notes = str(answer.get("staff_notes") or "")
        if text not in notes:
            answer = self._client.order_update(order_id, staff_notes="\n".join(filter(None, [notes, text])))
        return head_from_bigcommerce(answer)


def head_from_bigcommerce(answer: JSON) -> OrderHead:
    """A row of the store's list, or an order without what hangs on it."""
    row = Row(answer, f"Order {answer.get('id') or '?'}")
    return OrderHead(
        id=row.text("id"),
        version=version_of(row),
        changed_at=http_date(row.text("date_modified")),
        status=row.text("status_id"),
        meaning=meaning_of(row.text("status_id")),
        status_name=row.text("status"),
        total=total_of(row),
        currency=row.text("default_currency_code") or row.text("currency_code"),
        is_paid=row.text("payment_status") == TAKEN,
        is_deleted=row.flag("is_deleted"),
        notes=notes_of(row),
    )
