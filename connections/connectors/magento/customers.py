"""Customer accounts (notes §17)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connections.connectors.http import segment
from connections.connectors.magento.base import MagentoBase
from connections.connectors.magento.changes import stamp
from connections.connectors.magento.criteria import Filter, Sort, any_of
from connections.connectors.magento.rights import CUSTOMER_GROUPS, CUSTOMERS, EDIT_CUSTOMERS
from connections.connectors.needs import needs
from errors.failures import NotFound
from ipaas.types import JSON

SEARCH, KEY = "/customers/search", "entity_id"
CUSTOMERS_PER_PAGE = 100


class CustomerCalls(MagentoBase):
    """Questions about accounts."""

    @needs(CUSTOMERS)
    def customer_read(self, customer_id: str) -> JSON | None:
        """One account with its names, e-mail and addresses; None when it is deleted."""
        try:
            return self._read(f"/customers/{segment(customer_id)}", f"customer {customer_id}")
        except NotFound:
            return None

    @needs(CUSTOMERS)
    def customers_changed(self, since: datetime) -> Iterator[JSON]:
        """Accounts changed since, by ascending id: a call a page. What changes meanwhile may repeat one."""
        changed = [[Filter(field="updated_at", value=stamp(since), condition="gteq")]]
        return self._walk(SEARCH, "customers", changed, key=KEY, page_size=CUSTOMERS_PER_PAGE)

    @needs(CUSTOMERS)
    def customers_by_id(self, customer_ids: Sequence[str]) -> Iterator[JSON]:
        """Some accounts, at most `CUSTOMERS_PER_PAGE`, without those that are deleted: one call."""
        wanted = [any_of("entity_id", customer_ids)]
        return self._walk(SEARCH, "customers", wanted, key=KEY, page_size=CUSTOMERS_PER_PAGE)

    @needs(CUSTOMERS)
    def customer_ids_after(self, after: str, website_id: int, most: int) -> tuple[list[str], bool]:
        """Ids of the next accounts of a website, ascending, and whether more follow: one call."""
        groups = [
            [Filter(field=KEY, value=after or "0", condition="gt")],
            [Filter(field="website_id", value=str(website_id))],
        ]
        page = self._fitting_page(
            SEARCH, "customers", groups, sort=[Sort(field=KEY)], page_size=most,
            fields="items[id],total_count",
        )  # fmt: skip
        return [str(row["id"]) for row in page.rows], page.total > len(page.rows)

    @needs(CUSTOMERS)
    def customers_of_email(self, email: str) -> Iterator[JSON]:
        """Accounts with this e-mail address, one a website at most: one call."""
        wanted = [[Filter(field="email", value=email)]]
        return self._walk(SEARCH, "customers", wanted, key=KEY, page_size=CUSTOMERS_PER_PAGE)

    @needs(EDIT_CUSTOMERS)
    def customer_create(self, body: Mapping[str, Any]) -> JSON:
        """Make an account without a password, of which the shop mails the shopper. Raises Rejected."""
        return self._object(self._send("POST", self._v1("/customers"), body={"customer": body}), "customer")

    @needs(EDIT_CUSTOMERS)
    def customer_update(self, customer_id: str, body: Mapping[str, Any]) -> JSON:
        """Merge what is sent into an account; `addresses`, where sent, becomes the whole book. Answers the account."""
        path = self._v1(f"/customers/{segment(customer_id)}")
        sent = {"customer": {"id": int(customer_id), **body}}
        return self._object(self._send("PUT", path, body=sent), "customer")

    @needs(CUSTOMER_GROUPS)
    def customer_groups(self) -> list[JSON]:
        """Groups of customers by id, with their `code`: one call."""
        return list(self._walk("/customerGroups/search", "customer groups", key="id", page_size=CUSTOMERS_PER_PAGE))

    @needs()
    def country_read(self, code: str) -> JSON:
        """A country with its `available_regions`, whose ids are text: one call. Raises NotFound."""
        return self._read(f"/directory/countries/{segment(code)}", f"country {code}")
