"""Stock: source items, the stock item of shops with one source, what can be sold, what open orders hold (notes §15)."""

from collections.abc import Callable, Iterator, Sequence

from connections.connectors.http import segment
from connections.connectors.magento.base import MagentoBase, Page
from connections.connectors.magento.criteria import LARGEST_PAGE, Filter, Sort, any_of
from connections.connectors.magento.rights import (
    LEGACY_STOCK,
    SOURCE_ITEMS,
    SOURCES,
    STOCKS,
    VIEW_ORDERS,
)
from connections.connectors.needs import needs
from connections.connectors.parts import in_parts
from ipaas.types import JSON

ORDERS_PER_PAGE = 100  # each costs the shop several queries (notes §5)
SKUS_PER_CALL = 200  # none of whose pages is too large where inputs are limited
SKUS_UNTIL_BETWEEN = 2 * SKUS_PER_CALL  # of more, one call finds out whether all between them come sooner
ROWS_BETWEEN = 1_000  # small ones, of one table
COUNTED_FIELDS = "items[sku],total_count"
OPEN = "new,pending_payment,processing,payment_review,holded"  # states in which something is still to leave (§8.1)
ROWS = (
    "item_id,parent_item_id,product_type,sku,row_total,base_row_total,"
    "qty_ordered,qty_canceled,qty_shipped,qty_refunded,qty_invoiced"
)
Ask = Callable[[list[str]], list[JSON]]  # of some SKUs, their rows
OPEN_ORDER = f"items[entity_id,store_id,subtotal,base_subtotal,items[{ROWS}]],total_count"


class InventoryCalls(MagentoBase):
    """Questions about stock."""

    @needs(SOURCES)
    def source_items(self, source_code: str, *, page: int, page_size: int) -> Page:
        """A page of `{sku, source_code, quantity, status}` of one source, by SKU; of one that is not there, no rows."""
        where = [[Filter(field="source_code", value=source_code)]]
        return self._page(
            "/inventory/source-items", "stock", where, sort=[Sort(field="sku")], page_size=page_size, page=page
        )

    @needs(SOURCES)
    def stocked_count(self, source_codes: Sequence[str]) -> int:
        """How many quantities above zero stand at some sources."""
        where = [any_of("source_code", source_codes), [Filter(field="quantity", value="0", condition="gt")]]
        page = self._page(
            "/inventory/source-items", "stock", where, sort=[Sort(field="sku")], page_size=1, fields=COUNTED_FIELDS
        )
        return page.total

    @needs(SOURCES)
    def source_items_of(self, skus: Sequence[str], source_codes: Sequence[str]) -> list[JSON]:
        """The same rows of some SKUs at some sources: a call for each 200, or for each 1,000 that lie among them."""
        where = [any_of("source_code", source_codes)]
        size = len(source_codes)

        def ask(part: list[str]) -> list[JSON]:
            groups = [any_of("sku", part), *where]
            rows = self._walk(
                "/inventory/source-items", "stock", groups, key="sku,source_code", page_size=len(part) * size
            )
            return list(rows)

        found = self._between(skus, source_codes[0]) if size == 1 and len(skus) > SKUS_UNTIL_BETWEEN else []
        there = {row["sku"] for row in found}
        left = [sku for sku in skus if sku not in there]
        return found + asked_in_parts(self._base_url, left, ask, most=max(1, SKUS_PER_CALL // size))

    def _between(self, skus: Sequence[str], source_code: str) -> list[JSON]:
        """Rows of some SKUs out of all from the first of them to the last, where those are fewer calls than lists.

        The shop may sort otherwise than we do, and pages may drift: who is missing was not seen, no more.
        """
        ordered, wanted = sorted(skus, key=str.casefold), set(skus)
        groups = [
            [Filter(field="source_code", value=source_code)],
            [Filter(field="sku", value=ordered[0], condition="gteq")],
            [Filter(field="sku", value=ordered[-1], condition="lteq")],
        ]
        sort, rows = [Sort(field="sku")], list[JSON]()
        page = self._fitting_page("/inventory/source-items", "stock", groups, sort=sort, page_size=ROWS_BETWEEN)
        pages = -(-page.total // page.size)
        if pages > -(-len(skus) // SKUS_PER_CALL):
            pages = 1
        for number in range(1, pages + 1):
            if number > 1:
                page = self._page(
                    "/inventory/source-items", "stock", groups, sort=sort, page_size=page.size, page=number
                )
            rows += [row for row in page.rows if row["sku"] in wanted]
        return list({row["sku"]: row for row in rows}.values())

    @needs(SOURCE_ITEMS)
    def source_items_save(self, rows: Sequence[JSON]) -> None:
        """Set `{sku, source_code, quantity, status}`, all or none; safe to repeat. SKUs that are none are taken too.

        Raises Rejected, with `max` among its fields where the shop takes fewer at a time (§5); SaveFailed, for a
        source that is not there as well.
        """
        self._send("POST", self._v1("/inventory/source-items"), body={"sourceItems": list(rows)})

    @needs(SOURCES)
    def source(self, source_code: str) -> JSON:
        """One source. Raises NotFound."""
        return self._read(f"/inventory/sources/{segment(source_code)}", "source")

    @needs(STOCKS)
    def salable(self, website_code: str, *, page: int, page_size: int) -> Page:
        """A page of `{sku, qty, is_salable}`, by SKU: what a website can sell. `qty` is null of what is not counted."""
        return self._fitting_page(
            _salable_at(website_code), "salable quantities", sort=[Sort(field="sku")], page_size=page_size, page=page
        )

    @needs(STOCKS)
    def salable_of(self, website_code: str, skus: Sequence[str]) -> list[JSON]:
        """The same rows of some SKUs."""

        def ask(part: list[str]) -> list[JSON]:
            route, groups = _salable_at(website_code), [any_of("sku", part)]
            return list(self._walk(route, "salable quantities", groups, key="sku", page_size=len(part)))

        return asked_in_parts(self._base_url, skus, ask)

    @needs(VIEW_ORDERS)
    def iter_open_orders(self) -> Iterator[JSON]:
        """Yield all orders of which something may be reserved: `entity_id`, `store_id` and rows with their counters."""
        where = [[Filter(field="state", value=OPEN, condition="in")]]
        return self._walk_after(
            "/orders", "open orders", where, key="entity_id", page_size=ORDERS_PER_PAGE, fields=OPEN_ORDER
        )

    @needs(LEGACY_STOCK)
    def stock_item(self, sku: str) -> JSON:
        """A product's stock item where one source is all there is: `qty`, `is_in_stock`, `manage_stock` (§15.3).

        Raises NotFound.
        """
        return self._read(f"/stockItems/{segment(sku)}", "stock item")

    @needs(LEGACY_STOCK)
    def stock_item_save(self, sku: str, changes: JSON) -> None:
        """Change parts of it; the item's number in the address is not heeded (§15.3). Raises NotFound, Rejected."""
        self._send("PUT", self._v1(f"/products/{segment(sku)}/stockItems/1"), body={"stockItem": changes})


def _salable_at(website_code: str) -> str:
    return f"/inventory/export-stock-salable-qty/website/{segment(website_code)}"


def asked_in_parts(tenant: str, skus: Sequence[str], ask: Ask, *, most: int = SKUS_PER_CALL) -> list[JSON]:
    """Rows of some SKUs, in questions whose address is not too long. One with a comma is asked for alone (§6)."""
    plain = [sku for sku in skus if "," not in sku]
    rows = in_parts(tenant, plain, ask, most=min(most, LARGEST_PAGE))
    return rows + [row for sku in skus if "," in sku for row in ask([sku])]
