"""What hangs on products: options, modifiers, images, brands, categories (note §19)."""

from __future__ import annotations

from typing import Any

from ipaas.sandbox.bigcommerce import catalog_rows as shapes
from ipaas.sandbox.bigcommerce.errors import Refused, bad_fields, not_found
from ipaas.sandbox.bigcommerce.state import Row, State, named, objects

MAX_IMAGES = 1_000
WITH_VALUES = frozenset(shapes.OPTION_TYPES) | {"checkbox"}
MOST_VALUES = 250  # of an option: "Platform Limits" of the vendor's help


def _product(state: State, product_id: int) -> Row:
    product = state.products.get(product_id)
    if product is None:
        raise not_found()
    return product


def product_told(state: State, product_id: int) -> None:
    """Something that hangs on a product changed."""
    state.products.update(product_id, date_modified=state.now())
    state.emit("store/product/updated", {"type": "product", "id": product_id})


# --- values ---------------------------------------------------------------------------------------


def new_value(state: State, option_id: int, body: Row, *, order: int, modifier: bool) -> Row:
    """A numbered option value; modifier values carry adjusters (§19)."""
    if not isinstance(body.get("label"), str) or not body["label"]:
        raise bad_fields({"label": "label is required"})
    if not modifier and order >= MOST_VALUES:
        raise bad_fields({"option_values": f"must not have more than {MOST_VALUES} items"})
    number = state.option_values.insert({"option_id": option_id})["id"]
    value = {
        "id": number,
        "label": body["label"],
        "sort_order": body.get("sort_order", order),
        "value_data": body.get("value_data"),
        "is_default": bool(body.get("is_default", False)),
    }
    if modifier:
        nothing = {
            "price": None,
            "weight": None,
            "image_url": "",
            "purchasing_disabled": {"status": False, "message": ""},
        }
        return {**value, "option_id": option_id, "adjusters": {**nothing, **(body.get("adjusters") or {})}}
    return value


def _with_values(state: State, table: Any, row: Row, wanted: list[Row], *, modifier: bool) -> Row:
    if objects(wanted) is None:
        raise bad_fields({"option_values": "option_values must be of type array"})
    values = [new_value(state, row["id"], body, order=n, modifier=modifier) for n, body in enumerate(wanted)]
    changed: Row = table.update(row["id"], option_values=values)
    return changed


# --- options and modifiers ------------------------------------------------------------------------


def option_create(state: State, product_id: int, body: Row) -> Row:
    """POST of a variant option with its values."""
    _product(state, product_id)
    row = {**shapes.defaults(shapes.OPTION), **shapes.read(shapes.OPTION, body)}
    if not row["display_name"]:
        raise Refused(422, "Missing Required Fields", errors={"display_name": "display_name is required"})
    if any(other["display_name"] == row["display_name"] for other in state.options.find(product_id=product_id)):
        title = "The option already exists on the product"
        raise Refused(409, title, errors={"display_name": title})
    row = state.options.insert(
        {
            **row,
            "product_id": product_id,
            "option_values": [],
            "name": f"{row['display_name']}{state.now()}-{product_id}",
        }
    )
    row = _with_values(state, state.options, row, body.get("option_values") or [], modifier=False)
    product_told(state, product_id)
    return row


def modifier_create(state: State, product_id: int, body: Row) -> Row:
    """POST of a modifier: a customisation without SKU or stock of its own."""
    _product(state, product_id)
    lacking = {name: f"{name} is required" for name in ("display_name", "type", "required") if body.get(name) is None}
    if lacking:
        raise Refused(422, "Missing Required Fields", errors=lacking)
    row = {**shapes.defaults(shapes.MODIFIER), **shapes.read(shapes.MODIFIER, body)}
    row = state.modifiers.insert(
        {
            **row,
            "product_id": product_id,
            "option_values": [],
            "name": f"{row['display_name']}{state.now()}-{product_id}",
        }
    )
    wanted = body.get("option_values") or []
    if row["type"] == "checkbox" and not wanted:
        wanted = [
            {"label": "Yes", "value_data": {"checked_value": True}},
            {"label": "No", "value_data": {"checked_value": False}},
        ]
    row = _with_values(state, state.modifiers, row, wanted if row["type"] in WITH_VALUES else [], modifier=True)
    product_told(state, product_id)
    return row


def part_get(table: Any, product_id: int, part_id: int) -> Row:
    """An option, modifier or image of that product. Raises 404."""
    row: Row | None = table.get(part_id)
    if row is None or row["product_id"] != product_id:
        raise not_found()
    return row


def part_update(state: State, table: Any, product_id: int, part_id: int, body: Row) -> Row:
    """PUT of an option, modifier or image."""
    part_get(table, product_id, part_id)
    fields = {"options": shapes.OPTION, "modifiers": shapes.MODIFIER, "images": shapes.IMAGE}[table.name]
    row: Row = table.update(part_id, shapes.read(fields, body))
    product_told(state, product_id)
    return row


def part_delete(state: State, table: Any, product_id: int, part_id: int) -> None:
    """DELETE of an option, modifier or image."""
    part_get(table, product_id, part_id)
    table.delete(part_id)
    product_told(state, product_id)


def value_create(state: State, table: Any, product_id: int, part_id: int, body: Row) -> Row:
    """POST of one more value."""
    row = part_get(table, product_id, part_id)
    value = new_value(state, part_id, body, order=len(row["option_values"]), modifier=table.name == "modifiers")
    table.update(part_id, option_values=[*row["option_values"], value])
    product_told(state, product_id)
    return value


def value_update(state: State, table: Any, product_id: int, part_id: int, value_id: int, body: Row | None) -> Row:
    """PUT of a value, or DELETE when `body` is None; answers the value. Variants keep up with a new label."""
    row = part_get(table, product_id, part_id)
    value = next((value for value in row["option_values"] if value["id"] == value_id), None)
    if value is None:
        raise not_found()
    known = ("label", "sort_order", "value_data", "is_default", "adjusters")
    changed = value if body is None else {**value, **{name: body[name] for name in known if name in body}}
    kept = [
        changed if entry["id"] == value_id else entry
        for entry in row["option_values"]
        if body is not None or entry["id"] != value_id
    ]
    table.update(part_id, option_values=kept)
    if table.name == "options" and body is not None:
        _relabel(state, product_id, changed)
    product_told(state, product_id)
    return changed


def _relabel(state: State, product_id: int, value: Row) -> None:
    for variant in state.variants.find(product_id=product_id):
        values = [
            {**entry, "label": value["label"]} if entry["id"] == value["id"] else entry
            for entry in variant["option_values"]
        ]
        if values != variant["option_values"]:
            state.variants.update(variant["id"], option_values=values)


def values_by_label(state: State, product_id: int, wanted: list[Row], prefix: str) -> list[Row]:
    """Option values of a new variant, options and values made as needed (§19)."""
    if not wanted or objects(wanted) is None:
        raise bad_fields({f"{prefix}option_values": "option_values is required"})
    found = []
    for entry in wanted:
        name, label = entry.get("option_display_name"), entry.get("label")
        if not name or not label:
            raise bad_fields({f"{prefix}option_values": "option_display_name and label are required"})
        option = next((row for row in state.options.find(product_id=product_id) if row["display_name"] == name), None)
        if option is None:
            option = option_create(state, product_id, {"display_name": name, "type": entry.get("type", "rectangles")})
        value = next((value for value in option["option_values"] if value["label"] == label), None)
        if value is None:
            value = new_value(state, option["id"], {"label": label}, order=len(option["option_values"]), modifier=False)
            state.options.update(option["id"], option_values=[*option["option_values"], value])
        found.append({"id": value["id"], "label": label, "option_id": option["id"], "option_display_name": name})
    return found


def values_by_id(state: State, product_id: int, wanted: Any) -> list[Row]:
    """Option values of a new variant, named by {option_id, id} or by names. Raises 422."""
    if objects(wanted) is None:
        raise bad_fields({"option_values": "option_values must be of type array"})
    found = []
    for number, entry in enumerate(wanted):
        if "option_display_name" in entry and "option_id" not in entry:
            found += values_by_label(state, product_id, [entry], "")
            continue
        option = named(state.options, entry.get("option_id"))
        values = option["option_values"] if option and option["product_id"] == product_id else []
        value = next((value for value in values if value["id"] == entry.get("id")), None)
        if option is None or value is None:
            raise bad_fields({f"option_values.{number}": "The option value does not exist on the product"})
        found.append(
            {
                "id": value["id"],
                "label": value["label"],
                "option_id": option["id"],
                "option_display_name": option["display_name"],
            }
        )
    return found


# --- images, brands, categories -------------------------------------------------------------------


def image_create(state: State, product_id: int, body: Row) -> Row:
    """POST of an image by URL. The sandbox does not fetch it; a URL that is no http(s) address is refused."""
    _product(state, product_id)
    row = {**shapes.defaults(shapes.IMAGE), **shapes.read(shapes.IMAGE, body)}
    if not row["image_url"].startswith(("http://", "https://")):
        raise bad_fields({"image_url": "image_url must be a valid URL"})
    others = state.images.find(product_id=product_id)
    if len(others) >= MAX_IMAGES:
        raise bad_fields({"image_url": f"a product has at most {MAX_IMAGES} images"})
    if row["is_thumbnail"]:
        for other in others:
            state.images.update(other["id"], is_thumbnail=False)
    first = row["is_thumbnail"] or not others
    name = row["image_url"].rsplit("/", 1)[-1] or "image.jpg"
    row = state.images.insert(
        {**row, "product_id": product_id, "is_thumbnail": first, "image_file": name, "date_modified": state.now()}
    )
    if first:
        product_told(state, product_id)
    return row


def brand_create(state: State, body: Row) -> Row:
    """POST of a brand; names are unique."""
    row = {**shapes.defaults(shapes.BRAND), **shapes.read(shapes.BRAND, body)}
    if not row["name"]:
        raise Refused(422, "Missing Required Fields", errors={"name": "name is required"})
    if any(brand["name"].casefold() == row["name"].casefold() for brand in state.brands.all()):
        title = "The brand name is a duplicate"
        raise Refused(409, title, errors={"name": title})
    slug = "-".join(row["name"].lower().split())
    row["custom_url"] = row["custom_url"] or {"url": f"/brands/{slug}", "is_customized": False}
    return state.brands.insert(row)


def category_create(state: State, body: Row) -> Row:
    """POST of a category; names are unique under one parent."""
    row = {**shapes.defaults(shapes.CATEGORY), **shapes.read(shapes.CATEGORY, body)}
    if not row["name"]:
        raise Refused(422, "Missing Required Fields", errors={"name": "name is required"})
    if row["parent_id"] and named(state.categories, row["parent_id"]) is None:
        raise bad_fields({"parent_id": "The parent category does not exist"})
    if any(other["name"] == row["name"] and other["parent_id"] == row["parent_id"] for other in state.categories.all()):
        title = "The category name is a duplicate"
        raise Refused(409, title, errors={"name": title})
    slug = "-".join(row["name"].lower().split())
    row["custom_url"] = row["custom_url"] or {"url": f"/{slug}/", "is_customized": False}
    row = state.categories.insert(row)
    category_event(state, row, "created")
    return row


def category_event(state: State, row: Row, what: str) -> None:
    """The store's event and that of each channel whose tree the category is in. Brands have none but metafields'."""
    state.emit(f"store/category/{what}", {"type": "category", "id": row["id"]})
    for channel in (state.trees.get(row["tree_id"]) or {}).get("channels", ()):
        scope = f"store/channel/{channel}/category/{what}"
        state.emit(scope, {"category_id": row["id"], "tree_id": row["tree_id"]})
