"""The shop's shelves: home, departments, search and the product page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from markupsafe import Markup

from ipaas.sandbox.bigcommerce.actions import stock
from ipaas.sandbox.bigcommerce.pages import frame
from ipaas.sandbox.bigcommerce.pages.frame import H, join, money
from ipaas.sandbox.bigcommerce.pages.pictures import COLORS, landscape, picture
from ipaas.sandbox.bigcommerce.pages.session import Session, Store
from ipaas.sandbox.bigcommerce.shop import goods, terms
from ipaas.sandbox.bigcommerce.shop.goods import Found
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.core.web import Reply, Request, Router, redirect

router: Router[Store] = Router()
PER_PAGE = 24
FEATURED = ("HP-RAI", "HP-BTL", "KIT-MORNING", "HP-BLK", "HP-BOO", "HP-TNT", "HP-MUG", "KNF-FOLD")


@router.route("GET", "/shop/style.css")
def style(service: Store, request: Request) -> Reply:
    """The shop's stylesheet."""
    return frame.style("shop.css")


@router.route("GET", "/")
def root(service: Store, request: Request) -> Reply:
    """The bare address of the sandbox is the shop's front door."""
    return redirect("/shop/")


@router.route("GET", "/shop/")
def home(service: Store, request: Request) -> Reply:
    """Hero, departments, a shelf of favourites and one of what is new."""
    state = service.state
    session = Session(state, request)
    featured = [row for code in FEATURED if (row := state.products.first(sku=code)) is not None]
    fresh = [row for row in _shown(state) if row["id"] not in {row["id"] for row in featured}][-8:]
    hero = H(
        '<section class="hero">{}<div class="say"><h1>Gear for weather, and for after it</h1>'
        "<p>Jackets, packs, pots and good socks, from a harbor shop that wears them first.</p>"
        '<p><a class="button" href="/shop/all">See everything</a></p></div></section>'
    ).format(landscape())
    body = hero + _section("Favourites", "What people come back for", _shelf(state, featured))
    return session.page("Outdoor goods", body + _section("New on the shelf", "", _shelf(state, fresh)))


@router.route("GET", "/shop/all")
def everything(service: Store, request: Request) -> Reply:
    """All products, page by page, computed ones too."""
    state, session = service.state, Session(service.state, request)
    number = max(1, request.args.get("page", 1, type=int))
    rows = [row for row in state.products.slice((number - 1) * PER_PAGE, PER_PAGE) if _is_shown(row)]
    pages = -(-len(state.products) // PER_PAGE)
    head = H('<div class="head"><h1>Everything</h1><p>{} styles</p></div>').format(len(state.products))
    return session.page("Everything", head + _shelf(state, rows) + frame.pager("/shop/all?page=", number, pages))


@router.route("GET", "/shop/c/<int:category_id>")
def department(service: Store, request: Request, category_id: int) -> Reply:
    """A department or one part of it."""
    state, session = service.state, Session(service.state, request)
    category = state.categories.get(category_id)
    if category is None:
        return _missing(session)
    top = category["parent_id"] or category_id
    parts = [row for row in state.categories.all() if row["parent_id"] == top]
    wanted = {category_id} | ({row["id"] for row in parts} if category_id == top else set())
    rows = [row for row in _shown(state) if not wanted.isdisjoint(row["categories"])]
    head = H('<div class="head"><h1>{}</h1><p>{} styles</p></div>').format(category["name"], len(rows))
    return session.page(
        category["name"],
        head + _chips(top, parts, category_id) + _paged(state, rows, request, f"/shop/c/{category_id}?page="),
        here=top,
    )


def _chips(top: int, parts: list[Row], here: int) -> Markup:
    rows = [(top, "All"), *((row["id"], row["name"]) for row in parts)]
    return H('<div class="chips">{}</div>').format(
        join(
            H('<a href="/shop/c/{}"{}>{}</a>').format(number, H(' aria-current="page"') if number == here else "", name)
            for number, name in rows
        )
    )


@router.route("GET", "/shop/search")
def search(service: Store, request: Request) -> Reply:
    """By name, SKU, brand or text; every word must occur."""
    state, session = service.state, Session(service.state, request)
    query = request.args.get("q", "").strip()
    rows = list(_found(state, query)) if query else []
    said = f"{len(rows)} found for “{query}”" if query else "What are you looking for?"
    head = H('<div class="head"><h1>Search</h1><p>{}</p></div>').format(said)
    if query and not rows:
        head += H('<p>Nothing here matches. Try one word, or <a href="/shop/all">look around</a>.</p>')
    return session.page(f"Search {query}", head + _paged(state, rows, request, f"/shop/search?q={query}&page="))


def _found(state: State, query: str) -> Iterator[Row]:
    exact = state.variants.first(sku=query)
    if exact is not None and (product := state.products.get(exact["product_id"])) is not None:
        yield product
        return
    words = query.casefold().split()
    brands = {row["id"]: row["name"] for row in state.brands.all()}
    for row in _shown(state):
        text = f"{row['name']} {row['sku']} {brands.get(row['brand_id'], '')} {row['description']}".casefold()
        if all(word in text for word in words):
            yield row


# --- shelves --------------------------------------------------------------------------------------


def _is_shown(product: Row) -> bool:
    return bool(product["is_visible"]) and product["availability"] != "disabled"


def _shown(state: State) -> list[Row]:
    """Stored products on sale by id; computed ones of a scaled catalogue are only under "Everything"."""
    rows = [row for row in state.products.stored() if _is_shown(row)]
    return sorted(rows, key=lambda row: (row["sort_order"], row["id"]))


def _paged(state: State, rows: list[Row], request: Request, base: str) -> Markup:
    number = max(1, request.args.get("page", 1, type=int))
    pages = -(-len(rows) // PER_PAGE)
    return _shelf(state, rows[(number - 1) * PER_PAGE : number * PER_PAGE]) + frame.pager(base, number, pages)


def _section(title: str, hint: str, body: Markup) -> Markup:
    return H('<section><div class="head"><h2>{}</h2><p>{}</p></div>{}</section>').format(title, hint, body)


def _shelf(state: State, rows: Iterable[Row]) -> Markup:
    return H('<div class="shelf">{}</div>').format(join(_card(state, row) for row in rows))


def _card(state: State, product: Row) -> Markup:
    variants = state.variants.find(product_id=product["id"])
    prices = {goods.unit_price(Found(product, variant)) for variant in variants}
    price = money(min(prices)) if prices else ""
    colors = list(dict.fromkeys(color_in(variant) for variant in variants))
    left = [goods.left(state, Found(product, variant)) for variant in variants]
    gone = all(count is not None and count <= 0 for count in left)
    return H(
        '<a class="goods" href="/shop/p/{}"><span class="frame">{}{}</span><strong>{}</strong>'
        '<small>{}</small><span class="price">{}{}</span></a>'
    ).format(
        product["id"],
        product_picture(state, product, next(iter(colors), "")),
        H('<span class="sticker">Sold out</span>') if gone else "",
        product["name"],
        _brand(state, product) + (f" · {len(colors)} colors" if len(colors) > 1 else ""),
        "from " if len(prices) > 1 else "",
        price,
    )


def _brand(state: State, product: Row) -> str:
    brand = state.brands.get(product["brand_id"]) if product["brand_id"] else None
    return str(brand["name"]) if brand else ""


def color_in(variant: Row) -> str:
    """The color among a variant's choices, or nothing."""
    return next((str(value["label"]) for value in variant["option_values"] if value["label"] in COLORS), "")


def product_picture(state: State, product: Row, color: str = "") -> Markup:
    """The drawing of a product."""
    category = state.categories.get(product["categories"][-1]) if product["categories"] else None
    return picture(product["name"], category["name"] if category else "", color)


def _missing(session: Session) -> Reply:
    body = H(
        '<div class="thanks"><h1>Not on this shelf</h1><p>That page has moved or sold out.</p>'
        '<p><a class="button" href="/shop/">To the shop</a></p></div>'
    )
    return session.page("Not found", body, status=404)


# --- product page ---------------------------------------------------------------------------------


@router.route("GET", "/shop/p/<int:product_id>")
def product(service: Store, request: Request, product_id: int) -> Reply:
    """One product with everything that can be chosen; `?color=` shows another color."""
    session = Session(service.state, request)
    row = service.state.products.get(product_id)
    return product_page(session, row) if row is not None and _is_shown(row) else _missing(session)


def product_page(session: Session, row: Row, bad: str = "") -> Reply:
    """The page of a product, with an error above it when something was filled in wrongly."""
    state, request = session.state, session.request
    variants = state.variants.find(product_id=row["id"])
    colors = list(dict.fromkeys(color for variant in variants if (color := color_in(variant))))
    color = request.args.get("color") or next(iter(colors), "")
    prices = {goods.unit_price(Found(row, variant)) for variant in variants}
    body = H(
        '{}<div class="product"><div class="frame">{}</div><div><p class="muted">{}</p><h1>{}</h1>'
        '<p class="price">{}{}</p><p>{}</p>{}{}</div></div>'
    ).format(
        _crumbs(state, row),
        product_picture(state, row, color),
        _brand(state, row),
        row["name"],
        "from " if len(prices) > 1 else "",
        money(min(prices)) if prices else "",
        H(row["description"]).striptags(),
        _stock_line(state, row, variants),
        _order_form(state, row, variants, color),
    )
    return session.page(row["name"], body, bad=bad, status=422 if bad else 200)


def _crumbs(state: State, product: Row) -> Markup:
    path = [row for number in product["categories"] if (row := state.categories.get(number)) is not None]
    links = [H('<a href="/shop/c/{}">{}</a>').format(row["id"], row["name"]) for row in path]
    return H('<p class="crumbs"><a href="/shop/">Shop</a> / {}</p>').format(H(" / ").join(links))


def _stock_line(state: State, product: Row, variants: list[Row]) -> Markup:
    if stock.tracking(product) == "none":
        return H('<p class="stock">Always available</p>')
    left = sum(max(0, goods.left(state, Found(product, variant)) or 0) for variant in variants)
    if left <= 0:
        return H('<p class="stock bad">Sold out at present</p>')
    return H('<p class="stock good">In stock{}</p>').format(f": {left} left" if left < 6 else "")


def _order_form(state: State, product: Row, variants: list[Row], color: str) -> Markup:
    parts = [_variant_choice(state, product, variants, color)]
    parts += [_modifier_field(state, row) for row in goods.modifiers_of(state, product["id"])]
    parts.append(_wrap_field(state, product))
    parts.append(
        H('<div class="row">{}{}</div>').format(
            frame.H('<div class="few">{}</div>').format(
                frame.field("Quantity", "quantity", 1, kind="number", min=1, max=99, inputmode="numeric")
            ),
            frame.button("Add to cart"),
        )
    )
    return frame.form(
        "/shop/cart/add", frame.H('<input type="hidden" name="product_id" value="{}">').format(product["id"]), *parts
    )


def _variant_choice(state: State, product: Row, variants: list[Row], color: str) -> Markup:
    """One group of buttons per option, as many as the product has."""
    options = sorted(state.options.find(product_id=product["id"]), key=lambda row: (row["sort_order"], row["id"]))
    return join(_option_group(product, row, color) for row in options if variants)


def _option_group(product: Row, option: Row, color: str) -> Markup:
    name = f"option-{option['id']}"
    values = option["option_values"]
    chosen = next((v["id"] for v in values if v["label"] == color), values[0]["id"] if values else 0)
    swatch = any(value["label"] in COLORS for value in values)
    marks = join(
        H('<label><input type="radio" name="{}" value="{}"{}>{}<span>{}</span></label>').format(
            name,
            value["id"],
            H(" checked") if value["id"] == chosen else "",
            H('<i style="--c:{}"></i>').format(COLORS.get(value["label"], "#888")) if swatch else "",
            value["label"],
        )
        for value in values
    )
    kind = "swatches" if swatch else "choice"
    return H('<fieldset><legend>{}</legend><div class="{}">{}</div></fieldset>').format(
        option["display_name"], kind, marks
    )


def _modifier_field(state: State, modifier: Row) -> Markup:
    name, label = f"modifier-{modifier['id']}", modifier["display_name"]
    kind, required = modifier["type"], modifier["required"]
    label = label if required else f"{label} (optional)"
    if kind == "checkbox":
        ticked: Row = next((row for row in modifier["option_values"] if row["value_data"].get("checked_value")), {})
        return frame.tick(_priced(modifier["display_name"], ticked), name)
    if kind in goods.LISTS:
        blank = [("", "Choose…")] if required else [("", "None")]
        return frame.select(
            label, name, [*blank, *((row["label"], _priced(row["label"], row)) for row in modifier["option_values"])]
        )
    if kind == "multi_line_text":
        return frame.area(label, name)
    if kind == "file":
        return frame.field(f"{label}: file name", name, placeholder="artwork.png")
    most = modifier["config"].get("text_max_length")
    extra = {"maxlength": most} if most else {}
    shown = {"date": "date", "numbers_only_text": "tel"}.get(kind, "text")
    return frame.field(label, name, kind=shown, required=required, **extra)


def _priced(label: str, value: Row) -> str:
    extra = goods.adjusted(value)
    return f"{label} (+{money(extra)})" if extra else label


def _wrap_field(state: State, product: Row) -> Markup:
    if product["gift_wrapping_options_type"] == "none":
        return frame.NOTHING
    wraps = [
        ("", "No gift wrap"),
        *((row["name"], f"{row['name']} (+{money(row['price'])})") for row in terms.wrap_table(state).all()),
    ]
    return H("<details><summary>Gift wrap</summary>{}{}</details>").format(
        frame.select("Paper", "wrap", wraps), frame.field("Message on the card", "wrap_message", maxlength=200)
    )
