"""The sale: a priced basket is placed (status 0) and paid, as at a real checkout (note §26)."""

from __future__ import annotations

from ipaas.sandbox.bigcommerce.actions.orders import order_changed, order_place
from ipaas.sandbox.bigcommerce.actions.payments import order_pay
from ipaas.sandbox.bigcommerce.pricing import price
from ipaas.sandbox.bigcommerce.rows import PricedOrder
from ipaas.sandbox.bigcommerce.shop.basket import PAYMENTS, Basket, cart_of
from ipaas.sandbox.bigcommerce.state import Row, State


def quote(state: State, basket: Basket) -> PricedOrder:
    """What the basket would cost. Raises `Unsellable`."""
    return price(cart_of(state, basket))


def buy(state: State, basket: Basket) -> Row:
    """Place the order and end the checkout as `basket.payment` says; answers the order. Raises `Unsellable`."""
    order = order_place(state, quote(state, basket))
    payment = PAYMENTS[basket.payment]
    outcome = payment.outcome
    if outcome in {"authorized", "offline"} and not _gateway_pays(state, order["id"]):
        outcome = "captured"  # certificates and store credit paid it all
    order = order_pay(state, order["id"], outcome)
    if payment.status_id is not None and outcome == payment.outcome:
        order = order_changed(state, order["id"], status_id=payment.status_id, payment_status="pending")
    return order


def _gateway_pays(state: State, order_id: int) -> bool:
    own = {"gift_certificate", "store_credit"}
    return any(row["method"] not in own for row in state.tenders.find(order_id=order_id))
