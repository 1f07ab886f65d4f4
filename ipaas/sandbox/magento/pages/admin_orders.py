"""Admin → Sales → Orders: the list."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from ipaas.sandbox.core import pages
from ipaas.sandbox.core.web import Reply, Request, Router, redirect
from ipaas.sandbox.magento.pages.admin_frame import Shop, admin_page, paged
from ipaas.sandbox.magento.sales.states import STATUSES
from ipaas.sandbox.magento.state import Row, State

router: Router[Shop] = Router()
HERE = "/admin/orders"
GOOD, BAD = {"complete", "processing"}, {"canceled", "holded", "payment_review"}


@router.route("GET", "/admin/")
def start(service: Shop, request: Request) -> Reply:
    """Orders are what a merchant looks at first."""
    return redirect(HERE)


@router.route("GET", HERE)
def orders(service: Shop, request: Request) -> Reply:
    """Newest first; `?q=` number, name or e-mail, `?state=`, `?page=`."""
    state, query = service.state, request.args.get("q", "").strip()
    code = request.args.get("state", "")
    rows, links = paged(list(_found(state, query, code)), request)
    search = pages.form(
        HERE,
        pages.field("Number, name or e-mail", "q", query, kind="search"),
        pages.select("State", "state", [("", "any"), *((name, name) for name in STATUSES)], code),
        method="get",
        submit="Search",
        quiet=True,
    )
    listed = pages.table(
        ("ID", "Store view", "Placed (UTC)", "Bill to", "Total", "Status"),
        (
            (
                pages.link(f"{HERE}/{row['entity_id']}", row["increment_id"]),
                (state.store_views.get(row["store_id"]) or {}).get("name", row["store_id"]),
                row["created_at"],
                person(state, row),
                f"{pages.money(row['grand_total'])} {row['order_currency_code']}",
                status_badge(row),
            )
            for row in rows
        ),
        numeric=(4,),
        none="No order matches.",
    )
    return admin_page(request, "Orders", pages.section("", Markup("").join((search, listed, links))), here=HERE)


def person(state: State, order: Row) -> str:
    """Who pays, by the billing address."""
    address = state.addresses.first(parent_id=order["entity_id"], address_type="billing") or {}
    return " ".join(filter(None, (address.get("firstname"), address.get("lastname")))) or order["customer_email"]


def status_badge(order: Row) -> Markup:
    """The label as people see it; its state decides the colour."""
    kind = "good" if order["state"] in GOOD else "bad" if order["state"] in BAD else ""
    return pages.badge(order["status"] or "(none)", kind)


def _found(state: State, query: str, code: str) -> Iterator[Row]:
    needle = query.casefold()
    for row in sorted(state.orders.all(), key=lambda row: -row["entity_id"]):
        if code and row["state"] != code:
            continue
        text = f"{row['increment_id']} {person(state, row)} {row['customer_email']}".casefold()
        if needle in text:
            yield row
