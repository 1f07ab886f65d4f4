"""A store's account and Heartland's customer kept alike, both ways: names, contact, addresses, groups, consent.

A record is an account, by its id. Whichever side tells of a change, both are read and held against what each said last,
so that a record that is looked at twice, late or out of turn ends the same.

Calls where nothing differs: 1 of the store (account with addresses), 2 of Heartland (customer, addresses). A change
costs one write more at the side that it is carried to, one an address at Heartland; and where Heartland answers a write
with nothing, one look at what it made of it.
"""

from syncjobs.flows.base import Flow, Step
from syncjobs.flows.customers.customer_context import CustomerContext
from syncjobs.flows.customers.make_alike import alike
from syncjobs.flows.customers.read_account import read
from syncjobs.flows.customers.who_is_it import match

__all__ = ["CUSTOMERS"]

CUSTOMERS = Flow(
    name="customers",
    title="Account",
    context=CustomerContext,
    steps=(Step("read", read), Step("match", match), Step("alike", alike)),
    store_calls=1,
    heartland_calls=2,
)
