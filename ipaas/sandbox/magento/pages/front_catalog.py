"""The storefront's shelves: all goods, search, one product, and the choice of the store view."""

from __future__ import annotations

import re
from decimal import Decimal

from markupsafe import Markup

from ipaas.sandbox.core import pages
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.magento.goods.configurables import children_of
from ipaas.sandbox.magento.goods.product_rows import CONFIGURABLE, product_found, product_values
from ipaas.sandbox.magento.goods.storefront_price import storefront_price
from ipaas.sandbox.magento.inventory.stock_levels import is_salable, stock_of_website
from ipaas.sandbox.magento.pages.admin_frame import PER_PAGE, Shop
from ipaas.sandbox.magento.pages.front_frame import Visit
from ipaas.sandbox.magento.settings import setting
from ipaas.sandbox.magento.state import Row, State

router: Router[Shop] = Router()
ENABLED, NOT_VISIBLE = 1, 1
TAGS = re.compile(r"<[^>]*>")


@router.route("GET", "/")
def home(service: Shop, request: Request) -> Reply:
    """What the view sells; `?q=` a SKU or words of the name, `?page=`."""
    state, visit = service.state, Visit(service.state, request)
    query, number = request.args.get("q", "").strip(), max(1, request.args.get("page", 1, type=int))
    rows, count = _found(state, visit.view, query, number)
    shelf = pages.table(
        ("", "SKU", "Price"),
        (
            (
                pages.link(f"/p/{row['sku']}", product_values(row, visit.view["id"]).get("name", row["sku"])),
                row["sku"],
                price_shown(state, row, visit.view),
            )
            for row in rows
        ),
        numeric=(2,),
        none="Nothing here matches.",
    )
    search = pages.form("/", pages.field("Search", "q", query, kind="search"), method="get", submit="Find", quiet=True)
    views = [(row["code"], row["name"]) for row in state.store_views.all() if row["id"]]
    choice = pages.form("/view", pages.select("Store view", "code", views, visit.view["code"]), submit="Go", quiet=True)
    links = pages.pager(f"/?q={query}&page=", number, -(-count // PER_PAGE))
    return visit.page("Goods", choice, pages.section("", Markup("").join((search, shelf, links))), here="/")


@router.route("POST", "/view")
def view(service: Shop, request: Request) -> Reply:
    """Look at another store view."""
    visit = Visit(service.state, request)
    visit.save(view=request.form.get("code", "default"))
    return visit.go("/")


@router.route("GET", "/p/<path:sku>")
def product(service: Shop, request: Request, sku: str) -> Reply:
    """One product with what there is to choose."""
    state, visit = service.state, Visit(service.state, request)
    row = product_found(state, sku)
    if row is None or not _is_sold(row, visit.view):
        return visit.page("There is no such product", pages.link("/", "All goods"), status=404)
    values = product_values(row, visit.view["id"])
    choices = children_of(state, row) if row["type_id"] == CONFIGURABLE else [row]
    options = [
        (one["sku"], f"{product_values(one, visit.view['id']).get('name')} — {price_shown(state, one, visit.view)}")
        for one in choices
        if is_offered(state, one, visit.view)
    ]
    told = values.get("short_description") or values.get("description") or ""
    about = Markup("<p>{}</p>").format(TAGS.sub("", told))
    if not options:
        return visit.page(values["name"], about, pages.notice("Out of stock.", "bad"))
    buy = pages.form(
        "/cart/add",
        pages.select("Choose", "sku", options),
        pages.field("Quantity", "quantity", 1, kind="number", min=1),
        submit="Add to Cart",
    )
    return visit.page(values["name"], pages.section("", Markup("").join((about, buy))))


def price_shown(state: State, row: Row, view: Row) -> str:
    """A piece's price in the website's base currency; of a configurable its cheapest child's."""
    priced = children_of(state, row) if row["type_id"] == CONFIGURABLE else [row]
    prices = [storefront_price(state, one, view["id"]) for one in priced]
    code = setting(state, "currency/options/base", view["id"])
    return f"{pages.money(min(prices, default=Decimal(0)))} {code}"


def is_offered(state: State, row: Row, view: Row) -> bool:
    """Whether a piece can be had in the view; what is no simple product is not asked of the stock."""
    if row["type_id"] != "simple":
        return True
    site = state.websites.get(view["website_id"]) or {}
    return is_salable(state, row["sku"], int(stock_of_website(state, site["code"])["stock_id"]))


def _is_sold(row: Row, view: Row) -> bool:
    values = product_values(row, view["id"])
    return view["website_id"] in row["website_ids"] and values.get("status") == ENABLED


def _found(state: State, view: Row, query: str, number: int) -> tuple[list[Row], int]:
    """A page of visible goods; a long list is read a page at a time."""
    first = (number - 1) * PER_PAGE
    if not query:
        rows = state.products.slice(first, PER_PAGE)
        return [row for row in rows if _is_shown(row, view)], len(state.products)
    needle = query.casefold()
    rows = [
        row
        for row in state.products.all()
        if _is_shown(row, view) and needle in f"{row['sku']} {product_values(row).get('name', '')}".casefold()
    ]
    return rows[first : first + PER_PAGE], len(rows)


def _is_shown(row: Row, view: Row) -> bool:
    return _is_sold(row, view) and product_values(row, view["id"]).get("visibility") != NOT_VISIBLE
