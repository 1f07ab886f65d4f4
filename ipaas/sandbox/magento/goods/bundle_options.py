"""What a bundle is put together from: options, each with the parts that may be chosen (note §14, §8.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ipaas.sandbox.magento.call import Call
from ipaas.sandbox.magento.errors import Refused, bad
from ipaas.sandbox.magento.goods.product_rows import BUNDLE, bundle_shape, product_by_sku
from ipaas.sandbox.magento.routing import Routes
from ipaas.sandbox.magento.state import Row, State

routes = Routes()
NOT_BUNDLE = 'The product with the "%1" SKU isn\'t a bundle product.'
NO_OPTION = "The option that was requested doesn't exist. Verify the entity and try again."
KINDS = (("Drop-down", "select"), ("Radio Buttons", "radio"), ("Checkbox", "checkbox"), ("Multiple Select", "multi"))
LINK = {"qty": Decimal(1), "position": 0, "is_default": False, "price": Decimal(0), "price_type": 0}


def bundle_options_replace(state: State, product_id: int, wishes: Sequence[Mapping[str, Any]]) -> None:
    """Make the options of a bundle exactly the given ones."""
    for row in state.bundle_options.find(product_id=product_id):
        state.bundle_options.delete(row["id"])
    for place, wish in enumerate(wishes):
        option = state.insert(
            state.bundle_options,
            {
                "product_id": product_id,
                "title": wish.get("title"),
                "required": bool(wish.get("required", True)),
                "type": wish.get("type") or "select",
                "position": wish.get("position") or place,
                "product_links": [],
            },
        )
        links = [
            _link(state, option["id"], number, link) for number, link in enumerate(wish.get("product_links") or ())
        ]
        state.bundle_options.update(option["id"], product_links=links)


def _link(state: State, option_id: int, number: int, wish: Mapping[str, Any]) -> Row:
    part = product_by_sku(state, str(wish.get("sku") or ""))
    own = {"id": f"{option_id}{number}", "sku": part["sku"], "option_id": option_id, "can_change_quantity": 0}
    return {**LINK, **own, **{name: value for name, value in wish.items() if name in LINK and value is not None}}


def _bundle(call: Call, sku: str) -> Row:
    product = product_by_sku(call.state, sku)
    if product["type_id"] != BUNDLE:
        raise bad(NOT_BUNDLE, product["sku"])
    return product


@routes.get("/V1/bundle-products/options/types")
def types_list(call: Call) -> list[Row]:
    """How an option may be shown."""
    return [{"label": label, "code": code} for label, code in KINDS]


@routes.get("/V1/bundle-products/{sku}/options/all")
def options_all(call: Call) -> list[Row]:
    """Every option of a bundle."""
    return bundle_shape(call.state, _bundle(call, call.path["sku"]))


@routes.get("/V1/bundle-products/{sku}/options/{optionId}")
def option_get(call: Call) -> Row:
    """One option."""
    rows = bundle_shape(call.state, _bundle(call, call.path["sku"]))
    found = next((row for row in rows if row["option_id"] == call.path["optionId"]), None)
    if found is None:
        raise Refused(404, NO_OPTION)
    return found


@routes.get("/V1/bundle-products/{productSku}/children")
def children_list(call: Call) -> list[Row]:
    """The parts of all options, or of `optionId`."""
    rows = bundle_shape(call.state, _bundle(call, call.path["productSku"]))
    wanted = call.query.get("optionId")
    return [link for row in rows if wanted in (None, row["option_id"]) for link in row["product_links"]]
