"""Reading Heartland's stock of some items: one that Heartland refuses to tell never keeps the others back."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from connections.models import Connection
from errors.failures import ContractBroken, NotFound, Rejected
from mappings.models import StockLevel
from mappings.stock_keeping import keeping_note
from syncjobs.pos import port
from syncjobs.stock.plan import Plan

REFUSALS = (Rejected, NotFound, ContractBroken)
MOST_REFUSED = 40  # calls of one look; what is not parted by then is parked together


@dataclass
class Reading:
    """What Heartland said of some items."""

    rows: list[port.Held] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)  # by item id, in Heartland's words
    answers: int = 0


def stock_read(stock: port.Stock, items: Sequence[int], plan: Plan) -> Reading:
    """The stock of items where it counts, parted until those that are refused stand alone.

    Raises the refusal when no part at all is answered: then it is not about items.
    """
    reading = Reading()
    waiting, refusals = [list(items)] if items and plan.places else [], 0
    while waiting:
        part = waiting.pop()
        try:
            reading.rows += stock.of_items(part, plan.places, by_place=not plan.is_pooled)
            reading.answers += 1
        except REFUSALS as refusal:
            refusals += 1
            if reading.answers == 0 and (len(part) == len(items) == 1 or refusals > MOST_REFUSED):
                raise
            if len(part) == 1 or refusals > MOST_REFUSED:
                reading.refused |= dict.fromkeys(part, refusal.summary)
            else:
                middle = len(part) // 2
                waiting += [part[middle:], part[:middle]]
            last = refusal
    if reading.refused and not reading.answers:
        raise last
    return reading


def keeping_ask(connection: Connection, stock: port.Stock, levels: Sequence[StockLevel], read: Reading) -> int:
    """Ask of items without stock whether Heartland counts them at all, where nobody knows; answers how many calls."""
    stocked = {row.item_id for row in read.rows} | read.refused.keys()
    unknown = sorted({level.item_id for level in levels if level.keeps_stock is None} - stocked)
    if not unknown:
        return 0
    counts = stock.counts(unknown)
    keeping_note(connection, counts)
    for level in levels:
        level.keeps_stock = counts.get(level.item_id, level.keeps_stock)
    return 1
