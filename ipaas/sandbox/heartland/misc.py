"""Shipping methods, settings, users (§14)."""

from typing import Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import Reply, Request, Router, json_reply
from ipaas.sandbox.heartland.errors import Problems, not_found
from ipaas.sandbox.heartland.fields import ID, READ, STAMPS, Resource, flag, text
from ipaas.sandbox.heartland.replies import changed
from ipaas.sandbox.heartland.routes import add_create, add_list, add_read, add_update
from ipaas.sandbox.heartland.service import Heartland

routes: Router[Heartland] = Router()

SHIPPING_METHODS = Resource(
    table="shipping_methods",
    path="/shipping_methods",
    fields={**ID, "name": text(), "description": text(), "active": flag(True), **STAMPS},
    search=("name",),
    plain=frozenset(("active",)),
)
USERS = Resource(
    table="users",
    path="/users",
    fields={
        **ID,
        **{name: text(**READ) for name in ("login", "first_name", "last_name", "email")},
        "active": flag(True, **READ),
        **STAMPS,
    },
)


def check_name(service: Heartland, row: Row, problems: Problems) -> None:
    """A name is required."""
    problems.need("name", row.get("name"))


add_list(routes, SHIPPING_METHODS)
add_read(routes, SHIPPING_METHODS)
add_create(routes, SHIPPING_METHODS, check_name, needs="settings.manage")
add_update(routes, SHIPPING_METHODS, check_name, needs="settings.manage")
add_list(routes, USERS)
add_read(routes, USERS)


def setting(service: Heartland, key: str) -> Any:
    """The value of a setting, None when unset."""
    row = service.table("settings").first(key=key)
    return row["value"] if row else None


@routes.route("GET", "/api/settings/<key>")
def setting_read(service: Heartland, request: Request, key: str) -> Reply:
    """`{"value": ...}` of a known setting."""
    row = service.table("settings").first(key=key)
    if row is None:
        raise not_found("Setting")
    return json_reply({"value": row["value"]})


@routes.route("PUT", "/api/settings/<key>", needs="settings.manage")
def setting_write(service: Heartland, request: Request, key: str) -> Reply:
    """Set a value."""
    body = request.json_object()
    if "value" not in body:
        raise service.refuse(value="can't be blank")
    row = service.table("settings").first(key=key)
    if row is None:
        service.table("settings").insert({"key": key, "value": body["value"]})
    else:
        service.table("settings").update(row["id"], value=body["value"])
    return changed(service, SHIPPING_METHODS)
