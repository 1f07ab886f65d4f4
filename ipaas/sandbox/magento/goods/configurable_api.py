"""Routes of configurables (note §14.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import Refused, bad
from ipaas.sandbox.magento.goods.configurables import NO_AXES, axes_with, axis_values, children_of, links_wanted
from ipaas.sandbox.magento.goods.product_rows import CONFIGURABLE, axis_shape, product_by_sku, product_shape
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.state import Row

routes = Routes()
ATTACHED = "The product is already attached."
NOT_CONFIGURABLE = 'The product with the "%1" SKU isn\'t a configurable product.'
NO_OPTION = "The option that was requested doesn't exist. Verify the entity and try again."


def _configurable(call: Call) -> Row:
    product = product_by_sku(call.state, call.path["sku"])
    if product["type_id"] != CONFIGURABLE:
        raise bad(NOT_CONFIGURABLE, product["sku"])
    return product


def _axis(product: Mapping[str, Any], number: int) -> Row:
    found = next((axis for axis in product["axes"] if axis["id"] == number), None)
    if found is None:
        raise Refused(404, NO_OPTION)
    return dict(found)


@routes.get("/V1/configurable-products/{sku}/options/all")
def options_all(call: Call) -> list[Row]:
    """Every axis of a configurable."""
    product = _configurable(call)
    return [axis_shape(product, axis) for axis in product["axes"]]


@routes.get("/V1/configurable-products/{sku}/options/{id}")
def option_get(call: Call) -> Row:
    """One axis."""
    product = _configurable(call)
    return axis_shape(product, _axis(product, call.path["id"]))


@routes.post("/V1/configurable-products/{sku}/options", fresh_id=True)
def option_post(call: Call) -> int:
    """Add an axis, or change the one of the same attribute."""
    product = _configurable(call)
    axes = axes_with(call.state, product["id"], product["axes"], call.body["option"])
    call.state.update(call.state.products, product["id"], axes=axes)
    return int(axes[-1]["id"])


@routes.put("/V1/configurable-products/{sku}/options/{id}", fresh_id=True)
def option_put(call: Call) -> int:
    """Change an axis."""
    product = _configurable(call)
    held = _axis(product, int(call.path["id"]))
    values = [{"value_index": one} for one in held["values"]]
    wish = {**held, "values": values, **call.body["option"], "attribute_id": held["attribute_id"]}
    axes = axes_with(call.state, product["id"], product["axes"], wish)
    call.state.update(call.state.products, product["id"], axes=axes)
    return int(held["id"])


@routes.delete("/V1/configurable-products/{sku}/options/{id}")
def option_delete(call: Call) -> bool:
    """Take an axis away."""
    product = _configurable(call)
    gone = _axis(product, call.path["id"])
    axes = [axis for axis in product["axes"] if axis["id"] != gone["id"]]
    call.state.update(call.state.products, product["id"], axes=axes)
    return True


@routes.get("/V1/configurable-products/{sku}/children")
def children_list(call: Call) -> list[Row]:
    """The children; none for a product of another type."""
    product = product_by_sku(call.state, call.path["sku"])
    return [product_shape(call.state, child, call.store_id) for child in children_of(call.state, product)]


@routes.post("/V1/configurable-products/{sku}/child")
def child_post(call: Call) -> bool:
    """Attach a child."""
    state = call.state
    product, child = product_by_sku(state, call.path["sku"]), product_by_sku(state, call.body["childSku"])
    if child["id"] in product["child_ids"]:
        raise bad(ATTACHED)
    if not product["axes"]:
        raise bad(NO_AXES)
    axis_values(state, product["axes"], child)
    state.update(
        state.products,
        product["id"],
        child_ids=links_wanted(state, product["axes"], [*product["child_ids"], child["id"]]),
    )
    return True


@routes.delete("/V1/configurable-products/{sku}/children/{childSku}")
def child_delete(call: Call) -> bool:
    """Detach a child."""
    product = _configurable(call)
    child = product_by_sku(call.state, call.path["childSku"])
    if child["id"] not in product["child_ids"]:
        raise Refused(404, NO_OPTION)
    left = [number for number in product["child_ids"] if number != child["id"]]
    call.state.update(call.state.products, product["id"], child_ids=left)
    return True
