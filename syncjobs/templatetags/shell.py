"""The frame of every page: the rail with its stores, a phone's bar, and a store's four tabs with their counts."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.conf import settings
from django.db.models import Count
from django.urls import reverse
from django.utils.safestring import SafeString

from connections.models import Connection
from connections.permissions import ROLES, Action
from connections.preferences import counted_locations
from connections.templatetags.tillbridge import chip
from connections.vocabulary import STATES
from errors.alerts.unread import alerts_unread
from errors.issues.issue_lists import ITEM_CODES
from errors.models import Issue, SyncError
from syncjobs.pages.dashboard.connection_health import systems_of
from syncjobs.pages.dashboard.dashboard_scope import Scope, undistributed
from syncjobs.pages.lists.keyset import count_words, some

register = template.Library()
TABS = {
    "items": ("Items Information", "items"),
    "inventory": ("Inventory", "inventory"),
    "fulfilment": ("Order Fulfillment", "truck"),
    "errors": ("Errors", "errors"),
}  # their labels and icons


@dataclass(frozen=True, kw_only=True)
class Tab:
    """One tab of a store; `counted` says in words what the count is of."""

    key: str
    label: str
    icon: str
    href: str
    is_current: bool
    count: str  # "" for none
    counted: str
    needs_you: bool


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One link of the rail."""

    label: str
    icon: str
    href: str
    is_current: bool
    count: int = 0
    words: str = ""
    counted: str = "need you"


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What stands around a page: the rail, and the bar at a phone's bottom; `environment` is said in the rail."""

    entries: list[Entry]
    stores: list[Entry]
    bottom: list[Entry]
    environment: str


@register.simple_tag(takes_context=True)
def shell_frame(context: dict[str, Any]) -> Frame:
    """Main navigation, the person's stores with their open errors, and the five places of a phone."""
    request = context["request"]
    here, path = context.get("connection"), request.path
    rows = connections_with_errors(request.user)
    stores = [
        Entry(
            label=str(row.store),
            icon="store" if row.is_running else "pause",
            words="" if row.is_running else "Not running:",
            href=reverse("items", args=[row.public_id]),
            is_current=here is not None and here.pk == row.pk,
            count=open_errors,
        )
        for row, open_errors in rows
    ]
    entries = [
        Entry(label="Dashboard", icon="dashboard", href=reverse("dashboard"), is_current=path == reverse("dashboard")),
        Entry(label="Orders", icon="orders", href=reverse("orders"), is_current=path.startswith(reverse("orders"))),
        Entry(
            label="Integrations",
            icon="settings",
            href=reverse("integrations"),
            is_current=path.startswith(reverse("integrations")),
        ),
    ]
    bell = reverse("alerts_home")
    unread = alerts_unread(request.user)
    entries.append(
        Entry(label="Alerts", icon="bell", href=bell, is_current=path.startswith(bell), count=unread, counted="unread")
    )
    if request.user.is_staff:
        here_too = reverse("merchants")
        entries.append(Entry(label="Merchants", icon="user", href=here_too, is_current=path == here_too))
    elif request.user.memberships.filter(role__in=ROLES[Action.PEOPLE]).exists():
        team = reverse("team_home")
        entries.append(Entry(label="Team", icon="user", href=team, is_current=path.startswith(team)))
    environment = "" if settings.PRODUCTION else "Local installation"
    return Frame(entries=entries, stores=stores, bottom=bottom_bar(here, rows, path), environment=environment)


def bottom_bar(here: Connection | None, rows: list[tuple[Connection, int]], path: str) -> list[Entry]:
    """Home, To distribute, Needs you, Search, Store: of the store one is at, or of the only one, else of all.

    Whoever has several stores and is at none chooses one in the menu, to which an empty address leads.
    """
    one = here or (rows[0][0] if len(rows) == 1 else None)
    orders = reverse("orders")
    waiting = reverse("distribution", args=[one.public_id]) if one else f"{orders}?undistributed=1"
    places = (
        ("Home", "dashboard", reverse("dashboard")),
        ("To distribute", "split", waiting),
        (STATES["held"], "hand", reverse("errors", args=[one.public_id]) if one else f"{orders}?state=held"),
        ("Search", "search", reverse("search")),
        ("Store", "store", reverse("items", args=[one.public_id]) if one else ""),
    )
    return [Entry(label=label, icon=icon, href=href, is_current=href == path) for label, icon, href in places]


def connections_with_errors(user: Any) -> list[tuple[Connection, int]]:
    """The person's connections that are not disconnected, with their open errors, by store name."""
    rows = Connection.objects.for_user(user).exclude(state=Connection.State.DISCONNECTED)
    waiting = SyncError.objects.open().filter(connection__in=rows).order_by().values("connection")
    counts = {row["connection"]: row["n"] for row in waiting.annotate(n=Count("pk"))}
    shown = rows.select_related("store", "heartland").order_by("store__name", "pk")
    return [(row, counts.get(row.pk, 0)) for row in shown]


@register.inclusion_tag("shared/_tabs.html")
def store_tabs(connection: Connection, current: str) -> dict[str, Any]:
    """The four tabs of a store: Items Information, Inventory, Order Fulfillment, Errors."""
    unlinked = Issue.objects.filter(connection=connection, is_open=True, code__in=ITEM_CODES).count()
    waiting = some(undistributed(Scope(connections=[connection])))
    failing = SyncError.objects.open().filter(connection=connection).count()
    counts = {
        "items": (unlinked, "unlinked items that orders wait for"),
        "inventory": (counted_locations(connection), "locations count"),
        "fulfilment": (waiting, "orders to distribute"),
        "errors": (failing, "open errors"),
    }
    tabs = [
        Tab(
            key=key,
            label=label,
            icon=icon,
            href=reverse(key, args=[connection.public_id]),
            is_current=key == current,
            count=count_words(counts[key][0]) if counts[key][0] else "",
            counted=counts[key][1],
            needs_you=key != "inventory" and counts[key][0] > 0,
        )
        for key, (label, icon) in TABS.items()
    ]
    return {"tabs": tabs, "connection": connection}


@register.simple_tag
def store_chip(connection: Connection) -> SafeString:
    """Where a store stands: which side does not answer, where one does not, before anything is called active."""
    if connection.shown_state != Connection.State.ACTIVE:
        return chip(connection.shown_state)
    away = [side.name for side in systems_of(connection) if side.is_away]
    return chip("circuit_open", f"{' and '.join(away)} not answering") if away else chip(connection.shown_state)


@register.filter
def tab_title(key: str) -> str:
    """What a tab is called."""
    return TABS[key][0]
