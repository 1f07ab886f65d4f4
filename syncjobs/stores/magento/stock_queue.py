"""Quantities by the shop's queue: nobody may work at it, and its word on what is done is not to be relied on.

So the wait is bounded, and what is not done by then is read and sent at once (notes §16). What the queue still holds it
may work off at any later time, over what was told since: it is asked after until it is through.
"""

import time
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta

from django.core.cache import cache

from connections.connectors.magento import MagentoClient
from connections.connectors.magento.bulk import COMPLETE, OPEN
from connections.models import Store
from errors.failures import NotFound, NotOffered, PermissionMissing, Rejected
from ipaas.cache import kept
from ipaas.types import JSON
from mappings.core.magento.source_items import is_same

ROWS_OF_OPERATION = 20  # the fewest that a shop with limits is known to take; done or not done together
WAITED_SECONDS = 25.0  # shorter than the lease to write
ROWS_PER_SECOND = 100  # that shops were seen to save (notes §5)
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
CLOSED = timedelta(hours=1)  # before somebody is expected to work at it again
SEEN = timedelta(days=1)
ASKED_AFTER = timedelta(days=7)


class StockQueue:
    """The queue of one shop."""

    def __init__(self, client: MagentoClient, store: Store) -> None:
        self._client = client
        self._closed, self._unfinished = f"magento-queue-closed:{store.pk}", f"magento-queue-unfinished:{store.pk}"
        self._seen = f"magento-queue-seen:{store.pk}"

    def is_open(self) -> bool:
        """Whether it was worked at lately, and we may see what becomes of what it takes: a call once a day."""
        if cache.get(self._closed):
            return False
        if cache.get(self._seen):
            return True
        try:
            self._client.may_see_bulks()
        except (PermissionMissing, NotFound, NotOffered, Rejected):
            self._close()
            return False
        cache.set(self._seen, True, SEEN.total_seconds())
        return True

    def worked_off(self, rows: Sequence[JSON]) -> list[JSON]:
        """Queue rows of one place and wait; answers those that are not done, by what the shop then holds."""
        operations = [rows[start : start + ROWS_OF_OPERATION] for start in range(0, len(rows), ROWS_OF_OPERATION)]
        try:
            uuid = self._client.source_items_queue(operations)
        except (PermissionMissing, NotFound, NotOffered, Rejected):
            self._close()
            return list(rows)
        if self._waited_for(uuid, len(rows)):
            return []
        skus = [str(row["sku"]) for row in rows]
        held = {row["sku"]: row for row in self._client.source_items_of(skus, [rows[0]["source_code"]])}
        left = [row for row in rows if not is_same(row, held.get(row["sku"]))]
        if left:
            self._close()
            unfinished = self._known() | {uuid: [str(row["sku"]) for row in left]}
            cache.set(self._unfinished, unfinished, ASKED_AFTER.total_seconds())
        return left

    def late(self) -> Collection[str]:
        """SKUs of what was not done in time and is done now: a call for each such write, none where there is none."""
        known = self._known()
        over = {uuid: skus for uuid, skus in known.items() if self._is_over(uuid)}
        if over:
            left = {uuid: skus for uuid, skus in known.items() if uuid not in over}
            cache.set(self._unfinished, left, ASKED_AFTER.total_seconds())
        return {sku for skus in over.values() for sku in skus}

    def _known(self) -> dict[str, list[str]]:
        return (
            kept(self._unfinished, lambda rows: {str(uuid): list(map(str, skus)) for uuid, skus in rows.items()}) or {}
        )

    def _close(self) -> None:
        cache.set(self._closed, True, CLOSED.total_seconds())

    def _is_over(self, uuid: str) -> bool:
        try:
            return OPEN not in self._client.bulk_states(uuid)
        except (NotFound, PermissionMissing):
            return True

    def _waited_for(self, uuid: str, rows: int) -> bool:
        """Whether all was done in time, as far as the shop says."""
        for pause in _pauses(rows):
            time.sleep(pause)
            try:
                states = self._client.bulk_states(uuid)
            except (NotFound, PermissionMissing):
                return False
            if OPEN not in states:
                return all(state == COMPLETE for state in states)
        return False


def _pauses(rows: int) -> Iterator[float]:
    """As long as so many rows take, then ever longer; no more than the wait altogether."""
    left, pause = WAITED_SECONDS, max(FIRST_PAUSE, rows / ROWS_PER_SECOND)
    while left > 0:
        yield min(pause, left)
        left -= pause
        pause = min(LONGEST_PAUSE, max(FIRST_PAUSE, pause))
