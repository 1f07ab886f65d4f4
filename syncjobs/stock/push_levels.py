"""Telling the store: the largest batches it takes, and one bad item never keeps the others back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from django.db import transaction

from errors.failures import Rejected, SyncFailure
from ipaas import failpoints
from mappings.stock_keeping import untracked_note
from syncjobs.bulk.batches import deliver
from syncjobs.engine.leases import LeaseLost
from syncjobs.stock import level_rows
from syncjobs.stock.level_rows import Wanted
from syncjobs.stock.reserved_pieces import Pieces, Reserves
from syncjobs.stores import level_port
from syncjobs.stores.level_port import Cause, LevelWrite, Refusal


@dataclass
class Pushed:
    """What became of a push."""

    taken: list[Wanted] = field(default_factory=list)
    refused: list[tuple[Wanted, Refusal]] = field(default_factory=list)
    calls: int = 0


def push(
    store: level_port.Levels,
    wanted: Sequence[Wanted],
    reserves: Reserves,
    *,
    fence: int,
    still_ours: Callable[[], None],
    taken: Callable[[Sequence[Wanted]], None] = lambda batch: None,
) -> Pushed:
    """Set the quantities, each batch recorded, with what `taken` writes, as soon as the store took it.

    Raises SyncFailure, and LeaseLost. What was sent without an answer stays unknown, so that it is sent again.
    """
    pushed = Pushed()
    reserved: Pieces = {}

    def refusal_of(batch: Sequence[Wanted], failure: SyncFailure) -> Refusal:
        return store.refusal_of([write_of(one, reserved) for one in batch], failure)

    def write(batch: Sequence[Wanted]) -> None:
        """With what the store reserves. What left it meanwhile was told as lying there still, and is told anew."""
        nonlocal reserved
        reserved = reserves.read()
        while batch:
            still_ours()
            pushed.calls += 1
            store.write([write_of(one, reserved) for one in batch])
            if not any(write_of(one, reserved).reserved for one in batch):
                return
            before, reserved = reserved, reserves.read()
            batch = [one for one in batch if write_of(one, before) != write_of(one, reserved)]

    def send(batch: Sequence[Wanted]) -> None:
        try:
            write(batch)
        except Rejected as failure:
            refusal = refusal_of(batch, failure)
            if counted_otherwise(batch, refusal, reserved):
                return send(batch)
            if refusal.cause != Cause.PLACE_GONE:
                raise
            pushed.refused += [(one, refusal) for one in batch]
            return None
        failpoints.passing("stock.sent")
        extend_lease(batch)
        with transaction.atomic():
            level_rows.pushed(batch, fence)
            taken(batch)
        pushed.taken += batch
        return None

    def extend_lease(batch: Sequence[Wanted]) -> None:
        """Who was held up so long that another wrote meanwhile may have undone that: it is looked at anew."""
        try:
            still_ours()
        except LeaseLost:
            level_rows.unknown(batch)
            raise

    def culprits(batch: Sequence[Wanted], failure: Rejected) -> list[Wanted]:
        return named(batch, refusal_of(batch, failure), reserved)

    for batch in batches(wanted, most=store.most_writes):
        still_ours()
        ours = level_rows.mark_unknown(batch, fence)
        deliver(send, ours, pushed.refused, culprits, words=lambda failure: refusal_of((), failure))
    uncounted = [one for one, refusal in pushed.refused if refusal.cause == Cause.NOT_COUNTED]
    pushed.refused = [(one, refusal) for one, refusal in pushed.refused if refusal.cause != Cause.NOT_COUNTED]
    for one in uncounted:
        untracked_note(one.level)
    for one, refusal in pushed.refused:
        level_rows.refused(one.level, refusal.words)
    return pushed


def named(batch: Sequence[Wanted], refusal: Refusal, reserved: Pieces) -> list[Wanted]:
    """Those that the store names."""
    return [one for one in batch if write_of(one, reserved) in refusal.named]


def counted_otherwise(batch: Sequence[Wanted], refusal: Refusal, reserved: Pieces) -> bool:
    """A product with one variant may be counted by that variant: then its items are sent so from now on."""
    if refusal.cause != Cause.BY_VARIANT:
        return False
    found = [one.level for one in named(batch, refusal, reserved) if one.level.by_product]
    for level in found:
        level.by_product = False
        level.save(update_fields=["by_product"])
    return bool(found)


def batches(wanted: Sequence[Wanted], *, most: int) -> list[list[Wanted]]:
    """One location of the store at a time, each batch as large as the store takes."""
    ordered = sorted(wanted, key=lambda one: (one.level.store_location, one.level.item_id))
    found: list[list[Wanted]] = []
    for _, group in groupby(ordered, key=lambda one: one.level.store_location):
        rows = list(group)
        found += [rows[start : start + most] for start in range(0, len(rows), most)]
    return found


def write_of(one: Wanted, reserved: Pieces) -> LevelWrite:
    """A level's quantity as the store is told it."""
    level = one.level
    return LevelWrite(
        sku=level.sku,
        place=level.store_location,
        quantity=one.quantity,
        product_id=level.product_id,
        variant_id=level.variant_id,
        is_counted_by_product=level.by_product,
        reserved=reserved.get((level.store_location, level.sku), 0),
    )
