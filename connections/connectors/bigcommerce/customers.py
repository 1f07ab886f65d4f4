"""Customer accounts of the store."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connections.connectors.bigcommerce.base import BigCommerceBase
from connections.connectors.bigcommerce.rights import CUSTOMERS, EDIT_CUSTOMERS
from connections.connectors.needs import needs
from errors.failures import ContractBroken
from ipaas.types import JSON

MOST_ADDRESSES = 10
WITH_ADDRESSES = ("include", "addresses")
WITH_CREDIT = ("include", "storecredit")


class CustomerCalls(BigCommerceBase):
    """Questions about customers (notes §22)."""

    @needs(CUSTOMERS)
    def customers_count(self) -> int:
        """How many customers the store has."""
        return self._count("/v3/customers", "customers")

    @needs(CUSTOMERS)
    def customer_read(self, customer_id: str) -> JSON | None:
        """One account with its names, e-mail and phone; None when it is deleted. There is no address for one alone."""
        rows, _ = self._v3_page("/v3/customers", "customers", [("id:in", customer_id)])
        return next((row for row in rows if str(row.get("id")) == customer_id), None)

    @needs(CUSTOMERS)
    def customers_with_addresses(self, customer_ids: Sequence[str]) -> list[JSON]:
        """Some accounts, at most `ROWS_PER_PAGE`, with their addresses; without those that are deleted: one call."""
        wanted = [("id:in", ",".join(customer_ids)), WITH_ADDRESSES]
        return self._v3_page("/v3/customers", "customers", wanted)[0]

    @needs(CUSTOMERS)
    def customers_of_email(self, email: str) -> list[JSON]:
        """Accounts with this e-mail address, with their addresses: one call."""
        return self._v3_page("/v3/customers", "customers", [("email:in", email), WITH_ADDRESSES])[0]

    @needs(CUSTOMERS)
    def customers_changed(self, since: datetime) -> Iterator[JSON]:
        """Accounts changed since, with their addresses, by that time; changes of addresses alone do not count."""
        wanted = [("date_modified:min", since.isoformat()), ("sort", "date_modified:asc"), WITH_ADDRESSES]
        return self._v3_walk("/v3/customers", "customers", wanted)

    @needs(CUSTOMERS)
    def customers_with_credit(self, customer_ids: Sequence[str]) -> list[JSON]:
        """Some accounts, at most `ROWS_PER_PAGE`, with their store credit; without those that are deleted: one call."""
        wanted = [("id:in", ",".join(customer_ids)), WITH_CREDIT]
        return self._v3_page("/v3/customers", "customers", wanted)[0]

    @needs(CUSTOMERS)
    def customer_credit_pages(self, since: datetime | None) -> Iterator[list[JSON]]:
        """Accounts changed since, all for None, with their store credit: a call a page.

        By age, so that a change during the walk hides none. Whether a change of credit moves that time is not known.
        """
        changed = [("date_modified:min", since.isoformat())] if since else []
        return self._v3_pages("/v3/customers", "customers", [*changed, ("sort", "date_created:asc"), WITH_CREDIT])

    @needs(EDIT_CUSTOMERS)
    def customer_create(self, body: Mapping[str, Any]) -> JSON:
        """Make one account; an e-mail address that is taken is refused. Raises Rejected."""
        return self._only("POST", "/v3/customers", "customer", body)

    @needs(EDIT_CUSTOMERS)
    def customer_update(self, customer_id: str, **fields: Any) -> JSON:
        """Change only the given fields; answers the account without its addresses. Raises Rejected."""
        return self._only("PUT", "/v3/customers", "customer", {"id": int(customer_id), **fields})

    @needs(EDIT_CUSTOMERS)
    def customer_addresses_create(self, bodies: Sequence[Mapping[str, Any]]) -> list[JSON]:
        """Add addresses, at most `MOST_ADDRESSES`; answers them without those that were there already, all alike."""
        return self._addresses("POST", bodies)

    @needs(EDIT_CUSTOMERS)
    def customer_addresses_update(self, bodies: Sequence[Mapping[str, Any]]) -> list[JSON]:
        """Change addresses, at most `MOST_ADDRESSES`, each named by its `id`; answers them. Raises Rejected."""
        return self._addresses("PUT", bodies)

    @needs(CUSTOMERS)
    def customer_groups(self) -> list[JSON]:
        """Groups of customers, by V2, which alone has them; none where there are none: one call."""
        answer = self._send("GET", "/v2/customer_groups", params=[("limit", "250")])
        return self._list_of("customer groups", answer.data) if answer.data is not None else []

    def _addresses(self, method: str, bodies: Sequence[Mapping[str, Any]]) -> list[JSON]:
        answer = self._send(method, "/v3/customers/addresses", body=list(bodies))
        return self._list_of("addresses", self._data(answer, "addresses"))

    def _only(self, method: str, path: str, what: str, body: Mapping[str, Any]) -> JSON:
        """Writes take and answer lists: this one is of one entry."""
        rows = self._list_of(what, self._data(self._send(method, path, body=[body]), what))
        if len(rows) != 1:
            raise ContractBroken(f"BigCommerce answered without the {what} that was written.")
        return rows[0]
