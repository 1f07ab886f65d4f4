"""The two ways to register webhooks, behind one face."""

from dataclasses import dataclass, field
from typing import Protocol

from connections.connectors.bigcommerce import BigCommerceClient
from connections.connectors.heartland import HeartlandClient
from connections.models import Hook
from ipaas.types import JSON

SECRET_HEADER = "X-Tillbridge-Secret"  # noqa: S105 (the header's name)


@dataclass(frozen=True, kw_only=True)
class Registered:
    """A webhook as the other side lists it."""

    external_id: str
    topic: str
    address: str
    is_active: bool = True
    secret: str = field(default="", repr=False)


class Side(Protocol):
    """One system's webhooks."""

    def registered(self) -> list[Registered]:
        """All webhooks that our access can see."""

    def register(self, hook: Hook, address: str) -> str:
        """Register the hook; answers its id at the other side."""

    def mend(self, hook: Hook, external_id: str) -> None:
        """Switch it on and give it the right secret."""

    def remove(self, external_id: str) -> None:
        """Delete it. Raises NotFound when it is gone already."""

    def blocked_seconds(self, host: str) -> float:
        """How long nothing is sent to our host yet, because too many deliveries failed; 0 when all is well."""


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


class HeartlandSide:
    """Heartland notes §15: nothing but the address proves a delivery, so each event has its own unguessable one."""

    def __init__(self, client: HeartlandClient) -> None:
        self._client = client

    def registered(self) -> list[Registered]:
        return [
            Registered(external_id=str(row.get("id") or ""), topic=str(event), address=str(row.get("url") or ""))
            for row in self._client.webhooks()
            for event in row.get("events") or []
        ]

    def register(self, hook: Hook, address: str) -> str:
        return self._client.webhook_create(address, [hook.topic])

    def mend(self, hook: Hook, external_id: str) -> None:
        return None  # a Heartland webhook is never switched off and carries no secret but its address

    def remove(self, external_id: str) -> None:
        self._client.webhook_delete(external_id)

    def blocked_seconds(self, host: str) -> float:
        return 0.0  # not known to exist (Heartland notes §15)


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
