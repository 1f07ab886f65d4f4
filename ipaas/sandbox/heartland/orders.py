"""Sales order calls: header, lines, taxes, discounts and status (§10)."""

from typing import Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.heartland.adjustments import check_qty
from ipaas.sandbox.heartland.customers import address_of
from ipaas.sandbox.heartland.errors import BLANK, UNKNOWN, Problems, not_found
from ipaas.sandbox.heartland.inputs import exists, fill, unique_public_id
from ipaas.sandbox.heartland.items import resolve
from ipaas.sandbox.heartland.order_model import (
    DISCOUNTS,
    ORDER_LINES,
    ORDERS,
    TAXES,
    commit,
    lines_of,
    payments_of,
    place_line,
    priced,
    recalculate,
    touch,
)
from ipaas.sandbox.heartland.replies import changed, created, list_reply, record_reply
from ipaas.sandbox.heartland.routes import add_list, add_read
from ipaas.sandbox.heartland.service import Heartland
from ipaas.sandbox.heartland.totals import cents, paid

routes: Router[Heartland] = Router()
PATH = "/api/sales/orders/<int:order_id>"
FINAL = ("closed", "canceled")

add_list(routes, ORDERS, needs="sales.order.read")
add_read(routes, ORDERS, needs="sales.order.read")


# --- header ---------------------------------------------------------------------------------------


@routes.route("POST", "/api/sales/orders", needs="sales.order.manage")
def order_create(service: Heartland, request: Request) -> Reply:
    """Create a pending order, with inline lines if given (§10.2)."""
    body, user_id = request.json_object(), service.grant(request)["user_id"]
    service.check_location(request, _whole(body.get("source_location_id")))
    return created(service, request, ORDERS, create_order(service, body, user_id))


def create_order(service: Heartland, body: dict[str, Any], user_id: int) -> Row:
    """Validate and store an order with its inline lines; all or nothing."""
    problems = service.problems()
    row = fill(service, ORDERS, {**body, "status": "pending"}, problems)
    unique_public_id(service, ORDERS, row, problems)
    _check_header(service, row, problems)
    problems.check()
    row["shipping_charge"] = cents(row["shipping_charge"])
    order = service.table("orders").insert(
        {**row, "id": None, "created_by_user_id": user_id, "updated_by_user_id": user_id}
    )
    if not order.get("public_id"):
        service.table("orders").update(order["id"], public_id=str(order["id"]))
    for line in body.get("lines") or []:
        add_line(service, order, line)
    return recalculate(service, order["id"], lines_changed=True)


def _check_header(service: Heartland, row: Row, problems: Problems) -> None:
    exists(service, "customers", row, "customer_id", problems, need=True)
    exists(service, "locations", row, "source_location_id", problems, need=True)
    exists(service, "stations", row, "station_id", problems, need=True)
    exists(service, "shipping_methods", row, "shipping_method_id", problems)
    for name in ("billing_address_id", "shipping_address_id"):
        if row.get(name) is not None and address_of(service, row[name]) is None:
            problems.add(name, UNKNOWN)


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) else int(value) if str(value or "").isdecimal() else None


@routes.route("PUT", PATH, needs="sales.order.manage")
def order_update(service: Heartland, request: Request, order_id: int) -> Reply:
    """Change header fields, or the status (§10.5)."""
    before = service.one("orders", order_id, "Order")
    body = request.json_object()
    if before["status"] in FINAL:
        raise service.refuse(status=f"the order is {before['status']}")
    problems = service.problems()
    changes = fill(service, ORDERS, {k: v for k, v in body.items() if k != "status"}, problems, before)
    unique_public_id(service, ORDERS, changes, problems, before)
    _check_header(service, {**before, **changes}, problems)
    problems.check()
    if "shipping_charge" in changes:
        changes["shipping_charge"] = cents(changes["shipping_charge"])
    changes["updated_by_user_id"] = service.grant(request)["user_id"]
    service.table("orders").update(order_id, changes)
    order = recalculate(service, order_id, lines_changed="source_location_id" in changes)
    if "status" in body and body["status"] != before["status"]:
        order = set_status(service, order, body["status"])
    return changed(service, ORDERS, order)


def set_status(service: Heartland, order: Row, wish: Any) -> Row:
    """Open or cancel; everything else is not for the API to set."""
    lenient = service.switches["cancel_spellings"] == "lenient"
    if wish == "open" and order["status"] == "pending":
        return open_order(service, order)
    if wish == "canceled" or (lenient and wish in ("cancelled", "void")):
        return cancel_order(service, order)
    raise service.refuse(status=f"cannot change from {order['status']} to {wish}")


def open_order(service: Heartland, order: Row) -> Row:
    """Open when complete and paid; commits the distributed lines."""
    problems = service.problems()
    lines = lines_of(service, order["id"])
    if not lines:
        problems.add("lines", BLANK)
    if not service.switches["open_without_addresses"]:
        problems.need("billing_address_id", order.get("billing_address_id"))
        problems.need("shipping_address_id", order.get("shipping_address_id"))
    _need_custom(service, order, lines, problems)
    if cents(order["balance"]) != 0 and not service.switches["allow_open_unpaid"]:
        problems.add("payments", "must equal order total")
    problems.check()
    order = service.table("orders").update(order["id"], status="open", updated_at=service.stamp())
    for line in lines:
        commit(service, line, line["ship_from_location_id"], +1)
    return order


def _need_custom(service: Heartland, order: Row, lines: list[Row], problems: Problems) -> None:
    """Required custom fields block opening, also those made required after the order (§6)."""
    owners = ((ORDERS, [order]), (ORDER_LINES, lines))
    for resource, rows in owners:
        for one in service.custom_definitions(resource.group):
            if one["required"] and any((row.get("custom") or {}).get(one["key"]) in (None, "") for row in rows):
                problems.add(f"custom@{one['key']}", BLANK)


def cancel_order(service: Heartland, order: Row) -> Row:
    """Cancel once every payment is refunded; releases what is committed. What is closed or cancelled stays so."""
    if order["status"] in FINAL:
        raise service.refuse(status=f"the order is {order['status']}")
    if paid(payments_of(service, order["id"])) != 0:
        raise service.refuse(payments="must be refunded before the order is canceled")
    if order["status"] == "open":
        for line in lines_of(service, order["id"]):
            commit(service, line, line["ship_from_location_id"], -1)
    return service.table("orders").update(order["id"], status="canceled", updated_at=service.stamp())


# --- lines ----------------------------------------------------------------------------------------


@routes.route("GET", f"{PATH}/lines", needs="sales.order.read")
def line_list(service: Heartland, request: Request, order_id: int) -> Reply:
    """Lines of an order."""
    service.one("orders", order_id, "Order")
    return list_reply(service, request, ORDER_LINES, lines_of(service, order_id))


@routes.route("POST", f"{PATH}/lines", needs="sales.order.manage")
def line_create(service: Heartland, request: Request, order_id: int) -> Reply:
    """Add a line to a pending or open order."""
    order = service.one("orders", order_id, "Order")
    line = add_line(service, order, request.json_object())
    recalculate(service, order_id, lines_changed=True)
    touch(service, order_id, service.grant(request)["user_id"])
    return created(service, request, ORDER_LINES, line, path=f"/sales/orders/{order_id}/lines")


def add_line(service: Heartland, order: Row, body: dict[str, Any]) -> Row:
    """Validate and store a line; an open order commits it at once."""
    problems = service.problems()
    if order["status"] in FINAL:
        problems.add("status", f"the order is {order['status']}")
    row = fill(service, ORDER_LINES, body, problems)
    item = resolve(service, body, problems)
    check_qty(item, row.get("qty"), problems)
    if row.get("qty") is not None and row["qty"] < 0:
        problems.add("qty", "must be greater than 0")
    exists(service, "locations", row, "ship_from_location_id", problems)
    problems.check()
    found = item or {}
    if row.get("original_unit_price") is None:
        row["original_unit_price"] = found.get("price") or 0
    row |= {"order_id": order["id"], "item_id": found.get("id"), "qty_invoiced": 0, "qty_open": row["qty"]}
    row["description"] = row.get("description") or found.get("description")
    line = service.table("order_lines").insert({**priced(row), "id": None})
    if order["status"] == "open":
        commit(service, line, line["ship_from_location_id"], +1)
    return line


def _line_of(service: Heartland, order_id: int, line_id: int) -> Row:
    line = service.table("order_lines").get(line_id)
    if line is None or line["order_id"] != order_id:
        raise not_found("Line")
    return line


@routes.route("GET", f"{PATH}/lines/<int:line_id>", needs="sales.order.read")
def line_read(service: Heartland, request: Request, order_id: int, line_id: int) -> Reply:
    """One line."""
    return record_reply(service, request, ORDER_LINES, _line_of(service, order_id, line_id))


@routes.route("PUT", f"{PATH}/lines/<int:line_id>")
def line_update(service: Heartland, request: Request, order_id: int, line_id: int) -> Reply:
    """Edit a line, or distribute it by `ship_from_location_id` (own permission)."""
    order, line = service.one("orders", order_id, "Order"), _line_of(service, order_id, line_id)
    body = request.json_object()
    only_distributes = body.keys() <= {"ship_from_location_id"}
    service.check_permission(request, "sales.order.distribute" if only_distributes else "sales.order.manage")
    line = edit_line(service, order, line, body)
    recalculate(service, order_id, lines_changed=True)
    touch(service, order_id, service.grant(request)["user_id"])
    return changed(service, ORDER_LINES, line)


def edit_line(service: Heartland, order: Row, line: Row, body: dict[str, Any]) -> Row:
    """Validate and apply changes; the quantity of an open order's line stays (§10.5)."""
    problems = service.problems()
    changes = fill(service, ORDER_LINES, body, problems, line)
    item = service.table("items").get(line["item_id"])
    if order["status"] in FINAL:
        problems.add("status", f"the order is {order['status']}")
    if "qty" in changes and changes["qty"] != line["qty"]:
        check_qty(item, changes["qty"], problems)
        if changes["qty"] is not None and changes["qty"] < 0:
            problems.add("qty", "must be greater than 0")
        if order["status"] != "pending":
            problems.add("qty", "cannot be changed on an open order")
    ship_from = changes.get("ship_from_location_id", line["ship_from_location_id"])
    if ship_from != line["ship_from_location_id"] and line["qty_invoiced"] and not line["qty_open"]:
        problems.add("ship_from_location_id", "cannot be changed once invoiced")
    exists(service, "locations", changes, "ship_from_location_id", problems)
    problems.check()
    if "qty" in changes:
        changes["qty_open"] = changes["qty"] - line["qty_invoiced"]
    return place_line(service, order, line, priced({**line, **changes}) | {"id": line["id"]})


@routes.route("DELETE", f"{PATH}/lines/<int:line_id>", needs="sales.order.manage")
def line_delete(service: Heartland, request: Request, order_id: int, line_id: int) -> Reply:
    """Remove a line while pending; any time by switch."""
    order, line = service.one("orders", order_id, "Order"), _line_of(service, order_id, line_id)
    if order["status"] != "pending" and service.switches["line_delete"] != "any":
        raise service.refuse(status="lines can be deleted while the order is pending only")
    remove_line(service, order, line)
    return changed(service, ORDER_LINES)


def remove_line(service: Heartland, order: Row, line: Row) -> None:
    """Take a line out of an order that is not final; releases what it had committed."""
    if order["status"] in FINAL or line["qty_invoiced"]:
        raise service.refuse(status="the line is invoiced or the order is final")
    if order["status"] == "open":
        commit(service, line, line["ship_from_location_id"], -1)
    service.table("order_lines").delete(line["id"])
    recalculate(service, order["id"], lines_changed=True)
    touch(service, order["id"])


# --- taxes and discounts --------------------------------------------------------------------------


@routes.route("GET", f"{PATH}/taxes", needs="sales.order.read")
def tax_list(service: Heartland, request: Request, order_id: int) -> Reply:
    """Tax lines, Heartland's own among them."""
    service.one("orders", order_id, "Order")
    return list_reply(service, request, TAXES, service.table("order_taxes").find(order_id=order_id))


@routes.route("POST", f"{PATH}/taxes", needs="sales.order.manage")
def tax_create(service: Heartland, request: Request, order_id: int) -> Reply:
    """Append a tax line; tax lines cannot be edited."""
    order = service.one("orders", order_id, "Order")
    problems = service.problems()
    row = fill(service, TAXES, request.json_object(), problems)
    problems.need("value", row.get("value"))
    if order["status"] in FINAL:
        problems.add("status", f"the order is {order['status']}")
    problems.check()
    tax = service.table("order_taxes").insert({**row, "order_id": order_id, "value": cents(row["value"]), "id": None})
    recalculate(service, order_id)
    touch(service, order_id)
    return created(service, request, TAXES, tax, path=f"/sales/orders/{order_id}/taxes")


@routes.route("POST", f"{PATH}/discounts", needs="sales.order.manage")
def discount_create(service: Heartland, request: Request, order_id: int) -> Reply:
    """Append an order discount; either sign is a reduction."""
    order = service.one("orders", order_id, "Order")
    problems = service.problems()
    row = fill(service, DISCOUNTS, request.json_object(), problems)
    problems.need("amount", row.get("amount"))
    if order["status"] in FINAL:
        problems.add("status", f"the order is {order['status']}")
    problems.check()
    cut = {**row, "order_id": order_id, "amount": abs(cents(row["amount"])), "id": None}
    discount = service.table("order_discounts").insert(cut)
    recalculate(service, order_id)
    touch(service, order_id)
    return created(service, request, DISCOUNTS, discount, path=f"/sales/orders/{order_id}/discounts")
