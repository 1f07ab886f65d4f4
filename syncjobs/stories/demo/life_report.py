"""Judging the orders' whole life from outside: what both systems hold at the end. Arithmetic only."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from enum import StrEnum

from ipaas.types import JSON
from syncjobs.stories.demo.sim import by_prefix, cents
from syncjobs.stories.shops.shop_side import SHIPPED, Sold


class Act(StrEnum):
    """What staff and shoppers do with a booked order."""

    SHIP = "ship"
    PARTS = "ship in parts"
    LATE_NUMBER = "ship, tracking number later"
    CANCEL = "cancel in the store"
    CANCEL_LATE = "cancel in the store, partly invoiced"
    EDIT_ACCEPT = "edit in the store, accepted and shipped"
    EDIT_KEEP = "edit in the store, Heartland's kept"
    REFUND = "refund in the store, Heartland's kept"


ALL_LEAVES = {Act.SHIP, Act.PARTS, Act.LATE_NUMBER, Act.EDIT_ACCEPT}
KEPT = {Act.CANCEL_LATE, Act.EDIT_KEEP, Act.REFUND}


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One order as both systems show it."""

    web_id: int
    act: Act
    placed_total: Decimal
    sold: Sold  # as the store has it
    alive: Sequence[JSON]  # sales orders that are not cancelled
    paid: Decimal  # on the first of them
    invoiced: Mapping[str, int]  # in Heartland, of the same SKUs


@dataclass
class Findings:
    """What is wrong, in sentences."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    shipped_twice: list[str] = field(default_factory=list)
    cents: list[str] = field(default_factory=list)

    def look_at(self, seen: Seen) -> None:
        name = f"Order {seen.web_id} ({seen.act})"
        self._there(name, seen)
        self._gone(name, seen)
        if seen.alive and seen.act != Act.CANCEL:
            self._cents(name, seen)

    def _there(self, name: str, seen: Seen) -> None:
        states = [row["status"] for row in seen.alive]
        if len(states) > 1:
            self.doubled.append(f"{name} stands {len(states)} times in Heartland")
        expected = [] if seen.act == Act.CANCEL else ["closed"] if seen.act in ALL_LEAVES else states[:1]
        if states[:1] != expected or (not states and seen.act in KEPT):
            self.lost.append(f"{name} is {states or 'not there'} in Heartland")

    def _gone(self, name: str, seen: Seen) -> None:
        for sku, pieces in seen.sold.shipped.items():
            if pieces > min(seen.sold.goods.get(sku, 0), seen.invoiced.get(sku, 0)):
                self.shipped_twice.append(f"{name}: {pieces} of {sku} shipped, {seen.invoiced.get(sku, 0)} invoiced")
        if seen.act in ALL_LEAVES and (
            seen.sold.shipped != seen.invoiced or (seen.sold.goods and seen.sold.stage != SHIPPED)
        ):
            self.lost.append(
                f"{name}: invoiced {dict(seen.invoiced)}, the store shows {dict(seen.sold.shipped)} and status "
                f"{seen.sold.status}"
            )

    def _cents(self, name: str, seen: Seen) -> None:
        owed = seen.placed_total if seen.act in KEPT else seen.sold.total
        total = cents(seen.alive[0]["total"])
        if not total == seen.paid == owed:
            self.cents.append(f"{name}: owed {owed}, Heartland {total}, paid {seen.paid}")


@dataclass(frozen=True, kw_only=True)
class LifeReport:
    """Exit status 0 only when every count is 0 and the proof's sums come out."""

    orders: int
    acts: dict[str, int]
    dispositions: dict[str, int]
    lost: int
    doubled: int
    shipped_twice: int
    notified_before_tracking: int
    cent_differences: int
    disagreements: int  # of our pages with both systems, by the auditor
    proof: JSON  # orders by the store's list, counts by disposition, unbroken proofs
    webhooks: JSON  # sent and dropped, by system
    problems: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        counts = (self.lost, self.doubled, self.shipped_twice, self.notified_before_tracking, self.cent_differences)
        sums = sum(self.proof["counts"].values()) == self.proof["orders"] and self.proof["is_closed"]
        return not any(counts) and sums and not self.problems

    def as_json(self) -> JSON:
        return asdict(self)


def alive(sales_orders: Sequence[JSON], label: str) -> list[JSON]:
    return [row for row in by_prefix(sales_orders, label) if row["status"] != "canceled"]
