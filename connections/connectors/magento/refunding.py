"""Giving money back by a credit memo (notes §11.1).

Bodies are built here from typed arguments alone: without `items` the shop gives everything back, and without
`shipping_amount` the whole delivery.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from connections.connectors.http import segment
from connections.connectors.magento.base import MagentoBase
from connections.connectors.magento.rights import CREDIT_MEMO, INVOICES
from connections.connectors.needs import needs
from ipaas.types import JSON


@dataclass(frozen=True, kw_only=True)
class Refunding:
    """Pieces of an order's rows that came back, or an amount for none of them."""

    pieces: Mapping[str, int]  # by the row's id; never empty: see the module. Of an amount all rows, with 0
    amount: Decimal = Decimal(0)  # beside the pieces, in the shop's base currency
    kept: Decimal  # of what they come to, in the shop's base currency
    comment: str  # which no shopper sees
    invoice_id: str = ""  # whose provider gives the money back; "" only notes it

    def body(self) -> JSON:
        if not self.pieces:
            raise ValueError("a credit memo without items would give everything back")
        return {
            "items": [{"order_item_id": int(row), "qty": count} for row, count in self.pieces.items()],
            "notify": False,
            "appendComment": False,
            "comment": {"comment": self.comment, "is_visible_on_front": 0},
            "arguments": {"shipping_amount": 0, "adjustment_positive": self.amount, "adjustment_negative": self.kept},
        }


class RefundCalls(MagentoBase):
    """Making credit memos. No stock is returned by them: that is told as Heartland counts it."""

    @needs(CREDIT_MEMO, INVOICES)
    def refund_make(self, order_id: str, refunding: Refunding) -> None:
        """One memo, all or nothing. Not safe to repeat: look before.

        Raises NotFound, Rejected with the shop's or the provider's words, or SaveFailed.
        """
        online = refunding.invoice_id
        path = f"/invoice/{segment(online)}/refund" if online else f"/order/{segment(order_id)}/refund"
        self._send("POST", self._v1(path), body=refunding.body() | ({"isOnline": True} if online else {}))
