"""Orders over REST (apis/magento.md §8, §12)."""

from __future__ import annotations

from functools import partial

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import no_entity
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.sales import changing
from ipaas.sandbox.magento.sales.cents import Row
from ipaas.sandbox.magento.sales.comments import order_commented
from ipaas.sandbox.magento.sales.order_lookup import order_of
from ipaas.sandbox.magento.sales.order_shape import item_shape, order_shape

routes = Routes()


@routes.get("/V1/orders/{id}")
def order_get(call: Call) -> Row:
    """One order."""
    return order_shape(call.state, order_of(call.state, call.path["id"]))


@routes.get("/V1/orders")
def order_list(call: Call) -> Row:
    """Orders of every store view: the code in the URL chooses none (§1)."""
    return call.search(call.state.orders, partial(order_shape, call.state))


@routes.get("/V1/orders/items/{id}")
def item_get(call: Call) -> Row:
    """One item."""
    row = call.state.order_items.get(call.path["id"])
    if row is None:
        raise no_entity()
    return item_shape(call.state, row)


@routes.get("/V1/orders/items")
def item_list(call: Call) -> Row:
    """Items of all orders, parents and children."""
    return call.search(call.state.order_items, partial(item_shape, call.state))


@routes.post("/V1/orders")
def order_save(call: Call) -> Row:
    """Raw save."""
    return order_shape(call.state, changing.saved_raw(call.state, call.body["entity"]))


@routes.put("/V1/orders/create")
def order_create(call: Call) -> Row:
    """Raw save, by the other name."""
    return order_shape(call.state, changing.saved_raw(call.state, call.body["entity"]))


@routes.put("/V1/orders/{parent_id}")
def address_save(call: Call) -> Row:
    """Save an address of the order."""
    return changing.address_changed(call.state, int(call.path["parent_id"]), call.body["entity"])


@routes.post("/V1/orders/{id}/cancel")
def order_cancel(call: Call) -> bool:
    """True when something was cancelled; false is no error (§12)."""
    return changing.cancel(call.state, call.path["id"])


@routes.post("/V1/orders/{id}/hold")
def order_hold(call: Call) -> bool:
    """Put on hold."""
    changing.hold(call.state, call.path["id"])
    return True


@routes.post("/V1/orders/{id}/unhold")
def order_unhold(call: Call) -> bool:
    """Take up again."""
    changing.unhold(call.state, call.path["id"])
    return True


@routes.post("/V1/orders/{id}/emails")
def order_mail(call: Call) -> bool:
    """Send the confirmation again."""
    changing.mailed(call.state, call.path["id"])
    return True


@routes.get("/V1/orders/{id}/statuses")
def order_status(call: Call) -> str | None:
    """The label."""
    status: str | None = order_of(call.state, call.path["id"])["status"]
    return status


@routes.get("/V1/orders/{id}/comments")
def comment_list(call: Call) -> Row:
    """The history, without searchCriteria (§6)."""
    rows = call.state.status_histories.find(parent_id=order_of(call.state, call.path["id"])["entity_id"])[::-1]
    return {"items": rows, "search_criteria": {"filter_groups": []}, "total_count": len(rows)}


@routes.post("/V1/orders/{id}/comments")
def comment_add(call: Call) -> bool:
    """A comment, and the order's label."""
    order_commented(call.state, call.path["id"], call.body["statusHistory"])
    return True
