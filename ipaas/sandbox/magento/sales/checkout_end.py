"""How a checkout ends for the money: captured, authorised, to be paid later, left, declined, reviewed (§8.1, §13)."""

from __future__ import annotations

from ipaas.sandbox.magento.sales import changing, gateway, states
from ipaas.sandbox.magento.sales.cents import Row
from ipaas.sandbox.magento.sales.cron import planned
from ipaas.sandbox.magento.sales.gateway import Outcome
from ipaas.sandbox.magento.sales.invoicing import invoice
from ipaas.sandbox.magento.sales.order_lookup import order_of, with_state
from ipaas.sandbox.magento.sales.placing import Checkout, order_placed
from ipaas.sandbox.magento.state import State


def checked_out(state: State, checkout: Checkout) -> Row:
    """Place the order and let its payment end; answers the order.

    A declined payment leaves a cancelled order, as methods do that send the shopper away to pay. Whoever owes nothing
    has nothing captured: the order is new until it is invoiced.
    """
    order = order_placed(state, checkout)
    _ended(state, order, checkout.payment.outcome)
    order = order_of(state, order["entity_id"])
    planned(state, order)
    return order


def _ended(state: State, order: Row, outcome: Outcome) -> None:
    order_id = order["entity_id"]
    if not order["grand_total"] or outcome == "offline":
        return
    if outcome == "captured":
        invoice(state, order_id, captures=True)
    elif outcome == "authorized":
        _authorized(state, order)
    elif outcome == "review":
        with_state(state, order, states.PAYMENT_REVIEW)
    else:
        with_state(state, order, states.PENDING_PAYMENT)
        if outcome == "declined":
            changing.cancel(state, order_id)


def _authorized(state: State, order: Row) -> None:
    payment = gateway.payment_of(state, order["entity_id"])
    gateway.transaction(state, order["entity_id"], "authorization", order["base_grand_total"], is_closed=False)
    amounts = {"amount_authorized": order["grand_total"], "base_amount_authorized": order["base_grand_total"]}
    state.update(state.payments, payment["entity_id"], amounts)
