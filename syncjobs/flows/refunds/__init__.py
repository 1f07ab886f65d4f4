"""Refund of the store → returns of Heartland (one-way), once goods have left; before, what is left is booked.

Calls of an ordinary refund of one invoice: of the store 2 (the order, its refunds), of Heartland 2 to plan (invoices
with their lines, what came back before), 1 search by our number (a lost answer gives nothing back twice), 1 return with
its lines and tax inside, 1 more for a delivery, 1 look at what Heartland computed, 1 payment a tender, 1 completion. A
later look costs the first two alone.
"""

from syncjobs.flows.base import Flow, Step
from syncjobs.flows.refund_records import REFUNDS as NAME
from syncjobs.flows.refunds.book_returns import deliver
from syncjobs.flows.refunds.plan_returns import plan
from syncjobs.flows.refunds.read_refund import decide, read
from syncjobs.flows.refunds.refund_context import RefundContext

__all__ = ["REFUNDS"]

REFUNDS = Flow(
    name=NAME,
    title="Refund",
    context=RefundContext,
    steps=(Step("read", read), Step("decide", decide), Step("plan", plan), Step("deliver", deliver)),
    store_calls=2,
    heartland_calls=7,
)
