"""The control panel's list of orders."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlencode

from markupsafe import Markup

from ipaas.sandbox.bigcommerce.pages import frame, panel
from ipaas.sandbox.bigcommerce.pages.frame import H, money
from ipaas.sandbox.bigcommerce.pages.session import Store
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.core.web import Reply, Request, Router, redirect

router: Router[Store] = Router()
HERE = "/manage/orders"
PER_PAGE = 40


@router.route("GET", "/manage/style.css")
def style(service: Store, request: Request) -> Reply:
    """The control panel's stylesheet."""
    return frame.style("manage.css")


@router.route("GET", "/manage/")
def start(service: Store, request: Request) -> Reply:
    """Orders are what a merchant looks at first."""
    return redirect(HERE)


@router.route("GET", "/manage/orders")
def orders(service: Store, request: Request) -> Reply:
    """Newest first; `?status=`, `?q=` number (archived ones too), name or e-mail; `?page=`."""
    state, query = service.state, request.args.get("q", "").strip()
    status, number = request.args.get("status", type=int), max(1, request.args.get("page", 1, type=int))
    found = list(_found(state, query, status))
    rows = islice(found, (number - 1) * PER_PAGE, number * PER_PAGE)
    kept = {name: value for name, value in (("q", query), ("status", status)) if value not in {"", None}}
    body = H('<div class="head"><h1>Orders</h1><p>{} {}</p></div>{}<div class="card stack">{}{}</div>{}').format(
        len(found),
        "order" if len(found) == 1 else "orders",
        _filters(state, status),
        panel.search(HERE, query, "Number, name or e-mail", **({"status": str(status)} if status is not None else {})),
        _table(state, rows),
        frame.pager(f"{HERE}?{urlencode({**kept, 'page': ''})}", number, -(-len(found) // PER_PAGE)),
    )
    return panel.panel_page(state, request, "Orders", body, here=HERE)


def _found(state: State, query: str, status: int | None) -> Iterator[Row]:
    if query.isdecimal() and (exact := state.orders.get(int(query))) is not None:
        yield exact
        return
    rows = list(state.orders.all()) if status is None else state.orders.find(status_id=status)
    words = query.casefold().split()
    for row in reversed(rows):
        text = f"{row['id']} {panel.person(row['billing_address'])} {row['billing_address']['email']}".casefold()
        if not row["is_deleted"] and all(word in text for word in words):
            yield row


def _filters(state: State, status: int | None) -> Markup:
    rows = [(HERE, "All", len(state.orders))]
    for row in sorted(state.statuses.all(), key=lambda row: row["order"]):
        count = len(state.orders.lookup("status_id", row["id"]))
        if count:
            rows.append((f"{HERE}?status={row['id']}", row["custom_label"], count))
    return panel.tabs(rows, HERE if status is None else f"{HERE}?status={status}")


def _table(state: State, rows: Iterator[Row]) -> Markup:
    return panel.table(
        ("Order", "Placed", "Customer", "Status", "Payment", "Items", "Total"),
        (
            (
                H('<a href="/manage/orders/{}">{}</a>').format(row["id"], row["id"]),
                panel.date(row["date_created"]),
                H('{}<span class="sub wide">{}</span><span class="narrow">{}</span>').format(
                    panel.person(row["billing_address"]),
                    row["billing_address"]["email"] if row["customer_id"] else "guest",
                    panel.status_badge(state, row["status_id"]),
                ),
                panel.status_badge(state, row["status_id"]),
                H('{}<span class="sub">{}</span>').format(row["payment_method"], row["payment_status"]),
                row["items_total"],
                money(row["total_inc_tax"]),
            )
            for row in rows
        ),
        numeric=(5, 6),
        wide=(1, 3, 4, 5),
        none="No order matches.",
    )
