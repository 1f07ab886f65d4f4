"""The store itself and its webhooks."""

from collections.abc import Mapping
from datetime import UTC, datetime

from connections.connectors.bigcommerce.base import BigCommerceBase
from connections.connectors.bigcommerce.rights import INFORMATION
from connections.connectors.http import segment
from connections.connectors.needs import needs
from errors.failures import ContractBroken
from ipaas.types import JSON


class StoreCalls(BigCommerceBase):
    """Questions about the store (notes §24, §25.1)."""

    @needs(INFORMATION)
    def store_read(self) -> JSON:
        """Name, domain, currency, time zone and settings of the store."""
        return self._object(self._send("GET", "/v2/store"), "store")

    @needs(INFORMATION)
    def time(self) -> datetime:
        """The store's clock; also the cheapest check of a token (notes §1)."""
        seconds = self._object(self._send("GET", "/v2/time"), "time").get("time")
        if not isinstance(seconds, int):
            raise ContractBroken("BigCommerce answered without the time.")
        return datetime.fromtimestamp(seconds, UTC)

    @needs()
    def hooks(self) -> list[JSON]:
        """All webhooks that our app registered at this store."""
        return list(self._v3_walk("/v3/hooks", "webhooks"))

    @needs()
    def hooks_blocked(self) -> list[JSON]:
        """Destinations to which nothing is sent for the moment: `destination`, `time_left` in seconds (notes §25)."""
        answer = self._object(self._send("GET", "/v3/hooks/admin"), "webhook settings")
        data = answer.get("data", answer)
        return self._list_of("blocked domains", (data if isinstance(data, dict) else {}).get("blocked_domains") or [])

    @needs()
    def hook_create(self, scope: str, destination: str, headers: Mapping[str, str]) -> JSON:
        """Register a webhook and get it back. Raises Rejected when the same one exists."""
        body = {"scope": scope, "destination": destination, "is_active": True, "headers": dict(headers)}
        return self._hook(self._send("POST", "/v3/hooks", body=body).data)

    @needs()
    def hook_update(self, hook_id: str, **fields: object) -> JSON:
        """Change a webhook, such as `is_active=True` after BigCommerce switched it off."""
        return self._hook(self._send("PUT", f"/v3/hooks/{segment(hook_id)}", body=fields).data)

    @needs()
    def hook_delete(self, hook_id: str) -> None:
        """Remove a webhook. Raises NotFound when it is gone already."""
        self._send("DELETE", f"/v3/hooks/{segment(hook_id)}")

    def _hook(self, body: object) -> JSON:
        """The webhook, which comes bare or wrapped in `data` (notes §28)."""
        hook = body.get("data", body) if isinstance(body, dict) else None
        if not isinstance(hook, dict) or not hook.get("id"):
            raise ContractBroken("BigCommerce registered a webhook but did not say its id.")
        return hook
