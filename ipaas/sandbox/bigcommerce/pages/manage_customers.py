"""Customers and marketing in the control panel."""

from __future__ import annotations

from decimal import Decimal
from itertools import islice
from urllib.parse import urlencode

from markupsafe import Markup

from ipaas.sandbox.bigcommerce import actions
from ipaas.sandbox.bigcommerce.pages import frame, panel
from ipaas.sandbox.bigcommerce.pages.frame import H, join, money
from ipaas.sandbox.bigcommerce.pages.session import Store
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.core.web import Reply, Request, Router

router: Router[Store] = Router()
PER_PAGE = 40
PLACE = (
    *(("First name", "first_name"), ("Last name", "last_name"), ("Street", "address1"), ("Line 2", "address2")),
    *(("City", "city"), ("State", "state_or_province"), ("ZIP", "postal_code"), ("Country", "country_code")),
    ("Phone", "phone"),
)


@router.route("GET", "/manage/customers")
def customers(service: Store, request: Request) -> Reply:
    """Everybody with an account; `?q=`."""
    state, query = service.state, request.args.get("q", "").strip()
    words, number = query.casefold().split(), max(1, request.args.get("page", 1, type=int))
    found = [
        row
        for row in state.customers.all()
        if all(word in f"{panel.person(row)} {row['email']} {row['phone']}".casefold() for word in words)
    ]
    rows = islice(found, (number - 1) * PER_PAGE, number * PER_PAGE)
    listed = panel.table(
        ("Name", "E-mail", "Phone", "Orders", "Store credit"),
        (
            (
                H('<a href="/manage/customers/{}">{}</a>').format(row["id"], panel.person(row)),
                row["email"],
                row["phone"],
                len(state.orders.lookup("customer_id", row["id"])),
                money(row["store_credit"]),
            )
            for row in rows
        ),
        numeric=(3, 4),
        wide=(2, 4),
        none="Nobody matches.",
    )
    pages = frame.pager(f"/manage/customers?{urlencode({'q': query, 'page': ''})}", number, -(-len(found) // PER_PAGE))
    body = H('<div class="head"><h1>Customers</h1><p>{}</p></div><div class="card stack">{}{}</div>{}').format(
        len(found), panel.search("/manage/customers", query, "Name, e-mail or phone"), listed, pages
    )
    return panel.panel_page(state, request, "Customers", body, here="/manage/customers")


@router.route("GET", "/manage/customers/<int:customer_id>")
def customer(service: Store, request: Request, customer_id: int) -> Reply:
    """One person with addresses and orders."""
    state = service.state
    row = state.customers.get(customer_id)
    if row is None:
        return panel.missing(state, request, "customer", "/manage/customers")
    orders = panel.table(
        ("Order", "Placed", "Status", "Total"),
        (
            (
                H('<a href="/manage/orders/{}">{}</a>').format(found["id"], found["id"]),
                panel.date(found["date_created"]),
                panel.status_badge(state, found["status_id"]),
                money(found["total_inc_tax"]),
            )
            for found in reversed(state.orders.find(customer_id=customer_id))
        ),
        numeric=(3,),
        none="No orders yet.",
    )
    edit = frame.form(
        f"/manage/customers/{customer_id}",
        *(
            frame.field(label, name, row[name])
            for label, name in (
                ("First name", "first_name"),
                ("Last name", "last_name"),
                ("E-mail", "email"),
                ("Phone", "phone"),
                ("Company", "company"),
            )
        ),
        frame.select("Group", "customer_group_id", _groups(state), row["customer_group_id"]),
        frame.tick("Marketing mails", "consent", checked=bool(row["accepts_product_review_abandoned_cart_emails"])),
        frame.field("Store credit", "store_credit", f"{row['store_credit']:.2f}", inputmode="decimal"),
        frame.button("Save customer"),
    )
    body = H(
        '<p class="crumbs"><a href="/manage/customers">Customers</a> / {}</p><div class="head"><h1>{}</h1></div>'
        '<div class="two-thirds"><div class="stack">{}{}</div>{}</div>'
    ).format(
        customer_id,
        panel.person(row),
        panel.card("Orders", orders),
        _addresses(state, customer_id),
        panel.card("Customer", join((edit, _address_form(row), _deletion(row)))),
    )
    return panel.panel_page(state, request, panel.person(row), body, here="/manage/customers")


def _addresses(state: State, customer_id: int) -> Markup:
    rows = state.customer_addresses.find(customer_id=customer_id)
    return panel.card(
        "Addresses",
        H('<div class="cards">{}</div>').format(
            join(
                H("<p>{}</p>").format(
                    H("<br>").join(
                        row[name]
                        for name in ("address1", "address2", "city", "state_or_province", "postal_code", "country")
                        if row[name]
                    )
                )
                for row in rows
            )
        ),
    )


def _groups(state: State) -> list[tuple[int, str]]:
    return [(0, "No group"), *((row["id"], row["name"]) for row in state.customer_groups.all())]


def _address_form(row: Row) -> Markup:
    known = {"first_name": row["first_name"], "last_name": row["last_name"], "country_code": "US"}
    fields = (frame.field(label, name, known.get(name, "")) for label, name in PLACE)
    return frame.form(f"/manage/customers/{row['id']}/addresses", *fields, frame.button("Add address"))


def _deletion(row: Row) -> Markup:
    return frame.form(f"/manage/customers/{row['id']}/delete", frame.button("Delete customer", kind="bad"))


@router.route("POST", "/manage/customers/<int:customer_id>/addresses")
def address_add(service: Store, request: Request, customer_id: int) -> Reply:
    """One more address."""
    body: Row = {name: request.form.get(name, "").strip() for _, name in PLACE}

    def act() -> None:
        actions.address_create(service.state, {**body, "customer_id": customer_id})

    return panel.attempt(service, f"/manage/customers/{customer_id}", "Address added.", act)


@router.route("POST", "/manage/customers/<int:customer_id>/delete")
def customer_delete(service: Store, request: Request, customer_id: int) -> Reply:
    """The account with its addresses."""

    def act() -> None:
        actions.customer_delete(service.state, customer_id)

    return panel.attempt(service, "/manage/customers", "Customer deleted.", act)


@router.route("POST", "/manage/customers/<int:customer_id>")
def customer_save(service: Store, request: Request, customer_id: int) -> Reply:
    """Name, contact, company, group, consent, store credit."""
    form = request.form

    def act() -> None:
        names = ("first_name", "last_name", "email", "phone", "company")
        fields: Row = {name: form.get(name, "").strip() for name in names}
        fields |= {"accepts_product_review_abandoned_cart_emails": "consent" in form}
        fields["customer_group_id"] = int(form.get("customer_group_id") or 0)
        credit = [{"amount": Decimal(form.get("store_credit") or 0)}]
        actions.customers_update(service.state, [{"id": customer_id, **fields, "store_credit_amounts": credit}])

    return panel.attempt(service, f"/manage/customers/{customer_id}", "Customer saved.", act)


@router.route("GET", "/manage/marketing")
def marketing(service: Store, request: Request) -> Reply:
    """Coupons, gift certificates and what else a shopper may type or choose."""
    state = service.state
    coupons = panel.table(
        ("Code", "Name", "Type", "Used", "(State)"),
        (
            (
                H("<code>{}</code>").format(row["code"]),
                row["name"],
                row["type"].replace("_", " "),
                row["num_uses"],
                panel.flag(row["enabled"], "on", "off"),
            )
            for row in state.coupons.all()
        ),
        numeric=(3,),
        wide=(2,),
    )
    certificates = panel.table(
        ("Code", "Status", "Worth", "Balance"),
        (
            (H("<code>{}</code>").format(row["code"]), row["status"], money(row["amount"]), money(row["balance"]))
            for row in state.gift_certificates.all()
        ),
        numeric=(2, 3),
    )
    body = H('<div class="head"><h1>Marketing</h1></div><div class="cards">{}{}</div>').format(
        panel.card("Coupons", coupons), panel.card("Gift certificates", certificates)
    )
    return panel.panel_page(state, request, "Marketing", body, here="/manage/marketing")
