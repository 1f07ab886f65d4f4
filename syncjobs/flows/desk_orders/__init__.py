"""Sales order of Heartland's desk → record of it in the store (one-way), for those that a person chose.

Calls of an ordinary one: Heartland 2 (the sales order, its customer's addresses), the store 3 (is it there already, by
its mark; who holds the e-mail address; make it). A later look costs the first of either.
"""

from syncjobs.flows.base import Flow, Step
from syncjobs.flows.desk_orders.desk_context import DeskContext
from syncjobs.flows.desk_orders.read_desk_order import prepare, read
from syncjobs.flows.desk_orders.record_desk_order import deliver

__all__ = ["DESK_ORDERS"]

DESK_ORDERS = Flow(
    name="desk_orders",
    title="Sales order",
    context=DeskContext,
    steps=(Step("read", read), Step("prepare", prepare), Step("deliver", deliver)),
    store_calls=3,
    heartland_calls=2,
)
