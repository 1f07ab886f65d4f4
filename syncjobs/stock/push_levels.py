"""Telling the store: the largest batches it takes, and one bad item never keeps the others back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from django.db import transaction

from connections.connectors.bigcommerce import BigCommerceClient
from connections.connectors.bigcommerce.inventory import MOST_ITEMS
from errors.failures import Rejected
from ipaas import failpoints
from mappings.models import StockLevel
from mappings.stock_keeping import untracked_note
from syncjobs.bulk.batches import deliver
from syncjobs.engine.leases import LeaseLost
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
        try:
            client.stock_set([item_of(one) for one in batch], REASON)
        except Rejected as refusal:
            if counted_otherwise(batch, refusal):
                return send(batch)
            if not is_location_gone(refusal):
                raise
            pushed.refused += [(one, refusal.summary) for one in batch]
            return None
        failpoints.passing("stock.sent")
        keep_turn(batch)
        with transaction.atomic():
            levels.told(batch, fence)
            taken(batch)
        pushed.taken += batch
        return None

    def keep_turn(batch: Sequence[Wanted]) -> None:
        """Who was held up so long that another wrote meanwhile may have undone that: it is looked at anew."""
        try:
            still_ours()
        except LeaseLost:
            levels.unknown(batch)
            raise

    for batch in batches(wanted):
        still_ours()
        deliver(send, levels.mark_unknown(batch, fence), pushed.refused, named)
    untracked = [one for one, words in pushed.refused if is_untracked(words)]
    pushed.refused = [(one, words) for one, words in pushed.refused if not is_untracked(words)]
    for one in untracked:
        untracked_note(one.level)
    for one, words in pushed.refused:
        levels.refused(one.level, words)
    return pushed


def is_untracked(words: str) -> bool:
    """The store keeps no stock of the product: nothing to mend, and nothing to tell until it does."""
    return "not tracked" in words


def named(batch: Sequence[Wanted], refusal: Rejected) -> list[Wanted]:
    """Those whose identity the store's words name (BigCommerce notes §20.2)."""
    return [one for one in batch if mentions(refusal.summary, *identity_of(one.level))]


def mentions(words: str, name: str, value: object) -> bool:
    return f"{name} {value}]" in words or f"{name} {value} " in words


def counted_otherwise(batch: Sequence[Wanted], refusal: Rejected) -> bool:
    """A product with one variant may be counted by that variant: then its items are sent so from now on."""
    if "tracked by variant" not in refusal.summary:
        return False
    found = [one.level for one in named(batch, refusal) if one.level.by_product]
    for level in found:
        level.by_product = False
        level.save(update_fields=["by_product"])
    return bool(found)


def is_location_gone(refusal: Rejected) -> bool:
    """The batch's location does not exist any more: no item of it can be taken."""
    return "location" in refusal.summary.casefold() and "not found" in refusal.summary.casefold()


def batches(wanted: Sequence[Wanted]) -> list[list[Wanted]]:
    """One location of the store at a time (BigCommerce notes §20.2), each batch as large as the store takes."""
    ordered = sorted(wanted, key=lambda one: (one.level.store_location, one.level.item_id))
    found: list[list[Wanted]] = []
    for _, group in groupby(ordered, key=lambda one: one.level.store_location):
        rows = list(group)
        found += [rows[start : start + MOST_ITEMS] for start in range(0, len(rows), MOST_ITEMS)]
    return found


def item_of(one: Wanted) -> dict[str, object]:
    """A line of an absolute adjustment."""
    name, value = identity_of(one.level)
    return {"location_id": one.level.store_location, name: value, "quantity": one.quantity}


def identity_of(level: StockLevel) -> tuple[str, str | int]:
    """How the store wants an item named: by the product where it counts that, else by the variant.

    Never by a SKU that the store may have renamed meanwhile, once its ids are known.
    """
    if level.by_product and level.product_id:
        return "product_id", level.product_id
    if level.variant_id:
        return "variant_id", level.variant_id
    return "sku", level.sku
