"""Customer accounts of the store."""

from connections.connectors.bigcommerce.base import BigCommerceBase
from connections.connectors.bigcommerce.rights import CUSTOMERS
from connections.connectors.needs import needs
from ipaas.types import JSON


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
