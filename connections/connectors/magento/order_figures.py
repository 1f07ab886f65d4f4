"""Figures of a shop's orders that are looked at before the first is brought over."""

from collections.abc import Sequence
from datetime import UTC, datetime

from connections.connectors.magento.base import MagentoBase
from connections.connectors.magento.criteria import Filter, Sort
from connections.connectors.magento.rights import VIEW_ORDERS
from connections.connectors.needs import needs
from errors.failures import ContractBroken

STAMP = "%Y-%m-%d %H:%M:%S"  # UTC without saying so (notes §7)


class OrderFigures(MagentoBase):
    """Questions about all orders at once, of one row each."""

    @needs(VIEW_ORDERS)
    def orders_left_out(self, statuses: Sequence[str], views: Sequence[str]) -> int:
        """How many orders of some store views are in none of the statuses."""
        groups = [
            [Filter(field="status", value=",".join(statuses), condition="nin")],
            [Filter(field="store_id", value=",".join(views), condition="in")],
        ]
        fields = "items[entity_id],total_count"
        sort = [Sort(field="entity_id")]
        return self._page("/orders", "orders", groups, sort=sort, page_size=1, fields=fields).total

    @needs(VIEW_ORDERS)
    def newest_placed_at(self) -> datetime | None:
        """When the newest order was placed, as the shop's database has it; None where there is none."""
        fields = "items[entity_id,created_at],total_count"
        sort = [Sort(field="entity_id", direction="DESC")]
        rows = self._page("/orders", "orders", sort=sort, page_size=1, fields=fields).rows
        try:
            return datetime.strptime(rows[0]["created_at"], STAMP).replace(tzinfo=UTC) if rows else None
        except (KeyError, TypeError, ValueError) as exc:
            raise ContractBroken("Magento's newest order has no time.") from exc
