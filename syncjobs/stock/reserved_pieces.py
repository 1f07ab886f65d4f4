"""Pieces that the store itself takes off for its open orders, while they still lie on its shelf.

Such a store sells what it is told less what it reserves. The figures that we tell leave those pieces out already, once
Heartland or our own records know of the order: they are told on top, or they would be taken off twice. An order that
we have not heard of is not: it is what the store sells less by, until we have.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q

from connections.models import Connection
from syncjobs.models import Record
from syncjobs.stock.pending_pieces import ORDERS, orders_counted
from syncjobs.stores import level_port

Pieces = Mapping[tuple[str, str], int]  # by place of the store and SKU


@dataclass(frozen=True, kw_only=True)
class Reserves:
    """What the store reserves for orders that we knew at a moment: taken before pending pieces are counted."""

    connection: Connection
    store: level_port.Levels
    places: Collection[str]
    now: datetime
    newest: int  # record of an order that we knew then

    def read(self) -> Pieces:
        """As the store reserves now for orders that we know: the calls of `level_port.Levels.reserved`."""
        return self.parted()[0]

    def parted(self) -> tuple[Pieces, Pieces]:
        """The same, and what it reserves besides for orders that we do not know, or do not carry."""
        rows = self.store.reserved(self.places)
        known = self._known({row.order_id for row in rows}) if rows else set()
        ours, others = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        for row in rows:
            (ours if row.order_id in known else others)[row.place, row.sku] += row.pieces
        return ours, others

    def _known(self, orders: Collection[str]) -> set[str]:
        """Those that pending pieces, or Heartland's own figures, leave out."""
        waiting, booked = orders_counted(self.connection, self.now)
        counted = waiting.filter(facts__has_key="lines") | booked.filter(~Q(facts__heartland__status="canceled"))
        known = counted.filter(connection=self.connection, external_id__in=orders, pk__lte=self.newest)
        return set(known.values_list("external_id", flat=True))


def reserves_of(connection: Connection, store: level_port.Levels, places: Collection[str], now: datetime) -> Reserves:
    """No call."""
    orders = Record.objects.filter(connection=connection, flow=ORDERS)
    newest = orders.aggregate(Max("pk"))["pk__max"] or 0
    return Reserves(connection=connection, store=store, places=places, now=now, newest=newest)
