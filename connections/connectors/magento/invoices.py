"""Invoices, by which an order's money is captured (notes §9).

Bodies are built here from typed arguments alone: without `items` the shop invoices everything that is left.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from connections.connectors.http import segment
from connections.connectors.magento.changes import KEY, PartCalls
from connections.connectors.magento.criteria import Filter
from connections.connectors.magento.rights import INVOICE, INVOICES
from connections.connectors.needs import needs
from errors.failures import ContractBroken
from ipaas.types import JSON

INVOICES_PER_PAGE = 100


@dataclass(frozen=True, kw_only=True)
class Invoicing:
    """Pieces of an order's rows whose money the provider is to take now."""

    pieces: Mapping[str, int]  # by the row's id; never empty: see the module
    comment: str  # which no shopper sees

    def body(self) -> JSON:
        if not self.pieces:
            raise ValueError("an invoice without items would invoice everything")
        return {
            "capture": True,
            "items": [{"order_item_id": int(row), "qty": count} for row, count in self.pieces.items()],
            "notify": False,
            "appendComment": False,
            "comment": {"comment": self.comment, "is_visible_on_front": 0},
        }


class InvoiceCalls(PartCalls):
    """What of an order was invoiced, and invoicing more."""

    @needs(INVOICES)
    def invoices_of(self, order_id: str) -> list[JSON]:
        """All invoices of an order, with their items."""
        groups = [[Filter(field="order_id", value=order_id)]]
        return list(self._walk("/invoices", "invoices", groups, key=KEY, page_size=INVOICES_PER_PAGE))

    @needs(INVOICES)
    def invoices_changed(self, since: datetime) -> Iterator[JSON]:
        """See `PartCalls`."""
        return self._parts_changed("/invoices", "invoices", since)

    @needs(INVOICES)
    def invoice_read(self, invoice_id: str) -> JSON:
        """One invoice with its items. Raises NotFound."""
        return self._read(f"/invoices/{segment(invoice_id)}", f"invoice {invoice_id}")

    @needs(INVOICE)
    def invoice_capture(self, order_id: str, invoicing: Invoicing) -> str:
        """Invoice pieces and have the provider take their money; answers the invoice's id.

        All or nothing: a refusal leaves no invoice. Not safe to repeat: look what is invoiced before. Raises NotFound,
        Rejected with the provider's words, or SaveFailed.
        """
        answer = self._send("POST", self._v1(f"/order/{segment(order_id)}/invoice"), body=invoicing.body())
        if not str(answer.data or "").isdecimal():
            raise ContractBroken("Magento made an invoice without telling its id.")
        return str(answer.data)
