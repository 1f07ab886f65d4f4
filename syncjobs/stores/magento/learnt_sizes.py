"""How many rows a shop takes at a time, as its own refusals told (notes §5): remembered beyond the run.

A limit may be switched on overnight, and off again: after a while the usual number is tried once more.
"""

import re
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone

from connections.audit import audit
from connections.models import Store
from errors.failures import Rejected
from ipaas.cache import kept

ASKS_FOR_MORE_AFTER = timedelta(days=7)
LIMIT = re.compile(r"Maximum .* is (\d+)")  # `Maximum items of type "%type" is %max`


class LearntSize:
    """The most rows of one kind of call to one shop."""

    def __init__(self, store: Store, what: str, usual: int) -> None:
        self._store, self._what, self._usual = store, what, usual
        self._key = f"magento-most:{store.pk}:{what.replace(' ', '-')}"
        self._most: int | None = None

    @property
    def most(self) -> int:
        """As learnt, else the usual."""
        if self._most is None:
            known = kept(self._key, lambda row: (int(row["most"]), datetime.fromisoformat(row["at"])))
            is_fresh = known is not None and timezone.now() - known[1] < ASKS_FOR_MORE_AFTER
            self._most = min(known[0], self._usual) if known and is_fresh else self._usual
        return self._most

    def refused(self, refusal: Rejected) -> None:
        """Take the limit from a refusal that is about it. Raises that refusal when it is about anything else."""
        told = refusal.fields.get("max", "")
        found = LIMIT.search(refusal.summary)
        most = int(told) if told.isdigit() else int(found[1]) if found else 0
        if not 0 < most < self.most:
            raise refusal
        self._most = most
        cache.set(self._key, {"most": most, "at": timezone.now().isoformat()}, None)
        audit(
            merchant=self._store.merchant,
            actor=None,
            action="store.limit_learnt",
            subject=self._store,
            what=self._what,
            most=most,
        )

    def taken(self, rows: int) -> None:
        """So many were taken at once: a smaller limit that was known holds no longer."""
        if rows > (kept(self._key, lambda row: int(row["most"])) or rows):
            cache.delete(self._key)
