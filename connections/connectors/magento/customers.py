"""Customer accounts (notes §17)."""

from connections.connectors.http import segment
from connections.connectors.magento.base import MagentoBase
from connections.connectors.magento.rights import CUSTOMERS
from connections.connectors.needs import needs
from errors.failures import NotFound
from ipaas.types import JSON


class CustomerCalls(MagentoBase):
    """Questions about accounts."""

    @needs(CUSTOMERS)
    def customer_read(self, customer_id: str) -> JSON | None:
        """One account with its names, e-mail and addresses; None when it is deleted."""
        try:
            return self._read(f"/customers/{segment(customer_id)}", f"customer {customer_id}")
        except NotFound:
            return None
