"""Products in the control panel: list, prices, SKUs, stock by location."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import urlencode

from markupsafe import Markup

from ipaas.sandbox.bigcommerce import actions
from ipaas.sandbox.bigcommerce.actions import stock
from ipaas.sandbox.bigcommerce.pages import frame, panel
from ipaas.sandbox.bigcommerce.pages.frame import H, money
from ipaas.sandbox.bigcommerce.pages.session import Store
from ipaas.sandbox.bigcommerce.pages.shop_catalog import color_in, product_picture
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.core.web import Reply, Request, Router

router: Router[Store] = Router()
HERE = "/manage/products"
PER_PAGE = 40
LEVEL, SKU = "level-", "sku-"


@router.route("GET", "/manage/products")
def products(service: Store, request: Request) -> Reply:
    """All products by id; `?q=` name or SKU."""
    state, query = service.state, request.args.get("q", "").strip()
    number = max(1, request.args.get("page", 1, type=int))
    first = (number - 1) * PER_PAGE
    if query:
        found = list(_found(state, query))
        total, rows = len(found), found[first : first + PER_PAGE]
    else:
        total, rows = len(state.products), state.products.slice(first, PER_PAGE)
    pages = frame.pager(f"{HERE}?{urlencode({'q': query, 'page': ''})}", number, -(-total // PER_PAGE))
    body = H('<div class="head"><h1>Products</h1><p>{} styles, {} SKUs</p></div><div class="card stack">{}{}</div>{}')
    listed = body.format(
        len(state.products), len(state.variants), panel.search(HERE, query, "Name or SKU"), _table(state, rows), pages
    )
    return panel.panel_page(state, request, "Products", listed, here=HERE)


def _found(state: State, query: str) -> Iterator[Row]:
    """By exact SKU, else by words among the stored products."""
    exact = [state.products.get(row["product_id"]) for row in state.variants.find(sku=query)]
    if exact:
        yield from (row for row in exact if row is not None)
        return
    words = query.casefold().split()
    for row in sorted(state.products.stored(), key=lambda row: int(row["id"])):
        if all(word in f"{row['name']} {row['sku']}".casefold() for word in words):
            yield row


def _table(state: State, rows: list[Row]) -> Markup:
    return panel.table(
        ("(Picture)", "Product", "SKU", "Stock", "Price", "(Visibility)"),
        (
            (
                H('<div class="thumb">{}</div>').format(_thumb(state, row)),
                H('<a href="{}/{}">{}</a><span class="sub">{}</span>').format(
                    HERE, row["id"], row["name"], _variants(state, row)
                ),
                H("<code>{}</code>").format(row["sku"]),
                _level(state, row),
                money(row["price"]),
                "" if row["is_visible"] else H('<span class="badge">hidden</span>'),
            )
            for row in rows
        ),
        numeric=(3, 4),
        wide=(2,),
        none="No product matches.",
    )


def _thumb(state: State, row: Row) -> Markup:
    variants = state.variants.find(product_id=row["id"])
    return product_picture(state, row, next((color for variant in variants if (color := color_in(variant))), ""))


def _variants(state: State, row: Row) -> str:
    count = len(state.variants.find(product_id=row["id"]))
    return f"{count} variants" if count > 1 else row["type"]


def _level(state: State, row: Row) -> str:
    if stock.tracking(row) == "none":
        return "not counted"
    return str(actions.product_level(state, row, state.variants.find(product_id=row["id"])))


# --- one product ----------------------------------------------------------------------------------


@router.route("GET", "/manage/products/<int:product_id>")
def product(service: Store, request: Request, product_id: int) -> Reply:
    """Stock per location and SKU, price, visibility."""
    state = service.state
    row = state.products.get(product_id)
    if row is None:
        return panel.missing(state, request, "product", HERE)
    head = H(
        '<p class="crumbs"><a href="{}">Products</a> / {}</p><div class="head"><h1>{}</h1>'
        '<span class="end"><a class="button quiet" href="/shop/p/{}">See it in the shop</a></span></div>'
    ).format(HERE, row["name"], row["name"], product_id)
    left = H('<div class="stack">{}{}</div>').format(_stock_card(state, row), _modifiers_card(state, row))
    body = H('{}<div class="two-thirds">{}<div class="stack">{}</div></div>').format(head, left, _edit_card(state, row))
    return panel.panel_page(state, request, row["name"], body, here=HERE)


def _stock_card(state: State, row: Row) -> Markup:
    variants = state.variants.find(product_id=row["id"])
    places = list(state.locations.all())
    kind = stock.VARIANT if stock.tracking(row) == "variant" else stock.PRODUCT
    cells = (
        (_choices(variant), _sku_field(variant), *(_level_field(state, variant, place, kind) for place in places))
        for variant in variants
    )
    listed = panel.table(("Variant", "SKU", *(place["label"] for place in places)), cells)
    note = "" if stock.tracking(row) != "none" else H('<p class="quiet">This product is not counted.</p>')
    save = frame.button("Save stock and SKUs")
    return panel.card("Stock", frame.form(f"{HERE}/{row['id']}/stock", listed, note, save))


def _choices(variant: Row) -> str:
    return " / ".join(value["label"] for value in variant["option_values"]) or "The product"


def _sku_field(variant: Row) -> Markup:
    return H('<input name="{}{}" value="{}" aria-label="SKU of variant {}">').format(
        SKU, variant["id"], variant["sku"], variant["id"]
    )


def _level_field(state: State, variant: Row, place: Row, kind: int) -> Markup:
    level = stock.level(state, variant, place["id"], kind)["onhand"]
    return H('<input type="number" name="{}{}-{}" value="{}" min="0" aria-label="{} at {}">').format(
        LEVEL, variant["id"], place["id"], level, variant["sku"], place["label"]
    )


def _modifiers_card(state: State, row: Row) -> Markup:
    rows = state.modifiers.find(product_id=row["id"])
    if not rows:
        return frame.NOTHING
    return panel.card(
        "Modifiers",
        panel.table(
            ("Name", "Type", "Required", "Choices"),
            (
                (
                    found["display_name"],
                    found["type"],
                    "yes" if found["required"] else "no",
                    ", ".join(value["label"] for value in found["option_values"]),
                )
                for found in rows
            ),
        ),
    )


def _edit_card(state: State, row: Row) -> Markup:
    brand = state.brands.get(row["brand_id"]) or {"name": ""}
    trackings = [("none", "Not at all"), ("product", "For the product"), ("variant", "For each variant")]
    fields = frame.form(
        f"{HERE}/{row['id']}",
        frame.field("Name", "name", row["name"], required=True),
        H('<div class="two">{}{}</div>').format(
            frame.field("Price", "price", f"{row['price']:.2f}", inputmode="decimal"),
            frame.field("Sale price", "sale_price", f"{row['sale_price']:.2f}", inputmode="decimal"),
        ),
        frame.select("Count stock", "inventory_tracking", trackings, row["inventory_tracking"]),
        frame.tick("On sale in the shop", "is_visible", checked=row["is_visible"]),
        frame.button("Save product"),
    )
    about = panel.facts(
        (
            ("Id", row["id"]),
            ("SKU", row["sku"]),
            ("Brand", brand["name"]),
            ("Sold", row["total_sold"]),
            ("Changed", panel.date(row["date_modified"])),
        )
    )
    danger = panel.fold(
        "Delete the product",
        frame.form(
            f"{HERE}/{row['id']}/delete",
            H('<p class="quiet">Orders keep its name and SKU.</p>'),
            frame.button("Delete", kind="bad"),
        ),
    )
    return panel.card("Product", H('<div class="stack">{}{}{}</div>').format(fields, about, danger))


@router.route("POST", "/manage/products/<int:product_id>")
def product_save(service: Store, request: Request, product_id: int) -> Reply:
    """Name, prices, tracking, visibility."""
    form = request.form

    def act() -> None:
        actions.product_update(
            service.state,
            product_id,
            {
                "name": form.get("name", ""),
                "price": Decimal(form.get("price") or 0),
                "sale_price": Decimal(form.get("sale_price") or 0),
                "is_visible": bool(form.get("is_visible")),
                "inventory_tracking": form.get("inventory_tracking", "none"),
            },
        )

    return panel.attempt(service, f"{HERE}/{product_id}", "Product saved.", act)


@router.route("POST", "/manage/products/<int:product_id>/stock")
def stock_save(service: Store, request: Request, product_id: int) -> Reply:
    """Levels and SKUs that changed, at once as a person's edit is (no delay)."""
    state, form = service.state, request.form

    def act() -> None:
        for variant in state.variants.find(product_id=product_id):
            sku = form.get(f"{SKU}{variant['id']}", variant["sku"]).strip()
            if sku != variant["sku"]:
                actions.variant_update(state, product_id, variant["id"], {"sku": sku})
        stock.adjust(state, "absolute", _changed_levels(state, product_id, form.to_dict()))

    return panel.attempt(service, f"{HERE}/{product_id}", "Saved.", act)


def _changed_levels(state: State, product_id: int, form: dict[str, str]) -> list[list[int]]:
    row = state.products.get(product_id)
    kind = stock.VARIANT if stock.tracking(row) == "variant" else stock.PRODUCT
    found = []
    for name, value in form.items():
        if name.startswith(LEVEL) and value.strip():
            number, _, place = name.removeprefix(LEVEL).partition("-")
            variant = state.variants.get(int(number))
            if variant and stock.level(state, variant, int(place), kind)["onhand"] != int(value):
                found.append([variant["id"], int(place), int(value)])
    return found


@router.route("POST", "/manage/products/<int:product_id>/delete")
def product_delete(service: Store, request: Request, product_id: int) -> Reply:
    """Take the product away."""
    return panel.attempt(service, HERE, "Product deleted.", lambda: actions.product_delete(service.state, product_id))
