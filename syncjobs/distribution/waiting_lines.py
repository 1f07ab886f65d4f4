"""The lines of a booked order that some location still has to ship, as both sides were last read."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet

from connections.models import Connection
from ipaas.digests import content_digest
from ipaas.types import JSON
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.orders.left_pieces import gone_by_item
from syncjobs.models import GONE, Assignment, Record

AT_WORK = (Assignment.State.WAITING, Assignment.State.TAKING_BACK)
IS_OPEN = Q(disposition=Record.Disposition.BOOKED, is_distributed=False)
WAITS_FOR_LOCATION = IS_OPEN & ~GONE  # Record.waits_for_location


@dataclass(frozen=True, kw_only=True)
class WaitingLine:
    """A line of the sales order without a location."""

    item: str  # Heartland's id
    pieces: int  # of the line
    leaving: int  # of them, those that have not gone in the store
    description: str


def orders_waiting(connection: Connection) -> QuerySet[Record]:
    """The account's orders that wait for a location, of all its stores, oldest first."""
    rows = Record.objects.filter(WAITS_FOR_LOCATION, connection__heartland=connection.heartland_id, flow=ORDERS.name)
    return rows.order_by("source_placed_at", "booked_at", "pk")


def lines_waiting(record: Record) -> tuple[WaitingLine, ...] | None:
    """The lines to distribute; None where the sales order's lines are not known."""
    held = record.facts.get("heartland", {}).get("lines") or []
    if not held or not all(line.get("item_id") for line in held):
        return None
    gone = gone_by_item(record.connection, record.external_id, record.facts)
    found = []
    for line in held:
        if line["is_distributed"]:
            continue
        item, pieces = str(line["item_id"]), int(Decimal(str(line["quantity"])))
        taken = min(pieces, gone[item])
        gone[item] -= taken
        if taken < pieces:
            description = str(line["description"])
            found.append(WaitingLine(item=item, pieces=pieces, leaving=pieces - taken, description=description))
    return tuple(found)


def goods_digest(lines: Iterable[JSON]) -> str:
    """Differs when the goods of the store's order differ, or how many of them have gone. `lines` as in its facts."""
    goods = [(line["sku"], line["quantity"], line.get("shipped", 0), line.get("refunded", 0)) for line in lines]
    return content_digest("goods to distribute", repr(sorted(goods)))
