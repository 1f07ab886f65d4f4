"""The usual calls of a resource, registered in one line where nothing is special about it."""

from collections.abc import Callable
from typing import Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.heartland.errors import Problems
from ipaas.sandbox.heartland.fields import Resource
from ipaas.sandbox.heartland.inputs import fill, unique_public_id
from ipaas.sandbox.heartland.replies import changed, created, list_reply, record_reply
from ipaas.sandbox.heartland.service import Heartland

Check = Callable[[Heartland, Row, Problems], None]  # looks at the whole record about to be stored
Rows = Callable[[Heartland, Request], "list[Row] | None"]


def nothing(service: Heartland, row: Row, problems: Problems) -> None:
    """No further check."""


def add_list(router: Router[Heartland], resource: Resource, rows: Rows | None = None, **tags: Any) -> None:
    """`GET /resource`."""

    @router.route("GET", f"/api{resource.path}", **tags)
    def get_list(service: Heartland, request: Request) -> Reply:
        return list_reply(service, request, resource, rows(service, request) if rows else None)


def add_read(router: Router[Heartland], resource: Resource, **tags: Any) -> None:
    """`GET /resource/{id}`."""

    @router.route("GET", f"/api{resource.path}/<int:row_id>", **tags)
    def get_one(service: Heartland, request: Request, row_id: int) -> Reply:
        return record_reply(service, request, resource, service.one(resource.table, row_id))


def add_create(
    router: Router[Heartland], resource: Resource, check: Check = nothing, event: str = "", **tags: Any
) -> None:
    """`POST /resource`."""

    @router.route("POST", f"/api{resource.path}", **tags)
    def post(service: Heartland, request: Request) -> Reply:
        row = create(service, resource, request.json_object(), check, event)
        return created(service, request, resource, row)


def add_update(
    router: Router[Heartland], resource: Resource, check: Check = nothing, event: str = "", **tags: Any
) -> None:
    """`PUT /resource/{id}` with only the changed fields (§3.1)."""

    @router.route("PUT", f"/api{resource.path}/<int:row_id>", **tags)
    def put(service: Heartland, request: Request, row_id: int) -> Reply:
        before = service.one(resource.table, row_id)
        row = update(service, resource, before, request.json_object(), check, event)
        return changed(service, resource, row)


def create(
    service: Heartland, resource: Resource, body: dict[str, Any], check: Check = nothing, event: str = ""
) -> Row:
    """Validate and store a new record; numbers it and gives it a uuid where it has one."""
    problems = service.problems()
    row = fill(service, resource, body, problems)
    unique_public_id(service, resource, row, problems)
    check(service, row, problems)
    problems.check()
    row = service.table(resource.table).insert({k: v for k, v in row.items() if k != "id"})
    late: Row = {}
    if "public_id" in resource.fields and not row.get("public_id"):
        late["public_id"] = str(row["id"])
    if "uuid" in resource.fields:
        late["uuid"] = service.uuid(resource.table, row["id"])
    row = service.table(resource.table).update(row["id"], late) if late else row
    if event:
        service.emit(event, resource, row)
    return row


def update(
    service: Heartland, resource: Resource, before: Row, body: dict[str, Any], check: Check = nothing, event: str = ""
) -> Row:
    """Validate and store changed fields."""
    problems = service.problems()
    changes = fill(service, resource, body, problems, before)
    unique_public_id(service, resource, changes, problems, before)
    check(service, {**before, **changes}, problems)
    problems.check()
    row = service.table(resource.table).update(before["id"], changes)
    if event:
        service.emit(event, resource, row)
    return row
