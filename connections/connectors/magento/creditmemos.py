"""Credit memos: what of an order was given back (notes §11.2)."""

from collections.abc import Iterator
from datetime import datetime

from connections.connectors.magento.changes import KEY, PartCalls
from connections.connectors.magento.criteria import Filter
from connections.connectors.magento.rights import CREDIT_MEMOS
from connections.connectors.needs import needs
from ipaas.types import JSON

MEMOS_PER_PAGE = 100


class CreditMemoCalls(PartCalls):
    """What was given back; memos hardly change once they are made."""

    @needs(CREDIT_MEMOS)
    def creditmemos_of(self, order_id: str) -> list[JSON]:
        """All credit memos of an order, with their items and comments."""
        groups = [[Filter(field="order_id", value=order_id)]]
        return list(self._walk("/creditmemos", "credit memos", groups, key=KEY, page_size=MEMOS_PER_PAGE))

    @needs(CREDIT_MEMOS)
    def creditmemos_changed(self, since: datetime) -> Iterator[JSON]:
        """See `PartCalls`."""
        return self._parts_changed("/creditmemos", "credit memos", since)
