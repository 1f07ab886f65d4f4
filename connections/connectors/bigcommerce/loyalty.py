"""Attributes of customers: where apps keep loyalty points (notes §22)."""

from collections.abc import Iterator

from connections.connectors.bigcommerce.base import BigCommerceBase
from connections.connectors.bigcommerce.rights import CUSTOMERS, EDIT_CUSTOMERS
from connections.connectors.needs import needs
from ipaas.types import JSON


class LoyaltyCalls(BigCommerceBase):
    """Questions about what apps note on customers."""

    @needs(CUSTOMERS)
    def customer_attributes(self) -> Iterator[JSON]:
        """Attributes that customers may have: `{id, name, type}`."""
        return self._v3_walk("/v3/customers/attributes", "customer attributes")

    @needs(CUSTOMERS)
    def customer_with_attributes(self, customer_id: str) -> JSON | None:
        """One account with its `attributes` and group; None when it is deleted."""
        wanted = [("id:in", customer_id), ("include", "attributes")]
        rows, _ = self._v3_page("/v3/customers", "customers", wanted)
        return next((row for row in rows if str(row.get("id")) == customer_id), None)

    @needs(CUSTOMERS)
    def attribute_values(self, attribute_id: str) -> Iterator[JSON]:
        """Every customer's value of an attribute: `{customer_id, attribute_value, date_modified}`."""
        return self._v3_walk("/v3/customers/attribute-values", "attribute values", [("attribute_id:in", attribute_id)])

    @needs(EDIT_CUSTOMERS)
    def attribute_value_set(self, customer_id: str, attribute_id: str, value: str) -> None:
        """Give a customer a value, be there one or none. Raises Rejected."""
        body = [{"customer_id": int(customer_id), "attribute_id": int(attribute_id), "value": value}]
        self._send("PUT", "/v3/customers/attribute-values", body=body)
