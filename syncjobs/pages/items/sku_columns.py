"""The columns of the list of SKUs; templates draw what stands in them by the key."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SkuColumn:
    key: str
    label: str
    is_usual: bool = True
    is_number: bool = False


COLUMNS = (
    SkuColumn(key="product", label="Product"),
    SkuColumn(key="number", label="Heartland Item #"),
    SkuColumn(key="state", label="State"),
    SkuColumn(key="why", label="Why"),
    SkuColumn(key="suggestion", label="Suggested Item #", is_usual=False),
    SkuColumn(key="score", label="Score", is_number=True),
    SkuColumn(key="barcode", label="Barcode", is_usual=False),
)
BY_KEY = {column.key: column for column in COLUMNS}
KEYS = tuple(BY_KEY)
USUAL = tuple(column.key for column in COLUMNS if column.is_usual)
