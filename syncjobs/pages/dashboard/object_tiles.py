"""A tile for each object that moves: which way, how far behind, what waits, what is open, and its last 24 hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Max
from django.urls import reverse

from connections.store_kinds import profile_of
from errors.models import SyncError
from ipaas.counts import many
from syncjobs.flows.shipments.charge_words import MISSING, REFUSED, UNANSWERED, UNPROVEN
from syncjobs.models import CardSettings, Cursor, CustomerSettings, Record, Run, SyncJob
from syncjobs.pages.dashboard import last_hours
from syncjobs.pages.dashboard.dashboard_scope import Scope
from syncjobs.pages.dashboard.verdict import ON_THE_WAY
from syncjobs.stock.check_levels import CHECK, accuracy

TO_STORE, TO_HEARTLAND, ALIKE = "Heartland → {}", "{} → Heartland", "Heartland and {}: both ways"
FLOWS = {  # flows of an object whose tile is named otherwise
    "payments": (),
    "refunds": ("refunds", "returns"),
}
OF_RECORDS = ("orders", "shipments", "refunds")  # counted as they stand, also before anything is queued for them
PAYMENT_CODES = (
    "payment_unmapped",
    "pending_payment_refused",
    "payment_voided",
    REFUSED,
    MISSING,
    UNPROVEN,
    UNANSWERED,
)
FEEDS = {  # whose look says when an object was last followed
    "orders": (Cursor.ORDERS,),
    "shipments": (Cursor.INVOICES,),
    "stock": (Cursor.STOCK,),
    "items": (Cursor.ITEMS, Cursor.PRODUCTS),
    "payments": (Cursor.ORDERS,),
    "refunds": (Cursor.ORDERS, Cursor.INVOICES),
    "customers": (Cursor.ACCOUNTS, Cursor.CUSTOMERS),
    "cards": (Cursor.CARDS,),
}
COUNTED = {  # what a line counts: one of it, and several
    "orders": ("order placed", "orders placed"),
    "shipments": ("invoice told", "invoices told"),
    "stock": ("number sent", "numbers sent"),
    "items": ("difference", "differences"),
    "payments": ("order with its payments", "orders with their payments"),
    "refunds": ("refund or return", "refunds and returns"),
    "customers": ("change", "changes"),
    "cards": ("movement", "movements"),
}


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One object over all stores that the page is about."""

    key: str  # name of its flow
    title: str
    directions: tuple[str, ...]  # in words
    lag_ms: float | None  # from a change on one side to its arrival on the other, 95th percentile of the newest ones
    succeeded_at: datetime | None  # the oldest of its last good looks
    in_flight: int
    open_errors: int
    hours: Sequence[int]  # of the last 24, the newest last
    counted: tuple[str, str]  # what the line counts: one of it, and several
    href: str
    errors_href: str
    note: str = ""
    note_at: datetime | None = None

    @property
    def total(self) -> int:
        return sum(self.hours)

    @property
    def words(self) -> str:
        return many(self.total, *self.counted)

    @property
    def label(self) -> str:
        """What its line shows, in words."""
        return f"{self.title}: {self.words} in the last 24 hours, {self.hours[-1]} in the present one"


def tiles(scope: Scope, *, orders_lag_ms: float | None, hours: last_hours.OrderHours, store: str = "") -> list[Tile]:
    """What every store moves, and customers and gift cards where they are kept alike; a fixed number of questions."""
    facts = _Facts(scope)
    booked = [sum(column.counts.values()) for column in hours.columns] or [0] * last_hours.HOURS
    lists = f"{reverse('orders')}{'?' + urlencode({'store': store}) if store else ''}"
    checked = _accuracy(scope)
    return [
        facts.tile("orders", "Orders", TO_HEARTLAND, lists, booked, lag_ms=orders_lag_ms),
        facts.tile("shipments", "Shipments", TO_STORE, lists, last_hours.shipment_hours(scope)),
        facts.tile("stock", "Inventory", TO_STORE, facts.page("inventory"), last_hours.stock_hours(scope), **checked),
        facts.tile("items", "Items", facts.items_way, facts.page("items"), last_hours.item_hours(scope)),
        facts.tile("payments", "Payments", TO_HEARTLAND, facts.page("payouts"), last_hours.payment_hours(scope)),
        facts.tile("refunds", "Refunds", ALIKE, facts.page("books"), last_hours.refund_hours(scope)),
        *_where_kept_alike(facts),
    ]


def _where_kept_alike(facts: "_Facts") -> list[Tile]:
    """Customers and gift cards, where some store's are followed."""
    scope, found = facts.scope, []
    if CustomerSettings.objects.filter(connection__in=scope.connections, is_on=True).exists():
        hours, page = last_hours.customer_hours(scope), facts.page("customer_settings")
        found.append(facts.tile("customers", "Customers", ALIKE, page, hours))
    if CardSettings.objects.filter(connection__in=scope.connections, follows=True).exists():
        found.append(facts.tile("cards", "Gift cards", ALIKE, facts.page("cards"), last_hours.card_hours(scope)))
    return found


class _Facts:
    """What the tiles share: one question each over all stores."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        ours = {"connection__in": scope.connections}
        cursors = Cursor.objects.filter(**ours).values_list("feed", "succeeded_at", "lags")
        self.looks: dict[str, list[tuple[datetime | None, list[float]]]] = {}
        for feed, at, lags in cursors:
            self.looks.setdefault(feed, []).append((at, lags))
        waits = Record.objects.filter(**ours, disposition__in=ON_THE_WAY).order_by().values_list("flow")
        self.in_flight = dict(waits.annotate(Count("pk")))
        jobs = SyncJob.objects.filter(**ours, status__in=["pending", "running"]).order_by().values_list("flow")
        self.queued = dict(jobs.annotate(Count("external_id", distinct=True)))
        failing = SyncError.objects.open().filter(**ours).order_by().values_list("flow")
        self.open_errors = dict(failing.annotate(Count("pk")))
        about_money = SyncError.objects.open().filter(**ours, issues__code__in=PAYMENT_CODES)
        self.open_errors["payments"] = about_money.values("pk").distinct().count()

    @property
    def items_way(self) -> str:
        """The direction where all stores have one."""
        modes = {getattr(row, "item_settings", None) and row.item_settings.mode for row in self.scope.connections}
        return {"push": TO_STORE, "pull": TO_HEARTLAND}.get(str(modes.pop()) if len(modes) == 1 else "", "")

    def page(self, name: str) -> str:
        """The tab of the first store."""
        return reverse(name, args=[self.scope.connections[0].public_id]) if self.scope.connections else ""

    def tile(
        self,
        key: str,
        title: str,
        way: str,
        href: str,
        hours: Sequence[int],
        *,
        lag_ms: float | None = None,
        note: str = "",
        note_at: datetime | None = None,
    ) -> Tile:
        looks = [look for feed in FEEDS[key] for look in self.looks.get(feed, [])]
        moments = [at for at, _ in looks]
        lags = sorted(seconds for _, found in looks for seconds in found)
        late = 1000 * lags[min(len(lags) - 1, int(0.95 * len(lags)))] if lags else None
        counts = self.in_flight if key in OF_RECORDS else self.queued
        flows = FLOWS.get(key, (key,))
        names = sorted({profile_of(row.store).name for row in self.scope.connections})
        return Tile(
            key=key,
            title=title,
            directions=tuple(way.format(name) for name in names) if way else ("Managed by hand: nothing moves",),
            lag_ms=lag_ms if key == "orders" else late,
            succeeded_at=None if not moments or None in moments else min(at for at in moments if at),
            in_flight=sum(counts.get(flow, 0) for flow in flows),
            open_errors=sum(self.open_errors.get(flow, 0) for flow in flows or (key,)),
            hours=hours,
            counted=COUNTED[key],
            href=href,
            errors_href=self.page("errors"),
            note=note,
            note_at=note_at,
        )


def _accuracy(scope: Scope) -> dict[str, Any]:
    """The least accurate store's last check, with its date."""
    checks = Run.objects.filter(connection__in=scope.connections, kind=CHECK, state=Run.State.DONE).order_by()
    newest = checks.values("connection").annotate(last=Max("pk")).values("last")
    found = [(share, run) for run in Run.objects.filter(pk__in=newest) if (share := accuracy(run)) is not None]
    if not found:
        return {"note": "Not compared with the store yet."}
    share, run = min(found, key=lambda one: one[0])
    return {"note": f"{share:.2f} % as Heartland says, compared", "note_at": run.finished_at}
