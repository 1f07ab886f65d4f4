"""Prices, many products at a time, in each scope that the website's shoppers see (Magento notes §14.2)."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from connections.connectors.magento import MagentoClient
from connections.models import Store
from errors.failures import Rejected
from ipaas.types import JSON
from mappings.core.canonical.product import ZERO
from mappings.core.magento.product_bodies import Prices
from syncjobs.stores.magento.learnt_sizes import LearntSize

MOST_PRICES = 500
WEBSITE = "website"  # scope of the attribute `price`, where each website has prices of its own
GLOBAL_VIEW = 0


class ProductPrices:
    """Prices of the website that the store stands for."""

    def __init__(self, client: MagentoClient, store: Store) -> None:
        self._client, self._facts = client, store.facts
        self._most = LearntSize(store, "prices of a call", MOST_PRICES)

    @cached_property
    def views(self) -> list[int]:
        """The store views whose prices are the website's: a price of one view is not seen in the others (one call)."""
        attribute = self._client.attribute("price") or {}
        if attribute.get("scope") != WEBSITE:
            return [GLOBAL_VIEW]
        ours = self._facts["website_id"]
        return sorted(int(view) for view, website in self._facts["views"].items() if website == ours) or [GLOBAL_VIEW]

    @property
    def has_own(self) -> bool:
        """Whether they are other than those of the whole installation."""
        return self.views != [GLOBAL_VIEW]

    def send(self, prices: Sequence[Prices]) -> None:
        """A call for each kind of price, two where sales end; of what is refused the others are saved.

        Raises Rejected, by SKU.
        """
        refused: dict[str, str] = {}
        base = [(one.sku, {"price": one.price}) for one in prices if one.price is not None]
        special = [(one.sku, {"price": one.special}) for one in prices if one.special]
        cost = [(one.sku, {"cost": one.cost}) for one in prices if one.cost is not None]
        for save, rows in (
            (self._client.base_prices_save, base),
            (self._client.special_prices_save, special),
            (self._client.costs_save, cost),
        ):
            self._save(save, self._by_view(rows), refused)
        if ended := [one.sku for one in prices if one.special == ZERO]:
            there = [row for row in self._client.special_prices_of(ended) if row.get("store_id") in self.views]
            self._save(self._client.special_prices_delete, there, refused)
        if refused:
            raise Rejected("Magento refuses some prices.", status=400, fields=refused)

    def _by_view(self, rows: Sequence[tuple[str, dict[str, Any]]]) -> list[JSON]:
        return [{"sku": sku, "store_id": view, **row} for sku, row in rows for view in self.views]

    def _save(self, save: Callable[[Sequence[JSON]], list[JSON]], rows: list[JSON], refused: dict[str, str]) -> None:
        while rows:
            part = rows[: self._most.most]
            try:
                answers = save(part)
            except Rejected as refusal:
                self._most.refused(refusal)
                continue
            self._most.taken(len(part))
            for answer in answers:
                told = answer.get("parameters") or ()
                values = [str(one) for one in (told.values() if isinstance(told, dict) else told)]
                skus = [row["sku"] for row in part if row["sku"] in values]
                refused |= dict.fromkeys(skus or ["prices"], str(answer.get("message") or ""))
            rows = rows[len(part) :]
