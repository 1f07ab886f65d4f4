"""Taking a Magento order's money as its goods leave: by an invoice that captures. Its notes §9, §13."""

from collections.abc import Mapping

from connections.connectors.magento.invoices import Invoicing
from errors.failures import Rejected
from mappings.core.canonical.json_fields import Row
from mappings.core.canonical.order import Order, PaymentState
from mappings.core.canonical.shipment import Invoice
from mappings.core.magento.charges import PAID, has_open_invoice, is_proven, is_taken_online, uninvoiced_pieces
from mappings.core.magento.shipments import comment_of
from mappings.core.magento.sides import side_of
from mappings.core.rules.money import cents
from syncjobs.stores.charge_port import Charge, ChargeState
from syncjobs.stores.magento.orders import OrderRows


class MagentoCharges:
    """Fulfils `charge_port.Charges`: what leaves is invoiced, the shipping with the first."""

    def __init__(self, rows: OrderRows) -> None:
        self._rows, self._client = rows, rows.client

    def state(self, order: Order, leaving: Mapping[str, int]) -> ChargeState:
        """What the order counts as invoiced tells of a former try whose answer was lost: a refusal leaves nothing."""
        if order.payment is PaymentState.TAKEN:
            return ChargeState.TAKEN
        if order.is_payment_untold:
            return ChargeState.BY_HAND
        row = self._rows.known(order.source_id)
        if self._pieces(order, leaving):
            is_promised = order.payment is PaymentState.AUTHORISED
            return ChargeState.PROMISED if is_promised else ChargeState.MISSING
        if has_open_invoice(row):
            return ChargeState.ASKED
        if is_taken_online(row) or is_proven(row, leaving, self._client.invoices_of(order.source_id)):
            return ChargeState.TAKEN
        return ChargeState.UNPROVEN

    def promised(self, order: Order) -> None:
        """An invoice takes what it is over; the rest lapses."""

    def charge(self, order: Order, leaving: Mapping[str, int], invoice: Invoice) -> Charge:
        """The invoice, whose answer is an id alone, and a look at it: whether the provider gave the money, it tells."""
        invoicing = Invoicing(pieces=self._pieces(order, leaving), comment=comment_of(invoice, ()))
        made = self._client.invoice_read(self._client.invoice_capture(order.source_id, invoicing))
        row = Row(made, f"Invoice {made.get('entity_id') or '?'}")
        side = side_of(Row(self._rows.known(order.source_id), f"Order {order.source_id}"), self._rows.currency)
        return Charge(
            amount=cents(side.money(row, "grand_total")),
            is_taken=row.whole("state", 0) == PAID,
            reference=row.free_text("transaction_id"),
        )

    def release(self, order: Order) -> None:
        """The shop voids an authorisation with its order alone, or in Admin."""
        raise Rejected("Void it on the order's page in Magento's Admin, or cancel the order there.", status=400)

    def _pieces(self, order: Order, leaving: Mapping[str, int]) -> dict[str, int]:
        return uninvoiced_pieces(self._rows.known(order.source_id), leaving, currency=self._rows.currency)
