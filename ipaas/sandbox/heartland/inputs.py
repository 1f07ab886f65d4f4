"""Reading a create or update: known attributes only, typed, custom values merged and checked (§4.5, §6, §21.3)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.heartland.errors import BLANK, TAKEN, UNKNOWN, Problems
from ipaas.sandbox.heartland.fields import Resource, coerce

if TYPE_CHECKING:
    from ipaas.sandbox.heartland.service import Heartland


def read_values(resource: Resource, body: Mapping[str, Any], problems: Problems) -> Row:
    """The writable attributes a request sets. Names with `?` and unknown ones are ignored (§4.2, §21.3)."""
    found: Row = {}
    for name, field in resource.fields.items():
        if name not in body or not field.write or name == resource.custom:
            continue
        try:
            found[name] = coerce(field.kind, body[name])
        except ValueError as exc:
            problems.add(name, str(exc))
    return found


def read_custom(resource: Resource, body: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """Custom values of both spellings: `custom: {key: v}` and `custom@key`."""
    given = body.get(resource.custom)
    if given is not None and not isinstance(given, dict):
        problems.add(resource.custom, "is not an object")
        given = None
    flat = {name.partition("@")[2]: value for name, value in body.items() if name.startswith(f"{resource.custom}@")}
    return {**(given or {}), **flat}


def fill(
    service: "Heartland", resource: Resource, body: Mapping[str, Any], problems: Problems, before: Row | None = None
) -> Row:
    """The changed fields of a record (`before`), or a whole new one with defaults and stamps."""
    values = read_values(resource, body, problems)
    row = values if before is not None else {**resource.defaults(), **values}
    if resource.group:
        merge_custom(service, resource, row, read_custom(resource, body, problems), problems, before)
    now = service.stamp()
    if before is None:
        row["created_at"] = row.get("created_at") or now
        row["updated_at"] = row.get("updated_at") or row["created_at"]
    else:
        row.pop("created_at", None)
        row["updated_at"] = values.get("updated_at") or now
    return row


def merge_custom(
    service: "Heartland",
    resource: Resource,
    row: Row,
    given: Mapping[str, Any],
    problems: Problems,
    before: Row | None,
) -> None:
    """Merge custom values into the record; undefined keys are ignored, required and unique ones enforced."""
    definitions = service.custom_definitions(resource.group)
    known = {one["key"] for one in definitions}
    merged = {**((before or {}).get(resource.custom) or {}), **{k: v for k, v in given.items() if k in known}}
    row[resource.custom] = merged
    for one in definitions:
        key, value = one["key"], merged.get(one["key"])
        name = f"{resource.custom}@{key}"
        if one["required"] and value in (None, ""):
            problems.add(name, BLANK)
        allowed = one.get("values") or []
        if allowed and value not in (None, "") and value not in allowed:
            problems.add(name, "is not in the list")
        if one["unique"] and value not in (None, "") and key in given:
            own = before["id"] if before else None
            if any(row_id != own for row_id in service.with_custom(resource, key, value)):
                problems.add(name, TAKEN)


def unique_public_id(
    service: "Heartland", resource: Resource, row: Row, problems: Problems, before: Row | None = None
) -> None:
    """`public_id` given by the request must be free in its table (§4.1)."""
    wanted = row.get("public_id")
    if wanted in (None, ""):
        row.pop("public_id", None)
        return
    table = service.database.tables[resource.table]
    if any(row_id != (before or {}).get("id") for row_id in table.lookup("public_id", wanted)):
        problems.add("public_id", TAKEN)


def exists(service: "Heartland", table: str, row: Row, field: str, problems: Problems, *, need: bool = False) -> None:
    """A foreign id must be there, and given when needed."""
    value = row.get(field)
    if value is None:
        if need:
            problems.add(field, BLANK)
    elif value not in service.database.tables[table]:
        problems.add(field, UNKNOWN)
