"""V3 channels, settings and hooks (note §24, §25.1)."""

from __future__ import annotations

from typing import Any

from ipaas.sandbox.bigcommerce import hooks
from ipaas.sandbox.bigcommerce.api.common import Call, Endpoints, pagination, v3_list, v3_one, words
from ipaas.sandbox.bigcommerce.errors import bad_fields, not_found
from ipaas.sandbox.bigcommerce.scopes import ANY_TOKEN, CHANNELS, INFORMATION
from ipaas.sandbox.bigcommerce.state import Row
from ipaas.sandbox.bigcommerce.wire import iso_z
from ipaas.sandbox.core.web import Reply, Router, empty

router: Router[Any] = Router()
v3 = Endpoints(router, "v3")
SETTINGS = (
    "product_out_of_stock_behavior",
    "default_out_of_stock_message",
    "show_out_of_stock_message",
    "update_stock_behavior",
    "edit_order_stock_adjustment",
    "refund_order_stock_adjustment",
)
BEHAVIOURS = ("order_placed", "order_completed_or_shipped")
SECOND_CHANNEL = 2


# --- channels -------------------------------------------------------------------------------------


def _channel(row: Row) -> Row:
    return {
        "id": row["id"],
        "external_id": row["external_id"],
        "name": row["name"],
        "type": row["type"],
        "platform": row["platform"],
        "status": row["status"],
        "is_listable_from_ui": row["is_listable_from_ui"],
        "is_enabled": row["status"] in ("active", "prelaunch", "connected"),
        "is_visible": row["is_visible"],
        "date_created": iso_z(row["date_created"]),
        "date_modified": iso_z(row["date_modified"]),
        "icon_url": row["icon_url"],
    }


def _channels(call: Call) -> list[Row]:
    """The channels; a switch adds a second storefront."""
    rows = list(call.state.channels.all())
    if call.state.switches["multi_storefront"] and not any(row["id"] == SECOND_CHANNEL for row in rows):
        rows.append({**rows[0], "id": SECOND_CHANNEL, "name": "Harbor & Pine Outlet"})
    return rows


@v3("GET", "/channels", CHANNELS)
def channels_list(call: Call) -> Reply:
    """Channels by type, status, platform."""
    rows = _channels(call)
    for name in ("type", "status", "platform"):
        for parameter in (name, f"{name}:in"):
            if text := call.arg(parameter):
                wanted = words(text)
                rows = [row for row in rows if row[name] in wanted]
    return v3_list(call, rows, _channel)


@v3("GET", "/channels/<int:channel_id>", CHANNELS)
def channel_get(call: Call, channel_id: int) -> Reply:
    """One channel."""
    row = next((row for row in _channels(call) if row["id"] == channel_id), None)
    if row is None:
        raise not_found()
    return v3_one(call, _channel(row))


def _assignment(call: Call, row: Row) -> Row:
    codes = [currency["currency_code"] for currency in call.state.currencies.all() if currency["enabled"]]
    return {"channel_id": row["id"], "enabled_currencies": codes, "default_currency": call.state.profile()["currency"]}


@v3("GET", "/channels/currency-assignments", CHANNELS)
def currency_assignments_list(call: Call) -> Reply:
    """Which currencies each channel shows."""
    return v3_list(call, _channels(call), lambda row: _assignment(call, row))


# --- settings -------------------------------------------------------------------------------------


@v3("GET", "/settings/inventory", INFORMATION)
def inventory_settings_get(call: Call) -> Reply:
    """Inventory settings; with a `channel_id` null means not overridden (§20.6)."""
    row = call.state.profile()
    if call.arg("channel_id"):
        return v3_one(call, dict.fromkeys(SETTINGS))
    return v3_one(call, {name: row[name] for name in SETTINGS})


@v3("PUT", "/settings/inventory", INFORMATION)
def inventory_settings_put(call: Call) -> Reply:
    """Change inventory settings."""
    body = call.body()
    changes = {name: body[name] for name in SETTINGS if name in body}
    if changes.get("update_stock_behavior") not in (None, *BEHAVIOURS):
        raise bad_fields({"update_stock_behavior": f"must be one of {', '.join(BEHAVIOURS)}"})
    row = call.state.store.update(1, changes)
    call.state.emit("store/information/updated", {"type": "store"})
    return v3_one(call, {name: row[name] for name in SETTINGS})


@v3("GET", "/settings/store/profile", INFORMATION)
def profile_get(call: Call) -> Reply:
    """The store's public profile."""
    row = call.state.profile()
    return v3_one(
        call,
        {
            "store_name": row["name"],
            "store_address": row["address"],
            "store_email": row["order_email"],
            "store_phone": row["phone"],
            "store_address_type": "Retail",
        },
    )


# --- hooks ----------------------------------------------------------------------------------------


def _shown(call: Call, hook: Row) -> Row:
    return hooks.hook_v3(hook, call.state.hash)


@v3("GET", "/hooks", ANY_TOKEN)
def hooks_list(call: Call) -> Reply:
    """The client's hooks by state, scope or destination."""
    rows = hooks.own_hooks(call.state, call.token["client_id"])
    if text := call.arg("is_active"):
        flag = text in ("true", "1")
        rows = [row for row in rows if row["is_active"] == flag]
    for name in ("scope", "destination"):
        if text := call.arg(name):
            rows = [row for row in rows if row[name] == text]
    return v3_list(call, rows, lambda row: _shown(call, row))


@v3("POST", "/hooks", ANY_TOKEN)
def hook_post(call: Call) -> Reply:
    """Make a hook: 200 with `data`."""
    return v3_one(call, _shown(call, hooks.hook_create(call.state, call.token["client_id"], call.body())))


@v3("GET", "/hooks/<int:hook_id>", ANY_TOKEN)
def hook_get(call: Call, hook_id: int) -> Reply:
    """One hook."""
    return v3_one(call, _shown(call, hooks.hook_get(call.state, call.token["client_id"], hook_id)))


@v3("PUT", "/hooks/<int:hook_id>", ANY_TOKEN)
def hook_put(call: Call, hook_id: int) -> Reply:
    """Change or re-arm a hook."""
    return v3_one(call, _shown(call, hooks.hook_update(call.state, call.token["client_id"], hook_id, call.body())))


@v3("DELETE", "/hooks/<int:hook_id>", ANY_TOKEN)
def hook_delete(call: Call, hook_id: int) -> Reply:
    """Remove a hook: 200 with the hook."""
    return v3_one(call, _shown(call, hooks.hook_delete(call.state, call.token["client_id"], hook_id)))


def _reason(call: Call, domain: str) -> Row:
    return {"failure_description": f"success ratio of {domain} below 90%", "count": 1, "timestamp": call.state.now()}


@v3("GET", "/hooks/admin", ANY_TOKEN)
def hooks_admin_get(call: Call) -> Reply:
    """Notification e-mails, the client's hooks with their state, and blocked domains."""
    blocked = [
        {"destination": domain, "time_left": round(left), "reasons": [_reason(call, domain)]}
        for domain, left in call.service.hook_outbox.watch.blocked().items()
    ]
    rows = hooks.own_hooks(call.state, call.token["client_id"])
    if text := call.arg("is_active"):
        rows = [row for row in rows if row["is_active"] == (text in ("true", "1"))]
    listed = [{**_shown(call, row), "status": "active" if row["is_active"] else "deactivated"} for row in rows]
    data = {"emails": call.state.profile()["hook_emails"], "hooks_list": listed, "blocked_domains": blocked}
    meta = {"pagination": pagination(len(listed), len(listed), 1, max(1, len(listed)))}
    return call.reply({"data": data, "meta": meta})


@v3("PUT", "/hooks/admin", ANY_TOKEN)
def hooks_admin_put(call: Call) -> Reply:
    """Set the notification e-mails: 204."""
    emails = call.body().get("emails")
    if not isinstance(emails, list) or not all(isinstance(email, str) for email in emails):
        raise bad_fields({"emails": "must be an array of strings"})
    call.state.store.update(1, hook_emails=emails)
    return empty(204)
