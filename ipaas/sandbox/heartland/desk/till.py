"""The till and the stock room: sale, return, adjust stock, tickets."""

from typing import Any

from markupsafe import Markup

from ipaas.sandbox.core import pages
from ipaas.sandbox.core.pages import link, money
from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.heartland import invoices, staff, transaction_model
from ipaas.sandbox.heartland.desk import frame
from ipaas.sandbox.heartland.service import Heartland

routes: Router[Heartland] = Router()
LINES = 4


def _stores(service: Heartland, request: Request) -> Markup:
    options = [(row["id"], row["name"]) for row in frame.places(service)]
    return pages.select("Location", "location", options, frame.chosen_place(service, request))


def _payment_types(service: Heartland) -> list[tuple[str, str]]:
    return [(row["name"], row["name"]) for row in service.table("payment_types").all() if row["active"]]


def _line_fields(*, price: bool, sku: str = "") -> list[Markup]:
    rows = []
    for number in range(LINES):
        first = number == 0
        parts = [pages.field("Item # or barcode", "sku", sku if first else "", required=first)]
        parts.append(pages.field("Qty", "qty", "1" if first else "", kind="number", min="0", step="any"))
        if price:
            parts.append(pages.field("Price (blank: item's)", "price", kind="number", step="0.01"))
        rows.append(Markup('<div class="row">{}</div>').format(Markup("").join(parts)))
    return rows


def _wished(request: Request) -> list[dict[str, Any]]:
    form = request.form
    prices = form.getlist("price") or [""] * len(form.getlist("sku"))
    rows = zip(form.getlist("sku"), form.getlist("qty"), prices, strict=True)
    return [
        {"sku": sku.strip(), "qty": frame.number(qty) or 1, "price": frame.number(price)}
        for sku, qty, price in rows
        if sku.strip()
    ]


@routes.route("GET", "/desk/sale")
def sale_page(service: Heartland, request: Request) -> Reply:
    """Sell over the counter."""
    form = pages.form(
        "/desk/sale",
        _stores(service, request),
        pages.field("Customer id (optional)", "customer_id", kind="number"),
        *_line_fields(price=True, sku=request.args.get("sku", "")),
        pages.field("Tax", "tax", kind="number", step="0.01"),
        pages.field("Gift card sold: number", "card_sold"),
        pages.field("Its value", "card_value", kind="number", step="0.01"),
        pages.field("Gift card that pays first: number", "gift_card"),
        pages.select("Paid by", "payment_type", _payment_types(service), "Cash"),
        submit="Complete sale",
    )
    return frame.desk_page(request, "POS sale", pages.section("New ticket", form))


@routes.route("POST", "/desk/sale")
@frame.action
def sale(service: Heartland, request: Request) -> str:
    """Complete a sale, paid in full."""
    form = request.form
    wish = {"location": form.get("location"), "lines": _wished(request), "tax": frame.number(form.get("tax"))}
    wish |= {"payment_type": form.get("payment_type"), "customer_id": form.get("customer_id", type=int)}
    wish["gift_card"] = form.get("gift_card")
    if number := form.get("card_sold", "").strip():
        wish["gift_cards"] = [{"number": number, "value": form.get("card_value") or "0"}]
    row = staff.pos_sale(service, wish)
    return f"/desk/tickets/{row['id']}|Sold for {money(row['total'])}."


@routes.route("GET", "/desk/return")
def return_page(service: Heartland, request: Request) -> Reply:
    """Take goods back, with or without the ticket or invoice they were sold on."""
    parent = request.args.get("parent", "")
    lines = transaction_model.lines_of(service, int(parent)) if parent.isdecimal() else []
    sold = [line for line in lines if line["type"] == "ItemLine"]
    place = _stores(service, request)
    form = pages.form(
        "/desk/return",
        pages.field("Sold on ticket or invoice # (blank: blind return)", "parent", parent),
        place,
        *_line_fields(price=not parent, sku=sold[0]["item_public_id"] if sold else ""),
        pages.field("Of the delivery goes back", "shipping", kind="number", step="0.01"),
        pages.select("Money goes back by", "payment_type", _payment_types(service), "Cash"),
        pages.field("or on a new gift card with the number", "gift_card"),
        pages.checkbox("Goods go back to stock", "affect_inventory", checked=True),
        submit="Complete return",
    )
    table = pages.table(
        ("Item #", "Description", "Sold", "Price"),
        [(one["item_public_id"], one["description"], one["qty"], money(one["value"])) for one in sold],
        numeric=(2, 3),
    )
    body = (pages.section(f"Sold on {parent}", table) if sold else Markup("")) + pages.section("New return", form)
    return frame.desk_page(request, "Return", body)


@routes.route("POST", "/desk/return")
@frame.action
def take_back(service: Heartland, request: Request) -> str:
    """Complete a return; money goes back as it is chosen, in cash to begin with."""
    form = request.form
    wish: dict[str, Any] = {"location": form.get("location"), "lines": _wished(request)}
    wish |= {"payment_type": form.get("payment_type"), "gift_card": form.get("gift_card", "").strip()}
    wish["shipping"] = frame.number(form.get("shipping"))
    wish["affect_inventory"] = bool(form.get("affect_inventory"))
    if parent := form.get("parent", "").strip():
        found = service.table("transactions").first(public_id=parent)
        wish["parent_transaction_id"] = found["id"] if found else parent
    row = staff.pos_return(service, wish)
    return f"/desk/tickets/{row['id']}|Returned, {money(-row['total'])} given back."


@routes.route("GET", "/desk/adjust")
def adjust_page(service: Heartland, request: Request) -> Reply:
    """Correct a stock figure."""
    reasons = [row["name"] for row in service.table("reasons").find(kind="inventory_adjustment_reasons")]
    form = pages.form(
        "/desk/adjust",
        _stores(service, request),
        pages.field("Item # or barcode", "sku", request.args.get("sku", ""), required=True),
        pages.field("Change by", "qty", kind="number", step="any", hint="such as 5 or -2"),
        pages.field("or set to", "set_to", kind="number", step="any"),
        pages.select("Reason", "reason", [(name, name) for name in reasons], "Count"),
        submit="Adjust",
    )
    return frame.desk_page(request, "Adjust stock", pages.section("Adjustment", form))


@routes.route("POST", "/desk/adjust")
@frame.action
def adjust(service: Heartland, request: Request) -> str:
    """Book the adjustment."""
    form = request.form
    wish = {name: form.get(name) for name in ("location", "sku", "reason")}
    row = staff.adjust(
        service, {**wish, "qty": frame.number(form.get("qty")), "set_to": frame.number(form.get("set_to"))}
    )
    return f"/desk/items/{row['item_id']}|On hand there: {row['on_hand']}."


# --- tickets --------------------------------------------------------------------------------------


@routes.route("GET", "/desk/tickets")
def ticket_list(service: Heartland, request: Request) -> Reply:
    """Tickets, returns and invoices, newest first."""
    text = request.args.get("q", "").strip()
    found = (row for row in service.table("transactions").all())
    rows = [row for row in found if not text or frame.contains(text, row["public_id"], row["customer_name"])]
    shown, page, count = frame.cut(rows[::-1], request)
    search = pages.form(
        "/desk/tickets", pages.field("Number or customer", "q", text, kind="search"), submit="Search", method="get"
    )
    table = pages.table(
        ("#", "Type", "Status", "Customer", "Location", "Total", "Completed"),
        [_ticket_row(row) for row in shown],
        numeric=(5,),
        none="None yet.",
    )
    pager = pages.pager(f"/desk/tickets?q={text}&page=", page, count)
    return frame.desk_page(request, "Tickets, returns and invoices", pages.section("All", search + table + pager))


def _ticket_row(row: Row) -> tuple[Any, ...]:
    number = link(f"/desk/tickets/{row['id']}", row["public_id"])
    about = (row["type"], frame.status(row["status"]), row["customer_name"] or "—", row["location_name"])
    return (number, *about, money(row["total"]), frame.when(row["completed_at"]))


@routes.route("GET", "/desk/tickets/<int:ticket_id>")
def ticket_page(service: Heartland, request: Request, ticket_id: int) -> Reply:
    """One ticket, return or invoice."""
    row = service.one("transactions", ticket_id, "Ticket")
    order = service.table("orders").get(row.get("order_id") or 0)
    parent = row.get("parent_transaction_id")
    facts = pages.facts(
        [
            ("Status", frame.status(row["status"])),
            ("Customer", row["customer_name"] or "—"),
            ("Location", row["location_name"]),
            *([("Order", link(f"/desk/orders/{order['id']}", order["public_id"]))] if order else []),
            *([("Returned from", link(f"/desk/tickets/{parent}", parent))] if parent else []),
            ("Tax", money(row["total_tax"])),
            ("Total", Markup("<b>{}</b>").format(money(row["total"]))),
            ("Paid", money(row["total_paid"])),
            *((name, value) for name, value in (row["custom"] or {}).items() if value not in (None, "")),
        ]
    )
    lines = pages.table(
        ("Type", "Item #", "Description", "Qty", "Value"),
        [
            (
                one["type"],
                one.get("item_public_id") or "",
                one["description"],
                one.get("qty") or "",
                money(one["value"]),
            )
            for one in transaction_model.lines_of(service, ticket_id)
        ],
        numeric=(3, 4),
    )
    found = transaction_model.payments_of(service, ticket_id)
    paid = pages.table(("Type", "Amount"), [(one["description"], money(one["amount"])) for one in found], numeric=(1,))
    again = link(f"/desk/return?parent={ticket_id}&location={row['source_location_id']}", "Return from this")
    can_return = row["status"] == "complete" and row["type"] != "Return"
    body = pages.section(row["type"], facts + (Markup("<p>{}</p>").format(again) if can_return else Markup("")))
    if row["type"] == "Invoice" and row["status"] in ("pending", "complete"):
        form = pages.form(f"/desk/tickets/{ticket_id}/void", submit="Void this invoice", quiet=True)
        body += pages.section("Void", form)
    body += pages.section("Lines", lines) + (pages.section("Payments", paid) if found else Markup(""))
    return frame.desk_page(request, f"{row['type']} {row['public_id']}", body, here="/desk/tickets")


@routes.route("POST", "/desk/tickets/<int:ticket_id>/void")
@frame.action
def ticket_void(service: Heartland, request: Request, ticket_id: int) -> str:
    """Take an invoice back."""
    invoices.set_status(service, invoices.invoice_or_404(service, ticket_id), "void")
    return f"/desk/tickets/{ticket_id}|The invoice is void."
