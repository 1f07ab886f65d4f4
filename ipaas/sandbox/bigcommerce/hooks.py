"""Webhooks: who hears what, and the rules for managing them (note §25.1, §25.2)."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from ipaas.sandbox.bigcommerce.errors import Refused, bad_fields
from ipaas.sandbox.bigcommerce.hook_scopes import is_documented
from ipaas.sandbox.bigcommerce.signing import compact_json, event_hash
from ipaas.sandbox.bigcommerce.state import Row, State
from ipaas.sandbox.core.outbox import Outbox

MAX_PER_SCOPE = 10
DAY = 86_400
EXCEPTION_SCOPE = "store/hook/deliveryException"
WRITABLE = ("scope", "destination", "is_active", "headers")


def scope_matches(wanted: str, scope: str, *, deep: bool = True) -> bool:
    """Whether a hook on `wanted` hears `scope`; `deep` lets a wildcard cover further path levels (§25.2)."""
    if wanted == scope:
        return True
    if not wanted.endswith("/*") or not scope.startswith(wanted[:-1]):
        return False
    return deep or "/" not in scope[len(wanted) - 1 :]


def domain_of(url: str) -> str:
    """The part of a destination that shares one success ratio."""
    return urlsplit(url).netloc.lower()


class Hooks:
    """The emitter of the running service: payloads for every hook that listens."""

    def __init__(self, state: State, outbox: Outbox) -> None:
        self.state, self.outbox = state, outbox

    def emit(self, scope: str, data: Row) -> None:
        """Queue a delivery per listening hook; all carry the same hash."""
        if not len(self.state.hooks):
            return
        switches, now = self.state.switches, self.state.now()
        deep = bool(switches["wildcard_covers_deep"])
        body = ""
        for hook in list(self.state.hooks.all()):
            if not hook["is_active"] or not scope_matches(hook["scope"], scope, deep=deep):
                continue
            if expire_if_idle(self.state, hook) or now - hook["created_at"] < switches["hook_warmup"]:
                continue
            body = body or compact_json(self.payload(scope, data, now))
            self.state.hooks.update(hook["id"], last_event_at=now)
            self.outbox.enqueue(
                hook["destination"],
                body,
                hook["headers"],
                hook_id=hook["id"],
                scope=scope,
                message_id=f"evt_{self.outbox.table.next_id:06d}",
            )

    def payload(self, scope: str, data: Row, now: int) -> Row:
        """The body of a delivery (§25.4)."""
        profile, switches = self.state.profile(), self.state.switches
        number = profile["store_id"]
        store_id = str(number) if switches["store_id_type"] == "string" else int(number)
        if scope == "store/order/statusUpdated" and not switches["status_in_event"]:
            data = {"type": "order", "id": data["id"]}
        created = {"created_at": now} if switches["created_at_in_event"] else {}
        head = {"producer": f"stores/{profile['store_hash']}"}
        rest = {**created, "store_id": store_id, "scope": scope, "data": data}
        return {**head, "hash": event_hash({**head, **rest}), **rest}


def expire_if_idle(state: State, hook: Row) -> bool:
    """Switch a hook off that had no event for 90 days; answers whether it did."""
    last = hook["last_event_at"] or hook["updated_at"]
    if not hook["is_active"] or state.now() - last <= state.switches["idle_days"] * DAY:
        return False
    state.hooks.update(hook["id"], is_active=False)
    return True


# --- management -----------------------------------------------------------------------------------


def own_hooks(state: State, client_id: str) -> list[Row]:
    """The hooks a client made, idle ones switched off first."""
    for hook in state.hooks.find(client_id=client_id):
        expire_if_idle(state, hook)
    return state.hooks.find(client_id=client_id)


def hook_get(state: State, client_id: str, hook_id: int) -> Row:
    """A hook of this client. Raises 404 in the words of §7.3."""
    hook = state.hooks.get(hook_id)
    if hook is None or hook["client_id"] != client_id:
        raise Refused(404, f"Webhook with id [{hook_id}] not found")
    expire_if_idle(state, hook)
    return state.hooks.get(hook_id) or hook


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_destination(state: State, url: str) -> None:
    """https and port 443 only; a switch lets anything on loopback pass (§25.1). Raises 422."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    if parts.scheme in ("http", "https") and is_loopback(host) and state.switches["allow_http_loopback"]:
        return
    if parts.scheme != "https" or not host or "." not in host:
        raise bad_fields({"destination": "The destination must be a valid https URL"})
    if port not in (None, 443):
        raise bad_fields({"destination": "The destination must use port 443"})


def _read(state: State, body: Row, before: Row | None) -> Row:
    found = {name: body[name] for name in WRITABLE if name in body}
    if before is None:
        lacking = {name: f"{name} is required" for name in ("scope", "destination") if not found.get(name)}
        if lacking:
            raise Refused(422, "Missing Required Fields", errors=lacking)
    row = {"is_active": True, "headers": {}, **(before or {}), **found}
    if not isinstance(row["scope"], str) or not is_documented(row["scope"]):
        raise bad_fields({"scope": "The scope is not valid"})
    if not isinstance(row["is_active"], bool):
        raise bad_fields({"is_active": "must be a boolean"})
    row["headers"] = row["headers"] or {}
    if not isinstance(row["headers"], dict) or not all(isinstance(v, str) for v in row["headers"].values()):
        raise bad_fields({"headers": "must be an object of strings"})
    check_destination(state, str(row["destination"]))
    return row


def _check_place(state: State, client_id: str, row: Row, own_id: int | None) -> None:
    """Unique per scope and destination, ten per scope, the exception hook apart (§25.1, §25.2)."""
    others = [hook for hook in state.hooks.find(client_id=client_id) if hook["id"] != own_id]
    same = [hook for hook in others if hook["scope"] == row["scope"]]
    if any(hook["destination"] == row["destination"] for hook in same):
        raise Refused(
            state.switches["duplicate_hook_status"], "A webhook with this scope and destination already exists"
        )
    if len(same) >= (1 if row["scope"] == EXCEPTION_SCOPE else MAX_PER_SCOPE):
        raise Refused(422, "The maximum number of webhooks for this scope has been reached")
    mixed = [hook for hook in others if (hook["scope"] == EXCEPTION_SCOPE) != (row["scope"] == EXCEPTION_SCOPE)]
    if any(hook["destination"] == row["destination"] for hook in mixed):
        raise bad_fields({"destination": f"{EXCEPTION_SCOPE} needs a destination of its own"})


def hook_create(state: State, client_id: str, body: Row) -> Row:
    """POST of a hook. Raises 409 or 422."""
    row = _read(state, body, None)
    _check_place(state, client_id, row, None)
    now = state.now()
    return state.hooks.insert(
        {**row, "client_id": client_id, "created_at": now, "updated_at": now, "last_event_at": None}
    )


def hook_update(state: State, client_id: str, hook_id: int, body: Row) -> Row:
    """PUT of a hook; `is_active: true` re-arms it."""
    before = hook_get(state, client_id, hook_id)
    row = _read(state, body, before)
    _check_place(state, client_id, row, hook_id)
    return state.hooks.update(hook_id, row, updated_at=state.now())


def hook_delete(state: State, client_id: str, hook_id: int) -> Row:
    """DELETE of a hook; answers it, because V3 gives it back with 200."""
    hook = hook_get(state, client_id, hook_id)
    state.hooks.delete(hook_id)
    return hook


def hook_v2(hook: Row) -> dict[str, Any]:
    """The bare object of V2."""
    names = ("id", "client_id", "scope", "destination", "headers", "is_active", "created_at", "updated_at")
    return {name: hook[name] for name in names}


def hook_v3(hook: Row, store_hash: str) -> dict[str, Any]:
    """The object of V3."""
    row = hook_v2(hook)
    return {"id": row.pop("id"), "client_id": row.pop("client_id"), "store_hash": store_hash, **row}
