"""What the shop's cron does with orders after a while: it mails, and gives up what nobody pays (§8.1, §20.1)."""

from __future__ import annotations

from ipaas.sandbox.magento.sales import changing, states
from ipaas.sandbox.magento.sales.cents import Row
from ipaas.sandbox.magento.state import State

MAIL, GIVE_UP = "mail", "give_up"
MINUTE = 60


def planned(state: State, order: Row) -> None:
    """Note what is to come for an order that was just placed; of one of the past it has happened."""
    if state.is_backdated:
        return
    delays = {MAIL: state.switches["mail_delay"], GIVE_UP: state.switches["pending_minutes"] * MINUTE}
    for kind, delay in delays.items():
        if kind == MAIL or order["state"] == states.PENDING_PAYMENT:
            due = state.clock.timestamp() + delay
            state.cron.insert({"due": due, "kind": kind, "order_id": order["entity_id"]})


def cron_do(state: State, row: Row) -> None:
    """Do one row of `cron`: the mail's flag moves the order's time, as does giving it up."""
    order = state.orders.get(row["order_id"])
    if order is None:
        return
    if row["kind"] == MAIL:
        changing.mailed(state, order["entity_id"])
    elif order["state"] == states.PENDING_PAYMENT:
        changing.cancel(state, order["entity_id"])
