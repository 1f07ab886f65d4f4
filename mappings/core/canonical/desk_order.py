"""A sales order of Heartland's desk, as a store is asked to keep a record of it."""

from dataclasses import dataclass
from decimal import Decimal

from mappings.core.canonical.order import Address


@dataclass(frozen=True, kw_only=True)
class DeskUnit:
    """Pieces of one line that cost the same. Prices in cents: what they come to is exact."""

    quantity: int
    price: Decimal  # of one, before tax
    price_with_tax: Decimal


@dataclass(frozen=True, kw_only=True)
class DeskLine:
    """Goods of one SKU of the store."""

    sku: str
    product_id: str  # the store's
    variant_id: str
    units: tuple[DeskUnit, ...]

    @property
    def quantity(self) -> int:
        return sum(one.quantity for one in self.units)

    @property
    def net(self) -> Decimal:
        return sum((one.quantity * one.price for one in self.units), Decimal(0))


@dataclass(frozen=True, kw_only=True)
class DeskOrder:
    """All of it; lines with tax and shipping with its tax come to the total."""

    mark: str  # see mappings.core.heartland.desk_marks
    number: str  # of the sales order, as people know it
    account_id: str  # the store's account of whoever ordered; "" for a guest
    email: str
    billing: Address
    delivery: Address
    lines: tuple[DeskLine, ...]
    shipping: Decimal  # before tax
    shipping_tax: Decimal  # only where no goods bear it
    tax: Decimal  # all of it
    total: Decimal
