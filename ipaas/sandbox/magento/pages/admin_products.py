"""Admin → Catalog → Products: the list, one product, and its quantities per source (apis/magento.md §14, §15)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from markupsafe import Markup

from ipaas.sandbox.core import pages
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.magento.errors import Refused
from ipaas.sandbox.magento.goods.product_rows import COMPOSITE, product_values
from ipaas.sandbox.magento.goods.product_save import product_delete, product_rename, product_save
from ipaas.sandbox.magento.inventory.stock_levels import salable, source_item_set, source_items_of, stock_of_website
from ipaas.sandbox.magento.pages.admin_frame import PER_PAGE, Shop, admin_page, done, missing, undone, words
from ipaas.sandbox.magento.state import Row, State

router: Router[Shop] = Router()
HERE = "/admin/products"
ENABLED, DISABLED = 1, 2
DEFAULT_SET = 4
ADMIN_VIEW: Row = {"id": 0, "website_id": 0}  # values of all store views


@router.route("GET", HERE)
def products(service: Shop, request: Request) -> Reply:
    """By id; `?q=` a SKU or words of the name, `?page=`. A long list is read a page at a time."""
    state, query = service.state, request.args.get("q", "").strip()
    number = max(1, request.args.get("page", 1, type=int))
    rows, count = _found(state, query, number)
    listed = pages.table(
        ("ID", "Name", "Type", "SKU", "Price", "Salable", "Status"),
        (
            (
                row["id"],
                pages.link(f"{HERE}/{row['id']}", product_values(row).get("name", "")),
                row["type_id"],
                row["sku"],
                pages.money(product_values(row).get("price")),
                _salable(state, row),
                "Enabled" if product_values(row).get("status") == ENABLED else "Disabled",
            )
            for row in rows
        ),
        numeric=(0, 4),
        none="No product matches.",
    )
    search = pages.form(
        HERE,
        pages.field("SKU or name", "q", query, kind="search"),
        method="get",
        submit="Search",
        quiet=True,
    )
    new = pages.form(
        f"{HERE}/new",
        pages.field("SKU", "sku", required=True),
        pages.field("Name", "name", required=True),
        pages.field("Price", "price", "10.00", required=True),
        submit="Add Simple Product",
    )
    links = pages.pager(f"{HERE}?q={query}&page=", number, -(-count // PER_PAGE))
    parts = (
        pages.section(f"{count} products", Markup("").join((search, listed, links))),
        pages.section("New", new),
    )
    return admin_page(request, "Products", *parts, here=HERE)


def _found(state: State, query: str, number: int) -> tuple[list[Row], int]:
    if not query:
        return list(state.products.slice((number - 1) * PER_PAGE, PER_PAGE)), len(state.products)
    exact = state.products.first(sku_key=query.casefold())
    if exact is not None:
        return [exact], 1
    needle = query.casefold()
    rows = [
        row
        for row in state.products.all()
        if needle in f"{row['sku']} {product_values(row).get('name', '')}".casefold()
    ]
    return rows[(number - 1) * PER_PAGE : number * PER_PAGE], len(rows)


def _salable(state: State, row: Row) -> Markup:
    """By website, as shoppers can buy it."""
    if row["type_id"] in COMPOSITE:
        return Markup("")
    shown = (
        f"{site['name']}: {salable(state, row['sku'], int(stock_of_website(state, site['code'])['stock_id'])):f}"
        for site in state.websites.all()
        if site["id"] in row["website_ids"]
    )
    return Markup("<br>").join(shown)


@router.route("GET", f"{HERE}/<int:product_id>")
def product(service: Shop, request: Request, product_id: int) -> Reply:
    """Its values, its quantities, and the forms that change them."""
    state = service.state
    row = state.products.get(product_id)
    if row is None:
        return missing(request, "product", HERE)
    values, base = product_values(row), f"{HERE}/{product_id}"
    own = pages.form(
        f"{base}/save",
        pages.field("SKU", "sku", row["sku"], required=True),
        pages.field("Name", "name", values.get("name"), required=True),
        pages.field("Price", "price", values.get("price")),
        pages.select("Status", "status", [(ENABLED, "Enabled"), (DISABLED, "Disabled")], values.get("status")),
    )
    parts = [pages.section("Product", own)]
    if row["type_id"] not in COMPOSITE:
        held = {item["source_code"]: item for item in source_items_of(state, row["sku"])}
        fields = [
            pages.field(
                source["name"],
                f"qty_{source['source_code']}",
                _quantity(held.get(source["source_code"])),
                kind="number",
            )
            for source in state.sources.all()
        ]
        parts.append(pages.section("Sources", pages.form(f"{base}/stock", *fields, submit="Save quantities")))
    parts.append(pages.section("Away with it", pages.form(f"{base}/delete", submit="Delete", quiet=True)))
    return admin_page(request, values.get("name") or row["sku"], *parts, here=HERE)


def _quantity(item: Row | None) -> str:
    return "" if item is None else f"{Decimal(item['quantity']).normalize():f}"


@router.route("POST", f"{HERE}/new")
def new(service: Shop, request: Request) -> Reply:
    """A simple product for every website."""
    form, state = request.form, service.state
    wish = {
        "sku": form.get("sku", "").strip(),
        "name": form.get("name", "").strip(),
        "price": form.get("price", ""),
        "attribute_set_id": DEFAULT_SET,
        "type_id": "simple",
        "status": ENABLED,
        "visibility": 4,
        "extension_attributes": {"website_ids": [row["id"] for row in state.websites.all() if row["id"]]},
    }
    return _saved(service, HERE, wish)


@router.route("POST", f"{HERE}/<int:product_id>/save")
def save(service: Shop, request: Request, product_id: int) -> Reply:
    """Values of all store views, and the SKU."""
    row, form = service.state.products.get(product_id), request.form
    if row is None:
        return missing(request, "product", HERE)
    if (sku := form.get("sku", "").strip()) != row["sku"]:
        row = product_rename(service.state, row, sku)
    wish: Row = {"sku": row["sku"], "name": form.get("name", "").strip(), "status": form.get("status", ENABLED, int)}
    if form.get("price"):
        wish["price"] = form["price"]
    return _saved(service, f"{HERE}/{product_id}", wish)


def _saved(service: Shop, back: str, wish: Row) -> Reply:
    state = service.state
    try:
        if "price" in wish:
            wish["price"] = Decimal(wish["price"])
        row = product_save(state, ADMIN_VIEW, wish)
    except Refused as refused:
        state.db.rollback()
        return undone(back, words(refused))
    except InvalidOperation:
        return undone(back, "That is no price.")
    return done(f"{HERE}/{row['id']}", "You saved the product.")


@router.route("POST", f"{HERE}/<int:product_id>/stock")
def stock(service: Shop, request: Request, product_id: int) -> Reply:
    """Quantities by source; an empty field leaves the product out of that source."""
    row = service.state.products.get(product_id)
    if row is None:
        return missing(request, "product", HERE)
    try:
        given = {name[4:]: Decimal(value) for name, value in _quantities(request.form).items()}
    except InvalidOperation:
        return undone(f"{HERE}/{product_id}", "That is no quantity.")
    for code, quantity in given.items():
        source_item_set(service.state, row["sku"], code, quantity, int(quantity > 0))
    return done(f"{HERE}/{product_id}", "You saved the quantities.")


def _quantities(form: Any) -> dict[str, str]:
    return {name: value.strip() for name, value in form.items() if name.startswith("qty_") and value.strip()}


@router.route("POST", f"{HERE}/<int:product_id>/delete")
def delete(service: Shop, request: Request, product_id: int) -> Reply:
    """For good."""
    row = service.state.products.get(product_id)
    if row is None:
        return missing(request, "product", HERE)
    product_delete(service.state, row)
    return done(HERE, "You deleted the product.")
