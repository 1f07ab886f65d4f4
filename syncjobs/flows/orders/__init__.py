"""Order of the store → Heartland sales order (one-way), with the number fed back to the store."""

from syncjobs.flows.base import Flow, Step
from syncjobs.flows.orders.confirming import confirm
from syncjobs.flows.orders.delivering import deliver
from syncjobs.flows.orders.keep_people import keep
from syncjobs.flows.orders.order_context import OrderContext
from syncjobs.flows.orders.read_order import decide, normalise, read
from syncjobs.flows.orders.resolving import resolve, shape, validate

ORDERS = Flow(
    name="orders",
    title="Order",
    context=OrderContext,
    steps=(
        Step("read", read),
        Step("normalise", normalise),
        Step("decide", decide),
        Step("resolve", resolve),
        Step("validate", validate),
        Step("shape", shape),
        Step("deliver", deliver),
        Step("confirm", confirm),
    ),
    at_end=keep,
    store_calls=2,
    heartland_calls=6,
)
