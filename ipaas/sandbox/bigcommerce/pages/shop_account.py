"""Sign in as a known customer (the sandbox asks for no password), see one's orders, sign out."""

from __future__ import annotations

from markupsafe import Markup

from ipaas.sandbox.bigcommerce.pages import frame
from ipaas.sandbox.bigcommerce.pages.frame import H, join, money
from ipaas.sandbox.bigcommerce.pages.session import Session, Store
from ipaas.sandbox.bigcommerce.shop.recipe import first_address
from ipaas.sandbox.bigcommerce.state import Row
from ipaas.sandbox.bigcommerce.wire import rfc2822
from ipaas.sandbox.core.web import Reply, Request, Router

router: Router[Store] = Router()


@router.route("GET", "/shop/account")
def account(service: Store, request: Request) -> Reply:
    """Who is signed in with their orders, or the sign-in form."""
    session = Session(service.state, request)
    customer = session.customer()
    if customer is None:
        return _sign_in(session)
    orders = service.state.orders.find(customer_id=customer["id"])[::-1]
    leave = frame.form("/shop/sign-out", frame.button("Sign out", kind="quiet"))
    body = H(
        '<div class="head"><h1>Hello, {}</h1>{}</div><div class="stack"><div class="panel"><h2>Orders</h2>{}</div>'
        '<div class="panel"><h2>You</h2><p>{} {}<br>{}<br>{}</p><p class="muted">Store credit: {}</p></div></div>'
    )
    return session.page(
        "Your account",
        body.format(
            customer["first_name"],
            leave,
            _orders(service, orders),
            customer["first_name"],
            customer["last_name"],
            customer["email"],
            customer["phone"],
            money(customer["store_credit"]),
        ),
    )


def _orders(service: Store, orders: list[Row]) -> Markup:
    if not orders:
        return H('<p class="muted">None yet.</p>')
    rows = join(
        H('<tr><td><a href="/shop/thanks/{}">{}</a></td><td>{}</td><td>{}</td><td class="num">{}</td></tr>').format(
            order["id"],
            order["id"],
            rfc2822(order["date_created"])[5:16],
            (service.state.statuses.get(order["status_id"]) or {})["custom_label"],
            money(order["total_inc_tax"]),
        )
        for order in orders
    )
    return H(
        '<div class="scroll"><table class="orders"><thead><tr><th>Order</th><th>Placed</th><th>Status</th>'
        '<th class="num">Total</th></tr></thead><tbody>{}</tbody></table></div>'
    ).format(rows)


def _sign_in(session: Session, bad: str = "") -> Reply:
    people = [row for row, _ in zip(session.state.customers.all(), range(500), strict=False)]
    choices = [(row["id"], f"{row['first_name']} {row['last_name']} · {row['email']}") for row in people]
    body = H(
        '<div class="thanks"><h1>Sign in</h1><p class="muted">A sandbox: pick anybody, no password.</p>'
        '<div class="panel stack">{}{}</div></div>'
    ).format(
        frame.form("/shop/sign-in", frame.select("Customer", "customer_id", choices), frame.button("Sign in")),
        frame.form(
            "/shop/sign-in",
            frame.field("Or by e-mail", "email", kind="email"),
            frame.button("Sign in with e-mail", kind="quiet"),
        ),
    )
    return session.page("Sign in", body, bad=bad, status=422 if bad else 200)


@router.route("POST", "/shop/sign-in")
def sign_in(service: Store, request: Request) -> Reply:
    """By id or e-mail; the customer's first address is taken for the checkout."""
    state, session = service.state, Session(service.state, request)
    email = request.form.get("email", "").strip().lower()
    customer = (
        state.customers.first(email_key=email)
        if email
        else state.customers.get(request.form.get("customer_id", 0, type=int))
    )
    if customer is None:
        return _sign_in(session, f"Nobody here has the e-mail {email}.")
    session.save(customer_id=customer["id"], billing=first_address(state, customer), ship_to={}, uses_credit=False)
    return session.go("/shop/cart" if session.row["items"] else "/shop/account", f"Welcome, {customer['first_name']}.")


@router.route("POST", "/shop/sign-out")
def sign_out(service: Store, request: Request) -> Reply:
    """Be nobody again."""
    session = Session(service.state, request)
    session.save(customer_id=0, billing={}, ship_to={}, uses_credit=False)
    return session.go("/shop/", "Signed out.")
