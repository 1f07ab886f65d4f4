"""Pieces sold on the web that Heartland still counts as free: they must not be offered again, in no store.

That is every order that Heartland does not hold yet, and every line that no location ships yet: Heartland commits
stock when a line is distributed, not when the order opens (its notes, §21.1). All stores of a Heartland account sell
the same pieces, so the orders of all of them count, by Heartland's item.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from django.db.models import Q, QuerySet

from connections.models import Connection
from ipaas.types import JSON
from mappings.core.canonical.statuses import LEFT
from mappings.models import Link
from syncjobs.models import Record

Key = TypeVar("Key", int, str)

ORDERS = "orders"
WAITING = (
    Record.Disposition.IN_FLIGHT,
    Record.Disposition.HELD,
    Record.Disposition.RETRYING,
    Record.Disposition.DEAD,
)
NOT_TAKEN_UP = (
    "status_not_eligible",
    "awaiting_pickup",
    "not_paid",
    "not_shipped_yet",
)  # skips of orders that may still come
KEPT_BACK = timedelta(days=30)  # an order that was not taken up in this time keeps no piece back any more
SKUS_AT_ONCE = 2_000


def orders_counted(connection: Connection, now: datetime) -> tuple[QuerySet[Record], QuerySet[Record]]:
    """The account's orders whose pieces are not free: those that Heartland does not hold yet, and those it holds."""
    orders = Record.objects.filter(connection__heartland=connection.heartland_id, flow=ORDERS)
    may_still_come = Q(
        disposition=Record.Disposition.SKIPPED, code__in=NOT_TAKEN_UP, source_placed_at__gte=now - KEPT_BACK
    ) & ~Q(source_meaning__in=LEFT)  # their pieces have gone, whatever became of the order here
    unbooked = orders.filter(
        Q(disposition__in=WAITING, booked_at__isnull=True) | may_still_come, settlement__isnull=True
    )
    in_heartland = orders.filter(disposition__in=(Record.Disposition.BOOKED, *WAITING), booked_at__isnull=False)
    by_hand = orders.filter(settlement__heartland_id__gt="").exclude(facts__heartland__status="canceled")
    return unbooked, in_heartland | by_hand


def pieces_pending(connection: Connection, now: datetime) -> Counter[int]:
    """Pieces by Heartland item, over all orders that wait: for a person, a retry, a status, or a shipping location."""
    unbooked, in_heartland = orders_counted(connection, now)
    ordered: dict[int, Counter[str]] = defaultdict(Counter)  # by store
    pieces: Counter[int] = Counter()
    for store, facts in unbooked.values_list("connection", "facts").iterator():
        ordered[store].update(_ordered(facts))
    for store, facts in in_heartland.filter(is_distributed=False).values_list("connection", "facts").iterator():
        lines = facts.get("heartland", {}).get("lines")
        if lines and all(line.get("item_id") for line in lines):
            pieces.update(_undistributed(lines))
        else:  # its lines are not known: all pieces of the store's order
            ordered[store].update(_ordered(facts))
    for store, skus in ordered.items():
        pieces.update(_by_item(connection.heartland_id, store, skus))
    return pieces


def _ordered(facts: JSON) -> Counter[str]:
    return _added((line["sku"], line["quantity"]) for line in facts.get("lines", ()) if line["sku"])


def _undistributed(lines: list[JSON]) -> Counter[int]:
    """The pieces of the sales order's lines that no location ships."""
    return _added((int(line["item_id"]), line["quantity"]) for line in lines if not line["is_distributed"])


def _by_item(account: int, store: int, ordered: Counter[str]) -> Counter[int]:
    """Pieces by the items that a store's SKUs are linked with: there, else in another store of the account."""
    links = Link.objects.filter(connection__heartland=account, kind=Link.Kind.ITEM)
    skus, pieces = list(ordered), Counter[int]()
    for start in range(0, len(skus), SKUS_AT_ONCE):
        found: dict[str, tuple[bool, int]] = {}
        rows = links.filter(source_id__in=skus[start : start + SKUS_AT_ONCE])
        for sku, item, owner in rows.values_list("source_id", "target_id", "connection").order_by("pk"):
            found[sku] = max(found.get(sku, (False, 0)), (owner == store, int(item)))
        pieces.update(_added((item, ordered[sku]) for sku, (_, item) in found.items()))
    return pieces


def _added(pairs: Iterable[tuple[Key, object]]) -> Counter[Key]:
    pieces: Counter[Key] = Counter()
    for key, quantity in pairs:
        pieces[key] += int(Decimal(str(quantity)))
    return pieces
