"""Customers and their addresses."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connections.connectors.heartland.base import ROWS_PER_PAGE, HeartlandBase, in_order, matching
from connections.connectors.heartland.rights import CUSTOMERS
from connections.connectors.http import segment
from connections.connectors.needs import needs
from errors.failures import ContractBroken
from ipaas.types import JSON

CANDIDATES = ("per_page", "100")


class CustomerCalls(HeartlandBase):
    """Questions about customers (notes §9)."""

    @needs(CUSTOMERS)
    def customers_by_email(self, email: str) -> list[JSON]:
        """Customers with this e-mail, as typed or in lower case: comparisons at Heartland heed case."""
        return self._page("/customers", "customers", [matching(email=_either_case(email)), CANDIDATES])

    @needs(CUSTOMERS)
    def customers_search(self, text: str) -> list[JSON]:
        """Customers whom a free-text search for an e-mail address or a phone number finds; the caller compares."""
        return self._page("/customers", "customers", [("query", text), CANDIDATES])

    @needs(CUSTOMERS)
    def customers_by_number(self, number: str) -> list[JSON]:
        """Customers with this Customer #, the number that people see: one or none."""
        return self._page("/customers", "customers", [matching(public_id=number), CANDIDATES])

    @needs(CUSTOMERS)
    def customers_naming(self, field: str, values: Sequence[str]) -> list[JSON]:
        """Customers whose custom field has one of these values: the fewest calls."""

        def ask(part: list[str]) -> list[JSON]:
            return self._page("/customers", "customers", [matching(**{f"custom@{field}": {"$in": part}}), CANDIDATES])

        return self._in_parts(list(values), ask)

    @needs(CUSTOMERS)
    def customers_changed_page(self, after: int, *, since: datetime) -> tuple[list[JSON], bool]:
        """Customers with a greater id that changed since, ascending; and whether more follow: one call."""
        wanted = matching(id={"$gt": after}, updated_at={"$gte": since.isoformat()})
        page = [wanted, ("sort[]", "id"), ("per_page", str(ROWS_PER_PAGE))]
        rows, has_more = self._list("/customers", "customers", page)
        return in_order(rows, "customers", after=after), has_more

    @needs(CUSTOMERS)
    def customer_read(self, customer_id: str) -> JSON:
        """One customer. Raises NotFound."""
        return self._read(f"/customers/{segment(customer_id)}", "customer")

    @needs(CUSTOMERS)
    def customer_create(self, body: Mapping[str, Any]) -> str:
        """Add a customer; the id comes in `Location`."""
        return self._create("/customers", "customer", body)

    @needs(CUSTOMERS)
    def customer_update(self, customer_id: str, **fields: Any) -> JSON | None:
        """Change only the given fields; answers the customer where Heartland does, which it need not (notes §3.2)."""
        answer = self._send("PUT", f"/customers/{segment(customer_id)}", body=fields)
        return answer.data if isinstance(answer.data, dict) else None

    @needs(CUSTOMERS)
    def customer_addresses(self, customer_id: str) -> list[JSON]:
        """All addresses of a customer. An address's id on orders is its `address_id`, else its `id`."""
        return list(self._walk(f"/customers/{segment(customer_id)}/addresses", "addresses"))

    @needs(CUSTOMERS)
    def address_create(self, customer_id: str, body: Mapping[str, Any], *, trust_location: bool = False) -> str:
        """Add an address and tell the id that orders use.

        `Location` can name a join record instead of the address, so the record is read back: its `address_id`, else
        its `id`, is the one for orders (notes §9). `trust_location` saves that call for a tenant known to agree.
        """
        path = f"/customers/{segment(customer_id)}/addresses"
        located = self._create(path, "address", body)
        return located if trust_location else address_id(self._read(f"{path}/{located}", "address"))

    @needs(CUSTOMERS)
    def address_update(self, customer_id: str, address_id: str, body: Mapping[str, Any]) -> None:
        """Change an address, named by its `id`. Raises NotFound."""
        self._send("PUT", f"/customers/{segment(customer_id)}/addresses/{segment(address_id)}", body=body)


def address_id(address: Mapping[str, Any]) -> str:
    """The id by which orders name an address. Raises ContractBroken when the record has none."""
    found = address.get("address_id") or address.get("id")
    if not found:
        raise ContractBroken("Heartland's address has no id.")
    return str(found)


def _either_case(email: str) -> dict[str, list[str]]:
    return {"$in": list(dict.fromkeys([email, email.lower()]))}
