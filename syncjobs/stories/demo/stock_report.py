"""Judging stock from outside: what both systems hold, and what was sold twice. Arithmetic only."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from ipaas.types import JSON


@dataclass(frozen=True, kw_only=True)
class Sale:
    """Pieces of a SKU taken, and when."""

    sku: str
    pieces: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Feed:
    """Calls of one kind beside the smallest number possible."""

    calls: int
    least: int


@dataclass(frozen=True, kw_only=True)
class StockReport:
    """Exit status 0 only when nothing differs, nothing was oversold that could be avoided, and nothing is left over."""

    skus: int
    full_sync: JSON
    afterwards: JSON
    sale_to_store_seconds: JSON
    oversold: dict[str, int]
    disagreements: list[str] = field(default_factory=list)  # of our pages with both systems, by the auditor
    differences: list[JSON] = field(default_factory=list)  # SKU, what the store holds, what it should
    problems: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.differences and not self.disagreements and not self.problems and self.oversold["avoidable"] == 0

    def as_json(self) -> JSON:
        return asdict(self)


def differences(web: Mapping[str, int], expected: Mapping[str, int]) -> list[JSON]:
    """SKUs whose number in the store is not what the formula says."""
    return [
        {"sku": sku, "store": web.get(sku), "expected": quantity}
        for sku, quantity in sorted(expected.items())
        if web.get(sku) != quantity
    ]


def oversold(
    free: Mapping[str, int], web_sales: Sequence[Sale], pos_sales: Sequence[Sale], propagation_seconds: float
) -> dict[str, int]:
    """Pieces promised that nobody has, by whether the other channel could have known.

    `free` is what is left by SKU after everything, negative when oversold. A web sale could have known of a till's
    sale that had had its time to reach the store, and nothing else explains it.
    """
    counts = {"avoidable": 0, "simultaneous": 0}
    for sku, left in free.items():
        sold = [sale for sale in web_sales if sale.sku == sku]
        if left >= 0 or not sold:
            continue
        tills = [sale.at for sale in pos_sales if sale.sku == sku]
        last = max(sale.at for sale in sold)
        is_late = all((last - at).total_seconds() > propagation_seconds for at in tills)
        counts["avoidable" if is_late else "simultaneous"] += -left
    return counts


def percentiles(seconds: Sequence[float]) -> JSON:
    """Median and 95th percentile; none without a measurement."""
    ordered = sorted(seconds)
    if not ordered:
        return {"p50": None, "p95": None, "measured": 0}
    at = [ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (0.5, 0.95)]
    return {"p50": round(at[0], 2), "p95": round(at[1], 2), "measured": len(ordered)}
