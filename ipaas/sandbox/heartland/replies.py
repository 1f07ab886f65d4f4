"""Answers of the Heartland API: records, lists, creates, changes (§3.2, §4.2, §4.6, §4.7)."""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from ipaas.sandbox.core.switches import Switches
from ipaas.sandbox.core.tables import Database, Row
from ipaas.sandbox.core.web import Reply, Request, empty, json_reply
from ipaas.sandbox.heartland.errors import invalid_request
from ipaas.sandbox.heartland.fields import Kind, Resource
from ipaas.sandbox.heartland.filters import checked, read_filters
from ipaas.sandbox.heartland.listing import Wanted, pick, read_page, select

WRITES = ("POST", "PUT", "DELETE", "PATCH")


class Tenant(Protocol):
    """What an answer asks of the service, which stands above."""

    switches: Switches
    database: Database

    def custom_keys(self, group: str) -> list[str]: ...


def render(service: Tenant, resource: Resource, row: Row) -> dict[str, Any]:
    """A record as GET shows it: `?` on booleans, every defined custom key, computed fields."""
    shown = {out: row.get(name) for name, out in resource.shown}
    if resource.group:
        values = row.get(resource.custom) or {}
        filled = {key: _blank(values.get(key)) for key in service.custom_keys(resource.group)} | values
        if resource.custom == "custom":
            shown["custom"] = filled
        else:
            shown.pop(resource.custom, None)
            shown |= {f"{resource.custom}@{key}": value for key, value in filled.items()}
    for name, compute in resource.computed.items():
        shown[name] = compute(service, row)
    return shown


def _blank(value: Any) -> Any:
    return "" if value is None else value


def viewer(service: Tenant, request: Request, resource: Resource) -> Callable[[Row], dict[str, Any]]:
    """A function that shows a record as this call wants it: `_include[]` and `_only[]` applied."""
    args = request.args
    wanted = args.getlist("_include[]") + args.getlist("_include")
    embeds = [(name, resource.includes[name]) for name in wanted if name in resource.includes]
    only = args.getlist("_only[]") + args.getlist("_only")

    def show(row: Row) -> dict[str, Any]:
        shown = render(service, resource, row)
        for name, compute in embeds:
            shown[name] = compute(service, row)
        return {name: shown[name] for name in only if name in shown} if only else shown

    return show


def record_reply(service: Tenant, request: Request, resource: Resource, row: Row) -> Reply:
    """Answer one record."""
    return json_reply(viewer(service, request, resource)(row))


def list_reply(service: Tenant, request: Request, resource: Resource, rows: Iterable[Row] | None = None) -> Reply:
    """Answer a page of the resource's table, or of the given rows."""
    wanted = read_wanted(service, request, resource)
    if rows is None:
        total, found = select(service.database.tables[resource.table], wanted)
    else:
        total, found = pick(rows, wanted)
    return page_reply(total, wanted.pages(total), list(map(viewer(service, request, resource), found)))


def page_reply(total: int, pages: int, results: list[dict[str, Any]]) -> Reply:
    """The list envelope."""
    return json_reply({"total": total, "pages": pages, "results": results})


def read_wanted(service: Tenant, request: Request, resource: Resource) -> Wanted:
    """Read a list call's parameters against the resource. Raises 400."""
    args = request.args

    def kind_of(name: str) -> Kind:
        return field_kind(service, resource, name)

    conditions = read_filters(args, resource, strict=service.switches["strict_filters"])
    page, per_page = read_page(args.get("page"), args.get("per_page"), service.switches["default_per_page"])
    sort = tuple(_order(text) for text in args.getlist("sort[]") + args.getlist("sort"))
    for name, _ in sort:
        kind_of(name)
    return Wanted(
        conditions=checked(conditions, kind_of),
        kind_of=kind_of,
        sort=sort,
        page=page,
        per_page=per_page,
        text=args.get("query", "").strip() if resource.search else "",
        search=resource.search,
    )


def field_kind(service: Tenant, resource: Resource, name: str) -> Kind:
    """The kind of a filterable field. Raises 400 `invalid_request` for an unknown one (§4.9)."""
    field = resource.fields.get(name)
    if field is not None and field.filter:
        return field.kind
    owner, at, key = name.partition("@")
    if at and owner == resource.custom and key in service.custom_keys(resource.group):
        return "text"
    raise invalid_request(f"unknown field: {name}")


def _order(text: str) -> tuple[str, bool]:
    name, _, direction = text.partition(",")
    if direction.strip().lower() not in ("", "asc", "desc"):
        raise invalid_request(f"unknown sort direction: {direction}")
    return name.strip(), direction.strip().lower() == "desc"


def created(
    service: Tenant, request: Request, resource: Resource, row: Row, *, path: str = "", shown_id: Any = None
) -> Reply:
    """201 with `Location`, body empty unless switched (§4.6)."""
    place = f"/api{path or resource.path}/{row['id'] if shown_id is None else shown_id}"
    if service.switches["location_header"] == "absolute":
        place = request.host_url.rstrip("/") + place
    if service.switches["create_body"] == "record":
        return json_reply(render(service, resource, row), 201, {"Location": place})
    return empty(201, {"Location": place})


def changed(service: Tenant, resource: Resource, row: Row | None = None) -> Reply:
    """The answer to PUT and DELETE."""
    style = service.switches["put_response"]
    if style == "200-record" and row is not None:
        return json_reply(render(service, resource, row))
    return empty(204 if style == "204" else 200)
