"""Whose an order is: of the installation's websites one is the store (`connections.connect.magento.websites`)."""

from collections.abc import Iterable, Iterator
from functools import cached_property

from connections.connectors.magento import MagentoClient
from connections.models import Store
from ipaas.types import JSON


class Views:
    """The store views of the website. One that was added since is looked up: one call, once a run."""

    def __init__(self, client: MagentoClient, store: Store) -> None:
        self._client = client
        self._website = store.facts.get("website_id")
        self._known: dict[str, object] = dict(store.facts.get("views") or {})

    def is_ours(self, row: JSON) -> bool:
        """True for an order of the website; without a website every order is."""
        view = str(row.get("store_id") or "")
        if self._website is None:
            return True
        if view not in self._known:
            self._known |= self._added
        return bool(self._known.get(view) == self._website)

    def ours(self, rows: Iterable[JSON]) -> Iterator[JSON]:
        return (row for row in rows if self.is_ours(row))

    @cached_property
    def _added(self) -> dict[str, object]:
        return {str(row.get("id")): row.get("website_id") for row in self._client.store_views()}
