"""How many rows of a list a shop gives at a time, kept with the store's facts: no run learns it anew (notes §5)."""

from datetime import datetime, timedelta
from sys import maxsize

from django.db import transaction
from django.utils import timezone

from connections.audit import audit
from connections.models import Store
from errors.failures import Rejected

ASKS_FOR_MORE_AFTER = timedelta(days=7)  # a limit may be switched off again
FACT = "page_rows"  # of Store.facts: {"most", "at"}


class KeptPageLimit:
    """Fulfils `connectors.magento.base.PageLimit` for a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def most(self) -> int:
        """As learnt; after a week as if nothing was."""
        known = self._store.facts.get(FACT)
        if not known or timezone.now() - datetime.fromisoformat(known["at"]) > ASKS_FOR_MORE_AFTER:
            return maxsize
        return int(known["most"])

    def refused(self, refusal: Rejected) -> None:
        """Keep the limit that a refusal names. Raises that refusal when it is about anything else."""
        told = refusal.fields.get("max", "")
        if not told.isdigit() or not 0 < int(told) < self.most:
            raise refusal
        learnt = {FACT: {"most": int(told), "at": timezone.now().isoformat()}}
        with transaction.atomic():
            row = Store.objects.select_for_update().get(pk=self._store.pk)
            is_news = (row.facts.get(FACT) or {}).get("most") != int(told)
            row.facts = row.facts | learnt
            row.save(update_fields=["facts"])
            if is_news:
                audit(
                    merchant=row.merchant,
                    actor=None,
                    action="store.limit_learnt",
                    subject=row,
                    what="rows of a list",
                    most=int(told),
                )
        self._store.facts = self._store.facts | learnt
