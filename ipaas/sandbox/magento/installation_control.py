"""Control calls for the shop's settings, named faults and rows of one moment (apis/magento.md §22)."""

from __future__ import annotations

from typing import Any

from ipaas.sandbox.core.web import ApiError, Reply, Request, Router, json_reply
from ipaas.sandbox.magento.fault_presets import PRESETS
from ipaas.sandbox.magento.settings import DEFAULTS, setting_set
from ipaas.sandbox.magento.state import CLOCKED

router: Router[Any] = Router()
REST = "^/(index.php/)?rest/"
SCOPES = ("default", "websites", "stores")


@router.route("GET", "/_sim/settings")
def settings_list(service: Any, request: Request) -> Reply:
    """Stored settings by scope, and what a fresh install has."""
    return json_reply({"stored": list(service.state.config.all()), "defaults": DEFAULTS})


@router.route("PUT", "/_sim/settings")
def settings_put(service: Any, request: Request) -> Reply:
    """Set one: `{"path": "tax/calculation/price_includes_tax", "value": 1, "scope": "websites", "scope_id": 2}`."""
    wish = request.json_object()
    scope, path = wish.get("scope", "default"), wish.get("path")
    if path not in DEFAULTS or scope not in SCOPES or "value" not in wish:
        raise ApiError(400, {"error": "path, value and scope are wanted", "paths": sorted(DEFAULTS), "scopes": SCOPES})
    setting_set(service.state, path, wish["value"], scope, int(wish.get("scope_id", 0)))
    return settings_list(service, request)


@router.route("GET", "/_sim/faults/presets")
def presets_list(service: Any, request: Request) -> Reply:
    """Named faults and what each does."""
    return json_reply(PRESETS)


@router.route("POST", "/_sim/faults/presets/<name>")
def presets_add(service: Any, request: Request, name: str) -> Reply:
    """Play a named fault: the body narrows it as any rule, `{"path": "/V1/orders", "method": "POST", "times": 1}`."""
    if name not in PRESETS:
        raise ApiError(404, {"error": "no such fault", "names": sorted(PRESETS)})
    try:
        rule = service.faults.add(
            {"name": name, "path": "^/(index.php/)?rest/", **PRESETS[name], **request.json_object()}
        )
    except (ValueError, TypeError) as exc:
        raise ApiError(400, {"error": str(exc)}) from exc
    return json_reply(rule.describe(), 201)


@router.route("POST", "/_sim/snapshot")
def snapshot(service: Any, request: Request) -> Reply:
    """Keep the whole database as it is now, for a restore."""
    service.kept = service.database.snapshot()
    return json_reply({"rows": {name: len(rows) for name, (_, rows) in service.kept.items()}})


@router.route("POST", "/_sim/restore")
def restore(service: Any, request: Request) -> Reply:
    """The database of the snapshot is back: ids and times run from there a second time (§20.2)."""
    if service.kept is None:
        raise ApiError(409, {"error": "there is no snapshot"})
    service.restore(service.kept)
    return json_reply({"rows": {name: len(rows) for name, (_, rows) in service.kept.items()}})


@router.route("POST", "/_sim/equal-times")
def equal_times(service: Any, request: Request) -> Reply:
    """One `updated_at` for the last rows, as a mass import leaves them: `{"table": "orders", "count": 500, "at"}`."""
    wish = request.json_object()
    if wish.get("table") not in CLOCKED:
        raise ApiError(400, {"error": "table is wanted", "tables": sorted(CLOCKED)})
    table = service.database.tables[wish["table"]]
    at = wish.get("at") or service.state.now()
    ids = list(table.ids())[-int(wish.get("count", 500)) :]
    for row_id in ids:
        table.update(row_id, updated_at=at)
    return json_reply({"rows": len(ids), "updated_at": at})
