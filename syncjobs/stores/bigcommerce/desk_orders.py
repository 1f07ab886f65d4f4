"""Orders of Heartland's desk, kept at BigCommerce (its note, §13)."""

from connections.connectors.bigcommerce import BigCommerceClient
from mappings.core.bigcommerce.desk_orders import desk_order_body
from mappings.core.canonical.desk_order import DeskOrder
from syncjobs.stores.bigcommerce.orders import head_from_bigcommerce
from syncjobs.stores.port import OrderHead


class BigCommerceDeskOrders:
    """Fulfils `port.DeskOrders`."""

    def __init__(self, client: BigCommerceClient) -> None:
        self._client = client

    def recorded(self, mark: str) -> list[OrderHead]:
        return [head_from_bigcommerce(row) for row in self._client.orders_of_reference(mark)]

    def record(self, order: DeskOrder) -> OrderHead:
        return head_from_bigcommerce(self._client.order_create(desk_order_body(order)))
