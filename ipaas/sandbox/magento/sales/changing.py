"""What staff does to an order beside its documents: cancel, hold, address, raw save, edit (apis/magento.md §12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ipaas.sandbox.magento.errors import bad, no_entity
from ipaas.sandbox.magento.sales import gateway, states, stock_moves
from ipaas.sandbox.magento.sales.cents import Row, number
from ipaas.sandbox.magento.sales.comments import history_added
from ipaas.sandbox.magento.sales.document_money import SIDES
from ipaas.sandbox.magento.sales.invoicing import void_authorization
from ipaas.sandbox.magento.sales.numbering import FIRST_VIEW, next_number
from ipaas.sandbox.magento.sales.order_lookup import changed, counted, items_of, order_of, with_state
from ipaas.sandbox.magento.state import State

CANCELED_COLUMNS = {  # what the order had -> what of it was invoiced -> what is given up
    "subtotal": ("subtotal_invoiced", "subtotal_canceled"),
    "tax_amount": ("tax_invoiced", "tax_canceled"),
    "shipping_amount": ("shipping_invoiced", "shipping_canceled"),
    "discount_amount": ("discount_invoiced", "discount_canceled"),
    "grand_total": ("total_paid", "total_canceled"),
}
INNER = ("items", "billing_address", "payment", "status_histories", "extension_attributes")
READ_ONLY = ("entity_id", "updated_at")


def cancel(state: State, order_id: int) -> bool:
    """Give up what is neither invoiced nor shipped (case M04); False, and nothing else, where there is nothing."""
    order, items = order_of(state, order_id), items_of(state, order_id)
    if not states.can_cancel(order, items):
        return False
    new = states.state_after_cancel(items)
    for item in items:
        qty = states.qty_to_cancel(item)
        if not qty:
            continue
        part = qty / number(item, "qty_ordered")
        counted(state, item, qty_canceled=qty, tax_canceled=number(item, "tax_amount") * part)
        for sku, pieces in stock_moves.pieces(items, item, qty):
            stock_moves.reserve(state, order, sku, pieces, "order_canceled")
    changes: Row = {"state": new, "status": states.default_status(new)}
    for side in SIDES:
        for name, (kept, given_up) in CANCELED_COLUMNS.items():
            changes[side(given_up)] = number(order, side(name)) - number(order, side(kept))
    changed(state, order_id, changes)
    if (before := gateway.open_authorization(state, order_id)) is not None:
        void_authorization(state, order_id, before)
    return True


def hold(state: State, order_id: int) -> None:
    """Put an order on hold; state and label of before are kept. Raises `Refused`."""
    order = order_of(state, order_id)
    if not states.can_hold(order):
        raise bad("A hold action is not available.")
    kept = {"hold_before_state": order["state"], "hold_before_status": order["status"]}
    changed(state, order_id, kept | {"state": states.HOLDED, "status": states.HOLDED})


def unhold(state: State, order_id: int) -> None:
    """Take an order up again. Raises `Refused`."""
    order = order_of(state, order_id)
    if not states.can_unhold(order):
        raise bad("You cannot remove the hold.")
    before = {"state": order["hold_before_state"], "status": order["hold_before_status"]}
    changed(state, order_id, before | {"hold_before_state": None, "hold_before_status": None})


def mailed(state: State, order_id: int) -> None:
    """Send the confirmation again; its flag is a column of the order (§20.1: noise)."""
    order = order_of(state, order_id)
    state.mails.insert({"kind": "order", "order_id": order_id, "number": order["increment_id"]})
    changed(state, order_id, {"email_sent": 1})


def address_changed(state: State, order_id: int, given: Row) -> Row:
    """Save an address of the order, which moves nothing of the order itself (§20.1). Raises `Refused` 404."""
    order_of(state, order_id)
    key = "entity_id" if given.get("entity_id") else "address_type"
    row = state.addresses.first(**{"parent_id": order_id, key: given.get(key)})
    if row is None:
        raise no_entity()
    columns = {name: value for name, value in given.items() if name not in ("entity_id", "parent_id")}
    return state.update(state.addresses, row["entity_id"], columns)


def saved_raw(state: State, given: Row) -> Row:
    """Merge columns into the order as they come: no rule is asked, any state and status goes (§12).

    Items are merged by their `item_id`. Without an `entity_id` a new order is stored: no stock is kept for it, no
    total is worked out. Raises `Refused` 404 for an order that does not exist.
    """
    if not given.get("entity_id"):
        return _inserted_raw(state, given)
    order_id = int(given["entity_id"])
    order_of(state, order_id)
    for item in given.get("items") or ():
        if item.get("item_id") in state.order_items:
            state.update(state.order_items, item["item_id"], _columns(item, ("item_id", "parent_item")))
    if given.get("billing_address"):
        address_changed(state, order_id, {"address_type": "billing", **given["billing_address"]})
    if given.get("payment"):
        payment = gateway.payment_of(state, order_id)
        state.update(state.payments, payment["entity_id"], _columns(given["payment"], ("entity_id",)))
    return changed(state, order_id, _columns(given, (*INNER, *READ_ONLY)))


def _inserted_raw(state: State, given: Row) -> Row:
    store_id = int(given.get("store_id") or FIRST_VIEW)
    own: Row = {"store_id": store_id, "increment_id": next_number(state, "order", store_id), "state": states.NEW}
    own["status"] = states.default_status(states.NEW)
    row = state.insert(state.orders, {**own, **_columns(given, (*INNER, *READ_ONLY))})
    for item in given.get("items") or ():
        columns: Row = {"order_id": row["entity_id"], "product_type": "simple", "store_id": store_id}
        state.insert(state.order_items, {**columns, **_columns(item, ("item_id", "parent_item"))})
    if given.get("billing_address"):
        address = {**given["billing_address"], "parent_id": row["entity_id"], "address_type": "billing"}
        state.insert(state.addresses, _columns(address, ("entity_id",)))
    payment = {"method": "checkmo", **(given.get("payment") or {}), "parent_id": row["entity_id"]}
    state.insert(state.payments, _columns(payment, ("entity_id",)))
    return row


def _columns(given: Mapping[str, Any], without: tuple[str, ...]) -> Row:
    return {name: value for name, value in given.items() if name not in without}


def relabelled(state: State, order_id: int, status: str, code: str = "") -> Row:
    """Give the order a label, and a state where one is named, with a line in its history: what modules do."""
    order = order_of(state, order_id)
    row = changed(state, order_id, {"state": code or order["state"], "status": status})
    history_added(state, row, None)
    return row


def reviewed(state: State, order_id: int, *, accepts: bool) -> Row:
    """End a payment review: the order goes on, or is given up. Raises `Refused` where there is none."""
    order = order_of(state, order_id)
    if order["state"] != states.PAYMENT_REVIEW:
        raise bad("The payment is not under review.")
    if accepts:
        return with_state(state, order, states.PROCESSING)
    with_state(state, order, states.NEW)
    cancel(state, order_id)
    return order_of(state, order_id)
