"""Who we are and what the account holds: users, locations, stations, payment types, shipping methods, custom fields."""

from collections.abc import Sequence
from typing import Any

from connections.connectors.heartland.base import HeartlandBase, matching
from connections.connectors.heartland.rights import FIELDS, PAYMENT_TYPES, PLACES, SETTINGS, WEBHOOKS
from connections.connectors.http import segment
from connections.connectors.needs import needs
from ipaas.types import JSON


class AccountCalls(HeartlandBase):
    """Questions about the account itself."""

    @needs()
    def whoami(self) -> JSON:
        """The user whom the token acts as (notes §2.3): the connection test."""
        return self._read("/system/whoami", "user")

    @needs()
    def company_name(self) -> str:
        """The company's name from its settings (notes §14)."""
        return str(self._read("/settings/company_name", "company name").get("value") or "")

    @needs(PLACES)
    def locations(self) -> list[JSON]:
        """Every location with its `stations` (notes §7). The API cannot create locations."""
        return list(self._walk("/locations", "locations", [("_include[]", "stations")]))

    @needs(PLACES)
    def station_create(self, location_id: str, name: str) -> str:
        """Add a station; its id comes in `Location`."""
        return self._create("/stations", "station", {"location_id": int(location_id), "name": name, "active": True})

    @needs(PAYMENT_TYPES)
    def payment_types(self) -> list[JSON]:
        """All payment types (notes §11.1)."""
        return list(self._walk("/payment_types", "payment types"))

    @needs(PAYMENT_TYPES)
    def payment_type_create(self, name: str, description: str) -> str:
        """Add a payment type; its id comes in `Location`."""
        return self._create("/payment_types", "payment type", {"name": name, "description": description})

    @needs()
    def shipping_methods(self) -> list[JSON]:
        """All shipping methods (notes §14)."""
        return list(self._walk("/shipping_methods", "shipping methods"))

    @needs(SETTINGS)
    def shipping_method_create(self, name: str) -> str:
        """Add a shipping method; its id comes in `Location`."""
        return self._create("/shipping_methods", "shipping method", {"name": name})

    @needs(FIELDS)
    def custom_fields(self, *, required: bool | None = None, group: str = "") -> list[JSON]:
        """Definitions of custom fields (notes §6), all or those that are (not) required, of one group or all."""
        wanted: dict[str, Any] = {} if required is None else {"required": required}
        if group:
            wanted["group_id"] = group
        return list(self._walk("/custom_fields", "custom fields", [matching(**wanted)] if wanted else []))

    @needs(FIELDS)
    def custom_field_create(self, group: str, name: str) -> str:
        """Add a text field to a group such as `sales.order`; its id comes in `Location`, its key by reading it."""
        body = {"group_id": group, "name": name, "validation_type": "text", "metadata": {}}
        return self._create("/custom_fields", "custom field", body)

    @needs(FIELDS)
    def custom_field_read(self, field_id: str) -> JSON:
        """One definition, with the `key` that Heartland made from the name."""
        return self._read(f"/custom_fields/{segment(field_id)}", "custom field")

    @needs(WEBHOOKS)
    def webhooks(self) -> list[JSON]:
        """Registered webhooks (notes §15)."""
        return list(self._walk("/webhooks", "webhooks"))

    @needs(WEBHOOKS)
    def webhook_create(self, url: str, events: Sequence[str]) -> str:
        """Register one address for events; its id comes in `Location`."""
        return self._create("/webhooks", "webhook", {"url": url, "events": list(events)})

    @needs(WEBHOOKS)
    def webhook_delete(self, webhook_id: str) -> None:
        """Remove a webhook. Raises NotFound when it is gone already."""
        self._send("DELETE", f"/webhooks/{segment(webhook_id)}")

    @needs()
    @needs()
    def probe(self, path: str) -> None:
        """Ask for one row of a list, to learn whether the token may read it. Raises PermissionMissing when not."""
        self._page(path, "records", [("per_page", "1")])

    @needs()
    def probe_write(self, path: str) -> None:
        """Change nothing of a record that does not exist. Raises PermissionMissing, else NotFound or Rejected."""
        self._send("PUT", f"{path}/0", body={})
