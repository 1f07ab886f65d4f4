"""Transactions over REST: read only (apis/magento.md §13)."""

from __future__ import annotations

from functools import partial

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import no_entity
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.sales.cents import Row
from ipaas.sandbox.magento.sales.document_shapes import transaction_shape

routes = Routes()


@routes.get("/V1/transactions/{id}")
def transaction_get(call: Call) -> Row:
    """One transaction."""
    row = call.state.transactions.get(call.path["id"])
    if row is None:
        raise no_entity()
    return transaction_shape(call.state, row)


@routes.get("/V1/transactions")
def transaction_list(call: Call) -> Row:
    """Transactions; those that followed another stand inside it, too."""
    return call.search(call.state.transactions, partial(transaction_shape, call.state))
