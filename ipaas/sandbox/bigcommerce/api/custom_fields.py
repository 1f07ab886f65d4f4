"""V3 custom fields of products: {id, name, value}, kept in the product's row."""

from __future__ import annotations

from typing import Any

from ipaas.sandbox.bigcommerce.actions.catalog import product_get
from ipaas.sandbox.bigcommerce.actions.custom_fields import numbered
from ipaas.sandbox.bigcommerce.actions.options import product_told
from ipaas.sandbox.bigcommerce.api.common import Call, Endpoints, v3_list, v3_one
from ipaas.sandbox.bigcommerce.errors import Refused, bad_fields, not_found
from ipaas.sandbox.bigcommerce.scopes import PRODUCTS
from ipaas.sandbox.bigcommerce.state import Row
from ipaas.sandbox.core.web import Reply, Router, empty

router: Router[Any] = Router()
v3 = Endpoints(router, "v3")
PATH = "/catalog/products/<int:product_id>/custom-fields"
LIMIT, MOST = 250, 200


def _fields(call: Call, product_id: int) -> list[Row]:
    return numbered(product_get(call.state, product_id)["custom_fields"])


def _one(fields: list[Row], field_id: int) -> Row:
    found = next((field for field in fields if field["id"] == field_id), None)
    if found is None:
        raise not_found()
    return found


def _store(call: Call, product_id: int, fields: list[Row]) -> None:
    call.state.products.update(product_id, custom_fields=fields)
    product_told(call.state, product_id)


def _read(body: Row, *, required: bool) -> Row:
    faults = {}
    for name in ("name", "value"):
        if required and not body.get(name):
            faults[name] = f"{name} is required"
        elif name in body and (not isinstance(body[name], str) or not 1 <= len(body[name]) <= LIMIT):
            faults[name] = f"{name} must have 1 to {LIMIT} characters"
    if faults:
        raise bad_fields(faults)
    return {name: body[name] for name in ("name", "value") if name in body}


@v3("GET", PATH, PRODUCTS)
def fields_list(call: Call, product_id: int) -> Reply:
    """Fields of one product."""
    return v3_list(call, _fields(call, product_id), lambda field: field)


@v3("POST", PATH, PRODUCTS)
def field_post(call: Call, product_id: int) -> Reply:
    """Add a field; the same name and value twice is a conflict."""
    fields, new = _fields(call, product_id), _read(call.body(), required=True)
    if any((field.get("name"), field.get("value")) == (new["name"], new["value"]) for field in fields):
        raise Refused(409, "The custom field conflicts with another of the product")
    if len(fields) >= MOST:
        raise bad_fields({"name": f"a product has at most {MOST} custom fields"})
    fields = numbered([*fields, new])
    _store(call, product_id, fields)
    return v3_one(call, fields[-1])


@v3("GET", f"{PATH}/<int:field_id>", PRODUCTS)
def field_get(call: Call, product_id: int, field_id: int) -> Reply:
    """One field."""
    return v3_one(call, _one(_fields(call, product_id), field_id))


@v3("PUT", f"{PATH}/<int:field_id>", PRODUCTS)
def field_put(call: Call, product_id: int, field_id: int) -> Reply:
    """Change a field."""
    fields = _fields(call, product_id)
    changed = {**_one(fields, field_id), **_read(call.body(), required=False)}
    _store(call, product_id, [changed if field["id"] == field_id else field for field in fields])
    return v3_one(call, changed)


@v3("DELETE", f"{PATH}/<int:field_id>", PRODUCTS)
def field_delete(call: Call, product_id: int, field_id: int) -> Reply:
    """Remove a field."""
    fields = _fields(call, product_id)
    _one(fields, field_id)
    _store(call, product_id, [field for field in fields if field["id"] != field_id])
    return empty(204)
