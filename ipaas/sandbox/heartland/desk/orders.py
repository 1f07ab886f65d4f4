"""Sales → Orders: search, the order page, Distribute (§18)."""

from typing import Any

from markupsafe import Markup

from ipaas.sandbox.core import pages
from ipaas.sandbox.core.pages import link, money
from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.heartland import order_model, payments, staff
from ipaas.sandbox.heartland.customers import address_of
from ipaas.sandbox.heartland.desk import frame
from ipaas.sandbox.heartland.orders import set_status
from ipaas.sandbox.heartland.service import Heartland
from ipaas.sandbox.heartland.stock import stock_at

routes: Router[Heartland] = Router()
STATUSES = ("", *order_model.ORDER_STATUSES)


def customer_name(service: Heartland, row: Row) -> str:
    """The name of a document's customer."""
    customer = service.table("customers").get(row.get("customer_id") or 0)
    return customer["name"] if customer else "—"


def undistributed(service: Heartland, order: Row) -> list[Row]:
    """Lines of a live order without a ship-from location."""
    if order["status"] not in ("pending", "open"):
        return []
    lines = order_model.lines_of(service, order["id"])
    return [line for line in lines if line["ship_from_location_id"] is None and line["qty_open"]]


@routes.route("GET", "/desk/orders")
def order_list(service: Heartland, request: Request) -> Reply:
    """Search by order number, customer, e-mail; newest first."""
    text, wanted = request.args.get("q", "").strip(), request.args.get("status", "")
    rows = [row for row in service.table("orders").all() if wanted in ("", row["status"])]
    if text:
        rows = [row for row in rows if _matches(service, row, text)]
    shown, page, count = frame.cut(rows[::-1], request)
    search = pages.form(
        "/desk/orders",
        pages.field("Order number, customer or e-mail", "q", text, kind="search"),
        pages.select("Status", "status", [(one, one or "any") for one in STATUSES], wanted),
        submit="Search",
        method="get",
    )
    table = pages.table(
        ("Order #", "Status", "Customer", "Total", "Balance", "Created"),
        [
            (
                link(f"/desk/orders/{row['id']}", row["public_id"]),
                frame.status(row["status"]),
                customer_name(service, row),
                money(row["total"]),
                money(row["balance"]),
                frame.when(row["created_at"]),
            )
            for row in shown
        ],
        numeric=(3, 4),
        none="No orders.",
    )
    pager = pages.pager(f"/desk/orders?q={text}&status={wanted}&page=", page, count)
    return frame.desk_page(request, "Orders", pages.section(f"{len(rows)} orders", search + table + pager))


def _matches(service: Heartland, row: Row, text: str) -> bool:
    customer = service.table("customers").get(row["customer_id"]) or {}
    return frame.contains(text, row["public_id"], row["id"], customer.get("name"), customer.get("email"))


# --- one order ------------------------------------------------------------------------------------


@routes.route("GET", "/desk/orders/<int:order_id>")
def order_page(service: Heartland, request: Request, order_id: int) -> Reply:
    """Lines, taxes, payments, totals, status, invoices, and what can be done."""
    order = service.one("orders", order_id, "Order")
    body = Markup('<div class="two">{}{}</div>').format(_head(service, order), _totals(service, order))
    body += _lines(service, order) + _taxes(service, order) + _payments(service, order) + _invoices(service, order)
    return frame.desk_page(request, f"Order {order['public_id']}", body, here="/desk/orders")


def _head(service: Heartland, order: Row) -> Markup:
    method = service.table("shipping_methods").get(order["shipping_method_id"] or 0)
    station = service.table("stations").get(order["station_id"] or 0)
    facts = pages.facts(
        [
            ("Status", frame.status(order["status"])),
            ("Order id", order["id"]),
            ("Customer", link(f"/desk/customers/{order['customer_id']}", customer_name(service, order))),
            ("Source location", frame.place_name(service, order["source_location_id"])),
            ("Station", station["name"] if station else "—"),
            ("Sales rep", order["sales_rep"] or "—"),
            ("Billing address", _address(service, order["billing_address_id"])),
            ("Shipping address", _address(service, order["shipping_address_id"])),
            ("Shipping method", method["name"] if method else "—"),
            *((name, value) for name, value in (order["custom"] or {}).items() if value not in (None, "")),
        ]
    )
    doable = {
        "pending": (("open", "Open order"), ("canceled", "Cancel order")),
        "open": (("canceled", "Cancel order"),),
    }
    buttons = Markup("").join(
        pages.form(f"/desk/orders/{order['id']}/status", _hidden("status", value), submit=text, quiet=value != "open")
        for value, text in doable.get(order["status"], ())
    )
    return pages.section("Order", facts + buttons)


def _hidden(name: str, value: Any) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(name, value)


def _address(service: Heartland, address_id: int | None) -> str:
    row = address_of(service, address_id)
    if row is None:
        return "—"
    names = ("line_1", "line_2", "city", "state", "postal_code", "country")
    parts = [f"{row['first_name']} {row['last_name']}", *(row[name] for name in names)]
    return ", ".join(part for part in parts if part)


def _totals(service: Heartland, order: Row) -> Markup:
    return pages.section(
        "Totals",
        pages.facts(
            [
                ("Subtotal", money(order["subtotal"])),
                ("Discounts", money(-order["total_discounts"])),
                ("Tax", money(order["total_tax"])),
                ("Shipping", money(order["shipping_charge"])),
                ("Total", Markup("<b>{}</b>").format(money(order["total"]))),
                ("Paid", money(order["total_paid"])),
                ("Balance", Markup("<b>{}</b>").format(money(order["balance"]))),
            ]
        ),
    )


def _lines(service: Heartland, order: Row) -> Markup:
    rows = []
    for line in order_model.lines_of(service, order["id"]):
        item = service.table("items").get(line["item_id"]) or {}
        price = line["adjusted_unit_price"] if line["adjusted_unit_price"] is not None else line["original_unit_price"]
        close = pages.form(f"/desk/orders/{order['id']}/lines/{line['id']}/close", submit="Close", quiet=True)
        live = order["status"] == "open" and line["qty_open"]
        rows.append(
            (
                link(f"/desk/items/{line['item_id']}", item.get("public_id", "")),
                _described(line),
                line["qty"],
                line["qty_open"],
                money(price),
                money(line["value"]),
                frame.place_name(service, line["ship_from_location_id"]),
                close if live else "",
            )
        )
    heads = ("Item #", "Description", "Qty", "Open", "Price", "Value", "Ships from", "")
    distribute = link(f"/desk/distribute?order={order['id']}", "Distribute this order")
    fulfil = link(f"/desk/fulfill?order={order['id']}", "Fulfill this order")
    more = Markup("<p>{} · {}</p>").format(distribute, fulfil) if order["status"] in ("pending", "open") else Markup("")
    return pages.section("Lines", pages.table(heads, rows, numeric=(2, 3, 4, 5), none="No lines.") + more)


def _described(line: Row) -> Markup:
    notes = [f"{key}: {value}" for key, value in (line["custom"] or {}).items() if value not in (None, "")]
    note = Markup('<br><span class="quiet">{}</span>').format("; ".join(notes)) if notes else Markup("")
    return Markup("{}{}").format(line["description"], note)


def _taxes(service: Heartland, order: Row) -> Markup:
    taxes = service.table("order_taxes").find(order_id=order["id"])
    cuts = service.table("order_discounts").find(order_id=order["id"])
    rows = [("Tax", row["description"], money(row["value"])) for row in taxes]
    rows += [("Discount", row["description"], money(-row["amount"])) for row in cuts]
    table = pages.table(("Kind", "Description", "Amount"), rows, numeric=(2,), none="None.")
    return pages.section("Taxes and discounts", table)


def _payments(service: Heartland, order: Row) -> Markup:
    rows = []
    for row in order_model.payments_of(service, order["id"]):
        path = f"/desk/orders/{order['id']}/payments/{row['id']}"
        charge = pages.form(f"{path}/charge", submit="Charge Payment") if row["status"] == "pending" else ""
        refund = pages.form(f"{path}/refund", submit="Refund", quiet=True) if row["amount"] > 0 else ""
        notes = "; ".join(f"{k}: {v}" for k, v in (row["custom"] or {}).items() if v not in (None, ""))
        state = frame.status(row["status"])
        rows.append(
            (row["description"], notes, state, money(row["amount"]), frame.when(row["completed_at"]), charge, refund)
        )
    table = pages.table(("Type", "Notes", "Status", "Amount", "At", "", ""), rows, numeric=(3,), none="None.")
    types = [(row["id"], row["name"]) for row in service.table("payment_types").all() if row["active"]]
    pay = pages.form(
        f"/desk/orders/{order['id']}/payments",
        pages.select("Type", "payment_type_id", types),
        pages.field("Amount", "amount", money(order["balance"]).replace(",", ""), kind="number", step="0.01"),
        submit="Add Payment",
        quiet=True,
    )
    live = order["status"] in ("pending", "open")
    return pages.section("Payments", table + (pay if live else Markup("")))


def _invoices(service: Heartland, order: Row) -> Markup:
    found = [row for row in service.table("transactions").find(order_id=order["id"]) if row["type"] == "Invoice"]
    rows = [
        (
            link(f"/desk/tickets/{row['id']}", row["public_id"]),
            frame.status(row["status"]),
            frame.place_name(service, row["source_location_id"]),
            money(row["total"]),
            (row["custom"] or {}).get("tracking_number") or "—",
            frame.when(row["completed_at"]),
        )
        for row in found
    ]
    heads = ("Invoice #", "Status", "Location", "Total", "Tracking", "Completed")
    return pages.section("Invoices", pages.table(heads, rows, numeric=(3,), none="Nothing shipped yet."))


@routes.route("POST", "/desk/orders/<int:order_id>/status")
@frame.action
def order_status(service: Heartland, request: Request, order_id: int) -> str:
    """Open or cancel."""
    order = set_status(service, service.one("orders", order_id, "Order"), request.form.get("status"))
    return f"/desk/orders/{order_id}|The order is {order['status']}."


@routes.route("POST", "/desk/orders/<int:order_id>/payments")
@frame.action
def order_pay(service: Heartland, request: Request, order_id: int) -> str:
    """Add a payment."""
    order = service.one("orders", order_id, "Order")
    wish = {"type": "CustomPayment", "payment_type_id": request.form.get("payment_type_id", type=int)}
    body = {**wish, "amount": frame.number(request.form.get("amount"))}
    row = payments.read_payment(service, body, order["source_location_id"], on_order=True)
    payments.add_payment(service, order_id, row)
    return f"/desk/orders/{order_id}|Payment added."


@routes.route("POST", "/desk/orders/<int:order_id>/payments/<int:payment_id>/refund")
@frame.action
def order_refund(service: Heartland, request: Request, order_id: int, payment_id: int) -> str:
    """The Refund button."""
    staff.refund_payment(service, service.one("orders", order_id), service.one("payments", payment_id))
    return f"/desk/orders/{order_id}|Payment refunded."


@routes.route("POST", "/desk/orders/<int:order_id>/payments/<int:payment_id>/charge", locked=False)
def order_charge(service: Heartland, request: Request, order_id: int, payment_id: int) -> Reply:
    """Charge Payment: capture what is pending; asks the payment type's hook outside the lock."""

    @frame.action
    def run(service: Heartland, request: Request) -> str:
        payments.ask_change(service, service.one("payments", payment_id), "complete")
        with service.transaction():
            payments.settle(service, order_id, payment_id, "complete", {})
        return f"/desk/orders/{order_id}|Payment charged."

    return run(service, request)


@routes.route("POST", "/desk/orders/<int:order_id>/lines/<int:line_id>/close")
@frame.action
def line_close(service: Heartland, request: Request, order_id: int, line_id: int) -> str:
    """Close what is open of a line."""
    staff.close_line(service, service.one("orders", order_id), service.one("order_lines", line_id))
    return f"/desk/orders/{order_id}|Line closed."


# --- distribute -----------------------------------------------------------------------------------


@routes.route("GET", "/desk/distribute")
def distribute_page(service: Heartland, request: Request) -> Reply:
    """Every live order with a line without a ship-from location; choices are locations with stock."""
    only = request.args.get("order", type=int)
    waiting = [
        order
        for state in ("open", "pending")
        for order in service.table("orders").find(status=state)
        if (undistributed(service, order) if only is None else order["id"] == only)
    ]
    cards = Markup("").join(
        _distribution(service, order, everything=only is not None) for order in waiting[: frame.ROWS]
    )
    none = pages.section("Nothing to distribute", Markup("<p>Every line of every order has its location.</p>"))
    title = "Distribute" if len(waiting) <= frame.ROWS else f"Distribute (first {frame.ROWS} of {len(waiting)})"
    return frame.desk_page(request, title, cards or none)


def _distribution(service: Heartland, order: Row, *, everything: bool) -> Markup:
    lines = order_model.lines_of(service, order["id"]) if everything else undistributed(service, order)
    parts = [_choice(service, line) for line in lines if line["qty_open"]]
    title = Markup("{} {}").format(
        link(f"/desk/orders/{order['id']}", f"Order {order['public_id']} · {customer_name(service, order)}"),
        frame.status(order["status"]),
    )
    return pages.section(title, pages.form(f"/desk/orders/{order['id']}/distribute", *parts, submit="Save"))


def _choice(service: Heartland, line: Row) -> Markup:
    options: list[tuple[Any, str]] = [("", "— not distributed —")]
    for place in frame.places(service):
        row = stock_at(service, line["item_id"], place["id"])
        free = row["on_hand"] - row["committed"]
        if free > 0 or place["id"] == line["ship_from_location_id"] or _untracked(service, line):
            options.append((place["id"], f"{place['name']} ({free} available)"))
    label = f"{line['qty_open']} × {line['description']}"
    chosen = line["ship_from_location_id"] or ""
    picker = pages.select(label, f"line-{line['id']}", options, chosen)
    nowhere = Markup('<p class="quiet">{}: nothing in stock anywhere.</p>').format(label)
    return picker if len(options) > 1 else nowhere


def _untracked(service: Heartland, line: Row) -> bool:
    item = service.table("items").get(line["item_id"])
    return item is not None and not item["track_inventory"]


@routes.route("POST", "/desk/orders/<int:order_id>/distribute")
@frame.action
def distribute(service: Heartland, request: Request, order_id: int) -> str:
    """Save the chosen locations."""
    order = service.one("orders", order_id, "Order")
    places = {
        int(name.removeprefix("line-")): int(value) if value else None
        for name, value in request.form.items()
        if name.startswith("line-")
    }
    staff.distribute(service, order, places)
    left = len(undistributed(service, order))
    word = f"{left} lines still without a location" if left else "every line has its location"
    return f"/desk/distribute|Order {order['public_id']} saved; {word}."
