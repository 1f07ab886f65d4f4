"""Asking a Magento shop for credit memos. Its notes §11.1."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from connections.connectors.magento.refunding import Refunding
from errors.failures import Rejected
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import ZERO, Order
from mappings.core.canonical.refund import Refund
from mappings.core.magento.give_back import Source, quote_from_magento, rows_back, rows_of_amount, source_of
from mappings.core.magento.sides import side_of
from mappings.core.rules.give_back import Quote, Wish
from syncjobs.stores.magento.orders import OrderRows

SEVERAL = "The pieces were paid with several invoices: make a credit memo on each of them in Magento's Admin."
NO_INVOICE = "No invoice of the order took its money by a provider, and only an invoice is given back by one."
BUNDLES = "No amount can be given by itself on an order with a bundle: make the credit memo in Magento's Admin."
OTHER_CURRENCY = "An amount is kept or given of an order in another currency: make the credit memo in Magento's Admin."


class GivingBack:
    """The part of `port.Refunds` that writes: a memo by the invoice whose provider took the money, else offline."""

    def __init__(self, rows: OrderRows) -> None:
        self._rows, self._client = rows, rows.client
        self._quoted: dict[str, tuple[dict[str, int], Source]] = {}

    def quote(
        self, order: Order, pieces: Mapping[str, int], given: Sequence[Refund], *, amount: Decimal = ZERO
    ) -> Quote:
        """The order's invoices, for when its money was taken: one call."""
        rows, source = self._quoted[order.source_id] = self._source(order, pieces)
        row = self._rows.known(order.source_id)
        return quote_from_magento(order, row, rows, source, given, currency=self._rows.currency, amount=amount)

    def refund(self, order: Order, wish: Wish) -> None:
        """One memo; what is only noted beside money that goes back counts as kept of it, since a memo is either."""
        rows, source = self._quoted.pop(order.source_id)
        is_online = wish.online > 0
        kept = wish.kept + (wish.noted if is_online else ZERO)
        if is_online and not source.invoice_id:
            raise Rejected(SEVERAL if source.taken_at else NO_INVOICE, status=400)
        side = side_of(Row(self._rows.known(order.source_id), f"Order {order.source_id}"), self._rows.currency)
        if (kept or wish.amount) and side.other and not side.is_base:
            raise Rejected(OTHER_CURRENCY, status=400)
        self._client.refund_make(
            order.source_id,
            Refunding(
                pieces=rows,
                amount=wish.amount,
                kept=kept,
                comment=wish.note,
                invoice_id=source.invoice_id if is_online else "",
            ),
        )

    def _source(self, order: Order, pieces: Mapping[str, int]) -> tuple[dict[str, int], Source]:
        known, currency = self._rows.known(order.source_id), self._rows.currency
        rows = rows_back(known, pieces, currency=currency) if pieces else rows_of_amount(known, currency=currency)
        if not (rows or pieces):
            raise Rejected(BUNDLES, status=400)
        return rows, source_of(self._client.invoices_of(order.source_id), rows, f"Order {order.source_id}")
