"""Reading an order out of a list that the store gave for all that wait together.

What comes of a change meanwhile: a hint that came before the claim has the order read by itself, and a later one makes
a job of its own. A change that nobody tells of moves the store's version, which polling compares with the one read.
"""

import time

from errors.failures import SyncFailure
from mappings.core.canonical.order import Order
from syncjobs.flows.ahead import Ahead
from syncjobs.flows.orders.order_context import OrderContext
from syncjobs.flows.orders.waiting_orders import is_first_look


def listed(context: OrderContext) -> Order | None:
    """The order out of a list that was read for several; None where it is to be read by itself."""
    if context.ahead is None or not is_first_look(context):
        return None
    if not context.ahead.knows(context.external_id):
        _list(context, context.ahead)
    found = context.ahead.take(context.external_id, context.job.requested_at)
    if found is None:
        return None
    context.read_at = found.read_at
    return context.store.order_lists.order(found.row)


def _list(context: OrderContext, ahead: Ahead) -> None:
    """Ask the store for this order and those behind it. What speaks against the list speaks against no order.

    Where it holds nothing whole, others of the store will do no better: they are not asked for.
    """
    waiting = [one for one in context.behind if not ahead.knows(one)] if ahead.has_lists else []
    if not waiting:
        return
    asked_at = time.monotonic()
    try:
        rows = context.store.order_lists.rows([context.external_id, *waiting])
    except SyncFailure:
        ahead.has_lists = False
        return
    ahead.has_lists = len(rows) == 1 or any(rows.values())
    ahead.keep(rows, context.read_at, asked_at)
