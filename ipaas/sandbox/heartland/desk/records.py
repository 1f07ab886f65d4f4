"""Items with their stock, customers, gift cards, API tokens, and the dashboard."""

from typing import Any

from markupsafe import Markup

from ipaas.sandbox.core import pages
from ipaas.sandbox.core.pages import link, money
from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import Reply, Request, Router, html
from ipaas.sandbox.heartland import staff
from ipaas.sandbox.heartland.auth import new_token
from ipaas.sandbox.heartland.desk import frame
from ipaas.sandbox.heartland.desk.fulfill import waiting
from ipaas.sandbox.heartland.desk.orders import undistributed
from ipaas.sandbox.heartland.desk.people import customer_forms
from ipaas.sandbox.heartland.items import find_item
from ipaas.sandbox.heartland.navigation import NAV
from ipaas.sandbox.heartland.service import Heartland
from ipaas.sandbox.heartland.stock import stock_at

routes: Router[Heartland] = Router()

DEEP_LINKS = Markup("""<script>
const deep = /^#(sales\\/orders|sales\\/tickets|items)\\/edit\\/(\\d+)/.exec(location.hash);
if (deep) location.replace("/desk/" + deep[1].split("/").pop() + "/" + deep[2]);
else if (location.hash.startsWith("#sales/orders")) location.replace("/desk/orders");
</script>""")


@routes.route("GET", "/")
def front(service: Heartland, request: Request) -> Reply:
    """The tenant's front page. Heartland's deep links (`/#sales/orders/edit/{id}`) arrive here."""
    places = Markup("").join(Markup("<li>{}</li>").format(link(url, text)) for url, text in NAV)
    find = pages.form(
        "/desk/orders", pages.field("Order number", "q", kind="search"), submit="Find order", method="get"
    )
    body = pages.section("Desk", Markup("<ul>{}</ul>").format(places) + find) + DEEP_LINKS
    text = pages.page("Harbor & Pine", body, NAV, system="heartland", label="Heartland Retail", home="/desk/")
    return html(text)


@routes.route("GET", "/desk/")
def dashboard(service: Heartland, request: Request) -> Reply:
    """Alerts (§18): only open orders count."""
    open_orders = service.table("orders").find(status="open")
    to_distribute = sum(bool(undistributed(service, order)) for order in open_orders)
    states = [state for place in frame.places(service) for _, _, state in waiting(service, place["id"])]
    pending = len(service.table("orders").find(status="pending"))
    alerts = pages.table(
        ("Alert", "Orders"),
        [
            (link("/desk/distribute", "Distributable sales orders"), to_distribute),
            (link("/desk/fulfill", "Fillable sales orders"), states.count("fillable")),
            (link("/desk/fulfill?show=partial", "Partially fillable sales orders"), states.count("partial")),
            (link("/desk/orders?status=pending", "Pending sales orders"), pending),
        ],
        numeric=(1,),
    )
    return frame.desk_page(request, "Dashboard", pages.section("Alerts", alerts), here="/desk/")


# --- items ----------------------------------------------------------------------------------------


@routes.route("GET", "/desk/items")
def item_list(service: Heartland, request: Request) -> Reply:
    """Items with stock per location; `?q=` searches Item # and description."""
    text, page = request.args.get("q", "").strip(), max(1, request.args.get("page", 1, type=int))
    table = service.table("items")
    if text:
        direct = find_item(service, text)
        found = [row for row in table.stored() if frame.contains(text, row["public_id"], row["description"])]
        rows, page, count = frame.cut(sorted(found, key=lambda row: row["id"]) or ([direct] if direct else []), request)
    else:
        rows, count = table.slice((page - 1) * frame.ROWS, frame.ROWS), -(-len(table) // frame.ROWS)
    places = frame.places(service)[:6]
    search = pages.form("/desk/items", pages.field("Search", "q", text, kind="search"), submit="Search", method="get")
    shown = pages.table(
        ("Item #", "Description", "Price", *(place["name"] for place in places)),
        [_item_row(service, row, places) for row in rows],
        numeric=range(2, 3 + len(places)),
        none="No items.",
    )
    pager = pages.pager(f"/desk/items?q={text}&page=", page, count)
    return frame.desk_page(request, "Items", pages.section(f"{len(table)} items", search + shown + pager))


def _item_row(service: Heartland, row: Row, places: list[Row]) -> tuple[Any, ...]:
    number = link(f"/desk/items/{row['id']}", row["public_id"])
    held = (stock_at(service, row["id"], place["id"])["on_hand"] for place in places)
    return (number, row["description"], money(row["price"]), *held)


@routes.route("GET", "/desk/items/<int:item_id>")
def item_page(service: Heartland, request: Request, item_id: int) -> Reply:
    """One item with its stock and last movements."""
    item = service.one("items", item_id, "Item")
    about = [("Item #", item["public_id"]), ("Description", item["description"]), ("Price", money(item["price"]))]
    about += [("Cost", money(item["cost"])), ("Active", "yes" if item["active"] else "no")]
    about += [("Tracked", "yes" if item["track_inventory"] else "no"), *item["custom"].items()]
    rows = []
    for place in frame.places(service):
        one = stock_at(service, item_id, place["id"])
        free = one["on_hand"] - one["committed"]
        rows.append((place["name"], one["on_hand"], one["committed"], free, one["on_po"], one["in_transit"]))
    heads = ("Location", "On hand", "Committed", "Available", "On order", "In transit")
    moves = service.table("ledger").find(item_id=item_id)[-20:][::-1]
    history = pages.table(
        ("At", "What", "Location", "On hand", "Available"),
        [
            (
                frame.when(one["created_at"]),
                f"{one['type']} {one['source_id']}",
                frame.place_name(service, one["location_id"]),
                one["delta_qty"],
                "" if one["delta_qty_committed"] is None else one["delta_qty_committed"],
            )
            for one in moves
        ],
        numeric=(3, 4),
    )
    todo = Markup("<p>{} · {}</p>").format(
        link(f"/desk/adjust?sku={item['public_id']}", "Adjust stock"),
        link(f"/desk/sale?sku={item['public_id']}", "Sell"),
    )
    body = pages.section("Item", pages.facts(about)) + pages.section(
        "Stock", pages.table(heads, rows, numeric=range(1, 6))
    )
    body += todo + pages.section("Last movements", history)
    return frame.desk_page(request, item["description"], body, here="/desk/items")


# --- customers ------------------------------------------------------------------------------------


@routes.route("GET", "/desk/customers")
def customer_list(service: Heartland, request: Request) -> Reply:
    """Customers by name, e-mail, phone or number."""
    text = request.args.get("q", "").strip()
    names = ("name", "email", "phone_number", "public_id")
    everyone = service.table("customers").all()
    rows = [row for row in everyone if not text or frame.contains(text, *(row[name] for name in names))]
    shown, page, count = frame.cut(rows, request)
    search = pages.form(
        "/desk/customers", pages.field("Search", "q", text, kind="search"), submit="Search", method="get"
    )
    table = pages.table(
        ("Customer #", "Name", "E-mail", "Phone"),
        [
            (
                link(f"/desk/customers/{one['id']}", one["public_id"]),
                one["name"],
                one["email"] or "",
                one["phone_number"] or "",
            )
            for one in shown
        ],
        none="Nobody found.",
    )
    pager = pages.pager(f"/desk/customers?q={text}&page=", page, count)
    return frame.desk_page(request, "Customers", pages.section(f"{len(rows)} customers", search + table + pager))


@routes.route("GET", "/desk/customers/<int:customer_id>")
def customer_page(service: Heartland, request: Request, customer_id: int) -> Reply:
    """One customer with addresses and orders."""
    row = service.one("customers", customer_id, "Customer")
    about = [("Customer #", row["public_id"]), ("E-mail", row["email"] or "—"), ("Phone", row["phone_number"] or "—")]
    about += [(name, value) for name, value in (row["custom"] or {}).items() if value not in (None, "")]
    names = ("line_1", "line_2", "city", "state", "postal_code", "country", "phone")
    addresses = pages.table(
        ("Name", "Address"),
        [
            (f"{one['first_name']} {one['last_name']}", ", ".join(one[name] for name in names if one[name]))
            for one in service.table("addresses").find(customer_id=customer_id)
        ],
    )
    orders = pages.table(
        ("Order #", "Status", "Total"),
        [
            (link(f"/desk/orders/{one['id']}", one["public_id"]), frame.status(one["status"]), money(one["total"]))
            for one in service.table("orders").find(customer_id=customer_id)
        ],
        numeric=(2,),
    )
    body = pages.section("Customer", pages.facts(about)) + pages.section("Addresses", addresses)
    forms = Markup("") if row["deleted_at"] else customer_forms(row)
    body += pages.section("Orders", orders) + forms
    return frame.desk_page(request, row["name"], body, here="/desk/customers")


# --- gift cards and account -----------------------------------------------------------------------


@routes.route("GET", "/desk/gift-cards")
def card_list(service: Heartland, request: Request) -> Reply:
    """Balances, and issuing one."""
    rows = [(one["number"], money(one["balance"])) for one in service.table("gift_cards").all()]
    form = pages.form(
        "/desk/gift-cards",
        pages.field("Number", "number", required=True),
        pages.field("Balance", "balance", kind="number", step="0.01", required=True),
        submit="Issue",
    )
    body = pages.section("Cards", pages.table(("Number", "Balance"), rows, numeric=(1,))) + pages.section("New", form)
    return frame.desk_page(request, "Gift cards", body)


@routes.route("POST", "/desk/gift-cards")
@frame.action
def card_issue(service: Heartland, request: Request) -> str:
    """Issue a card."""
    wish = {"number": request.form.get("number"), "balance": frame.number(request.form.get("balance"))}
    row = staff.issue_gift_card(service, wish)
    return f"/desk/gift-cards|Card {row['number']} issued."


@routes.route("GET", "/desk/account")
def account_page(service: Heartland, request: Request) -> Reply:
    """My Account → API Tokens (§2.1)."""
    rows = []
    for one in service.table("tokens").all():
        revoke = pages.form(f"/desk/account/{one['id']}/revoke", submit="Revoke", quiet=True)
        state = pages.badge("revoked", "bad") if one["revoked"] else pages.badge("live", "good")
        what = f"{len(one['permissions'])} permissions"
        rows.append((one["description"], what, frame.when(one["created_at"]), state, "" if one["revoked"] else revoke))
    table = pages.table(("Description", "May", "Made", "", ""), rows)
    form = pages.form(
        "/desk/account", pages.field("Description", "description", required=True), submit="Generate Token"
    )
    fresh = request.args.get("token", "")
    once = pages.section("Copy it now: it is not shown again", Markup("<code>{}</code>").format(fresh))
    body = (once if fresh else Markup("")) + pages.section("API tokens", table) + pages.section("New token", form)
    return frame.desk_page(request, "My account", body)


@routes.route("POST", "/desk/account")
@frame.action
def token_make(service: Heartland, request: Request) -> str:
    """Generate a token; shown once."""
    row = new_token(service, description=request.form.get("description") or "Token")
    return f"/desk/account?token={row['token']}|Token made."


@routes.route("POST", "/desk/account/<int:token_id>/revoke")
@frame.action
def token_revoke(service: Heartland, request: Request, token_id: int) -> str:
    """Revoke a token: every call with it is a 401 from now on."""
    row = service.table("tokens").update(service.one("tokens", token_id)["id"], revoked=True)
    return f"/desk/account|Token “{row['description']}” revoked."
