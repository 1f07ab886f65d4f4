"""V3 inventory and locations (note §20, §21)."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from ipaas.sandbox.bigcommerce import actions
from ipaas.sandbox.bigcommerce.actions import stock
from ipaas.sandbox.bigcommerce.api.catalog_render import location_object
from ipaas.sandbox.bigcommerce.api.common import Call, Endpoints, numbers, v3_list, v3_page, words
from ipaas.sandbox.bigcommerce.errors import Refused, bad_fields, not_found
from ipaas.sandbox.bigcommerce.furnish import location_row
from ipaas.sandbox.bigcommerce.scopes import INVENTORY, LOCATIONS
from ipaas.sandbox.bigcommerce.state import Row, named
from ipaas.sandbox.core.web import Reply, Router, empty

router: Router[Any] = Router()
v3 = Endpoints(router, "v3")
MAX_ITEMS_PAGE = 1_000
PLAN_LOCATIONS = {"Standard": 4, "Plus": 5, "Pro": 8, "Enterprise": 100}
REQUIRED = ("label", "managed_by_external_source", "type_id", "time_zone", "address")
WRITABLE = (
    "code",
    "label",
    "description",
    "managed_by_external_source",
    "type_id",
    "enabled",
    "operating_hours",
    "time_zone",
    "storefront_visibility",
    "special_hours",
    "address",
)


# --- adjustments ----------------------------------------------------------------------------------


@v3("PUT", "/inventory/adjustments/absolute", INVENTORY)
def absolute_put(call: Call) -> Reply:
    """Set quantities: accepted now, applied later; no `data` around the answer."""
    return call.reply({"transaction_id": actions.inventory_absolute(call.state, call.body())})


@v3("POST", "/inventory/adjustments/relative", INVENTORY)
def relative_post(call: Call) -> Reply:
    """Move quantities."""
    return call.reply({"transaction_id": actions.inventory_relative(call.state, call.body())})


# --- reading --------------------------------------------------------------------------------------


def _identity(call: Call, variant: Row, product: Row) -> Row:
    return {
        "sku": variant["sku"] or product["sku"],
        "variant_id": variant["id"],
        "product_id": product["id"],
        "sku_id": variant["sku_id"],
    }


def _onhand(call: Call, row: Row) -> int:
    """The level, or the one before while `stale_inventory` holds."""
    stale = call.state.switches["stale_inventory"]
    if stale and "previous" in row and call.state.clock.timestamp() - row["changed_at"] < stale:
        return int(row["previous"])
    return int(row["onhand"])


def _level(call: Call, variant: Row, product: Row, location_id: int) -> Row:
    kind = stock.VARIANT if stock.tracking(product) == "variant" else stock.PRODUCT
    row = stock.level(call.state, variant, location_id, kind)
    onhand = _onhand(call, row)
    return {
        "available_to_sell": onhand - row["safety_stock"],
        "total_inventory_onhand": onhand,
        "settings": {
            "safety_stock": row["safety_stock"],
            "is_in_stock": row["is_in_stock"],
            "warning_level": row["warning_level"],
            "bin_picking_number": row["bin_picking_number"],
        },
    }


def _items(call: Call) -> Iterator[Row]:
    """Variants the query names; a product tracked as a whole is shown once, by its first variant."""
    table = call.state.variants
    if text := call.arg("variant_id:in"):
        rows: Any = (row for number in sorted(numbers("variant_id:in", text)) if (row := table.get(number)))
    elif text := call.arg("sku:in"):
        rows = (row for sku in sorted(words(text)) for row in table.find(sku=sku))
    elif text := call.arg("product_id:in"):
        rows = (row for number in sorted(numbers("product_id:in", text)) for row in table.find(product_id=number))
    else:
        rows = table.all()
    yield from rows


def _page(call: Call) -> tuple[list[Row], int]:
    """One page of items and how many there are."""
    page, limit = v3_page(call, MAX_ITEMS_PAGE)
    filters = ("variant_id:in", "sku:in", "product_id:in")
    if not any(call.arg(name) for name in filters):
        table = call.state.variants
        return table.slice((page - 1) * limit, limit), len(table)
    found = list(_items(call))
    return found[(page - 1) * limit : page * limit], len(found)


@v3("GET", "/inventory/items", INVENTORY)
def items_list(call: Call) -> Reply:
    """Levels per item and location."""
    places = list(call.state.locations.all())
    if text := call.arg("location_id:in"):
        wanted = numbers("location_id:in", text)
        places = [row for row in places if row["id"] in wanted]
    if text := call.arg("location_code:in"):
        codes = words(text)
        places = [row for row in places if row["code"] in codes]
    rows, total = _page(call)

    def shown(variant: Row) -> Row:
        product = call.state.products.get(variant["product_id"]) or {}
        levels = [
            {
                "location_id": place["id"],
                "location_code": place["code"],
                "location_name": place["label"],
                "location_enabled": place["enabled"],
                **_level(call, variant, product, place["id"]),
            }
            for place in places
        ]
        return {"identity": _identity(call, variant, product), "locations": levels}

    return v3_list(call, rows, shown, most=MAX_ITEMS_PAGE, total=total)


def _location(call: Call, location_id: int) -> Row:
    row = call.state.locations.get(location_id)
    if row is None:
        raise not_found()
    return row


@v3("GET", "/inventory/locations/<int:location_id>/items", INVENTORY)
def location_items(call: Call, location_id: int) -> Reply:
    """Levels at one location, without the `locations` array."""
    _location(call, location_id)
    rows, total = _page(call)

    def shown(variant: Row) -> Row:
        product = call.state.products.get(variant["product_id"]) or {}
        return {"identity": _identity(call, variant, product), **_level(call, variant, product, location_id)}

    return v3_list(call, rows, shown, most=MAX_ITEMS_PAGE, total=total)


@v3("PUT", "/inventory/locations/<int:location_id>/items", INVENTORY)
def location_items_put(call: Call, location_id: int) -> Reply:
    """Safety stock and the rest, per item at one location."""
    _location(call, location_id)
    number = actions.settings_write(call.state, location_id, call.body().get("settings"))
    return call.reply({"transaction_id": number})


# --- locations ------------------------------------------------------------------------------------


def _wanted_locations(call: Call) -> list[Row]:
    rows = list(call.state.locations.all())
    if text := call.arg("location_id:in"):
        wanted = numbers("location_id:in", text)
        rows = [row for row in rows if row["id"] in wanted]
    for name, field in (("location_code:in", "code"), ("type_id:in", "type_id")):
        if text := call.arg(name):
            texts = words(text)
            rows = [row for row in rows if row[field] in texts]
    for name, field in (
        ("managed_by_external_source", "managed_by_external_source"),
        ("is_active", "enabled"),
        ("storefront_visibility", "storefront_visibility"),
    ):
        if text := call.arg(name):
            flag = text in ("true", "1")
            rows = [row for row in rows if row[field] == flag]
    if text := call.arg("is_default"):
        flag = text in ("true", "1")
        rows = [row for row in rows if (row["id"] == stock.DEFAULT_LOCATION) == flag]
    return rows


@v3("GET", "/inventory/locations", LOCATIONS)
def locations_list(call: Call) -> Reply:
    """Locations."""
    return v3_list(call, _wanted_locations(call), location_object)


def _location_event(call: Call, location_id: int, what: str) -> None:
    call.state.emit(f"store/inventory/location/{what}", {"location_id": location_id})


def _check_location(body: Row, prefix: str, *, whole: bool) -> Row:
    if whole:
        lacking = {f"{prefix}{name}": f"{name} is required" for name in REQUIRED if body.get(name) is None}
        if lacking:
            raise Refused(422, "Missing Required Fields", errors=lacking)
    if "address" in body and not isinstance(body["address"], dict):
        raise bad_fields({f"{prefix}address": "must be an object"})
    return {name: body[name] for name in WRITABLE if name in body}


def _ensure_code_free(call: Call, code: str | None, own_id: int | None, prefix: str) -> None:
    if code and any(row["id"] != own_id for row in call.state.locations.find(code=code)):
        raise Refused(409, "The location code is a duplicate", errors={f"{prefix}code": "The code is in use"})


@v3("POST", "/inventory/locations", LOCATIONS)
def locations_post(call: Call) -> Reply:
    """Make locations, as many as the plan allows."""
    bodies = call.array(50)
    most = PLAN_LOCATIONS.get(call.state.profile()["plan_level"], 4)
    if len(call.state.locations) + len(bodies) > most:
        raise Refused(422, f"The plan allows {most} locations")
    for index, body in enumerate(bodies):
        fields = _check_location(body, f"{index}.", whole=True)
        _ensure_code_free(call, fields.get("code"), None, f"{index}.")
        fields["code"] = fields.get("code") or f"BC-LOCATION-{call.state.locations.next_id}"
        row = call.state.locations.insert(location_row(fields, call.state.now()))
        _location_event(call, row["id"], "created")
    return call.reply({"transaction_id": str(uuid.uuid4())})


@v3("PUT", "/inventory/locations", LOCATIONS)
def locations_put(call: Call) -> Reply:
    """Change locations."""
    for index, body in enumerate(call.array(50)):
        row = named(call.state.locations, body.get("id"))
        if row is None:
            raise bad_fields({f"{index}.id": "The location does not exist"})
        fields = _check_location(body, f"{index}.", whole=False)
        _ensure_code_free(call, fields.get("code"), row["id"], f"{index}.")
        fields["address"] = {**row["address"], **fields.get("address", {})}
        call.state.locations.update(row["id"], fields, updated_at=call.state.now())
        _location_event(call, row["id"], "updated")
    return call.reply({"transaction_id": str(uuid.uuid4())})


@v3("DELETE", "/inventory/locations", LOCATIONS)
def locations_delete(call: Call) -> Reply:
    """Remove by `location_id:in`; the default location stays."""
    if not call.arg("location_id:in"):
        raise bad_fields({"location_id:in": "location_id:in is required"})
    for row in _wanted_locations(call):
        if row["id"] == stock.DEFAULT_LOCATION:
            raise Refused(422, "The default location cannot be deleted")
        call.state.locations.delete(row["id"])
    return empty(204)
