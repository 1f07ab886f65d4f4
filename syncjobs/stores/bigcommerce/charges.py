"""Taking a BigCommerce order's money as its goods leave: all of it with the first. Its notes §15, §16."""

from collections.abc import Mapping
from decimal import Decimal

from connections.connectors.bigcommerce import BigCommerceClient
from errors.failures import Rejected
from mappings.core.bigcommerce.payments import CAPTURE_PENDING, REFUSING, promised_of
from mappings.core.canonical.order import Order, PaymentState, TenderKind
from mappings.core.canonical.shipment import Invoice
from syncjobs.stores.bigcommerce.orders import TAKEN
from syncjobs.stores.charge_port import Charge, ChargeState

TAKEN_WORDS = {TAKEN, "paid"}


class BigCommerceCharges:
    """Fulfils `charge_port.Charges`: the gateway gives the whole of what it promised, and answers later."""

    def __init__(self, client: BigCommerceClient) -> None:
        self._client = client

    def state(self, order: Order, leaving: Mapping[str, int]) -> ChargeState:
        """By the order's own words: one that was refused its money looks as before."""
        words = order.payment_status.lower()
        if order.payment is PaymentState.TAKEN:
            return ChargeState.TAKEN
        if words == CAPTURE_PENDING:
            return ChargeState.ASKED
        if order.payment is PaymentState.AUTHORISED:
            return ChargeState.PROMISED
        return ChargeState.BY_HAND if order.is_payment_untold else ChargeState.MISSING

    def release(self, order: Order) -> None:
        self._client.payment_void(order.source_id)

    def promised(self, order: Order) -> Decimal | None:
        """What its gateways reserved: an order that was edited since is of another amount."""
        return promised_of(order, self._client.order_transactions(order.source_id))

    def charge(self, order: Order, leaving: Mapping[str, int], invoice: Invoice) -> Charge:
        """The request, and a look at what became of it."""
        self._client.payment_capture(order.source_id)
        after = self._client.order_head(order.source_id)
        words = str(after.get("payment_status") or "").lower()
        if words in REFUSING:
            raise Rejected(f"The order's payment is {words} now.", status=422)
        due = sum((one.amount for one in order.tenders if one.kind is TenderKind.GATEWAY), Decimal(0))
        return Charge(amount=due, is_taken=words in TAKEN_WORDS, status=str(after.get("status_id") or ""))
