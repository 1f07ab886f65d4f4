"""Which items Heartland counts: a service or a digital good has no stock, and its zero says nothing."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from connections.models import Connection
from mappings.models import StockLevel


def keeping_note(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Take it from items as Heartland shows them now; where it changed, the item is looked at."""
    kept: dict[bool, list[int]] = {True: [], False: []}
    for row in rows:
        if isinstance(row.get("track_inventory?"), bool):
            kept[row["track_inventory?"]].append(int(row["id"]))
    for keeps_stock, items in kept.items():
        levels = StockLevel.objects.filter(connection=connection, item_id__in=items)
        levels.filter(keeps_stock=None).update(keeps_stock=keeps_stock)
        levels.filter(keeps_stock=not keeps_stock).update(keeps_stock=keeps_stock, needs_look=True, clamps="")


def keeping_settle(connection: Connection, uncounted: Collection[int]) -> None:
    """The same of all items at once: `uncounted` are all that have no stock."""
    levels = StockLevel.objects.filter(connection=connection)
    known = set(levels.filter(keeps_stock=False).values_list("item_id", flat=True))
    levels.filter(item_id__in=known - set(uncounted)).update(keeps_stock=True, needs_look=True)
    fresh = levels.filter(item_id__in=set(uncounted) - known)
    fresh.update(keeps_stock=False, needs_look=False, clamps="", refusal="")
    levels.filter(keeps_stock=None).update(keeps_stock=True)
