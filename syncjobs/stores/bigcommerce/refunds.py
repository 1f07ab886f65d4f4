"""Refunds at BigCommerce: read, quoted, asked for. Its notes §17."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from mappings.core.bigcommerce.give_back import items_of, quote_from_bigcommerce, request_of
from mappings.core.canonical.order import ZERO, Order
from mappings.core.canonical.refund import Refund
from mappings.core.rules.give_back import Quote, Wish
from syncjobs.stores.bigcommerce.orders import RefundRows


class BigCommerceRefunds(RefundRows):
    """Fulfils `port.Refunds`."""

    def quote(
        self,
        order: Order,
        pieces: Mapping[str, int],
        given: Sequence[Refund],
        *,
        amount: Decimal = ZERO,
        is_noted: bool = False,
    ) -> Quote:
        """The quote, and the transactions that tell what each tender paid. One refund holds all of it."""
        answer = self._client.refund_quote(order.source_id, items_of(order, pieces, amount))
        return quote_from_bigcommerce(order, answer, self._client.order_transactions(order.source_id), given)

    def refund(self, order: Order, wish: Wish, part: int = 0) -> None:
        """One call; the gateways answer later."""
        self._read.pop(order.source_id, None)
        self._client.refund_create(order.source_id, request_of(order, wish))
