"""What happens to an order after the checkout: shipping, refunds, forced statuses, cancelling."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ipaas.sandbox.bigcommerce import actions
from ipaas.sandbox.bigcommerce.actions.refunds import refundable
from ipaas.sandbox.bigcommerce.rows import ZERO
from ipaas.sandbox.bigcommerce.state import Row, State

CANCELLED = 5
COSTS = {"SHIPPING": "cost_inc_tax", "HANDLING": "handling_cost_inc_tax"}


def finish(state: State, order_id: int, recipe: Row) -> Row:
    """The `ship`, `refund` and `status_id` of a recipe, in this order; answers the order."""
    if recipe.get("ship"):
        ship(state, order_id, part=recipe["ship"] == "part")
    if recipe.get("refund"):
        refund(state, order_id, lines=first_piece(state, order_id) if recipe["refund"] == "part" else None)
    status, order = recipe.get("status_id"), actions.order_get(state, order_id)
    if status is not None and status != order["status_id"]:
        order = actions.order_set_status(state, order_id, status)
    return order


# --- shipping -------------------------------------------------------------------------------------


def open_lines(state: State, order_id: int) -> list[Row]:
    """Physical lines with pieces left to ship."""
    return [line for line in state.lines.find(order_id=order_id) if line["order_address_id"] and open_pieces(line) > 0]


def open_pieces(line: Row) -> int:
    """How many pieces of a line are neither shipped nor refunded."""
    return int(line["quantity"] - line["quantity_shipped"] - line["quantity_refunded"])


def ship(
    state: State,
    order_id: int,
    *,
    part: bool = False,
    wanted: dict[int, int] | None = None,
    tracking: str = "1Z999AA10123456784",
    provider: str = "ups",
) -> list[Row]:
    """Ship all that is open, one piece of the first line (`part`), or pieces by line id; one shipment per address."""
    lines = open_lines(state, order_id)
    if wanted is None:
        wanted = {line["id"]: 1 if part else open_pieces(line) for line in (lines[:1] if part else lines)}
    addresses = dict.fromkeys(line["order_address_id"] for line in lines if wanted.get(line["id"]))
    return [
        actions.shipment_create(
            state,
            order_id,
            {
                "order_address_id": address,
                "tracking_number": tracking,
                "shipping_provider": provider,
                "shipping_method": "Ground",
                "comments": "",
                "items": [
                    {"order_product_id": line["id"], "quantity": wanted[line["id"]]}
                    for line in lines
                    if line["order_address_id"] == address and wanted.get(line["id"])
                ],
            },
        )
        for address in addresses
    ]


# --- refunds --------------------------------------------------------------------------------------


def first_piece(state: State, order_id: int) -> dict[int, int]:
    """One piece of the first line that still has one."""
    lines = [line for line in state.lines.find(order_id=order_id) if line["quantity"] > line["quantity_refunded"]]
    return {lines[0]["id"]: 1} if lines else {}


def refund(
    state: State,
    order_id: int,
    *,
    lines: dict[int, int] | None = None,
    shipping: Decimal = ZERO,
    amount: Decimal = ZERO,
    provider: str = "",
    reason: str = "",
    user_id: int = 500,
) -> Row:
    """Refund pieces by line id, shipping and a free amount; without any of them all that is left.

    The money goes back the way it came, or to `provider` (storecredit, custom, a gateway).
    """
    whole = not lines and not shipping and not amount
    items = _everything(state, order_id) if whole else _chosen(state, order_id, lines or {}, shipping, amount)
    payload: Row = {"items": [{**item, "reason": reason} for item in items], "reason": reason}
    quoted = actions.quote(state, order_id, payload)
    ways = quoted["refund_methods"]
    chosen = next((way for way in ways if provider and way[0]["provider_id"] == provider), ways[0] if ways else [])
    payments = [
        {"provider_id": way["provider_id"], "amount": way["amount"], "offline": way["offline"]} for way in chosen
    ]
    return actions.refund_create(state, order_id, payload | {"payments": payments}, user_id=user_id, restock=True)


def _chosen(state: State, order_id: int, lines: dict[int, int], shipping: Decimal, amount: Decimal) -> list[Row]:
    items: list[Row] = [
        {"item_type": "PRODUCT", "item_id": line, "quantity": count} for line, count in lines.items() if count
    ]
    if shipping:
        items.append(
            {
                "item_type": "SHIPPING",
                "item_id": state.order_addresses.find(order_id=order_id)[0]["id"],
                "amount": shipping,
            }
        )
    if amount:
        items.append({"item_type": "ORDER", "item_id": order_id, "amount": amount})
    return items


def _everything(state: State, order_id: int) -> list[Row]:
    """All of an untouched order by its parts; of a touched one the rest as a free amount."""
    order = actions.order_get(state, order_id)
    if state.refunds.find(order_id=order_id):
        return [{"item_type": "ORDER", "item_id": order_id, "amount": refundable(state, order)}]
    items: list[Row] = []
    for line in state.lines.find(order_id=order_id):
        part = {"item_id": line["id"], "quantity": line["quantity"]}
        items.append({"item_type": "PRODUCT", **part})
        if line["wrapping_cost_inc_tax"]:
            items.append({"item_type": "GIFT_WRAPPING", **part})
    for address in state.order_addresses.find(order_id=order_id):
        items += [
            {"item_type": kind, "item_id": address["id"], "amount": address[name]}
            for kind, name in COSTS.items()
            if address[name]
        ]
    items += [
        {"item_type": "FEE", "item_id": fee["id"], "amount": fee["cost_inc_tax"]}
        for fee in state.order_fees.find(order_id=order_id)
        if fee["cost_inc_tax"]
    ]
    return items


# --- the rest -------------------------------------------------------------------------------------


def cancel(state: State, order_id: int, note: str = "") -> Row:
    """Status 5, with a staff note when one is given (§9.1: it does not refund)."""
    changes: dict[str, Any] = {"status_id": CANCELLED}
    if not note:
        return actions.order_set_status(state, order_id, CANCELLED)
    return actions.order_edit(state, order_id, changes | {"staff_notes": note})
