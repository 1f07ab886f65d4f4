"""Asking a Magento shop for credit memos. Its notes §11.1."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from connections.connectors.magento.refunding import Refunding
from errors.failures import Rejected
from ipaas.types import JSON
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import ZERO, Order
from mappings.core.canonical.refund import Refund
from mappings.core.magento.give_back import Part, has_bundle, left_of, parts_of, quote_from_magento, rows_back
from mappings.core.magento.payments import is_offline
from mappings.core.magento.sides import side_of
from mappings.core.rules.give_back import Quote, Wish
from syncjobs.stores.magento.orders import OrderRows

UNHELD = "No invoice by which a provider was paid has room for it: make the credit memo in Magento's Admin."
NO_INVOICE = "No invoice of the order took its money by a provider, and only an invoice is given back by one."
BUNDLES = "No amount can be noted by itself on an order with a bundle: make the credit memo in Magento's Admin."
OTHER_CURRENCY = "An amount is kept or given of an order in another currency: make the credit memo in Magento's Admin."


class GivingBack:
    """The part of `port.Refunds` that writes: memos by the invoices whose provider took the money, else one offline."""

    def __init__(self, rows: OrderRows) -> None:
        self._rows, self._client = rows, rows.client
        self._memos: dict[str, list[JSON]] = {}
        self._quoted: dict[str, list[Part]] = {}

    def quote(
        self,
        order: Order,
        pieces: Mapping[str, int],
        given: Sequence[Refund],
        *,
        amount: Decimal = ZERO,
        is_noted: bool = False,
    ) -> Quote:
        """The order's invoices, for when its money was taken: one call."""
        answer = self._rows.known(order.source_id)
        amount = ZERO if pieces else min(amount, left_of(order, given))
        if amount and is_noted and has_bundle(answer):
            raise Rejected(BUNDLES, status=400)
        rows = rows_back(answer, pieces, currency=self._rows.currency)
        parts = parts_of(
            self._client.invoices_of(order.source_id),
            self._memos.get(order.source_id, []),
            rows,
            amount,
            f"Order {order.source_id}",
        )
        if is_noted or is_offline(Row(answer, f"Order {order.source_id}")):
            parts = [Part(rows=rows, taken_at=parts[-1].taken_at)]
        self._quoted[order.source_id] = parts
        quote = quote_from_magento(order, answer, parts, given, currency=self._rows.currency)
        return quote if pieces else replace(quote, parts=(amount,))

    def refund(self, order: Order, wish: Wish, part: int = 0) -> None:
        """One memo; what is only noted beside money that goes back counts as kept of it, since a memo is either."""
        asked = self._quoted[order.source_id][part]
        is_online = wish.online > 0
        if is_online and not asked.invoice_id:
            raise Rejected(UNHELD if asked.taken_at else NO_INVOICE, status=400)
        kept = wish.kept + (wish.noted if is_online else ZERO)
        side = side_of(Row(self._rows.known(order.source_id), f"Order {order.source_id}"), self._rows.currency)
        if (kept or wish.amount) and side.other and not side.is_base:
            raise Rejected(OTHER_CURRENCY, status=400)
        self._client.refund_make(
            order.source_id,
            Refunding(
                pieces=asked.rows,
                amount=wish.amount,
                kept=kept,
                comment=wish.note,
                invoice_id=asked.invoice_id if is_online else "",
            ),
        )
