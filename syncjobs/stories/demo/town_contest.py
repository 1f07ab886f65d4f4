"""The last pieces of a SKU, wanted by every channel at once: the till and all stores."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from syncjobs.stories.demo.stock_report import Sale, oversold
from syncjobs.stories.demo.townspeople import Townspeople


@dataclass(kw_only=True)
class Contest:
    """Who sold how many of it."""

    people: Townspeople
    sku: str
    offered: int = 0  # pieces, before anybody sold one
    till: list[Sale] = field(default_factory=list)
    web: list[list[Sale]] = field(init=False)  # by store
    afterwards: list[Sale] = field(default_factory=list)  # of stores, long after

    def __post_init__(self) -> None:
        self.web = [[] for _ in self.people.stores]

    def shown(self) -> list[int]:
        """What each store sells of it now."""
        return [store.stock().get(self.sku, 0) for store in self.people.stores]

    def rush(self) -> None:
        """Each channel sells a share at the same moment, all shares together being more than there is."""
        shown = self.shown()
        self.offered = max(shown)
        share = self.offered // (1 + len(shown)) + 1
        stores = [
            partial(self._sell_in, store, min(share, pieces), self.web[store]) for store, pieces in enumerate(shown)
        ]
        sales = [partial(self._sell_at_the_till, share), *stores]
        with ThreadPoolExecutor(len(sales)) as pool:
            for done in [pool.submit(sale) for sale in sales]:
                done.result()

    def late(self) -> None:
        """Every store is asked for one piece more than is left, when it had its time to hear of all sales."""
        for store in range(len(self.web)):
            self._sell_in(store, max(self.left, 0) + 1, self.afterwards)

    @property
    def left(self) -> int:
        """Negative when more was sold than there was."""
        return self.offered - sum(sale.pieces for sales in (self.till, *self.web, self.afterwards) for sale in sales)

    def oversold(self, propagation_seconds: float) -> dict[str, int]:
        """Of the store that sold last, all that other channels sold being what it could have known of."""
        last = max(
            self.web, key=lambda sales: max((sale.at for sale in sales), default=datetime.min.replace(tzinfo=UTC))
        )
        others = [sale for sales in (self.till, *self.web) if sales is not last for sale in sales]
        return oversold({self.sku: self.left}, [*last, *self.afterwards], others, propagation_seconds)

    def _sell_at_the_till(self, pieces: int) -> None:
        if self.people.sells(self.sku, pieces):
            self.till.append(self._sale(pieces))

    def _sell_in(self, store: int, pieces: int, sales: list[Sale]) -> None:
        """Nothing where the store refuses it."""
        if pieces > 0 and self.people.checks_out(store, self.sku, pieces):
            sales.append(self._sale(pieces))

    def _sale(self, pieces: int) -> Sale:
        return Sale(sku=self.sku, pieces=pieces, at=datetime.now(UTC))
