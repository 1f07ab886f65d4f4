"""Stock per item and location, and the ledger of every movement: the table of §21.1."""

from decimal import Decimal
from typing import Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.heartland.service import Heartland

Qty = int | Decimal
ADDED = 10**12
QUANTITIES = ("on_hand", "committed", "on_po", "in_transit")


def slots(service: Heartland) -> list[int]:
    """Location ids in the order of their place in a stock id: those of the seed (§7); later ones have none."""
    return [row["id"] for row in service.table("locations").all() if not row.get("added")]


def added(service: Heartland) -> list[int]:
    """Locations that were opened since the seed; their stock rows lie beyond all others."""
    return [row["id"] for row in service.table("locations").all() if row.get("added")]


def stock_id(service: Heartland, item_id: int, location_id: int) -> int:
    """The number of a stock row: by item, then location, without gaps; behind them those of added locations."""
    places = slots(service)
    if location_id in places:
        return item_id * len(places) + places.index(location_id)
    return ADDED * location_id + item_id


def stock_at(service: Heartland, item_id: int, location_id: int) -> Row:
    """The stock row; zeros when the item never had stock there."""
    row = service.table("stock").get(stock_id(service, item_id, location_id))
    return row or {"item_id": item_id, "location_id": location_id, **dict.fromkeys(QUANTITIES, 0)}


def move(
    service: Heartland,
    item: Row,
    location_id: int,
    *,
    on_hand: Qty = 0,
    committed: Qty = 0,
    on_po: Qty = 0,
    in_transit: Qty = 0,
    kind: str,
    source: tuple[str, int],
    at: str | None = None,
) -> None:
    """Move stock of a tracked item and write the ledger line; untracked items never move.

    The ledger's `delta_qty_committed` is the signed change of what is available, null when that stays (§8.2).
    """
    if not item["track_inventory"] or not (on_hand or committed or on_po or in_transit):
        return
    _add(service, item["id"], location_id, (on_hand, committed, on_po, in_transit))
    if on_hand or committed:
        available = on_hand - committed
        service.table("ledger").insert(
            {
                "item_id": item["id"],
                "location_id": location_id,
                "delta_qty": on_hand,
                "delta_qty_committed": available or None,
                "type": kind,
                "source_type": source[0],
                "source_id": source[1],
                "unit_cost": item["cost"],
                "created_at": at or service.stamp(),
            }
        )


def _add(service: Heartland, item_id: int, location_id: int, deltas: tuple[Qty, Qty, Qty, Qty]) -> None:
    table, row_id = service.table("stock"), stock_id(service, item_id, location_id)
    row: dict[str, Any] = stock_at(service, item_id, location_id)
    summed = {name: row[name] + delta for name, delta in zip(QUANTITIES, deltas, strict=True)}
    if row_id in table:
        table.update(row_id, summed)
    else:
        table.insert({**row, **summed, "id": row_id})
