"""Control calls to act as staff: `POST /_sim/staff/...`; tokens and the OAuth client's settings."""

from typing import Any

from ipaas.sandbox.core.web import Reply, Request, Router, json_reply
from ipaas.sandbox.heartland import invoices, permissions, staff
from ipaas.sandbox.heartland.auth import new_token
from ipaas.sandbox.heartland.customers import CUSTOMERS
from ipaas.sandbox.heartland.errors import not_found
from ipaas.sandbox.heartland.order_model import ORDER_LINES, ORDERS, lines_of
from ipaas.sandbox.heartland.orders import cancel_order
from ipaas.sandbox.heartland.replies import render
from ipaas.sandbox.heartland.service import CLIENT_ID, CLIENT_SECRET, Heartland
from ipaas.sandbox.heartland.transaction_model import INVOICES, TICKETS
from ipaas.sandbox.heartland.values import shown

routes: Router[Heartland] = Router()


@routes.route("POST", "/_sim/staff/distribute")
def distribute(service: Heartland, request: Request) -> Reply:
    """`{"order": id or number, "location": id/number/name}` for every line, or `"lines": {line id: location}`."""
    wish = request.json_object()
    order = staff.order_by(service, wish.get("order") or wish.get("order_id"))
    if wish.get("lines"):
        places: dict[int, int | None] = {
            int(line_id): None if place is None else staff.place_by(service, place)
            for line_id, place in wish["lines"].items()
        }
    else:
        place = staff.place_by(service, wish.get("location") or wish.get("location_id"))
        places = {line["id"]: place for line in lines_of(service, order["id"]) if line["qty_open"]}
    order = staff.distribute(service, order, places)
    lines = [render(service, ORDER_LINES, line) for line in lines_of(service, order["id"])]
    return json_reply({"order": render(service, ORDERS, order), "lines": lines})


@routes.route("POST", "/_sim/staff/invoice")
def invoice(service: Heartland, request: Request) -> Reply:
    """`{"order", "location"?, "lines"?: [{"sku", "qty"}], "custom"?: {"tracking_number", "carrier"}}`."""
    wish = request.json_object()
    order = staff.order_by(service, wish.get("order") or wish.get("order_id"))
    at = wish.get("location") or wish.get("location_id")
    place = staff.place_by(service, at) if at else None
    made = staff.invoice(service, order, place=place, lines=wish.get("lines"), custom=wish.get("custom"))
    order = service.one("orders", order["id"])
    found = [render(service, INVOICES, row) for row in made]
    return json_reply({"order": render(service, ORDERS, order), "invoices": found})


@routes.route("POST", "/_sim/staff/void_return")
def void_return(service: Heartland, request: Request) -> Reply:
    """`{"ticket": id}`: a completed return is taken back, as a till can on the same day; its goods are out again."""
    row = service.one("transactions", int(request.json_object()["ticket"]), "Transaction")
    return json_reply(render(service, TICKETS, staff.void_return(service, row)))


@routes.route("POST", "/_sim/staff/void")
def void(service: Heartland, request: Request) -> Reply:
    """`{"invoice": id}`: take an invoice back, also a complete one."""
    row = invoices.invoice_or_404(service, int(request.json_object()["invoice"]))
    return json_reply(render(service, INVOICES, invoices.set_status(service, row, "void")))


@routes.route("POST", "/_sim/staff/close_line")
def close_line(service: Heartland, request: Request) -> Reply:
    """`{"order", "sku"}`: close what is open of that item."""
    wish = request.json_object()
    order, item = staff.order_by(service, wish.get("order") or wish.get("order_id")), staff.item_by(service, wish)
    for line in lines_of(service, order["id"]):
        if line["item_id"] == item["id"] and line["qty_open"]:
            order = staff.close_line(service, order, line)
    return json_reply(render(service, ORDERS, order))


@routes.route("POST", "/_sim/staff/pos_sale")
def pos_sale(service: Heartland, request: Request) -> Reply:
    """`{"location", "lines": [{"sku", "qty", "price"?}], "customer_id"?, "tax"?, "payment_type"?,
    "gift_cards": [{"number", "value"}]?, "gift_card"?}`."""
    return json_reply(render(service, TICKETS, staff.pos_sale(service, request.json_object())))


@routes.route("POST", "/_sim/staff/pos_return")
def pos_return(service: Heartland, request: Request) -> Reply:
    """`{"parent_transaction_id"? , "location"?, "lines": [{"sku", "qty"}], "affect_inventory"?, "tax"?}`."""
    return json_reply(render(service, TICKETS, staff.pos_return(service, request.json_object())))


@routes.route("POST", "/_sim/staff/adjust")
def adjust(service: Heartland, request: Request) -> Reply:
    """`{"location", "sku", "qty" or "set_to", "reason"?}`."""
    return json_reply(shown(service, staff.adjust(service, request.json_object())))


@routes.route("POST", "/_sim/staff/location")
def location(service: Heartland, request: Request) -> Reply:
    """`{"location"}` to change one, or `{"number", "name"}` to open one; `"name"?, "active"?, "gone"?`.

    A location that is gone is not visible to any token, which is how a closed one can look (§7).
    """
    return json_reply(staff.location(service, request.json_object()))


@routes.route("POST", "/_sim/staff/issue_gift_card")
def issue_gift_card(service: Heartland, request: Request) -> Reply:
    """`{"number", "balance"}`."""
    return json_reply(staff.issue_gift_card(service, request.json_object()))


@routes.route("POST", "/_sim/staff/count")
def count(service: Heartland, request: Request) -> Reply:
    """`{"location", "lines": [{"sku", "qty"}]}`: reaches the stock after `count_lag_seconds`."""
    return json_reply(staff.count(service, request.json_object()))


@routes.route("POST", "/_sim/staff/cancel")
def cancel(service: Heartland, request: Request) -> Reply:
    """`{"order", "refund": true}`: refunds every payment when asked, then cancels."""
    wish = request.json_object()
    order = staff.order_by(service, wish.get("order") or wish.get("order_id"))
    if wish.get("refund"):
        for payment in service.table("payments").find(order_id=order["id"]):
            staff.refund_payment(service, order, payment)
    return json_reply(render(service, ORDERS, cancel_order(service, service.one("orders", order["id"]))))


@routes.route("POST", "/_sim/staff/merge_customers")
def merge_customers(service: Heartland, request: Request) -> Reply:
    """`{"from", "into"}` (ids): the first is deleted, but read and taken on orders as before (§9 is silent)."""
    wish = request.json_object()
    kept = staff.merge_customers(service, gone_id=int(wish["from"]), kept_id=int(wish["into"]))
    return json_reply({"kept": render(service, CUSTOMERS, kept)})


# --- tokens and app -------------------------------------------------------------------------------


@routes.route("GET", "/_sim/tokens")
def tokens(service: Heartland, request: Request) -> Reply:
    """Every API token with what it may do."""
    return json_reply({"tokens": list(service.table("tokens").all()), "scopes": dict(permissions.SCOPES)})


@routes.route("POST", "/_sim/tokens")
def token_create(service: Heartland, request: Request) -> Reply:
    """`{"description"?, "permissions"?: [...], "location_ids"?: [...], "token"?}`."""
    wish = request.json_object()
    row = new_token(
        service,
        description=wish.get("description") or "Made by control",
        granted=tuple(wish.get("permissions") or permissions.EVERYTHING),
        location_ids=wish.get("location_ids"),
        token=wish.get("token") or "",
    )
    return json_reply(row, 201)


@routes.route("POST", "/_sim/tokens/change")
def token_change(service: Heartland, request: Request) -> Reply:
    """`{"token", "revoked"?, "permissions"?, "location_ids"?}`: what a merchant can do to a token."""
    wish = request.json_object()
    row = service.table("tokens").first(token=wish.get("token"))
    if row is None:
        raise not_found("Token")
    names = ("revoked", "permissions", "location_ids")
    return json_reply(service.table("tokens").update(row["id"], {name: wish[name] for name in names if name in wish}))


def _app(service: Heartland) -> dict[str, Any]:
    keys = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    return {**keys, "redirect_uri": service.redirect_uri, "tenant_host": service.host}


@routes.route("GET", "/_sim/app")
def app_read(service: Heartland, request: Request) -> Reply:
    """The OAuth client."""
    return json_reply(_app(service))


@routes.route("PUT", "/_sim/app")
def app_write(service: Heartland, request: Request) -> Reply:
    """`{"redirect_uri"?, "tenant_host"?}`."""
    wish = request.json_object()
    service.redirect_uri = str(wish.get("redirect_uri", service.redirect_uri))
    service.host = str(wish.get("tenant_host", service.host))
    return json_reply(_app(service))
