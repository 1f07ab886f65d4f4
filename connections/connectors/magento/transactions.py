"""What payment providers reported (notes §13)."""

from connections.connectors.magento.base import MagentoBase
from connections.connectors.magento.criteria import Filter
from connections.connectors.magento.rights import TRANSACTIONS
from connections.connectors.needs import needs
from ipaas.types import JSON

TRANSACTIONS_PER_PAGE = 100


class TransactionCalls(MagentoBase):
    """Transactions; methods without a provider have none."""

    @needs(TRANSACTIONS)
    def transactions_of(self, order_id: str) -> list[JSON]:
        """All of an order. Children stand as rows of their own and once more inside their parents."""
        groups = [[Filter(field="order_id", value=order_id)]]
        return list(
            self._walk("/transactions", "transactions", groups, key="transaction_id", page_size=TRANSACTIONS_PER_PAGE)
        )
