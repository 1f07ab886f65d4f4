"""V2 orders and their sub-resources (note §9-§13)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ipaas.sandbox.bigcommerce import actions
from ipaas.sandbox.bigcommerce.api import orders_render as render
from ipaas.sandbox.bigcommerce.api.common import Call, Endpoints, v2_list, whole_arg
from ipaas.sandbox.bigcommerce.errors import invalid, not_found
from ipaas.sandbox.bigcommerce.rows import STREET_ADDRESS
from ipaas.sandbox.bigcommerce.scopes import ORDERS
from ipaas.sandbox.bigcommerce.state import Row
from ipaas.sandbox.bigcommerce.wire import parse_date, parse_decimal
from ipaas.sandbox.core.tables import Table
from ipaas.sandbox.core.web import Reply, Router, empty

router: Router[Any] = Router()
v2 = Endpoints(router, "v2")
SORTS = ("id", "customer_id", "date_created", "date_modified", "status_id", "channel_id", "external_id")
DATES = ("date_created", "date_modified")
INCLUDES = ("consignments", "consignments.line_items", "fees")
Test = Callable[[Row], bool]


# --- filters and sorting --------------------------------------------------------------------------


def _date_arg(call: Call, name: str) -> int | None:
    text = call.arg(name)
    if not text or call.state.switches["ignore_v2_date_filters"]:
        return None
    try:
        return parse_date(text)
    except ValueError as exc:
        raise invalid(name, "A date is expected") from exc


def _money_arg(call: Call, name: str) -> Any:
    text = call.arg(name)
    try:
        return parse_decimal(text) if text else None
    except ValueError as exc:
        raise invalid(name, str(exc)) from exc


def _number_arg(call: Call, name: str) -> int | None:
    return whole_arg(call, name, 0) if call.arg(name) else None


def _tests(call: Call) -> Iterator[Test]:
    """One test per filter given (§6.1)."""
    for low, high, field, reader in (
        ("min_id", "max_id", "id", _number_arg),
        ("min_total", "max_total", "total_inc_tax", _money_arg),
        *((f"min_{date}", f"max_{date}", date, _date_arg) for date in DATES),
    ):
        least, most = reader(call, low), reader(call, high)
        if least is not None:
            yield lambda row, field=field, least=least: row[field] >= least  # type: ignore[misc]
        if most is not None:
            yield lambda row, field=field, most=most: row[field] <= most  # type: ignore[misc]
    for name in ("customer_id", "channel_id"):
        if (wanted := _number_arg(call, name)) is not None:
            yield lambda row, name=name, wanted=wanted: row[name] == wanted  # type: ignore[misc]
    for name in ("cart_id", "payment_method", "external_order_id"):
        if text := call.arg(name):
            yield lambda row, name=name, text=text: row[name] == text  # type: ignore[misc]
    if email := call.arg("email"):
        yield lambda row: row["billing_address"]["email"].lower() == email.lower()
    deleted = call.arg("is_deleted") in ("true", "1")
    yield lambda row: row["is_deleted"] == deleted


def _candidates(call: Call) -> Iterator[Row]:
    """Rows an index can offer, before the tests."""
    orders = call.state.orders
    if (status := _number_arg(call, "status_id")) is not None:
        return iter(orders.find(status_id=status))
    if text := call.arg("external_order_id"):
        return iter(orders.find(external_order_id=text))
    if (least := _number_arg(call, "min_id")) is not None:
        return orders.after(least - 1)
    return orders.all()


def _sorted(call: Call, rows: Iterator[Row]) -> Iterator[Row]:
    field, _, direction = (call.arg("sort") or "id:asc").partition(":")
    if field not in SORTS or direction not in ("", "asc", "desc"):
        raise invalid("sort", f"One of {', '.join(SORTS)} with :asc or :desc is expected")
    if field == "id" and direction != "desc":
        return rows
    found = sorted(rows, key=lambda row: row["id"])
    return iter(
        sorted(
            found,
            key=lambda row: (row[field] is not None, row[field] if row[field] is not None else 0),
            reverse=direction == "desc",
        )
    )


def matching(call: Call) -> Iterator[Row]:
    """Orders that pass every filter, in the order asked for."""
    tests = list(_tests(call))
    return _sorted(call, (row for row in _candidates(call) if all(test(row) for test in tests)))


def _wanted(call: Call) -> set[str]:
    """The sub-resources of `include`. Raises 400 for others."""
    names = {name for name in (call.arg("include") or "").split(",") if name}
    if unknown := sorted(names - set(INCLUDES)):
        raise invalid("include", f"Unknown sub-resource {unknown[0]}")
    return names


def full(call: Call, order: Row, wanted: set[str]) -> Row:
    """An order with what `include` asks for in place of the links."""
    out = render.order_object(call, order)
    if "consignments" in wanted or "consignments.line_items" in wanted:
        out["consignments"] = _consignments(call, order, with_lines="consignments.line_items" in wanted)
    if "fees" in wanted and call.state.switches["fees_include"] != "link":
        fees = call.state.order_fees.find(order_id=order["id"])
        out["fees"] = [render.fee_object(call, fee) for fee in fees if call.state.switches["fees_include"] == "whole"]
    return out


def _consignments(call: Call, order: Row, *, with_lines: bool) -> Any:
    """The include in the shape asked for, or as it came for some orders of real stores: with nothing inside (§11)."""
    whole = render.consignments_object(call, order, with_lines=with_lines)
    shape = call.state.switches["consignments_include"]
    if shape == "links":
        return [render.link(call, f"/orders/{order['id']}/consignments")]
    if shape == "null":
        return None
    if shape == "no_lines":
        whole["shipping"] = [{**row, "line_items": []} for row in whole["shipping"]]
    is_object = call.arg("consignment_structure") == "object" and shape != "flat"
    if shape == "empty":
        nothing = {"shipping": [], "pickups": [], "downloads": [], "email": {"gift_certificates": []}}
        return nothing if is_object else []
    if is_object:
        return whole
    if shape != "flat" and call.state.switches["consignments_array"] == "whole":
        return [whole]
    return [*whole["shipping"], *whole["pickups"], *whole["downloads"], *whole["email"]["gift_certificates"]]


# --- orders ---------------------------------------------------------------------------------------


@v2("GET", "/orders", ORDERS)
def orders_list(call: Call) -> Reply:
    """List with filters, sort and pages; 204 when nothing is found."""
    wanted = _wanted(call)
    return v2_list(call, matching(call), lambda order: full(call, order, wanted))


@v2("GET", "/orders/count", ORDERS)
def orders_count(call: Call) -> Reply:
    """Total and count per status; Incomplete ones count by switch only (§28)."""
    incomplete = call.state.switches["count_incomplete"]
    rows = [row for row in matching(call) if incomplete or row["status_id"] != actions.INCOMPLETE]
    counts: dict[int, int] = {}
    for row in rows:
        counts[row["status_id"]] = counts.get(row["status_id"], 0) + 1
    statuses = [
        {
            "id": status["id"],
            "name": status["name"],
            "system_label": status["system_label"],
            "custom_label": status["custom_label"],
            "system_description": status["system_description"],
            "count": counts.get(status["id"], 0),
            "sort_order": status["order"],
        }
        for status in call.state.statuses.all()
    ]
    return call.reply({"count": len(rows), "statuses": statuses})


def readable(call: Call, order_id: int) -> Row:
    """The order, as it was before a change of the last `read_lag` seconds. Raises 404."""
    order = actions.order_get(call.state, order_id)
    if order["is_deleted"] and call.state.switches["get_archived_order"] == 404:
        raise not_found()
    lag = call.state.switches["read_lag"]
    if lag and call.state.clock.timestamp() - order.get("changed_at", 0) < lag:
        if order.get("before") is None:
            raise not_found()
        return {**order, **order["before"]}
    return order


@v2("GET", "/orders/<int:order_id>", ORDERS)
def order_get(call: Call, order_id: int) -> Reply:
    """One order; archived ones too. `If-Modified-Since` is honoured (§7.1)."""
    order, since = readable(call, order_id), call.request.if_modified_since
    if since is not None and order["date_modified"] <= since.timestamp():
        return empty(304)
    return call.reply(full(call, order, _wanted(call)))


@v2("POST", "/orders", ORDERS)
def order_post(call: Call) -> Reply:
    """Create an order; no e-mail, no promotions."""
    order = actions.order_create(call.state, call.body())
    return call.reply(render.order_object(call, order), call.state.switches["order_create_status"])


@v2("PUT", "/orders/<int:order_id>", ORDERS)
def order_put(call: Call, order_id: int) -> Reply:
    """Patch an order."""
    return call.reply(render.order_object(call, actions.order_edit(call.state, order_id, call.body())))


@v2("DELETE", "/orders/<int:order_id>", ORDERS)
def order_delete(call: Call, order_id: int) -> Reply:
    """Archive an order."""
    actions.order_archive(call.state, order_id)
    return empty(204)


@v2("DELETE", "/orders", ORDERS)
def orders_delete(call: Call) -> Reply:
    """Archive every order: the trap of §13."""
    for order in list(call.state.orders.all()):
        actions.order_archive(call.state, order["id"])
    return empty(204)


# --- sub-resources --------------------------------------------------------------------------------


def _parts(call: Call, table: Table, order_id: int) -> list[Row]:
    actions.order_get(call.state, order_id)
    return table.find(order_id=order_id)


def _part(table: Table, order_id: int, part_id: int) -> Row:
    row = table.get(part_id)
    if row is None or row["order_id"] != order_id:
        raise not_found()
    return row


@v2("GET", "/orders/<int:order_id>/products", ORDERS)
def lines_list(call: Call, order_id: int) -> Reply:
    """Lines by id, paged: the default page cuts at 50."""
    return v2_list(call, _parts(call, call.state.lines, order_id), lambda row: render.line_object(call, row))


@v2("GET", "/orders/<int:order_id>/products/<int:line_id>", ORDERS)
def line_get(call: Call, order_id: int, line_id: int) -> Reply:
    """One line."""
    return call.reply(render.line_object(call, _part(call.state.lines, order_id, line_id)))


for spelling in ("shipping_addresses", "shippingaddresses"):

    @v2("GET", f"/orders/<int:order_id>/{spelling}", ORDERS)
    def addresses_list(call: Call, order_id: int) -> Reply:
        """Shipping addresses; 204 for digital and pickup orders."""
        rows = _parts(call, call.state.order_addresses, order_id)
        if call.state.switches["shipping_addresses"] == "none":
            rows = []
        return v2_list(call, rows, lambda row: render.address_object(call, row))

    @v2("GET", f"/orders/<int:order_id>/{spelling}/<int:address_id>", ORDERS)
    def address_get(call: Call, order_id: int, address_id: int) -> Reply:
        """One shipping address."""
        return call.reply(render.address_object(call, _part(call.state.order_addresses, order_id, address_id)))

    @v2("PUT", f"/orders/<int:order_id>/{spelling}/<int:address_id>", ORDERS)
    def address_put(call: Call, order_id: int, address_id: int) -> Reply:
        """Edit the text of an address; costs stay."""
        return _address_put(call, order_id, address_id)

    for quotes in ("shipping_quotes", "shippingquotes"):

        @v2("GET", f"/orders/<int:order_id>/{spelling}/<int:address_id>/{quotes}", ORDERS)
        def quotes_get(call: Call, order_id: int, address_id: int) -> Reply:
            """Quotes are often none (§11)."""
            _part(call.state.order_addresses, order_id, address_id)
            return empty(204)


def _address_put(call: Call, order_id: int, address_id: int) -> Reply:
    changes: Row = {}
    for name, value in call.body().items():
        if name not in STREET_ADDRESS and name != "shipping_method":
            raise invalid(name, "The field cannot be changed")
        if name != "form_fields" and not isinstance(value, str):
            raise invalid(name, "A string is expected")
        changes[name] = value
    row = actions.address_edit(call.state, order_id, address_id, changes)
    return call.reply(render.address_object(call, row))


@v2("GET", "/orders/<int:order_id>/consignments", ORDERS)
def consignments_get(call: Call, order_id: int) -> Reply:
    """Consignments by kind; `include=line_items`."""
    order = actions.order_get(call.state, order_id)
    with_lines = "line_items" in (call.arg("include") or "").split(",")
    return call.reply(render.consignments_object(call, order, with_lines=with_lines))


@v2("GET", "/orders/<int:order_id>/taxes", ORDERS)
def taxes_list(call: Call, order_id: int) -> Reply:
    """Taxes; `details=true` adds what is known of the line."""
    return v2_list(call, _parts(call, call.state.order_taxes, order_id), lambda row: _tax(call, row))


def _tax(call: Call, row: Row) -> Row:
    out = render.tax_object(call, row)
    if call.arg("details") == "true":
        line = call.state.lines.get(row["order_product_id"] or 0)
        out["line_item"] = {"name": line["name"], "sku": line["sku"], "quantity": line["quantity"]} if line else None
    return out


@v2("GET", "/orders/<int:order_id>/coupons", ORDERS)
def coupons_list(call: Call, order_id: int) -> Reply:
    """Coupons redeemed."""
    return v2_list(call, _parts(call, call.state.order_coupons, order_id), lambda row: render.coupon_object(call, row))


@v2("GET", "/orders/<int:order_id>/fees", ORDERS)
def fees_list(call: Call, order_id: int) -> Reply:
    """Fees."""
    return v2_list(call, _parts(call, call.state.order_fees, order_id), lambda row: render.fee_object(call, row))


@v2("GET", "/orders/<int:order_id>/messages", ORDERS)
def messages_list(call: Call, order_id: int) -> Reply:
    """Messages of shopper and staff."""
    return v2_list(call, _parts(call, call.state.messages, order_id), render.message_object)


# --- shipments ------------------------------------------------------------------------------------


@v2("GET", "/orders/<int:order_id>/shipments", ORDERS)
def shipments_list(call: Call, order_id: int) -> Reply:
    """Shipments of an order; 204 when none."""
    return v2_list(call, _parts(call, call.state.shipments, order_id), lambda row: render.shipment_object(call, row))


@v2("GET", "/orders/<int:order_id>/shipments/count", ORDERS)
def shipments_count(call: Call, order_id: int) -> Reply:
    """How many."""
    return call.reply({"count": len(_parts(call, call.state.shipments, order_id))})


@v2("GET", "/orders/<int:order_id>/shipments/<int:shipment_id>", ORDERS)
def shipment_get(call: Call, order_id: int, shipment_id: int) -> Reply:
    """One shipment."""
    return call.reply(render.shipment_object(call, _part(call.state.shipments, order_id, shipment_id)))


@v2("POST", "/orders/<int:order_id>/shipments", ORDERS)
def shipment_post(call: Call, order_id: int) -> Reply:
    """Ship."""
    return call.reply(render.shipment_object(call, actions.shipment_create(call.state, order_id, call.body())), 201)


@v2("PUT", "/orders/<int:order_id>/shipments/<int:shipment_id>", ORDERS)
def shipment_put(call: Call, order_id: int, shipment_id: int) -> Reply:
    """Change tracking and texts."""
    row = actions.shipment_edit(call.state, order_id, shipment_id, call.body())
    return call.reply(render.shipment_object(call, row))


@v2("DELETE", "/orders/<int:order_id>/shipments/<int:shipment_id>", ORDERS)
def shipment_delete(call: Call, order_id: int, shipment_id: int) -> Reply:
    """Take a shipment back."""
    actions.shipment_delete(call.state, order_id, shipment_id)
    return empty(204)


@v2("DELETE", "/orders/<int:order_id>/shipments", ORDERS)
def shipments_delete(call: Call, order_id: int) -> Reply:
    """Take all of them back: the trap of §18."""
    for row in _parts(call, call.state.shipments, order_id):
        actions.shipment_delete(call.state, order_id, row["id"])
    return empty(204)


# --- statuses -------------------------------------------------------------------------------------


@v2("GET", "/order_statuses", ORDERS)
def statuses_list(call: Call) -> Reply:
    """The fifteen statuses with the merchant's labels."""
    return call.reply([dict(row) for row in call.state.statuses.all()])


@v2("GET", "/order_statuses/<int:status_id>", ORDERS)
def status_get(call: Call, status_id: int) -> Reply:
    """One status."""
    row = call.state.statuses.get(status_id)
    if row is None:
        raise not_found()
    return call.reply(row)
