"""V3 metafields of every resource that has them, one by one and in batches (note §24, official schemas)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ipaas.sandbox.bigcommerce.api.common import Call, Endpoints, numbers, v3_list, v3_one, words
from ipaas.sandbox.bigcommerce.errors import Refused, bad_fields, not_found
from ipaas.sandbox.bigcommerce.scopes import CHANNELS, CUSTOMERS, LOCATIONS, ORDERS, PRODUCTS, Need
from ipaas.sandbox.bigcommerce.state import Row
from ipaas.sandbox.bigcommerce.wire import iso_offset
from ipaas.sandbox.core.web import Reply, Router, empty

router: Router[Any] = Router()
v3 = Endpoints(router, "v3")
PERMISSIONS = ("app_only", "read", "write", "read_and_sf_access", "write_and_sf_access")
REQUIRED = ("namespace", "key", "value", "permission_set")
KEY_LIMIT, VALUE_LIMIT, MAX_BATCH = 64, 65_535, 50


@dataclass(frozen=True, slots=True)
class Owner:
    """A resource that has metafields. `event` is its part of the hook scope, empty when it has none of its own."""

    kind: str
    path: str
    table: str
    need: Need
    event: str = ""
    parent: str = ""  # the field of its row that the path names too


OWNERS = (
    Owner("order", "/orders", "orders", ORDERS, "order"),
    Owner("product", "/catalog/products", "products", PRODUCTS, "product"),
    Owner("brand", "/catalog/brands", "brands", PRODUCTS, "brand"),
    Owner("category", "/catalog/categories", "categories", PRODUCTS, "category"),
    Owner(
        "variant", "/catalog/products/<int:product_id>/variants", "variants", PRODUCTS, "product/variant", "product_id"
    ),
    Owner("customer", "/customers", "customers", CUSTOMERS),
    Owner("channel", "/channels", "channels", CHANNELS, "channel"),
    Owner("location", "/inventory/locations", "locations", LOCATIONS, "inventory/location"),
)
BATCHES = {"variant": "/catalog/variants"}


def _shown(row: Row) -> Row:
    names = ("id", "namespace", "key", "value", "permission_set", "resource_type", "resource_id", "description")
    return {
        **{name: row[name] for name in names},
        "date_created": iso_offset(row["date_created"]),
        "date_modified": iso_offset(row["date_modified"]),
        "owner_client_id": row["client_id"],
    }


def _visible(call: Call, row: Row) -> bool:
    """`app_only` fields belong to the app that wrote them."""
    return bool(row["permission_set"] != "app_only" or row["client_id"] == call.token["client_id"])


def _resource(call: Call, owner: Owner, resource_id: Any, path: Row) -> int:
    """The id of an existing resource. Raises 404."""
    known = isinstance(resource_id, int) and not isinstance(resource_id, bool)
    row = call.state.db.table(owner.table).get(resource_id) if known else None
    if row is None or (owner.parent in path and row[owner.parent] != path[owner.parent]):
        raise not_found()
    return int(row["id"])


def _fields(body: Row, *, required: bool) -> Row:
    faults = {name: f"{name} is required" for name in REQUIRED if required and not body.get(name)}
    for name, limit in (("namespace", KEY_LIMIT), ("key", KEY_LIMIT), ("value", VALUE_LIMIT)):
        if name in body and (not isinstance(body[name], str) or not 1 <= len(body[name]) <= limit):
            faults[name] = f"{name} must have 1 to {limit} characters"
    if "permission_set" in body and body["permission_set"] not in PERMISSIONS:
        faults["permission_set"] = f"permission_set must be one of {', '.join(PERMISSIONS)}"
    if faults:
        raise bad_fields(faults)
    return {name: body[name] for name in (*REQUIRED, "description") if name in body}


def _told(call: Call, owner: Owner, row: Row, what: str) -> None:
    data = {"metafield_id": row["id"], "resource_id": str(row["resource_id"]), "namespace": row["namespace"]}
    if owner.event:
        call.state.emit(f"store/{owner.event}/metafield/{what}", data)
    call.state.emit(f"store/metafield/{what}", {**data, "resource_type": owner.kind})


def _create(call: Call, owner: Owner, resource_id: int, body: Row) -> Row:
    fields, now = _fields(body, required=True), call.state.now()
    for other in call.state.metafields.find(resource_id=resource_id):
        if all(other[name] == value for name, value in (("resource_type", owner.kind), *_key(fields))):
            raise Refused(409, "The metafield namespace and key are a duplicate")
    about = {"resource_type": owner.kind, "resource_id": resource_id, "client_id": call.token["client_id"]}
    row = call.state.metafields.insert(
        {"description": "", **fields, **about, "date_created": now, "date_modified": now}
    )
    _told(call, owner, row, "created")
    return row


def _key(fields: Row) -> tuple[tuple[str, Any], ...]:
    return tuple((name, fields[name]) for name in ("namespace", "key"))


def _update(call: Call, owner: Owner, row: Row, body: Row) -> Row:
    row = call.state.metafields.update(row["id"], _fields(body, required=False), date_modified=call.state.now())
    _told(call, owner, row, "updated")
    return row


def _delete(call: Call, owner: Owner, row: Row) -> None:
    call.state.metafields.delete(row["id"])
    _told(call, owner, row, "deleted")


def _own(call: Call, owner: Owner, row_id: Any, resource_id: int | None = None) -> Row:
    """A metafield this app may see. Raises 404."""
    row = call.state.metafields.get(row_id) if isinstance(row_id, int) and not isinstance(row_id, bool) else None
    if row is None or row["resource_type"] != owner.kind or not _visible(call, row):
        raise not_found()
    if resource_id is not None and row["resource_id"] != resource_id:
        raise not_found()
    return row


def _wanted(call: Call, owner: Owner, rows: Iterator[Row] | list[Row]) -> list[Row]:
    found = [row for row in rows if row["resource_type"] == owner.kind and _visible(call, row)]
    for name in ("key", "namespace"):
        if text := call.arg(name):
            found = [row for row in found if row[name] == text]
        if text := call.arg(f"{name}:in"):
            texts = words(text)
            found = [row for row in found if row[name] in texts]
    if text := call.arg("resource_id:in"):
        ids = numbers("resource_id:in", text)
        found = [row for row in found if row["resource_id"] in ids]
    return found[::-1] if call.arg("direction") == "desc" else found


# --- one by one -----------------------------------------------------------------------------------


def _single_routes(owner: Owner) -> None:
    path = f"{owner.path}/<int:resource_id>/metafields"

    @v3("GET", path, owner.need)
    def listing(call: Call, resource_id: int, **more: int) -> Reply:
        """Metafields of one resource, by key or namespace."""
        _resource(call, owner, resource_id, more)
        return v3_list(call, _wanted(call, owner, call.state.metafields.find(resource_id=resource_id)), _shown)

    @v3("POST", path, owner.need)
    def post(call: Call, resource_id: int, **more: int) -> Reply:
        """Write one; namespace and key are unique per resource."""
        _resource(call, owner, resource_id, more)
        return v3_one(call, _shown(_create(call, owner, resource_id, call.body())))

    @v3("GET", f"{path}/<int:row_id>", owner.need)
    def get(call: Call, resource_id: int, row_id: int, **more: int) -> Reply:
        """Read one."""
        _resource(call, owner, resource_id, more)
        return v3_one(call, _shown(_own(call, owner, row_id, resource_id)))

    @v3("PUT", f"{path}/<int:row_id>", owner.need)
    def put(call: Call, resource_id: int, row_id: int, **more: int) -> Reply:
        """Change one."""
        _resource(call, owner, resource_id, more)
        return v3_one(call, _shown(_update(call, owner, _own(call, owner, row_id, resource_id), call.body())))

    @v3("DELETE", f"{path}/<int:row_id>", owner.need)
    def delete(call: Call, resource_id: int, row_id: int, **more: int) -> Reply:
        """Remove one."""
        _resource(call, owner, resource_id, more)
        _delete(call, owner, _own(call, owner, row_id, resource_id))
        return empty(204)


# --- batches --------------------------------------------------------------------------------------


def _batch(call: Call, entries: list[Any], act: Callable[[Any], Any]) -> Reply:
    """Each entry by itself: what failed is told beside what was done, with 422 when anything failed."""
    done: list[Any] = []
    errors: list[Row] = []
    for number, entry in enumerate(entries):
        try:
            done.append(act(entry))
        except Refused as exc:
            errors.append(
                {"status": exc.status, "title": exc.message, "type": "", "errors": exc.errors or {"index": number}}
            )
    meta = {"total": len(entries), "success": len(done), "failed": len(errors)}
    return call.reply({"data": done, "errors": errors, "meta": meta}, 422 if errors else 200)


def _batch_routes(owner: Owner) -> None:
    path = f"{BATCHES.get(owner.kind, owner.path)}/metafields"

    @v3("GET", path, owner.need)
    def listing(call: Call) -> Reply:
        """Metafields of all resources of a kind."""
        return v3_list(call, _wanted(call, owner, call.state.metafields.all()), _shown)

    @v3("POST", path, owner.need)
    def post(call: Call) -> Reply:
        """Write several, each with its `resource_id`."""

        def act(body: Row) -> Row:
            return _shown(_create(call, owner, _resource(call, owner, body.get("resource_id"), {}), body))

        return _batch(call, call.array(MAX_BATCH), act)

    @v3("PUT", path, owner.need)
    def put(call: Call) -> Reply:
        """Change several, each with its `id`."""
        return _batch(
            call,
            call.array(MAX_BATCH),
            lambda body: _shown(_update(call, owner, _own(call, owner, body.get("id")), body)),
        )

    @v3("DELETE", path, owner.need)
    def delete(call: Call) -> Reply:
        """Remove several by the ids in the body."""
        ids = call.request.json()
        if not isinstance(ids, list) or len(ids) > MAX_BATCH:
            raise bad_fields({"ids": f"must be an array of at most {MAX_BATCH} ids"})

        def act(row_id: Any) -> int:
            row = _own(call, owner, row_id)
            _delete(call, owner, row)
            return int(row["id"])

        return _batch(call, ids, act)


for each in OWNERS:
    _single_routes(each)
    _batch_routes(each)
