"""An order with its items by id, and the two ways in which an act changes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ipaas.sandbox.magento.errors import bad, no_entity
from ipaas.sandbox.magento.sales import states
from ipaas.sandbox.magento.sales.cents import Row
from ipaas.sandbox.magento.state import State


def order_of(state: State, order_id: int) -> Row:
    """The order. Raises `Refused` 404."""
    row = state.orders.get(order_id)
    if row is None:
        raise no_entity()
    return row


def items_of(state: State, order_id: int) -> list[Row]:
    """All rows of an order, parents and children, by item id."""
    return state.order_items.find(order_id=order_id)


def changed(state: State, order_id: int, changes: Mapping[str, Any]) -> Row:
    """Save columns of the order: its time moves only where one of them got another value (§20.1)."""
    return state.update(state.orders, order_id, changes)


def with_state(state: State, order: Row, new: str, *, keeps_custom_status: bool = True) -> Row:
    """Save the order in a state; a custom label of the same state may stay, else the state's default comes (§8.1)."""
    keeps = keeps_custom_status and new == order["state"]
    status = order["status"] if keeps else states.default_status(new)
    return changed(state, order["entity_id"], {"state": new, "status": status})


def settled(state: State, order_id: int, *, in_process: bool = False, keeps_custom_status: bool = True) -> Row:
    """What every save of an order does: look which state it has come to (§8.1)."""
    order = order_of(state, order_id)
    new = states.state_on_save(order, items_of(state, order_id), in_process=in_process)
    return with_state(state, order, new, keeps_custom_status=keeps_custom_status)


def counted(state: State, item: Row, **more: Any) -> None:
    """Add to an item's counters."""
    state.update(state.order_items, item["item_id"], {name: (item.get(name) or 0) + more[name] for name in more})


def refused(document: str, lines: list[str]) -> None:
    """Raise `Refused` 400 with the validation texts of a document, if there are any."""
    if lines:
        raise bad(f"{document} Document Validation Error(s):\n" + "\n".join(lines))
