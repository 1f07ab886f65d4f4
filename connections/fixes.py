"""Where a problem is mended: the page behind `fix_page` of a violation or finding."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from django.urls import reverse

from connections.models import Connection, HeartlandAccount
from connections.store_kinds import profile_of


@dataclass(frozen=True, kw_only=True)
class Fix:
    """A link to the place that mends a problem."""

    href: str
    label: str
    is_external: bool = False


ORDER_PAGE = "order/"  # and the web order's number
POINTS_PAGE = "points/"  # and the id of the store's account
PAGES = {
    "items": ("items", "", "Open items"),
    "locations": ("inventory", "", "Open locations"),
    "orders": ("fulfilment", "", "Open order settings"),
    "payments": ("fulfilment", "#payments", "Map payment methods"),
    "shipping": ("fulfilment", "#shipping", "Map shipping methods"),
    "statuses": ("fulfilment", "#statuses", "Open statuses"),
    "unknown_statuses": ("fulfilment", "#status", "Say what it means"),
    "guests": ("fulfilment", "#special", "Choose the customer for guests"),
    "customers": ("customer_questions", "", "Answer the question"),
    "fields": ("fulfilment", "#fields", "Set default values"),
    "cards": ("cards", "", "Open gift cards"),
    "connection": ("connection", "", "Open connection"),
    "hooks": ("connection", "#hooks", "Open webhooks"),
    "desk_orders": ("desk_orders", "", "Open desk orders"),
    "customer_questions": ("customer_questions", "", "Answer the question"),
    "loyalty": ("loyalty", "", "Open loyalty settings"),
    "setup": ("setup", "", "Open set-up assistant"),
}


def fix_for(connection: Connection, fix_page: str) -> Fix | None:
    """The link for a page name of errors.failures.Violation; None where there is no place to go."""
    if fix_page.startswith(ORDER_PAGE):
        order = fix_page.removeprefix(ORDER_PAGE)
        return Fix(href=reverse("order", args=[connection.public_id, order]), label="Open the order")
    if fix_page.startswith(POINTS_PAGE):
        account = fix_page.removeprefix(POINTS_PAGE)
        return Fix(href=reverse("points", args=[connection.public_id, account]), label="Say which it was")
    if fix_page == "heartland":
        return Fix(href=heartland_site(connection.heartland), label="Open Heartland", is_external=True)
    if fix_page == "store":
        return Fix(href=store_site(connection), label=f"Open {profile_of(connection.store).name}", is_external=True)
    if fix_page == "merchant":
        return Fix(href=reverse("merchant", args=[connection.merchant.public_id]), label="Set the time zone")
    if fix_page not in PAGES:
        return None
    name, anchor, label = PAGES[fix_page]
    return Fix(href=reverse(name, args=[connection.public_id]) + anchor, label=label)


def heartland_site(account: HeartlandAccount) -> str:
    """Heartland's own screens: the API base without its last part."""
    return account.base_url.removesuffix("/api").rstrip("/") + "/"


def heartland_order_url(account: HeartlandAccount, order_id: str) -> str:
    """A sales order in Heartland's own screens (heartland-retail.md §18, deep links)."""
    return f"{heartland_site(account)}#sales/orders/edit/{order_id}" if order_id else ""


def store_site(connection: Connection) -> str:
    """Where people mend what is wrong in the store; "" where nobody knows."""
    panel, path = connection.store.control_panel_url.rstrip("/"), profile_of(connection.store).panel_path
    return panel if not panel or urlsplit(panel).path.startswith(f"/{path}") else f"{panel}/{path}".rstrip("/")


def store_order_url(connection: Connection, order_id: str) -> str:
    """An order's page there; "" where there is none."""
    panel, path = store_site(connection), profile_of(connection.store).order_path
    return f"{panel}/{path.format(id=quote(order_id, safe=''))}" if panel and path else ""
