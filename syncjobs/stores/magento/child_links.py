"""Which products hold which children: read whole, since no question asks that of some children alone.

A walk over a catalogue goes on in other processes: it takes what it read at its first page along.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.core.cache import cache

from connections.connectors.magento import MagentoClient
from connections.models import Store
from ipaas.cache import kept
from ipaas.types import JSON

KEPT = timedelta(days=1)  # longer than a walk takes
Parents = Mapping[int, list[int]]  # by child


class ChildLinks:
    """Those of one shop: a call for each page of configurable products, where they are not known yet."""

    def __init__(self, client: MagentoClient, store: Store) -> None:
        self._client, self._key = client, f"magento-children:{store.pk}"
        self._parents: Parents | None = None

    @property
    def parents(self) -> Parents:
        if self._parents is None:
            self._parents = _by_child(self._client.children_of_all())
        return self._parents

    def forget(self) -> None:
        """Something was written since they were read."""
        self._parents = None

    def keep(self) -> None:
        """For all pages of a walk that begins."""
        rows = {str(child): list(parents) for child, parents in self.parents.items()}
        cache.set(self._key, rows, KEPT.total_seconds())

    def take_up(self) -> None:
        """As they were at the first page of the walk."""
        if self._parents is None:
            self._parents = kept(self._key, _as_kept)


def _by_child(children: Mapping[int, Sequence[int]]) -> Parents:
    found: dict[int, list[int]] = {}
    for parent, ids in children.items():
        for child in ids:
            found.setdefault(child, []).append(parent)
    return found


def _as_kept(rows: JSON) -> Parents:
    return {int(child): list(map(int, parents)) for child, parents in rows.items()}
