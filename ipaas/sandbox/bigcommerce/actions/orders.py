"""Orders: placing, status, archiving (note §9, §13, §26). Every change of an order ends in `order_changed`."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from ipaas.sandbox.bigcommerce import rows as shapes
from ipaas.sandbox.bigcommerce.actions.stock import order_moves_stock
from ipaas.sandbox.bigcommerce.errors import Refused, invalid, not_found
from ipaas.sandbox.bigcommerce.rows import PricedOrder
from ipaas.sandbox.bigcommerce.state import Row, State

INCOMPLETE, PENDING, SHIPPED, PARTIALLY_SHIPPED, REFUNDED, CANCELLED, DECLINED, AWAITING_PAYMENT = range(8)
AWAITING_PICKUP, AWAITING_SHIPMENT, COMPLETED, AWAITING_FULFILLMENT, MANUAL_VERIFICATION, DISPUTED = range(8, 14)
PARTIALLY_REFUNDED = 14
ENDS_FULFILMENT = (SHIPPED, COMPLETED)


def order_get(state: State, order_id: int) -> Row:
    """The order, archived or not. Raises 404."""
    order = state.orders.get(order_id)
    if order is None:
        raise not_found()
    return order


def order_changed(state: State, order_id: int, changes: Row | None = None, /, **more: Any) -> Row:
    """Write changes of an order and tell the hooks: `updated` always, `statusUpdated` when the status moved.

    Stock follows the status by the store's settings (§20.6).
    """
    before = order_get(state, order_id)
    wanted = {**(changes or {}), **more, "date_modified": state.now()}
    after = state.orders.update(order_id, wanted, **_lagging(state, {name: before[name] for name in wanted}))
    state.emit("store/order/updated", {"type": "order", "id": order_id})
    if after["status_id"] != before["status_id"]:
        after = _stock_follows(state, after)
        pair = {"previous_status_id": before["status_id"], "new_status_id": after["status_id"]}
        state.emit("store/order/statusUpdated", {"type": "order", "id": order_id, "status": pair})
    return after


def _lagging(state: State, before: Row | None) -> Row:
    """What a reader still sees for `read_lag` seconds (§29); nothing is kept without the switch."""
    if not state.switches["read_lag"]:
        return {}
    return {"before": before, "changed_at": int(state.clock.timestamp())}


def _stock_follows(state: State, order: Row) -> Row:
    """Take or give back stock when the new status asks for it; an order holds its stock at most once."""
    profile, status = state.profile(), order["status_id"]
    placed = profile["update_stock_behavior"] == "order_placed"
    leaves = status in ENDS_FULFILMENT if not placed else status not in (INCOMPLETE, CANCELLED, DECLINED, REFUNDED)
    if leaves and not order["holds_stock"]:
        order_moves_stock(state, state.lines.find(order_id=order["id"]), -1)
        return state.orders.update(order["id"], holds_stock=True)
    back = {CANCELLED: profile["edit_order_stock_adjustment"], DECLINED: profile["edit_order_stock_adjustment"]}
    if order["holds_stock"] and back.get(status, False):
        order_moves_stock(state, state.lines.find(order_id=order["id"]), +1)
        return state.orders.update(order["id"], holds_stock=False)
    return order


# --- placing -------------------------------------------------------------------------------------


def order_place(state: State, priced: PricedOrder, *, status_id: int = INCOMPLETE, source: str = "storefront") -> Row:
    """Store a computed order, numbered and linked, and announce it; `order_pay` decides what becomes of it.

    Sold certificates are written as `pending`, coupons count their use. Raises KeyError for unknown fields.
    """
    now = state.now()
    billing = shapes.complete(shapes.STREET_ADDRESS, priced.order.get("billing_address", {}))
    order = shapes.complete(shapes.ORDER, {**priced.order, "billing_address": billing})
    created = order["date_created"] if order["date_created"] is not None else now
    order = state.orders.insert(
        {
            **order,
            "cart_id": order["cart_id"] or _cart_id(state, source),
            "status_id": status_id,
            "is_deleted": False,
            "date_created": created,
            "date_modified": now,
            "date_shipped": None,
            "items_shipped": 0,
            "items_total": 0,
            "holds_stock": False,
            "source": source,
            "shipping_address_count": len(priced.addresses),
            **_lagging(state, None),
        }
    )
    number = order["id"]
    places = [_address_insert(state, number, address) for address in priced.addresses]
    pickup = _pickup_insert(state, number, priced.pickup)
    lines = lines_insert(state, order, priced.lines, places, pickup)
    _parts_insert(state, number, priced, places, lines)
    order = state.orders.update(number, items_total=items_total(state, lines))
    state.emit("store/order/created", {"type": "order", "id": number})
    if status_id != INCOMPLETE:
        order = _stock_follows(state, order)
    return order


def _cart_id(state: State, source: str) -> str | None:
    """Every real order seen has a UUID here, made in the panel too; only API orders may lack it, by switch (§9.2)."""
    if source == "api" and state.switches["api_cart_id"] == "null":
        return None
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"cart:{state.hash}:{state.orders.next_id}"))


def items_total(state: State, lines: Iterable[Row]) -> int:
    """Sum of quantities; bundled children count by the switch (§9.2)."""
    children = state.switches["items_total_counts_children"]
    return sum(line["quantity"] for line in lines if children or not line["is_bundled_product"])


def _address_insert(state: State, order_id: int, address: Row) -> int:
    row = state.order_addresses.insert({**shapes.complete(shapes.ADDRESS, address), "order_id": order_id})
    return int(row["id"])


def _pickup_insert(state: State, order_id: int, pickup: Row | None) -> Row | None:
    if pickup is None:
        return None
    row = shapes.complete(shapes.PICKUP, pickup)
    return state.order_pickups.insert({**row, "location": dict(row["location"]), "order_id": order_id})


def lines_insert(state: State, order: Row, lines: list[Row], places: list[int], pickup: Row | None) -> list[Row]:
    """Number lines, link them to addresses, parents and the pickup, and write certificates that were sold."""
    stored: list[Row] = []
    for line in lines:
        row = shapes.complete(shapes.LINE, line)
        position, parent, certificate = row.pop("address"), row.pop("parent"), row.pop("gift_certificate")
        options = row.pop("product_options")
        method = pickup["pickup_method_id"] if pickup and position is None and row["type"] == "physical" else 0
        row = state.lines.insert(
            {
                **_named(row),
                "order_id": order["id"],
                "order_address_id": 0 if position is None else places[position],
                "order_pickup_method_id": row["order_pickup_method_id"] or method,
                "parent_order_product_id": None if parent is None else stored[parent]["id"],
                "quantity_shipped": 0,
                "quantity_refunded": 0,
                "is_refunded": False,
                "product_options": [],
            }
        )
        changes: Row = {"product_options": _options(row["id"], options)}
        if certificate is not None:
            changes["gift_certificate_id"] = _certificate_sold(state, order, row, certificate)
        stored.append(state.lines.update(row["id"], changes))
    return stored


def _named(row: Row) -> Row:
    """The customer's and the merchant's spelling default to the name."""
    name = row["name"]
    return {**row, "name_customer": row["name_customer"] or name, "name_merchant": row["name_merchant"] or name}


def _options(line_id: int, options: list[Row]) -> list[Row]:
    found = []
    for position, option in enumerate(options):
        row = shapes.complete(shapes.OPTION, option)
        for part in ("name", "value"):
            for who in ("customer", "merchant"):
                row[f"display_{part}_{who}"] = row[f"display_{part}_{who}"] or row[f"display_{part}"]
        found.append({"id": line_id * 10 + position, "order_product_id": line_id, **row})
    return found


def _certificate_sold(state: State, order: Row, line: Row, sale: Row) -> int:
    row = state.gift_certificates.insert(
        {
            "customer_id": order["customer_id"],
            "order_id": order["id"],
            "code": new_certificate_code(state),
            "amount": line["price_inc_tax"],
            "balance": line["price_inc_tax"],
            "status": "pending",
            "to_name": sale.get("to_name", ""),
            "to_email": sale.get("to_email", ""),
            "from_name": sale.get("from_name", ""),
            "from_email": sale.get("from_email", ""),
            "template": sale.get("template") or "celebration.html",
            "message": sale.get("message", ""),
            "purchase_date": state.now(),
            "expiry_date": None,
            "currency_code": order["default_currency_code"],
        }
    )
    return int(row["id"])


def new_certificate_code(state: State) -> str:
    """A code not yet given, in the shape of the note's example; deterministic by number."""
    number = state.gift_certificates.next_id
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    parts = [
        letters[number * (7 + i) % 24] + letters[number * (11 + i) % 24] + str(number * (3 + i) % 10) for i in range(2)
    ]
    return f"GC{number % 10}-{parts[0]}-{parts[1]}-{number:03d}"


def _parts_insert(state: State, order_id: int, priced: PricedOrder, places: list[int], lines: list[Row]) -> None:
    for tax in priced.taxes:
        row = shapes.complete(shapes.TAX, tax)
        line, place = row.pop("line"), row.pop("address")
        state.order_taxes.insert(
            {
                **row,
                "order_id": order_id,
                "order_address_id": 0 if place is None else places[place],
                "order_product_id": None if line is None else lines[line]["id"],
            }
        )
    for coupon in priced.coupons:
        row = state.order_coupons.insert({**shapes.complete(shapes.COUPON, coupon), "order_id": order_id})
        if (used := state.coupons.get(row["coupon_id"])) is not None:
            state.coupons.update(used["id"], num_uses=used.get("num_uses", 0) + 1)
    for fee in priced.fees:
        state.order_fees.insert({**shapes.complete(shapes.FEE, fee), "order_id": order_id})
    for tender in priced.tenders:
        state.tenders.insert({**shapes.complete(shapes.TENDER, tender), "order_id": order_id})


# --- later life ----------------------------------------------------------------------------------


def order_set_status(state: State, order_id: int, status_id: int) -> Row:
    """Any status to any other (§9.1): 2 makes no shipments, 5 returns stock by the settings."""
    if status_id not in state.statuses:
        raise invalid("status_id", "The order status does not exist")
    order = order_get(state, order_id)
    if status_id == REFUNDED and order["status_id"] != REFUNDED:
        order_restock(state, order)
    return order_changed(state, order_id, status_by_hand(state, order, status_id))


def status_by_hand(state: State, order: Row, status_id: int) -> Row:
    """A status that staff set: Shipped and Completed date the order, although nothing of it was shipped (§9.2)."""
    dated = status_id in ENDS_FULFILMENT and status_id != order["status_id"] and order["date_shipped"] is None
    return {"status_id": status_id, **({"date_shipped": state.now()} if dated else {})}


def order_restock(state: State, order: Row) -> None:
    """Give stock back on a full refund from the control panel, when the setting says so (§17.1)."""
    if order["holds_stock"] and state.profile()["refund_order_stock_adjustment"]:
        order_moves_stock(state, state.lines.find(order_id=order["id"]), +1)
        state.orders.update(order["id"], holds_stock=False)


def order_archive(state: State, order_id: int) -> None:
    """DELETE: the order stays readable by id and leaves the lists (§13)."""
    order = order_get(state, order_id)
    if not order["is_deleted"]:
        state.orders.update(order_id, is_deleted=True, date_modified=state.now())
        state.emit("store/order/archived", {"type": "order", "id": order_id})


def message_create(state: State, order_id: int, *, text: str, subject: str = "", by_customer: bool = True) -> Row:
    """A message between shopper and staff (§12)."""
    order = order_get(state, order_id)
    row = state.messages.insert(
        {
            "order_id": order_id,
            "staff_id": 0 if by_customer else 1,
            "customer_id": order["customer_id"],
            "type": "customer" if by_customer else "merchant",
            "subject": subject,
            "message": text,
            "status": "unread",
            "is_flagged": False,
            "date_created": state.now(),
        }
    )
    state.emit(
        "store/order/message/created", {"type": "order", "id": order_id, "message": {"order_message_id": row["id"]}}
    )
    return row


def address_edit(state: State, order_id: int, address_id: int, changes: Row) -> Row:
    """PUT of a shipping address: the text only, costs stay (§11)."""
    row = state.order_addresses.get(address_id)
    if row is None or row["order_id"] != order_id:
        raise not_found()
    changed = state.order_addresses.update(address_id, changes)
    order_changed(state, order_id)
    return changed


def charge(order: Row) -> Decimal:
    """What cards and other gateways are charged: the total less certificates and store credit (§9.3)."""
    return Decimal(order["total_inc_tax"] - order["gift_certificate_amount"] - order["store_credit_amount"])


def ensure_open(order: Row) -> None:
    """Refuse payment actions on an archived order."""
    if order["is_deleted"]:
        raise Refused(404, "Order not found")
