"""Pieces sold on the web that Heartland still counts as free: they must not be offered again.

That is every order that Heartland does not hold yet, and every line that no location ships yet: Heartland commits
stock when a line is distributed, not when the order opens (its notes, §21.1).
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from connections.models import Connection
from ipaas.types import JSON
from mappings.models import StockLevel
from syncjobs.models import Record

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
GONE = ("Completed", "Shipped")  # their pieces have left, whatever became of the order here
KEPT_BACK = timedelta(days=30)  # an order that was not taken up in this time keeps no piece back any more


def pieces_pending(connection: Connection, now: datetime) -> Counter[str]:
    """Pieces by SKU, over all orders that wait: for a person, a retry, a status, or a location that ships them."""
    orders = Record.objects.filter(connection=connection, flow=ORDERS)
    may_still_come = Q(
        disposition=Record.Disposition.SKIPPED, code__in=NOT_TAKEN_UP, source_placed_at__gte=now - KEPT_BACK
    ) & ~Q(source_status__in=GONE)
    unbooked = orders.filter(
        Q(disposition__in=WAITING, booked_at__isnull=True) | may_still_come, settlement__isnull=True
    )
    in_heartland = orders.filter(disposition__in=(Record.Disposition.BOOKED, *WAITING), booked_at__isnull=False)
    undistributed = in_heartland.filter(is_distributed=False)
    pieces: Counter[str] = Counter()
    for facts in unbooked.values_list("facts", flat=True).iterator():
        pieces.update(_ordered(facts))
    for facts in undistributed.values_list("facts", flat=True).iterator():
        pieces.update(_undistributed(connection, facts))
    return pieces


def _ordered(facts: JSON) -> Counter[str]:
    """All pieces of the store's order."""
    return _added((line["sku"], line["quantity"]) for line in facts.get("lines", ()))


def _undistributed(connection: Connection, facts: JSON) -> Counter[str]:
    """The pieces of the sales order's lines that no location ships; all, while its lines are not known."""
    lines = facts.get("heartland", {}).get("lines")
    if not lines or any("item_id" not in line for line in lines):
        return _ordered(facts)
    open_lines = [line for line in lines if not line["is_distributed"]]
    items = StockLevel.objects.filter(connection=connection, item_id__in=[line["item_id"] for line in open_lines])
    skus = dict(items.values_list("item_id", "sku"))
    return _added((skus.get(line["item_id"], ""), line["quantity"]) for line in open_lines)


def _added(pairs: Iterable[tuple[str, object]]) -> Counter[str]:
    pieces: Counter[str] = Counter()
    for sku, quantity in pairs:
        if sku:
            pieces[sku] += int(Decimal(str(quantity)))
    return pieces
