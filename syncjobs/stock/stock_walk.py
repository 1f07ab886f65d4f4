"""What the runs over all stock have in common."""

from collections.abc import Iterator
from dataclasses import dataclass

from connections.models import Connection
from errors.failures import ConfigurationFailure
from syncjobs.bulk.run_walk import Walk
from syncjobs.pos import port as pos_port
from syncjobs.pos.opening import pos_of
from syncjobs.stock.plan import Plan, in_order, plan_of
from syncjobs.stores import level_port
from syncjobs.stores.opening import store_of

NO_LOCATION = "no location counts: choose on the Inventory tab whose stock is sold online."


@dataclass(kw_only=True)
class StockWalk(Walk):
    """A walk by the merchant's plan: which locations count, and the rule."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.stock: pos_port.Stock = pos_of(self.connection, self.guard).stock
        self.levels: level_port.Levels = store_of(self.connection.store, self.guard).levels
        self.plan: Plan = plan_of(self.connection)
        if not self.plan.sources:
            raise ConfigurationFailure(NO_LOCATION)

    @classmethod
    def obstacle(cls, connection: Connection) -> str:
        return "" if plan_of(connection).sources else NO_LOCATION

    def store_pages(self, after: str) -> Iterator[tuple[str, str, list[level_port.Level]]]:
        """What the store holds, page by page after a place: the page's own place (`location:page`), location, rows."""
        target, _, page = after.rpartition(":")
        for location in self.plan.sources:
            if in_order(location) < in_order(target):
                continue
            first = int(page or 0) + 1 if location == target else 1
            for number, rows in enumerate(self.levels.pages(location, first=first), first):
                self.counts["reads"] += 1
                if rows:  # a slice may have ended with the last page
                    yield f"{location}:{number}", location, rows
                self.lease.extend()
