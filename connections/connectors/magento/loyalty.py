"""Attributes that accounts have besides the shop's own (notes §17)."""

from connections.connectors.magento.base import MagentoBase
from connections.connectors.magento.rights import CUSTOMERS
from connections.connectors.needs import needs
from ipaas.types import JSON


class LoyaltyCalls(MagentoBase):
    """Questions about what accounts can hold."""

    @needs(CUSTOMERS)
    def account_attributes(self) -> list[JSON]:
        """Attributes that somebody added to accounts: `{attribute_code, frontend_label, frontend_input}`."""
        return self._bare("/attributeMetadata/customer/custom", "attributes of accounts")
