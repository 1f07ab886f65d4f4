"""The mark by which a store's order is known as the record of a sales order that was made at Heartland's desk.

It stands in the store's own order, so that it is known after our memory was lost: what bears one is never booked.
"""

from typing import NamedTuple
from urllib.parse import urlsplit

DESK = "heartland-desk"
BETWEEN = "/"


class DeskMark(NamedTuple):
    """Which sales order an order of a store records."""

    account: str  # the tenant's host, as `account_named` makes it
    sales_order: str  # its id there

    def __str__(self) -> str:
        return BETWEEN.join((DESK, self.account, self.sales_order))


def account_named(base_url: str) -> str:
    """The tenant in a mark: of "https://shop.retail.heartland.us/api" its host."""
    return urlsplit(base_url).netloc.lower()


def desk_mark(text: str) -> DeskMark | None:
    """Read what stands in a store's order as its outside number; None where that is no mark."""
    first, _, rest = text.strip().partition(BETWEEN)
    account, between, sales_order = rest.rpartition(BETWEEN)
    return DeskMark(account, sales_order) if first == DESK and between and account and sales_order else None
