"""The shop's cart: add, change, remove; and the purchase of gift certificates."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from markupsafe import Markup

from ipaas.sandbox.bigcommerce.pages import frame
from ipaas.sandbox.bigcommerce.pages.frame import H, join, money
from ipaas.sandbox.bigcommerce.pages.pictures import picture
from ipaas.sandbox.bigcommerce.pages.session import EMPTY, Session, Store, item_of
from ipaas.sandbox.bigcommerce.pages.shop_catalog import color_in, product_page, product_picture
from ipaas.sandbox.bigcommerce.pricing import CartLine
from ipaas.sandbox.bigcommerce.pricing.discounts import worth
from ipaas.sandbox.bigcommerce.shop import goods
from ipaas.sandbox.bigcommerce.shop.basket import CERTIFICATE_SKU, Basket, lines_of
from ipaas.sandbox.bigcommerce.shop.goods import Unsellable
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.core.web import Reply, Request, Router

router: Router[Store] = Router()
MOST = 99
WORTHS = ("25", "50", "100", "250")


@router.route("POST", "/shop/cart/add")
def cart_add(service: Store, request: Request) -> Reply:
    """Put a product with all its choices into the cart, or say on its page what is missing."""
    state, session = service.state, Session(service.state, request)
    product = state.products.get(request.form.get("product_id", 0, type=int))
    if product is None:
        return session.go("/shop/cart", "That product is gone.")
    try:
        item = _read_item(state, product, request.form)
        items = _added(session.row["items"], item)
        lines_of(state, Basket(items=tuple(item_of(row) for row in items), checks_stock=True))
    except Unsellable as exc:
        return product_page(session, product, bad=str(exc))
    session.save(items=items)
    return session.go("/shop/cart", f"{product['name']} is in your cart.")


def _read_item(state: State, product: Row, form: Mapping[str, Any]) -> Row:
    chosen = {int(value) for name, value in form.items() if name.startswith("option-") and value.isdecimal()}
    variants = state.variants.find(product_id=product["id"])
    variant = next((row for row in variants if {value["id"] for value in row["option_values"]} == chosen), None)
    if variant is None:
        raise Unsellable("options", "That combination is not made.")
    filled = {
        row["display_name"]: form.get(f"modifier-{row['id']}", "") for row in goods.modifiers_of(state, product["id"])
    }
    quantity = form.get("quantity", "1")
    return {
        "sku": variant["sku"],
        "quantity": min(MOST, int(quantity)) if quantity.isdecimal() else 1,
        "modifiers": {name: value for name, value in filled.items() if value},
        "wrap": form.get("wrap", ""),
        "wrap_message": form.get("wrap_message", "") if form.get("wrap") else "",
        "certificate": None,
    }


def _added(items: list[Row], item: Row) -> list[Row]:
    """The same thing with the same choices raises the quantity of its line."""
    same = [row for row in items if {**row, "quantity": 0} == {**item, "quantity": 0}]
    if not same:
        return [*items, item]
    return [
        {**row, "quantity": min(MOST, row["quantity"] + item["quantity"])} if row is same[0] else row for row in items
    ]


@router.route("POST", "/shop/cart/update")
def cart_update(service: Store, request: Request) -> Reply:
    """Another quantity for one line; none removes it."""
    session = Session(service.state, request)
    items = list(session.row["items"])
    place, quantity = request.form.get("line", -1, type=int), request.form.get("quantity", 0, type=int)
    if not 0 <= place < len(items):
        return session.go("/shop/cart")
    if quantity < 1 or request.form.get("remove"):
        items.pop(place)
    else:
        items[place] = {**items[place], "quantity": min(MOST, quantity)}
    session.save(items=items)
    return session.go("/shop/cart")


@router.route("GET", "/shop/cart")
def cart(service: Store, request: Request) -> Reply:
    """What lies in the cart."""
    session = Session(service.state, request)
    if not session.row["items"]:
        body = H(
            '<div class="thanks"><h1>Your cart is empty</h1><p>The shelves are not.</p>'
            '<p><a class="button" href="/shop/all">See everything</a></p></div>'
        )
        return session.page("Cart", body)
    lines, bad = _lines(session)
    subtotal = sum((worth(line) for line in lines), Decimal(0))
    go = H('<p><a class="button" href="/shop/checkout">Check out</a></p>') if not bad else frame.NOTHING
    side = H(
        '<aside class="panel side stack"><h2>Summary</h2>{}<p class="muted">Shipping and taxes come with your '
        "address.</p>{}</aside>"
    ).format(frame.totals([], ("Subtotal", money(subtotal))), go)
    stored = session.row["items"]
    known = lines or _unknown(stored)
    rows = join(_line(session.state, place, stored[place], line) for place, line in enumerate(known))
    body = H('<div class="head"><h1>Your cart</h1></div><div class="split"><div class="panel">{}</div>{}</div>').format(
        rows, side
    )
    return session.page("Cart", body, bad=bad)


def _unknown(items: list[Row]) -> list[CartLine | None]:
    return [None for _ in items]


def _lines(session: Session) -> tuple[list[CartLine], str]:
    """The priced lines, or what stands against selling them."""
    basket = session.basket()
    try:
        return lines_of(session.state, basket), ""
    except Unsellable as exc:
        relaxed = Basket(items=basket.items, billing=basket.billing)
        try:
            return lines_of(session.state, relaxed), str(exc)
        except Unsellable:
            return [], str(exc)


def _line(state: State, place: int, row: Row, line: CartLine | None) -> Markup:
    controls = H(
        '<form action="/shop/cart/update" method="post"><input type="hidden" name="line" value="{}">'
        '<input type="number" name="quantity" value="{}" min="0" max="{}" aria-label="Quantity">'
        '<button class="quiet">Change</button><button class="plain" name="remove" value="1">Remove</button>'
        "</form>"
    ).format(place, row["quantity"], MOST)
    name, link = (line.goods.name, line.goods.product_id) if line else (row["sku"], 0)
    title = H("<strong>{}</strong>").format(name)
    if link:
        title = H('<a href="/shop/p/{}">{}</a>').format(link, title)
    return H('<div class="line"><div>{}</div><div>{}{}{}</div><div class="price">{}</div></div>').format(
        _line_picture(state, row, name),
        title,
        details(line) if line else "",
        controls,
        money(worth(line)) if line else "",
    )


def _line_picture(state: State, row: Row, name: str) -> Markup:
    if row["sku"] == CERTIFICATE_SKU:
        return picture(name, "Certificate")
    variant = state.variants.first(sku=row["sku"])
    product = state.products.get(variant["product_id"]) if variant else None
    if variant is None or product is None:
        return picture(name, "Small")
    return product_picture(state, product, color_in(variant))


def details(line: CartLine) -> Markup:
    """Choices, modifiers, gift wrap and components of a line."""
    rows = [(option["display_name"], option["display_value"]) for option in line.options]
    if line.wrapping:
        rows.append(("Gift wrap", f"{line.wrapping.name}, {money(line.wrapping.price)} each"))
        rows += [("Card", line.wrapping.message)] if line.wrapping.message else []
    if line.gift_certificate:
        rows.append(("For", f"{line.gift_certificate['to_name']} ({line.gift_certificate['to_email']})"))
    if not rows:
        return frame.NOTHING
    return H("<dl>{}</dl>").format(join(H("<dt>{}</dt><dd>{}</dd>").format(*row) for row in rows))


def summary(session: Session) -> Markup:
    """The cart in a few lines, for the checkout's margin."""
    lines, _ = _lines(session)
    return frame.totals([(f"{line.quantity} × {line.goods.name}", money(worth(line))) for line in lines])


# --- gift certificates ----------------------------------------------------------------------------


@router.route("GET", "/shop/gift-certificate")
def certificate_page(service: Store, request: Request) -> Reply:
    """The form to buy a certificate."""
    return _certificate_form(Session(service.state, request))


def _certificate_form(session: Session, bad: str = "") -> Reply:
    worths = [(worth_, f"${worth_}") for worth_ in WORTHS]
    fields = frame.form(
        "/shop/gift-certificate",
        frame.select("Worth", "amount", worths, "50"),
        H('<div class="two">{}{}</div>').format(
            frame.field("For", "to_name", required=True, placeholder="Ben Okafor"),
            frame.field("Their e-mail", "to_email", kind="email", required=True, placeholder="ben@example.com"),
        ),
        H('<div class="two">{}{}</div>').format(
            frame.field("From", "from_name", required=True),
            frame.field("Your e-mail", "from_email", kind="email", required=True),
        ),
        frame.area("Message", "message", maxlength=200),
        frame.button("Add to cart"),
    )
    drawing = picture("Gift certificate", "Certificate", "Ember")
    body = H(
        '<div class="product"><div class="frame">{}</div><div><p class="muted">By e-mail, never expires</p>'
        "<h1>Gift certificate</h1>{}</div></div>"
    ).format(drawing, fields)
    return session.page("Gift certificate", body, bad=bad, status=422 if bad else 200)


@router.route("POST", "/shop/gift-certificate")
def certificate_add(service: Store, request: Request) -> Reply:
    """Put a certificate into the cart."""
    session, form = Session(service.state, request), request.form
    names = ("to_name", "to_email", "from_name", "from_email", "message")
    sale: Row = {name: form.get(name, "").strip() for name in names}
    try:
        amount = Decimal(form.get("amount", "50"))
    except InvalidOperation:
        amount = Decimal(0)
    if amount <= 0 or not all(sale[name] for name in names[:4]):
        return _certificate_form(session, "Please fill in who it is for and who it is from.")
    item = {**_blank_item(), "certificate": {**sale, "amount": amount}}
    session.save(items=[*session.row["items"], item])
    return session.go("/shop/cart", "The gift certificate is in your cart.")


def _blank_item() -> Row:
    return {"sku": CERTIFICATE_SKU, "quantity": 1, "modifiers": {}, "wrap": "", "wrap_message": "", "certificate": None}


def emptied() -> Row:
    """What a basket forgets after a sale; who is signed in stays."""
    return {name: value for name, value in EMPTY.items() if name not in {"customer_id", "billing", "ship_to"}}
