"""Customer accounts at Magento. Its notes §17."""

from connections.connectors.magento import MagentoClient
from mappings.core.canonical.order import Buyer
from mappings.core.magento.account_holder import holder_from_magento


class MagentoAccounts:
    """Fulfils `port.Accounts`."""

    def __init__(self, client: MagentoClient) -> None:
        self._client = client

    def holder(self, typed: Buyer, *, country: str) -> Buyer | None:
        account = self._client.customer_read(typed.source_id)
        return None if account is None else holder_from_magento(account, typed, country=country)
