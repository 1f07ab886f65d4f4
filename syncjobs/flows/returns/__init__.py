"""Return at the till → refund of the store (one-way): the goods of a web order that came back over the counter.

Calls of an ordinary return: Heartland 1 (the ticket with its lines and payments); the store's order, its refunds (ours
is known by its mark, so that a lost answer repeats nothing), what it quotes, the refund itself, and a look at what
became of it. A quote of BigCommerce's costs its transactions too; one of Magento's is the order's invoices.
"""

from syncjobs.flows.base import Flow, Step
from syncjobs.flows.refund_records import RETURNS as NAME
from syncjobs.flows.returns.ask_store import confirm, give_back
from syncjobs.flows.returns.judge_return import judge, match
from syncjobs.flows.returns.read_return import read
from syncjobs.flows.returns.return_context import ReturnContext

__all__ = ["RETURNS"]

RETURNS = Flow(
    name=NAME,
    title="Return",
    context=ReturnContext,
    steps=(
        Step("read", read),
        Step("match", match),
        Step("judge", judge),
        Step("give back", give_back),
        Step("confirm", confirm),
    ),
    store_calls=6,
    heartland_calls=1,
)
