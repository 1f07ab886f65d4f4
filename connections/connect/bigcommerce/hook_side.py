"""Our webhooks at a BigCommerce store. BigCommerce note §25."""

from connections.connectors.bigcommerce import BigCommerceClient
from connections.hook_sides import Registered
from connections.models import Hook
from ipaas.types import JSON

SECRET_HEADER = "X-Tillbridge-Secret"  # noqa: S105 (the header's name)
# Only what somebody reads (its `syncjobs/stores/` room): a stock write would bring two callbacks a SKU.
TOPICS = (
    "store/order/created",
    "store/order/updated",  # any change, its status too (§25.2); of our own writes too: syncjobs.engine.echoes
    "store/order/archived",
    "store/order/refund/created",
    "store/order/transaction/updated",
    "store/shipment/*",
    "store/product/created",
    "store/product/updated",
)
CUSTOMER_TOPICS = (
    "store/customer/created",
    "store/customer/updated",
    "store/customer/deleted",
    "store/customer/address/created",
    "store/customer/address/updated",
    "store/customer/address/deleted",
)


class BigCommerceSide:
    """BigCommerce notes §25.1: a secret header of our own proves each delivery."""

    def __init__(self, client: BigCommerceClient) -> None:
        self._client = client

    def registered(self) -> list[Registered]:
        return [_from_bigcommerce(row) for row in self._client.hooks()]

    def register(self, hook: Hook, address: str) -> str:
        return str(self._client.hook_create(hook.topic, address, {SECRET_HEADER: hook.secret})["id"])

    def mend(self, hook: Hook, external_id: str) -> None:
        self._client.hook_update(external_id, is_active=True, headers={SECRET_HEADER: hook.secret})

    def remove(self, external_id: str) -> None:
        self._client.hook_delete(external_id)

    def blocked_seconds(self, host: str) -> float:
        ours = [row for row in self._client.hooks_blocked() if names(row, host)]
        return max((float(row.get("time_left") or 0) for row in ours), default=0.0)


def names(row: JSON, host: str) -> bool:
    """Whether a blocked destination, with or without scheme, port and path, is our host."""
    return str(row.get("destination") or "").split("//")[-1].split("/")[0].split(":")[0] == host


def _from_bigcommerce(row: JSON) -> Registered:
    headers = row.get("headers") or {}
    lower = {str(name).lower(): str(value) for name, value in headers.items()} if isinstance(headers, dict) else {}
    return Registered(
        external_id=str(row.get("id") or ""),
        topic=str(row.get("scope") or ""),
        address=str(row.get("destination") or ""),
        is_active=bool(row.get("is_active")),
        secret=lower.get(SECRET_HEADER.lower(), ""),
    )
