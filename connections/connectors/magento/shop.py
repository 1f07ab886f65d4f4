"""The installation itself: its websites, store views, modules, version, sources and stocks (notes §15, §21)."""

from datetime import datetime

from connections.connectors.http import segment
from connections.connectors.magento.base import DEAD, NO_ROUTE, MagentoBase
from connections.connectors.magento.criteria import LARGEST_PAGE, Filter, criteria
from connections.connectors.magento.rights import MODULES, SALES_STOCK, SOURCES, STOCKS, STORES, VIEW_ORDERS
from connections.connectors.needs import needs
from connections.connectors.wire import Params
from errors.failures import ContractBroken, CredentialsRejected, NotFound, NotOffered, Rejected
from ipaas.types import JSON

SOURCES_PER_PAGE = 100
LONGEST_VERSION = 60


class ShopCalls(MagentoBase):
    """Questions about the installation."""

    @needs(STORES)
    def websites(self) -> list[JSON]:
        """Websites with `id`, `code`, `name`, `default_group_id`; id 0 is Admin's own."""
        return self._bare("/store/websites", "websites")

    @needs(STORES)
    def store_groups(self) -> list[JSON]:
        """The stores of the websites: `id`, `website_id`, `root_category_id`, `default_store_id`, `name`."""
        return self._bare("/store/storeGroups", "stores")

    @needs(STORES)
    def store_views(self) -> list[JSON]:
        """Store views with `id`, `code`, `name`, `website_id`, `store_group_id`, `is_active`; id 0 is Admin's own."""
        return self._bare("/store/storeViews", "store views")

    @needs(STORES)
    def store_configs(self) -> list[JSON]:
        """Of each view: `code`, `website_id`, `timezone`, `base_currency_code`, `weight_unit`, `base_url` …"""
        return self._bare("/store/storeConfigs", "store settings")

    @needs(STORES)
    def now(self) -> datetime:
        """The shop's clock, to the second: the Date of its answer."""
        answered_at = self._send("GET", self._v1("/store/websites")).answered_at
        if answered_at is None:
            raise ContractBroken("Magento answered without the time.")
        return answered_at

    @needs(MODULES)
    def modules(self) -> list[str]:
        """Names of the installed modules, such as `Magento_InventoryApi`: they tell the edition (§21).

        A bare list by the schema, and an envelope by the notes.
        """
        body = self._send("GET", self._v1("/modules")).data
        items = body.get("items") if isinstance(body, dict) else body
        if not isinstance(items, list):
            raise ContractBroken("Magento answered without the list of modules.")
        return [str(name) for name in items]

    @needs()
    def version(self) -> str:
        """Edition and version as the storefront tells them, such as "Magento/2.4 (Community)"; "" where it does not."""
        path = "/magento_version"
        self._observer.before(self.system, "GET")
        raw = self._heard("GET", path, (), None)
        text = raw.body[:LONGEST_VERSION].decode(errors="replace").strip()
        return text if raw.status == 200 and text.startswith("Magento/") else ""

    @needs(SOURCES)
    def sources(self) -> list[JSON]:
        """Sources with `source_code`, `name`, `enabled`; none where several sources are switched off (§15.3)."""
        try:
            return list(self._walk("/inventory/sources", "sources", key="source_code", page_size=SOURCES_PER_PAGE))
        except (NotFound, NotOffered):
            return []

    @needs(STOCKS)
    def stocks(self) -> list[JSON]:
        """Stocks with `stock_id`, `name` and who sells from them, `extension_attributes.sales_channels`."""
        return list(self._walk("/inventory/stocks", "stocks", key="stock_id", page_size=SOURCES_PER_PAGE))

    @needs(SALES_STOCK)
    def stock_of_website(self, website_code: str) -> JSON:
        """The stock that a website sells from. Raises NotFound."""
        return self._read(f"/inventory/stock-resolver/website/{segment(website_code)}", "stock of the website")

    @needs(SOURCES)
    def sources_of_stock(self, stock_id: int) -> list[JSON]:
        """The sources of a stock, first the one that is sold from first."""
        return self._bare(
            f"/inventory/get-sources-assigned-to-stock-ordered-by-priority/{stock_id}", "sources of the stock"
        )

    @needs()
    def access_check(self) -> None:
        """Raises CredentialsRejected when our access is good for nothing: one call where it is good for the first."""
        if not self._lives():
            raise CredentialsRejected(DEAD)

    @needs()
    def is_let_in(self, method: str, route: str) -> bool | None:
        """Whether a call is allowed, whatever else is said to it: rights are looked at first. None when unknown.

        It asks for one row, or sends nothing to be written. Tells nothing by itself, because a dead token is refused
        alike: ask after another call was let in.
        """
        path = self._v1(route)
        self._observer.before(self.system, method)
        asked: Params = criteria(page_size=1) if method == "GET" else ()
        raw = self._heard(method, path, asked, None if method == "GET" else {})
        if raw.status == 429 or raw.status >= 500 or (raw.status == 404 and NO_ROUTE.encode() in raw.body):
            return None
        return raw.status != 401

    @needs(VIEW_ORDERS)
    def page_limit(self) -> int | None:
        """The most rows a page may hold where the shop limits inputs, else None (§5). Asks for what nobody has."""
        nothing = [[Filter(field="entity_id", value="0")]]
        try:
            self._send("GET", self._v1("/orders"), params=criteria(nothing, page_size=LARGEST_PAGE + 1))
        except Rejected as refusal:
            most = refusal.fields.get("max", "")
            if not most.isdigit():
                raise
            return int(most)
        return None
