"""V3 order settings: whom new orders and forwarded invoices are mailed to, for the store and per channel."""

from __future__ import annotations

from typing import Any

from ipaas.sandbox.bigcommerce.api.common import Call, Endpoints, v3_one
from ipaas.sandbox.bigcommerce.errors import bad_fields, not_found
from ipaas.sandbox.bigcommerce.scopes import ORDERS
from ipaas.sandbox.bigcommerce.state import Row
from ipaas.sandbox.core.web import Reply, Router

router: Router[Any] = Router()
v3 = Endpoints(router, "v3")
KINDS = ("order_placed", "forward_invoice")
STORE = 1  # row of the store's own settings; a channel's row is its id behind that


def _settings(call: Call, row_id: int) -> Row:
    row = call.state.order_settings.get(row_id)
    addresses: Row = row["addresses"] if row else {}
    return {"notifications": {kind: {"email_addresses": addresses.get(kind, [])} for kind in KINDS}}


def _write(call: Call, row_id: int) -> Reply:
    wish = call.body().get("notifications")
    if not isinstance(wish, dict):
        raise bad_fields({"notifications": "must be an object"})
    found: Row = {}
    for kind in KINDS:
        holder = wish.get(kind) or {}
        emails = holder.get("email_addresses") if isinstance(holder, dict) else None
        if not isinstance(emails, list) or not all(isinstance(email, str) for email in emails):
            raise bad_fields({f"notifications.{kind}.email_addresses": "must be an array of strings"})
        found[kind] = emails
    table = call.state.order_settings
    if row_id in table:
        table.update(row_id, addresses=found)
    else:
        table.insert({"id": row_id, "addresses": found})
    return v3_one(call, _settings(call, row_id))


def _channel(call: Call, channel_id: int) -> int:
    if channel_id not in call.state.channels:
        raise not_found()
    return STORE + channel_id


@v3("GET", "/orders/settings", ORDERS)
def settings_get(call: Call) -> Reply:
    """The store's settings."""
    return v3_one(call, _settings(call, STORE))


@v3("PUT", "/orders/settings", ORDERS)
def settings_put(call: Call) -> Reply:
    """Change the store's settings."""
    return _write(call, STORE)


@v3("GET", "/orders/settings/channels/<int:channel_id>", ORDERS)
def channel_settings_get(call: Call, channel_id: int) -> Reply:
    """A channel's settings."""
    return v3_one(call, _settings(call, _channel(call, channel_id)))


@v3("PUT", "/orders/settings/channels/<int:channel_id>", ORDERS)
def channel_settings_put(call: Call, channel_id: int) -> Reply:
    """Change a channel's settings."""
    return _write(call, _channel(call, channel_id))
