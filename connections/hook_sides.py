"""Registering webhooks at a system, behind one face."""

from dataclasses import dataclass, field
from typing import Protocol

from connections.connectors.heartland import HeartlandClient
from connections.models import Hook
from errors.failures import NotOffered

NO_HOOKS = "This kind of store sends no webhooks: its changes are found by polling."


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


class NoSide:
    """A system that sends nothing: it has no topics, and its changes are found by polling."""

    def registered(self) -> list[Registered]:
        return []

    def register(self, hook: Hook, address: str) -> str:
        raise NotOffered(NO_HOOKS)

    def mend(self, hook: Hook, external_id: str) -> None:
        raise NotOffered(NO_HOOKS)

    def remove(self, external_id: str) -> None:
        return None

    def blocked_seconds(self, host: str) -> float:
        return 0.0


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
