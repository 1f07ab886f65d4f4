"""Items, their images and vendors, and item grids (§5)."""

from typing import Any

from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.heartland.errors import BLANK, Problems
from ipaas.sandbox.heartland.fields import ID, READ, STAMPS, Field, Resource, flag, number, text, whole
from ipaas.sandbox.heartland.inputs import exists, fill
from ipaas.sandbox.heartland.replies import created, list_reply, render
from ipaas.sandbox.heartland.routes import add_create, add_list, add_read, add_update, create
from ipaas.sandbox.heartland.service import Heartland

routes: Router[Heartland] = Router()


def _grid(service: Heartland, row: Row) -> dict[str, Any] | None:
    grid = service.table("grids").get(row.get("grid_id") or 0)
    return render(service, GRIDS, grid) if grid else None


ITEMS = Resource(
    table="items",
    path="/items",
    fields={
        **ID,
        "public_id": text(),
        "description": text(),
        "long_description": text(),
        "cost": number(),
        "price": number(),
        "original_price": number(),
        "active": flag(True),
        "track_inventory": flag(True),
        "allow_fractional_qty": flag(),
        "prompt_for_price": flag(),
        "prompt_for_description": flag(),
        "use_dynamic_margin": flag(),
        "dynamic_margin": number(),
        "available_online": flag(),
        "has_images": Field("bool", write=False),
        "primary_vendor_id": whole(),
        "primary_barcode": text(),
        "default_lookup_id": whole(**READ),
        "grid_id": whole(),
        "primary_image_id": whole(),
        **{name: number() for name in ("weight", "width", "height", "depth")},
        **{f"{name}_unit": text() for name in ("weight", "width", "height", "depth")},
        "type": text("regular", **READ),
        "product_type": text("simple", **READ),
        "default_price_list_id": whole(1, **READ),
        **{name: Field("int", write=False) for name in ("financial_class_id", "import_batch_id", "import_set_id")},
        "sort_key": whole(),
        "metadata": Field("object", filter=False),
        "metadata_private": Field("object", filter=False),
        "add_on_for_items_matching_filter": flag(),
        "add_on_item_filter": text(),
        "created_by_user_id": whole(**READ),
        "updated_by_user_id": whole(**READ),
        "uuid": text(**READ),
        "custom": Field("object", filter=False),
        **STAMPS,
    },
    group="item",
    search=("public_id", "description", "primary_barcode"),
    includes={"grid": _grid},
    plain=frozenset(("active", "grid_id")),
)

GRIDS = Resource(
    table="grids",
    path="/item_grids",
    fields={
        **ID,
        "item_description": text(),
        "item_long_description": text(),
        "item_price": number(),
        "item_cost": number(),
        "item_primary_vendor_id": whole(),
        "item_custom": Field("object", filter=False),
        **STAMPS,
    },
    group="item",
    custom="item_custom",
    search=("item_description",),
)

IMAGES = Resource(
    table="images",
    path="/items/{id}/images",
    fields={
        **ID,
        "item_id": whole(**READ),
        "url": text(),
        "source": text(),
        "primary": Field("bool", write=False, mark=False),
    },
)
ITEM_VENDORS = Resource(
    table="item_vendors",
    path="/items/{id}/vendors",
    fields={**ID, "item_id": whole(**READ), "vendor_id": whole(), "vendor_item_number": text(), "cost": number()},
)


def check_item(service: Heartland, row: Row, problems: Problems) -> None:
    """`description` and `cost` are required; `price` too unless the till asks for it."""
    problems.need("description", row.get("description"))
    problems.need("cost", row.get("cost"))
    if row.get("price") is None and not row.get("prompt_for_price"):
        problems.add("price", BLANK)
    exists(service, "vendors", row, "primary_vendor_id", problems)
    exists(service, "grids", row, "grid_id", problems)


def check_grid(service: Heartland, row: Row, problems: Problems) -> None:
    """A style has a description."""
    problems.need("item_description", row.get("item_description"))


@routes.route("POST", "/api/items", needs="item.manage")
def item_create(service: Heartland, request: Request) -> Reply:
    """Create an item; barcode and lookup follow from its id."""
    row = create(service, ITEMS, request.json_object(), check_item)
    row = service.table("items").update(row["id"], item_numbers(row, service.grant(request)["user_id"]))
    service.emit("item_created", ITEMS, row)
    return created(service, request, ITEMS, row)


def item_numbers(row: Row, user_id: int) -> Row:
    """What an item gets from its id."""
    return {
        "primary_barcode": row.get("primary_barcode") or f"SR{row['id']}",
        "default_lookup_id": row["id"],
        "created_by_user_id": user_id,
        "updated_by_user_id": user_id,
    }


add_list(routes, ITEMS)
add_read(routes, ITEMS)
add_update(routes, ITEMS, check_item, "item_updated", needs="item.manage")
add_list(routes, GRIDS)
add_read(routes, GRIDS)
add_create(routes, GRIDS, check_grid, needs="item.manage")
add_update(routes, GRIDS, check_grid, needs="item.manage")


@routes.route("GET", "/api/items/<int:item_id>/images")
def image_list(service: Heartland, request: Request, item_id: int) -> Reply:
    """Images of an item."""
    service.one("items", item_id)
    return list_reply(service, request, IMAGES, service.table("images").find(item_id=item_id))


@routes.route("POST", "/api/items/<int:item_id>/images", needs="item.manage")
def image_create(service: Heartland, request: Request, item_id: int) -> Reply:
    """`{"source": "url", "url": ...}`; the first image becomes the primary one."""
    service.one("items", item_id)
    problems = service.problems()
    row = fill(service, IMAGES, request.json_object(), problems)
    problems.need("url", row.get("url"))
    problems.check()
    first = service.table("images").first(item_id=item_id) is None
    image = service.table("images").insert({**row, "item_id": item_id, "primary": first, "id": None})
    changes: Row = {"has_images": True, "updated_at": service.stamp()}
    if first:
        changes["primary_image_id"] = image["id"]
    service.emit("item_updated", ITEMS, service.table("items").update(item_id, changes))
    return created(service, request, IMAGES, image, path=f"/items/{item_id}/images")


@routes.route("GET", "/api/items/<int:item_id>/vendors")
def item_vendor_list(service: Heartland, request: Request, item_id: int) -> Reply:
    """Vendors of an item."""
    service.one("items", item_id)
    return list_reply(service, request, ITEM_VENDORS, service.table("item_vendors").find(item_id=item_id))


@routes.route("POST", "/api/items/<int:item_id>/vendors", needs="item.manage")
def item_vendor_create(service: Heartland, request: Request, item_id: int) -> Reply:
    """Attach a vendor."""
    service.one("items", item_id)
    problems = service.problems()
    row = fill(service, ITEM_VENDORS, request.json_object(), problems)
    exists(service, "vendors", row, "vendor_id", problems, need=True)
    problems.check()
    link = service.table("item_vendors").insert({**row, "item_id": item_id, "id": None})
    return created(service, request, ITEM_VENDORS, link, path=f"/items/{item_id}/vendors")


def resolve(service: Heartland, body: dict[str, Any], problems: Problems) -> Row | None:
    """The item of a document line: `item_id`, or `item_lookup` by Item #, id, barcode, unique custom value (§5)."""
    if body.get("item_id") is not None:
        try:
            item = service.table("items").get(int(body["item_id"]))
        except (TypeError, ValueError):
            item = None
        if item is None:
            problems.add("item_id", "does not exist")
        return item
    lookup = body.get("item_lookup")
    if lookup in (None, ""):
        problems.add("item_id", BLANK)
        return None
    item = find_item(service, str(lookup))
    if item is None:
        problems.add("item_lookup", "does not match an item")
    return item


def find_item(service: Heartland, lookup: str) -> Row | None:
    """An item by any of its lookup codes."""
    table = service.table("items")
    found = table.first(public_id=lookup)
    if found is None and lookup.isdecimal():
        found = table.get(int(lookup))
    if found is None and lookup.upper().startswith("SR") and lookup[2:].isdecimal():
        found = table.get(int(lookup[2:]))
    for one in service.custom_definitions("item") if found is None else ():
        if one["unique"] and (ids := service.with_custom(ITEMS, one["key"], lookup)):
            return table.get(min(ids))
    return found
