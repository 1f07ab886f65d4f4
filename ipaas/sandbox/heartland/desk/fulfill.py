"""Sales → Orders → Fulfill: what the signed-in location can ship, pick list, invoice (§18)."""

from typing import Any

from markupsafe import Markup

from ipaas.sandbox.core import pages
from ipaas.sandbox.core.pages import link
from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.heartland import order_model, staff
from ipaas.sandbox.heartland.desk import frame
from ipaas.sandbox.heartland.desk.orders import customer_name
from ipaas.sandbox.heartland.service import Heartland
from ipaas.sandbox.heartland.stock import stock_at

routes: Router[Heartland] = Router()
FILTERS = (("fillable", "Fillable"), ("partial", "Partially fillable"), ("unfillable", "Unfillable"), ("all", "All"))


def lines_here(service: Heartland, order: Row, place: int) -> list[Row]:
    """Open lines of an order that ship from a location."""
    lines = order_model.lines_of(service, order["id"])
    return [line for line in lines if line["ship_from_location_id"] == place and line["qty_open"]]


def fillable(service: Heartland, lines: list[Row], place: int) -> str:
    """`fillable`, `partial` or `unfillable`, by what is on hand there."""
    states = []
    for line in lines:
        item = service.table("items").get(line["item_id"])
        enough = item is None or not item["track_inventory"]
        states.append(enough or stock_at(service, line["item_id"], place)["on_hand"] >= line["qty_open"])
    return "fillable" if all(states) else "partial" if any(states) else "unfillable"


def waiting(service: Heartland, place: int) -> list[tuple[Row, list[Row], str]]:
    """(order, lines, fillability) of the open orders distributed to a location."""
    found = []
    for order in service.table("orders").find(status="open"):
        if lines := lines_here(service, order, place):
            found.append((order, lines, fillable(service, lines, place)))
    return found


@routes.route("GET", "/desk/fulfill")
def fulfill_page(service: Heartland, request: Request) -> Reply:
    """Orders for this location; `?order=` finds where an order waits."""
    only = request.args.get("order", type=int)
    wanted = request.args.get("show", "fillable" if only is None else "all")
    places = [frame.chosen_place(service, request)] if only is None else [row["id"] for row in frame.places(service)]
    body = Markup("")
    if only is None:
        picks = pages.select("Show", "show", FILTERS, wanted)
        options = [(row["id"], row["name"]) for row in frame.places(service)]
        where = pages.select("Signed in to", "location", options, places[0])
        body += pages.form("/desk/fulfill", where, picks, submit="Show", method="get", quiet=True)
    rows = [
        (place, order, lines, state)
        for place in places
        for order, lines, state in waiting(service, place)
        if (only is None or order["id"] == only) and wanted in ("all", state)
    ]
    table = pages.table(
        ("Order #", "Location", "Customer", "Pieces", "", "", ""),
        [_row(service, *row) for row in rows],
        numeric=(3,),
        none="No orders wait here.",
    )
    return frame.desk_page(request, "Fulfill", body + pages.section(f"{len(rows)} orders", table))


def _row(service: Heartland, place: int, order: Row, lines: list[Row], state: str) -> tuple[Any, ...]:
    look = {"fillable": "good", "partial": "warn", "unfillable": "bad"}[state]
    at = f"/desk/orders/{order['id']}/{{}}?location={place}"
    return (
        link(f"/desk/orders/{order['id']}", order["public_id"]),
        frame.place_name(service, place),
        customer_name(service, order),
        sum(line["qty_open"] for line in lines),
        pages.badge(dict(FILTERS)[state], look),
        link(at.format("pick"), "Pick List"),
        link(at.format("invoice"), "Invoice"),
    )


@routes.route("GET", "/desk/orders/<int:order_id>/pick")
def pick_list(service: Heartland, request: Request, order_id: int) -> Reply:
    """What to fetch from the shelves."""
    order, place = service.one("orders", order_id, "Order"), frame.chosen_place(service, request)
    rows = []
    for line in lines_here(service, order, place):
        item = service.one("items", line["item_id"])
        held = stock_at(service, item["id"], place)["on_hand"]
        rows.append((item["public_id"], line["description"], line["qty_open"], held, "☐"))
    heads = ("Item #", "Description", "Pick", "On hand", "Done")
    table = pages.table(heads, rows, numeric=(2, 3), none="Nothing open here.")
    body = pages.section(f"{frame.place_name(service, place)} · order {order['public_id']}", table)
    body += Markup("<p>{}</p>").format(link(f"/desk/orders/{order_id}/invoice?location={place}", "Invoice"))
    return frame.desk_page(request, "Pick list", body, here="/desk/fulfill")


@routes.route("GET", "/desk/orders/<int:order_id>/invoice")
def invoice_page(service: Heartland, request: Request, order_id: int) -> Reply:
    """The order's lines for this location, with what to ship now, tracking and carrier."""
    order, place = service.one("orders", order_id, "Order"), frame.chosen_place(service, request)
    lines = lines_here(service, order, place)
    fields = [
        pages.field(line["description"], f"qty-{line['item_id']}", line["qty_open"], kind="number", min="0", step="any")
        for line in lines
    ]
    more = [pages.field("Tracking number", "tracking_number"), pages.field("Carrier", "carrier")]
    hidden = Markup('<input type="hidden" name="location" value="{}">').format(place)
    form = pages.form(f"/desk/orders/{order_id}/invoice", hidden, *fields, *more, submit="Complete invoice")
    empty = Markup("<p>Nothing of this order is open at this location.</p>")
    body = pages.section(frame.place_name(service, place), form if lines else empty)
    return frame.desk_page(request, f"Invoice order {order['public_id']}", body, here="/desk/fulfill")


@routes.route("POST", "/desk/orders/<int:order_id>/invoice")
@frame.action
def invoice(service: Heartland, request: Request, order_id: int) -> str:
    """Ship: complete an invoice over the given pieces."""
    order, place = service.one("orders", order_id, "Order"), request.form.get("location", 0, type=int)
    lines = [
        {"item_id": int(name.removeprefix("qty-")), "qty": frame.number(value) or 0}
        for name, value in request.form.items(multi=True)
        if name.startswith("qty-")
    ]
    custom = {name: request.form.get(name, "") for name in ("tracking_number", "carrier")}
    (made,) = staff.invoice(service, order, place=place, lines=lines, custom=custom)
    return f"/desk/orders/{order_id}|Invoice {made['public_id']} completed."
