"""Sales orders as records: header, lines, taxes, discounts, payments, and their recalculation (§10, §21.2)."""

from decimal import Decimal
from typing import Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.heartland.customers import ADDRESSES, CUSTOMERS, address_of
from ipaas.sandbox.heartland.fields import ID, READ, STAMPS, Field, Resource, moment, number, text, whole
from ipaas.sandbox.heartland.places import LOCATIONS
from ipaas.sandbox.heartland.replies import render
from ipaas.sandbox.heartland.service import Heartland
from ipaas.sandbox.heartland.stock import move
from ipaas.sandbox.heartland.totals import cents, line_value, order_total, paid, percentage

ORDER_STATUSES = ("pending", "open", "closed", "canceled")
AUTO_TAX = "Sales Tax"


def _one(table: str, field: str, resource: Resource) -> Any:
    def embed(service: Heartland, row: Row) -> dict[str, Any] | None:
        found = service.table(table).get(row.get(field) or 0)
        return render(service, resource, found) if found else None

    return embed


def _many(table: str, resource: Resource) -> Any:
    def embed(service: Heartland, row: Row) -> list[dict[str, Any]]:
        return [render(service, resource, one) for one in service.table(table).find(order_id=row["id"])]

    return embed


def _address(field: str) -> Any:
    def embed(service: Heartland, row: Row) -> dict[str, Any] | None:
        found = address_of(service, row.get(field))
        return render(service, ADDRESSES, found) if found else None

    return embed


ORDER_LINES = Resource(
    table="order_lines",
    path="/sales/orders/{id}/lines",
    fields={
        **ID,
        "order_id": whole(**READ),
        "type": text("ItemLine"),
        "item_id": whole(**READ),
        "description": text(),
        "qty": number(),
        "original_unit_price": number(),
        "unit_price": number(**READ),
        "adjusted_unit_price": number(),
        "total_tax": number(),
        "value": number(**READ),
        "ship_from_location_id": whole(),
        "qty_invoiced": number(0, **READ),
        "qty_open": number(**READ),
        "custom": Field("object", filter=False),
        **STAMPS,
    },
    group="sales.order.line_item",
)
TAXES = Resource(
    table="order_taxes",
    path="/sales/orders/{id}/taxes",
    fields={**ID, "order_id": whole(**READ), "description": text(), "value": number(), **STAMPS},
)
DISCOUNTS = Resource(
    table="order_discounts",
    path="/sales/orders/{id}/discounts",
    fields={**ID, "order_id": whole(**READ), "description": text(), "amount": number(), **STAMPS},
)
PAYMENTS = Resource(
    table="payments",
    path="/sales/orders/{id}/payments",
    fields={
        **ID,
        "type": text(),
        "status": text(),
        "amount": number(),
        "deposit": Field("bool", mark=False),
        "payment_type_id": whole(),
        "description": text(),
        "reference": text(),
        "custom": Field("object", filter=False),
        "completed_at": moment(),
        "local_completed_at": Field("local"),
        **STAMPS,
    },
    group="payment",
)
ORDERS = Resource(
    table="orders",
    path="/sales/orders",
    fields={
        **ID,
        "public_id": text(),
        "status": text("pending"),
        "customer_id": whole(),
        "source_location_id": whole(),
        "station_id": whole(),
        "billing_address_id": whole(),
        "shipping_address_id": whole(),
        "shipping_method_id": whole(),
        "shipping_charge": number(0),
        "sales_rep": text(),
        **{name: number(0, **READ) for name in ("subtotal", "total_tax", "total_discounts", "total")},
        **{name: number(0, **READ) for name in ("total_paid", "balance")},
        "custom": Field("object", filter=False),
        "created_by_user_id": whole(**READ),
        "updated_by_user_id": whole(**READ),
        **STAMPS,
    },
    group="sales.order",
    includes={
        "customer": _one("customers", "customer_id", CUSTOMERS),
        "location": _one("locations", "source_location_id", LOCATIONS),
        "payments": _many("payments", PAYMENTS),
        "lines": _many("order_lines", ORDER_LINES),
        "billing_address": _address("billing_address_id"),
        "shipping_address": _address("shipping_address_id"),
    },
    plain=frozenset(("status", "customer_id")),
    search=("public_id", "sales_rep"),
)


def lines_of(service: Heartland, order_id: int) -> list[Row]:
    """Lines of an order."""
    return service.table("order_lines").find(order_id=order_id)


def payments_of(service: Heartland, order_id: int) -> list[Row]:
    """Payments of an order."""
    return service.table("payments").find(order_id=order_id)


def recalculate(service: Heartland, order_id: int, *, lines_changed: bool = False) -> Row:
    """Bring the computed fields up to date; Heartland's own tax follows the lines."""
    order = service.one("orders", order_id)
    subtotal = sum((line["value"] for line in lines_of(service, order_id)), Decimal(0))
    if lines_changed:
        _own_tax(service, order, subtotal)
    tax = sum((cents(row["value"]) for row in service.table("order_taxes").find(order_id=order_id)), Decimal(0))
    cut = sum((cents(row["amount"]) for row in service.table("order_discounts").find(order_id=order_id)), Decimal(0))
    total = order_total(subtotal=subtotal, discounts=cut, tax=tax, shipping=cents(order["shipping_charge"]))
    payments = payments_of(service, order_id)
    sums = {"subtotal": subtotal, "total_tax": tax, "total_discounts": cut, "total": total}
    done = paid(row for row in payments if row["status"] == "complete")
    sums |= {"total_paid": done, "balance": total - paid(payments)}
    is_moved = service.switches["order_moves_with"] != "header" and any(order[name] != sums[name] for name in sums)
    return service.table("orders").update(order_id, sums, **({"updated_at": service.stamp()} if is_moved else {}))


def _own_tax(service: Heartland, order: Row, subtotal: Decimal) -> None:
    """The tax line Heartland computes when lines are added (§10.4); the rate is switched per location."""
    rate = service.switches["auto_tax_rate"].get(str(order["source_location_id"]), 0)
    table = service.table("order_taxes")
    own = next((row for row in table.find(order_id=order["id"]) if row.get("automatic")), None)
    value = percentage(subtotal, rate)
    if own is not None:
        table.update(own["id"], value=value, updated_at=service.stamp())
    elif value:
        now = service.stamp()
        row = {"order_id": order["id"], "description": AUTO_TAX, "value": value, "automatic": True}
        table.insert({**row, "created_at": now, "updated_at": now})


def touch(service: Heartland, order_id: int, user_id: int | None = None) -> Row:
    """A line, payment, tax or discount changed: stamp the order where that counts as a change of it."""
    more = {} if user_id is None else {"updated_by_user_id": user_id}
    moves = service.switches["order_moves_with"] == "parts"
    return service.table("orders").update(order_id, more, **({"updated_at": service.stamp()} if moves else {}))


def open_qty(line: Row) -> Any:
    """Pieces of a line not yet invoiced."""
    return line["qty_open"]


def commit(service: Heartland, line: Row, location_id: int | None, direction: int) -> None:
    """Promise (+1) or release (-1) a line's open pieces at a location (§21.1)."""
    item = service.table("items").get(line["item_id"])
    if item is None or location_id is None or not line["qty_open"]:
        return
    move(
        service,
        item,
        location_id,
        committed=direction * line["qty_open"],
        kind="SalesOrder",
        source=("SalesOrder", line["order_id"]),
    )


def place_line(service: Heartland, order: Row, line: Row, changes: Row) -> Row:
    """Change a line and move its commitment along when the order is open."""
    if order["status"] == "open" and "ship_from_location_id" in changes:
        commit(service, line, line["ship_from_location_id"], -1)
        line = service.table("order_lines").update(line["id"], changes)
        commit(service, line, line["ship_from_location_id"], +1)
        return line
    return service.table("order_lines").update(line["id"], changes)


def priced(line: Row) -> Row:
    """The computed price fields of a line; `unit_price` is the price before adjustment, as the examples show."""
    return {**line, "unit_price": line["original_unit_price"], "value": line_value(line)}
