"""V3 form fields of customers and addresses, and customer settings of the store and per channel (official schema)."""

from __future__ import annotations

from typing import Any

from ipaas.sandbox.bigcommerce.api.common import Call, Endpoints, v3_list, v3_one, whole_arg
from ipaas.sandbox.bigcommerce.errors import bad_fields, not_found
from ipaas.sandbox.bigcommerce.scopes import CUSTOMERS
from ipaas.sandbox.bigcommerce.state import Row, State, named
from ipaas.sandbox.core.web import Reply, Router

router: Router[Any] = Router()
v3 = Endpoints(router, "v3")
MOST = 10
PRIVACY = {
    "ask_shopper_for_tracking_consent": False,
    "policy_url": "",
    "ask_shopper_for_tracking_consent_on_checkout": False,
}
GROUPS = {"guest_customer_group_id": 0, "default_customer_group_id": 0}


# --- form field values ----------------------------------------------------------------------------


def _shown(row: Row) -> Row:
    owner = {name: row[name] for name in ("customer_id", "address_id") if row[name] is not None}
    return {"name": row["name"], "value": row["value"], **owner}


def values_of(state: State, customer_id: int) -> list[Row]:
    """`{name, value}` of one customer, without those of the addresses."""
    return [{"name": row["name"], "value": row["value"]} for row in state.form_values.find(customer_id=customer_id)]


@v3("GET", "/customers/form-field-values", CUSTOMERS)
def values_list(call: Call) -> Reply:
    """Values by customer, address or name."""
    rows = list(call.state.form_values.all())
    for name in ("customer_id", "address_id"):
        if call.arg(name):
            wanted = whole_arg(call, name, 0)
            rows = [row for row in rows if row[name] == wanted]
    if text := call.arg("field_name"):
        rows = [row for row in rows if row["name"] == text]
    return v3_list(call, rows, _shown)


@v3("PUT", "/customers/form-field-values", CUSTOMERS)
def values_put(call: Call) -> Reply:
    """Write at most 10, each of a customer or of an address."""
    return call.reply({"data": [_write(call, body, f"{n}.") for n, body in enumerate(call.array(MOST))], "meta": {}})


def _write(call: Call, body: Row, prefix: str) -> Row:
    state = call.state
    owners = {"customer_id": state.customers, "address_id": state.customer_addresses}
    given = [name for name in owners if body.get(name) is not None]
    if len(given) != 1 or named(owners[given[0]], body[given[0]]) is None:
        raise bad_fields({f"{prefix}customer_id": "customer_id or address_id must name one that exists"})
    if not isinstance(body.get("name"), str) or not body["name"] or body.get("value") is None:
        raise bad_fields({f"{prefix}name": "name and value are required"})
    if not isinstance(body["value"], str | int | list):
        raise bad_fields({f"{prefix}value": "must be text, a number or an array"})
    for row in state.form_values.find(**{given[0]: body[given[0]]}):
        if row["name"] == body["name"]:
            return _shown(state.form_values.update(row["id"], value=body["value"]))
    owner = {"customer_id": None, "address_id": None, given[0]: body[given[0]]}
    return _shown(state.form_values.insert({"name": body["name"], "value": body["value"], **owner}))


# --- settings -------------------------------------------------------------------------------------


def _settings(call: Call, channel_id: int | None) -> Row:
    stored: Row = call.state.profile().get("customer_settings") or {}
    store: Row = {"privacy_settings": PRIVACY, "customer_group_settings": GROUPS, **stored.get("store", {})}
    if channel_id is None:
        return store
    own: Row = stored.get(str(channel_id), {})
    return {**store, "allow_global_logins": True, **own}


def _change(call: Call, channel_id: int | None) -> Reply:
    names = ("privacy_settings", "customer_group_settings", *(("allow_global_logins",) if channel_id else ()))
    found = {name: value for name, value in call.body().items() if name in names}
    for name, value in found.items():
        if not isinstance(value, bool if name == "allow_global_logins" else dict):
            raise bad_fields({name: "is not valid"})
    place = "store" if channel_id is None else str(channel_id)
    now = _settings(call, channel_id)
    merged = {name: {**now[name], **value} if isinstance(value, dict) else value for name, value in found.items()}
    stored: Row = call.state.profile().get("customer_settings") or {}
    call.state.store.update(1, customer_settings={**stored, place: {**stored.get(place, {}), **merged}})
    return v3_one(call, _settings(call, channel_id))


def _channel(call: Call, channel_id: int) -> int:
    if channel_id not in call.state.channels:
        raise not_found()
    return channel_id


@v3("GET", "/customers/settings", CUSTOMERS)
def settings_get(call: Call) -> Reply:
    """The store's settings."""
    return v3_one(call, _settings(call, None))


@v3("PUT", "/customers/settings", CUSTOMERS)
def settings_put(call: Call) -> Reply:
    """Change the store's settings."""
    return _change(call, None)


@v3("GET", "/customers/settings/channels/<int:channel_id>", CUSTOMERS)
def channel_settings_get(call: Call, channel_id: int) -> Reply:
    """A channel's settings: its own, else the store's."""
    return v3_one(call, _settings(call, _channel(call, channel_id)))


@v3("PUT", "/customers/settings/channels/<int:channel_id>", CUSTOMERS)
def channel_settings_put(call: Call, channel_id: int) -> Reply:
    """Change a channel's settings."""
    return _change(call, _channel(call, channel_id))
