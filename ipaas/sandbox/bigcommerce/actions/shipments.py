"""Shipments and all their rules (note §14)."""

from __future__ import annotations

import re
from typing import Any

from ipaas.sandbox.bigcommerce.actions import orders
from ipaas.sandbox.bigcommerce.actions.orders import order_changed, order_get
from ipaas.sandbox.bigcommerce.errors import invalid, missing, not_found, read_only
from ipaas.sandbox.bigcommerce.rows import ZERO
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.bigcommerce.wire import parse_decimal, parse_int

PROVIDERS = {
    "": "Other",
    "auspost": "Australia Post",
    "canadapost": "Canada Post",
    "endicia": "Endicia",
    "usps": "USPS",
    "fedex": "FedEx",
    "royalmail": "Royal Mail",
    "ups": "UPS",
    "upsready": "UPS® Ready",
    "upsonline": "UPS® Online",
    "shipperhq": "ShipperHQ",
    "custom": "Custom",
}
CARRIER = re.compile(r"carrier_\d+")
LINKS = {
    "ups": "https://www.ups.com/track?tracknum={}",
    "upsready": "https://www.ups.com/track?tracknum={}",
    "upsonline": "https://www.ups.com/track?tracknum={}",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels={}",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr={}",
    "canadapost": "https://www.canadapost-postescanada.ca/track-reperage/en#/details/{}",
    "auspost": "https://auspost.com.au/mypost/track/#/details/{}",
    "royalmail": "https://www.royalmail.com/track-your-item#/tracking-results/{}",
}
LIMITS = {"tracking_number": 50, "tracking_link": 500}
TEXTS = ("tracking_number", "tracking_link", "tracking_carrier", "shipping_method", "comments")
WRITABLE = {"order_address_id", "items", "shipping_provider", "merchant_shipping_cost", *TEXTS}
READ_ONLY = {
    "id",
    "order_id",
    "customer_id",
    "date_created",
    "billing_address",
    "shipping_address",
    "shipping_provider_display_name",
    "generated_tracking_link",
}


def shipment_get(state: State, order_id: int, shipment_id: int) -> Row:
    """The shipment of that order. Raises 404."""
    row = state.shipments.get(shipment_id)
    if row is None or row["order_id"] != order_id:
        raise not_found()
    return row


def _fields(state: State, data: Row) -> Row:
    """The plain fields of a write, checked. Raises 400."""
    for name in data:
        if name in READ_ONLY:
            raise read_only(name)
        if name not in WRITABLE:
            raise invalid(name, "Unknown field")
    found: Row = {}
    for name in TEXTS:
        if name in data:
            found[name] = _text(name, data[name])
    if "shipping_provider" in data:
        provider = _text("shipping_provider", data["shipping_provider"])
        if (provider not in PROVIDERS and not CARRIER.fullmatch(provider)) or provider == "custom":
            raise invalid("shipping_provider", "Shipping provider is not supported")
        found["shipping_provider"] = provider
    if "merchant_shipping_cost" in data:
        try:
            found["merchant_shipping_cost"] = parse_decimal(data["merchant_shipping_cost"])
        except ValueError as exc:
            raise invalid("merchant_shipping_cost", str(exc)) from exc
    return found


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise invalid(name, "A string is expected")
    if len(value) > LIMITS.get(name, 65_535):
        raise invalid(name, f"Longer than {LIMITS[name]} characters")
    return value


def tracking_links(row: Row) -> Row:
    """`generated_tracking_link`: empty when the merchant gave a link (§14)."""
    number, link = row["tracking_number"], ""
    if number and not row["tracking_link"]:
        if row["tracking_carrier"]:
            link = f"https://track.aftership.com/{row['tracking_carrier']}/{number}"
        elif row["shipping_provider"] in LINKS:
            link = LINKS[row["shipping_provider"]].format(number)
    return {**row, "generated_tracking_link": link}


def _items(state: State, order_id: int, address_id: int, wanted: Any) -> list[tuple[Row, int]]:
    """Lines and quantities to ship. Raises 400 with what is left."""
    if not isinstance(wanted, list) or not wanted:
        raise missing("items")
    chosen: dict[int, int] = {}
    for item in wanted:
        if not isinstance(item, dict):
            raise invalid("items", "Objects are expected")
        if "product_id" in item:
            raise read_only("items.product_id")
        line_id, quantity = _whole(item, "order_product_id"), _whole(item, "quantity")
        chosen[line_id] = chosen.get(line_id, 0) + quantity
        if quantity < 1:
            raise invalid("quantity", "Quantity must be at least 1", order_product_id=line_id)
    return [(_line(state, order_id, address_id, line_id, quantity), quantity) for line_id, quantity in chosen.items()]


def _whole(item: Row, name: str) -> int:
    if item.get(name) is None:
        raise missing(name)
    try:
        return parse_int(item[name])
    except ValueError as exc:
        raise invalid(name, str(exc)) from exc


def _line(state: State, order_id: int, address_id: int, line_id: int, quantity: int) -> Row:
    line = state.lines.get(line_id)
    if line is None or line["order_id"] != order_id:
        raise invalid("order_product_id", "The order product does not belong to the order", order_product_id=line_id)
    if line["type"] != "physical":
        raise invalid("order_product_id", "The order product cannot be shipped", order_product_id=line_id)
    if line["order_address_id"] != address_id:
        raise invalid("order_product_id", "The order product is shipped to another address", order_product_id=line_id)
    left = line["quantity"] - line["quantity_shipped"]
    if quantity > left:
        raise invalid(
            "quantity", "Quantity exceeds what is left to ship", available_quantity=left, order_product_id=line_id
        )
    return line


def shipment_create(state: State, order_id: int, data: Row) -> Row:
    """Ship lines to one address: quantities, `date_shipped`, status 3 or 2 (§14, §26)."""
    order = order_get(state, order_id)
    fields = _fields(state, data)
    if data.get("order_address_id") is None:
        raise missing("order_address_id")
    address_id = _whole(data, "order_address_id")
    address = state.order_addresses.get(address_id)
    if address is None or address["order_id"] != order_id:
        raise invalid("order_address_id", "The address does not belong to the order")
    items = _items(state, order_id, address_id, data.get("items"))
    row = dict.fromkeys(TEXTS, "") | {"shipping_provider": "custom", "merchant_shipping_cost": ZERO} | fields
    shipment = state.shipments.insert(
        {
            **row,
            "order_id": order_id,
            "customer_id": order["customer_id"],
            "order_address_id": address_id,
            "date_created": state.now(),
            "items": [
                {"order_product_id": line["id"], "product_id": line["product_id"], "quantity": quantity}
                for line, quantity in items
            ],
        }
    )
    if state.switches["shipment_mails"]:
        state.mails.insert({"order_id": order_id, "shipment_id": shipment["id"], "number": row["tracking_number"]})
    for line, quantity in items:
        state.lines.update(line["id"], quantity_shipped=line["quantity_shipped"] + quantity)
    state.emit("store/shipment/created", {"type": "shipment", "id": shipment["id"], "orderId": order_id})
    order_changed(state, order_id, _shipped(state, order))
    return shipment


def _shipped(state: State, order: Row) -> Row:
    """What the order looks like after a change of its shipments; the status moves forward only."""
    lines = [line for line in state.lines.find(order_id=order["id"]) if line["type"] == "physical"]
    shipped = sum(line["quantity_shipped"] for line in lines)
    complete = all(line["quantity_shipped"] >= line["quantity"] - line["quantity_refunded"] for line in lines)
    changes: Row = {"items_shipped": shipped, "date_shipped": state.now() if complete and shipped else None}
    if shipped and state.switches["shipment_moves_status"]:
        changes["status_id"] = orders.SHIPPED if complete else orders.PARTIALLY_SHIPPED
    return changes


def shipment_edit(state: State, order_id: int, shipment_id: int, data: Row) -> Row:
    """Change tracking, method, comments and cost; `items` is refused (§14)."""
    shipment_get(state, order_id, shipment_id)
    for name in ("items", "order_address_id"):
        if name in data:
            raise read_only(name)
    shipment = state.shipments.update(shipment_id, _fields(state, data))
    state.emit("store/shipment/updated", {"type": "shipment", "id": shipment_id, "orderId": order_id})
    order_changed(state, order_id)
    return shipment


def shipment_delete(state: State, order_id: int, shipment_id: int) -> None:
    """Take a shipment back: quantities return, the status stays (§14)."""
    shipment = shipment_get(state, order_id, shipment_id)
    for item in shipment["items"]:
        line = state.lines.get(item["order_product_id"])
        if line is not None:
            state.lines.update(line["id"], quantity_shipped=line["quantity_shipped"] - item["quantity"])
    state.shipments.delete(shipment_id)
    state.emit("store/shipment/deleted", {"type": "shipment", "id": shipment_id, "orderId": order_id})
    changes = _shipped(state, order_get(state, order_id))
    changes.pop("status_id", None)
    order_changed(state, order_id, changes)
