"""The shop's checkout in two pages (who and where; delivery and payment), and the page that says thank you."""

from __future__ import annotations

from decimal import Decimal

from markupsafe import Markup

from ipaas.sandbox.bigcommerce.errors import Refused
from ipaas.sandbox.bigcommerce.pages import address_forms, frame
from ipaas.sandbox.bigcommerce.pages.frame import H, join, money
from ipaas.sandbox.bigcommerce.pages.session import Session, Store
from ipaas.sandbox.bigcommerce.pages.shop_cart import emptied, summary
from ipaas.sandbox.bigcommerce.shop import sale, terms
from ipaas.sandbox.bigcommerce.shop.basket import PAYMENTS
from ipaas.sandbox.bigcommerce.shop.goods import Unsellable
from ipaas.sandbox.bigcommerce.shop.recipe import SAMPLE_GUEST, street_from
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.core.web import Reply, Request, Router

router: Router[Store] = Router()
USUAL_WAYS = ("card", "paypal", "offline", "cod")
DETAILS, PAYMENT = "/shop/checkout", "/shop/checkout/payment"


# --- who and where --------------------------------------------------------------------------------


@router.route("GET", "/shop/checkout")
def details(service: Store, request: Request) -> Reply:
    """Contact and addresses; `?sample=1` fills in somebody."""
    session = Session(service.state, request)
    if not session.row["items"]:
        return session.go("/shop/cart")
    billing = session.row["billing"] or (SAMPLE_GUEST if request.args.get("sample") else {})
    return _details_page(session, billing, session.row["ship_to"])


def _details_page(session: Session, billing: Row, ship_to: Row, bad: str = "") -> Reply:
    customer = session.customer()
    if customer:
        who = H("<p>Signed in as <strong>{} {}</strong>, {}.</p>").format(
            customer["first_name"], customer["last_name"], customer["email"]
        )
    else:
        who = H(
            '<p>Checking out as a guest. <a href="/shop/account">Sign in</a> instead, or '
            '<a href="/shop/checkout?sample=1">fill in a sample shopper</a>.</p>'
        )
    form = frame.form(
        DETAILS,
        H("<fieldset><legend>You</legend>{}{}</fieldset>").format(
            who, address_forms.fields("bill-", billing, with_email=True)
        ),
        H("<fieldset><legend>Where it goes</legend>{}{}{}{}</fieldset>").format(
            frame.radio("To this address", "where", "same", checked=not ship_to and not session.row["pickup"]),
            _other_addresses(session, ship_to),
            _other_form(ship_to),
            _pickups(session),
        ),
        frame.button("Continue to delivery and payment", kind="big"),
    )
    body = H(
        '<div class="head"><h1>Checkout</h1></div>{}<div class="split"><div class="panel">{}</div>'
        '<aside class="panel side stack"><h2>Your cart</h2>{}</aside></div>'
    ).format(_steps(1), form, summary(session))
    return session.page("Checkout", body, bad=bad, status=422 if bad else 200)


def _steps(number: int) -> Markup:
    names = ("Cart", "Address", "Delivery and payment")
    return H('<ol class="steps">{}</ol>').format(
        join(
            H("<li{}>{}</li>").format(H(' aria-current="step"') if place == number else "", name)
            for place, name in enumerate(names)
        )
    )


def _other_addresses(session: Session, ship_to: Row) -> Markup:
    """The customer's further address_forms."""
    if not session.row["customer_id"]:
        return frame.NOTHING
    rows = session.state.customer_addresses.find(customer_id=session.row["customer_id"])
    return join(
        frame.radio(
            f"{row['address1']}, {row['city']}, {row['state_or_province']}",
            "where",
            f"address-{row['id']}",
            checked=ship_to.get("street_1") == row["address1"],
        )
        for row in rows[1:]
    )


def _other_form(ship_to: Row) -> Markup:
    mark = H(" open") if ship_to else frame.NOTHING
    return H("{}<details{}><summary>The other address</summary>{}</details>").format(
        frame.radio("To another address", "where", "other", checked=bool(ship_to)),
        mark,
        _optional(address_forms.fields("ship-", ship_to, with_email=False)),
    )


def _optional(fields: Markup) -> Markup:
    """Fields that count only when chosen cannot be required by the browser."""
    return Markup(fields.replace(" required", ""))  # noqa: S704 (made of escaped parts)


def _pickups(session: Session) -> Markup:
    places = [row for row in session.state.locations.all() if row["enabled"] and row["storefront_visibility"]]
    return join(
        frame.radio(
            f"Pick up at {row['label']}, {row['address']['address1']}",
            "where",
            f"pickup-{row['id']}",
            checked=session.row["pickup"] == row["id"],
        )
        for row in places
    )


@router.route("POST", "/shop/checkout")
def details_save(service: Store, request: Request) -> Reply:
    """Keep who and where."""
    session, form = Session(service.state, request), request.form
    try:
        billing = address_forms.read("bill-", form)
        where = form.get("where", "same")
        ship_to, pickup = _where(service.state, where, form, billing)
    except Unsellable as exc:
        typed = {name: form.get(f"bill-{name}", "") for name in (*address_forms.TEXTS, "state", "country_iso2")}
        return _details_page(session, typed, {}, bad=str(exc))
    session.save(billing=billing, ship_to=ship_to, pickup=pickup, shipping="")
    return session.go(PAYMENT)


def _where(state: State, where: str, form: dict[str, str], billing: Row) -> tuple[Row, int]:
    """Another address and a pickup place; both empty for the billing address."""
    kind, _, number = where.partition("-")
    if kind == "pickup":
        return {}, int(number)
    if kind == "address" and (row := state.customer_addresses.get(int(number))) is not None:
        return street_from(row) | {"email": billing["email"]}, 0
    if kind == "other":
        return address_forms.read("ship-", form) | {"email": billing["email"]}, 0
    return {}, 0


# --- delivery and payment -------------------------------------------------------------------------


@router.route("GET", "/shop/checkout/payment")
def payment(service: Store, request: Request) -> Reply:
    """Delivery, coupon, certificate, store credit and payment with the order's total as it stands."""
    session = Session(service.state, request)
    if not session.row["items"] or not session.row["billing"]:
        return session.go("/shop/cart" if not session.row["items"] else DETAILS)
    return _payment_page(session)


def _payment_page(session: Session, bad: str = "") -> Reply:
    try:
        made = sale.quote(session.state, session.basket())
    except Unsellable as exc:
        if session.row[exc.field] if exc.field in {"coupon", "shipping"} else exc.field == "gift_certificate":
            session.save(**{"certificate" if exc.field == "gift_certificate" else exc.field: ""})
            return _payment_page(session, str(exc))
        return session.go("/shop/cart", str(exc))
    form = frame.form(
        PAYMENT,
        _delivery(session),
        _savings(session),
        _ways(session),
        frame.area("Note for us (optional)", "message", session.row["message"]),
        frame.button("Update totals", "do", "update", "quiet"),
        frame.button(f"Place order · {money(_due(made.order))}", "do", "place", "big"),
    )
    side = H('<aside class="panel side stack"><h2>Your order</h2>{}{}</aside>').format(
        summary(session), _sums(made.order)
    )
    body = H('<div class="head"><h1>Checkout</h1></div>{}<div class="split"><div class="panel">{}</div>{}</div>')
    return session.page("Checkout", body.format(_steps(2), form, side), bad=bad, status=422 if bad else 200)


def _delivery(session: Session) -> Markup:
    row = session.row
    if row["pickup"]:
        place = session.state.locations.get(row["pickup"])
        inner = H("<p>Pick up at <strong>{}</strong>.</p>").format(place["label"] if place else "")
    else:
        address = row["ship_to"] or row["billing"]
        methods = terms.methods_at(session.state, address)
        pieces = sum(item["quantity"] for item in row["items"])
        chosen = row["shipping"] or methods[0]["name"]
        inner = H("<p>{}</p>{}").format(
            address_forms.shown(address),
            join(
                frame.radio(
                    f"{method['name']} · {_cost(method, pieces)}",
                    "shipping",
                    method["name"],
                    checked=method["name"] == chosen,
                )
                for method in methods
            ),
        )
    change = H('<p class="muted"><a href="{}">Change address</a></p>').format(DETAILS)
    return H("<fieldset><legend>Delivery</legend>{}{}</fieldset>").format(inner, change)


def _cost(method: Row, pieces: int) -> str:
    cost = terms.method_cost(method, pieces)
    return money(cost) if cost else "free"


def _savings(session: Session) -> Markup:
    row = session.row
    credit = terms.credit_of(session.state, row["customer_id"])
    use = frame.NOTHING
    if credit:
        use = frame.tick(f"Use my store credit of {money(credit)}", "uses_credit", checked=row["uses_credit"])
    return H('<fieldset><legend>Coupon and gift certificate</legend><div class="two">{}{}</div>{}</fieldset>').format(
        frame.field("Coupon", "coupon", row["coupon"], placeholder="SAVE10"),
        frame.field("Gift certificate", "certificate", row["certificate"], placeholder="GC7-PIN-HRB-001"),
        use,
    )


def _ways(session: Session) -> Markup:
    """The ways a shopper knows, then the endings only a sandbox offers."""
    chosen = session.row["payment"]
    usual, odd = (
        join(
            frame.radio(way.label, "payment", name, checked=name == chosen)
            for name, way in PAYMENTS.items()
            if (name in USUAL_WAYS) is usual
        )
        for usual in (True, False)
    )
    opened = frame.NOTHING if chosen in USUAL_WAYS else H(" open")
    return H(
        "<fieldset><legend>Payment</legend>{}<details{}><summary>Other endings, to try them out</summary>{}"
        "</details></fieldset>"
    ).format(usual, opened, odd)


def _due(order: Row) -> Decimal:
    return Decimal(order["total_inc_tax"] - order["gift_certificate_amount"] - order["store_credit_amount"])


def _sums(order: Row) -> Markup:
    """The order's money, tenders after the total."""
    side = "inc" if order["is_tax_inclusive_pricing"] else "ex"
    rows = [
        ("Goods", order[f"subtotal_{side}_tax"]),
        ("Gift wrap", order[f"wrapping_cost_{side}_tax"]),
        ("Shipping", order[f"shipping_cost_{side}_tax"]),
        ("Handling", order[f"handling_cost_{side}_tax"]),
        ("Coupon", -order["coupon_discount"]),
        ("Tax", order["total_tax"] if side == "ex" else Decimal(0)),
    ]
    shown = [(name, money(amount)) for name, amount in rows if amount or name in {"Goods", "Shipping", "Tax"}]
    paid = [("Gift certificate", -order["gift_certificate_amount"]), ("Store credit", -order["store_credit_amount"])]
    after = [(name, money(amount)) for name, amount in paid if amount]
    more = frame.totals(after, ("To pay", money(_due(order)))) if after else frame.NOTHING
    return frame.totals(shown, ("Total", money(order["total_inc_tax"]))) + more


@router.route("POST", "/shop/checkout/payment")
def payment_save(service: Store, request: Request) -> Reply:
    """Keep the choices, or place the order."""
    session, form = Session(service.state, request), request.form
    choice = form.get("payment", "card")
    session.save(
        shipping=form.get("shipping", ""),
        coupon=form.get("coupon", "").strip().upper(),
        certificate=form.get("certificate", "").strip().upper(),
        uses_credit=bool(form.get("uses_credit")),
        payment=choice if choice in PAYMENTS else "card",
        message=form.get("message", "").strip(),
    )
    if form.get("do") != "place" or not session.row["items"]:
        return session.go(PAYMENT)
    return _place(service, session)


def _place(service: Store, session: Session) -> Reply:
    state = service.state
    try:
        order = sale.buy(state, session.basket())
    except (Unsellable, Refused) as exc:
        state.db.rollback()
        return _payment_page(Session(state, session.request), str(exc))
    session.save(**emptied())
    return session.go(f"/shop/thanks/{order['id']}")


# --- thank you ------------------------------------------------------------------------------------


@router.route("GET", "/shop/thanks/<int:order_id>")
def thanks(service: Store, request: Request, order_id: int) -> Reply:
    """The order number and what happens next."""
    session = Session(service.state, request)
    order = service.state.orders.get(order_id)
    if order is None:
        return session.page("Not found", H("<h1>There is no such order</h1>"), status=404)
    title, text = _outcome(order)
    address = next(iter(service.state.order_addresses.find(order_id=order_id)), None)
    where = H("<p>{}</p>").format(address_forms.shown(address)) if address else frame.NOTHING
    lines = frame.totals(
        [
            (f"{line['quantity']} × {line['name']}", money(line["base_total"]))
            for line in service.state.lines.find(order_id=order_id)
        ]
    )
    body = H(
        '<div class="thanks"><h1>{}</h1><p>{}</p><p class="muted">Order number</p>'
        '<p class="number" data-order-number>{}</p><div class="panel stack">{}{}</div>'
        '<p class="buttons"><a class="button" href="/shop/">Keep looking</a>'
        '<a class="button quiet" href="/manage/orders/{}">See it in the control panel</a></p></div>'
    )
    return session.page(title, body.format(title, text, order_id, lines + _sums(order), where, order_id))


def _outcome(order: Row) -> tuple[str, str]:
    if order["status_id"] == 6:
        return "The payment was declined", "Nothing was charged. The order is kept with this number."
    if order["status_id"] == 0:
        return "Not finished", "You left at the payment page; the order stays incomplete."
    if order["payment_status"] in {"", "pending"}:
        return "Thank you", "We wait for your payment and pack at once when it is here."
    return "Thank you", "We have your order and begin to pack."
