"""Telling the store: the largest batches it takes, and one bad item never keeps the others back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from django.db import transaction

from connections.connectors.bigcommerce import BigCommerceClient
from connections.connectors.bigcommerce.inventory import MOST_ITEMS
from errors.failures import Rejected
from ipaas import failpoints
from syncjobs.bulk.batches import deliver
from syncjobs.services.leases import LeaseLost
from syncjobs.stock import levels
from syncjobs.stock.levels import Wanted

REASON = "Heartland stock"  # as the store's own log shows it


@dataclass
class Pushed:
    """What became of a push."""

    taken: list[Wanted] = field(default_factory=list)
    refused: list[tuple[Wanted, str]] = field(default_factory=list)  # with the store's words
    calls: int = 0


def push(
    client: BigCommerceClient,
    wanted: Sequence[Wanted],
    *,
    fence: int,
    still_ours: Callable[[], None],
    taken: Callable[[Sequence[Wanted]], None] = lambda batch: None,
) -> Pushed:
    """Set the quantities, each batch recorded, with what `taken` writes, as soon as the store took it.

    Raises SyncFailure, and LeaseLost. What was sent without an answer stays unknown, so that it is sent again.
    """
    pushed = Pushed()

    def send(batch: Sequence[Wanted]) -> None:
        still_ours()
        pushed.calls += 1
        client.stock_set([item_of(one) for one in batch], REASON)
        failpoints.passing("stock.sent")
        keep_turn(batch)
        with transaction.atomic():
            levels.told(batch, fence)
            taken(batch)
        pushed.taken += batch

    def keep_turn(batch: Sequence[Wanted]) -> None:
        """Who was held up so long that another wrote meanwhile may have undone that: it is looked at anew."""
        try:
            still_ours()
        except LeaseLost:
            levels.unknown(batch)
            raise

    for batch in batches(wanted):
        still_ours()
        deliver(send, levels.doubt(batch, fence), pushed.refused, named)
    for one, words in pushed.refused:
        levels.refused(one, words)
    return pushed


def named(batch: Sequence[Wanted], refusal: Rejected) -> list[Wanted]:
    """Those whose SKU the store's words name."""
    return [one for one in batch if f"sku {one.level.sku}]" in refusal.summary]


def batches(wanted: Sequence[Wanted]) -> list[list[Wanted]]:
    """One location of the store at a time (BigCommerce notes §20.2), each batch as large as the store takes."""
    ordered = sorted(wanted, key=lambda one: (one.level.store_location, one.level.item_id))
    found: list[list[Wanted]] = []
    for _, group in groupby(ordered, key=lambda one: one.level.store_location):
        rows = list(group)
        found += [rows[start : start + MOST_ITEMS] for start in range(0, len(rows), MOST_ITEMS)]
    return found


def item_of(one: Wanted) -> dict[str, object]:
    """A line of an absolute adjustment. By SKU, which simple products and variants both have."""
    return {"location_id": one.level.store_location, "sku": one.level.sku, "quantity": one.quantity}
