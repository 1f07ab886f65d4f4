"""The storefront's cart and checkout: who, where, how shipped, how paid; the order is placed as any scripted one."""

from __future__ import annotations

from markupsafe import Markup

from ipaas.sandbox.core import pages
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.magento.errors import Refused
from ipaas.sandbox.magento.goods.product_rows import product_found, product_values
from ipaas.sandbox.magento.pages.admin_frame import Shop, words
from ipaas.sandbox.magento.pages.front_catalog import is_offered, price_shown
from ipaas.sandbox.magento.pages.front_frame import Visit
from ipaas.sandbox.magento.sales.cents import Row
from ipaas.sandbox.magento.sales.gateway import PAYMENTS
from ipaas.sandbox.magento.shop.recipe import order_from
from ipaas.sandbox.magento.shop.shopper_address import SAMPLE_GUEST
from ipaas.sandbox.magento.shop.terms import deliveries_to
from ipaas.sandbox.magento.shop.unsellable import Unsellable

router: Router[Shop] = Router()
FIELDS = (
    ("first_name", "First name"),
    ("last_name", "Last name"),
    ("email", "E-mail"),
    ("phone", "Phone"),
    ("street_1", "Street"),
    ("city", "City"),
    ("state", "State or region"),
    ("zip", "Postcode"),
    ("country_iso2", "Country (two letters)"),
)
ENDINGS = {
    "card": "Card, captured at once",
    "authorized": "Card, authorised only",
    "paypal": "PayPal",
    "offline": "Check / Money order",
    "cod": "Cash on delivery",
    "purchaseorder": "Purchase order",
    "review": "PayPal, under review",
    "declined": "PayPal, declined",
    "abandoned": "PayPal, left on the way",
}


@router.route("POST", "/cart/add")
def add(service: Shop, request: Request) -> Reply:
    """Some pieces of a SKU into the cart."""
    visit, sku = Visit(service.state, request), request.form.get("sku", "")
    row = product_found(service.state, sku)
    if row is None or not is_offered(service.state, row, visit.view):
        return visit.go("/", bad="The product is not available any more.")
    items = dict(visit.row["items"])
    items[sku] = items.get(sku, 0) + max(1, request.form.get("quantity", 1, type=int))
    visit.save(items=items)
    return visit.go("/cart", said="You added the product to your cart.")


@router.route("GET", "/cart")
def cart(service: Shop, request: Request) -> Reply:
    """What lies in it, with quantities to change."""
    state, visit = service.state, Visit(service.state, request)
    rows = [(product_found(state, sku), sku, count) for sku, count in visit.row["items"].items()]
    if not rows:
        return visit.page("Cart", pages.notice("The cart is empty."), here="/cart")
    fields = [
        pages.field(
            f"{product_values(row).get('name') if row else sku} — {price_shown(state, row, visit.view) if row else ''}",
            f"qty_{sku}",
            count,
            kind="number",
            min=0,
        )
        for row, sku, count in rows
    ]
    update = pages.form("/cart/update", *fields, submit="Update Cart", quiet=True)
    return visit.page("Cart", pages.section("", update), pages.link("/checkout", "Go to Checkout"), here="/cart")


@router.route("POST", "/cart/update")
def update(service: Shop, request: Request) -> Reply:
    """Other quantities; none takes a line out."""
    visit, form = Visit(service.state, request), request.form
    counts = {sku: form.get(f"qty_{sku}", count, type=int) for sku, count in visit.row["items"].items()}
    visit.save(items={sku: count for sku, count in counts.items() if count > 0})
    return visit.go("/cart")


@router.route("GET", "/checkout")
def checkout(service: Shop, request: Request) -> Reply:
    """One page for everything; a customer's e-mail takes the place of a guest's address."""
    state, visit = service.state, Visit(service.state, request)
    if not visit.row["items"]:
        return visit.go("/cart")
    who = visit.row.get("guest") or SAMPLE_GUEST
    ways = [(way.title.removesuffix(" - Fixed"), way.title) for way in deliveries_to(who.get("country_iso2") or "US")]
    parts = [
        *(pages.field(label, name, who.get(name, "")) for name, label in FIELDS),
        pages.field("Or: e-mail of your account", "customer", hint="Goes to the account's own address."),
        pages.select("Shipping method", "shipping", ways),
        pages.select("Payment", "payment", [(name, text) for name, text in ENDINGS.items() if name in PAYMENTS]),
        pages.field("Coupon code", "coupon"),
        pages.field("Note", "message"),
    ]
    if state.profile.is_commerce:
        parts += [pages.field("Gift card code", "gift_certificate"), pages.field("Store credit to use", "store_credit")]
    return visit.page(
        "Checkout", pages.section("", pages.form("/checkout", *parts, submit="Place Order")), here="/checkout"
    )


@router.route("POST", "/checkout")
def place(service: Shop, request: Request) -> Reply:
    """The order, or why not."""
    state, visit, form = service.state, Visit(service.state, request), request.form
    guest = {name: form.get(name, "").strip() for name, _ in FIELDS}
    recipe: Row = {
        "lines": [{"sku": sku, "quantity": count} for sku, count in visit.row["items"].items()],
        "view": visit.view["code"],
        "payment": form.get("payment", "card"),
        "check_stock": True,
    }
    wishes = {
        name: text
        for name in ("customer", "shipping", "coupon", "message", "gift_certificate", "store_credit")
        if (text := form.get(name, "").strip())
    }
    recipe |= wishes if "customer" in wishes else wishes | {"guest": guest}
    visit.save(guest=guest)
    try:
        order = order_from(state, recipe)
    except (Refused, Unsellable) as refusal:
        state.db.rollback()
        return Visit(state, request).go(
            "/checkout", bad=words(refusal) if isinstance(refusal, Refused) else str(refusal)
        )
    visit.save(items={})
    return visit.go(f"/thanks/{order['entity_id']}")


@router.route("GET", "/thanks/<int:order_id>")
def thanks(service: Shop, request: Request, order_id: int) -> Reply:
    """The number of the order."""
    visit, order = Visit(service.state, request), service.state.orders.get(order_id)
    if order is None:
        return visit.page("There is no such order", pages.link("/", "All goods"), status=404)
    if order["state"] == "canceled":
        return visit.page("The payment was declined", Markup("<p>Nothing was charged.</p>"))
    body = Markup('<p>Your order number is <b data-order-number="{}">{}</b>, {} {}.</p>').format(
        order["entity_id"], order["increment_id"], pages.money(order["grand_total"]), order["order_currency_code"]
    )
    return visit.page("Thank you for your purchase!", body, pages.link(f"/admin/orders/{order_id}", "See it in Admin"))
