"""Products and variants: writes, uniqueness, events (note §18, §19)."""

from __future__ import annotations

import re
from typing import Any

from ipaas.sandbox.bigcommerce import catalog_rows as shapes
from ipaas.sandbox.bigcommerce.actions import options as choices
from ipaas.sandbox.bigcommerce.actions.stock import DEFAULT_LOCATION, MOST, adjust, stock_set
from ipaas.sandbox.bigcommerce.errors import Refused, bad_fields, not_found
from ipaas.sandbox.bigcommerce.state import Row, State, named, objects

REQUIRED = ("name", "type", "weight", "price")
MAX_VARIANTS = 600
SKU_ID_OFFSET = 1346  # sku ids run in their own numbers: the variant 2207 of the note has sku id 861


def sku_key(sku: str) -> str:
    """Form in which SKUs are unique: BigCommerce does not tell case apart (§19)."""
    return sku.strip().casefold()


def conflict(field: str, title: str) -> Refused:
    """409 in the words of §7.3."""
    return Refused(409, title, errors={field: title})


def ensure_sku_free(state: State, sku: str, *, product_id: int | None = None, variant_id: int | None = None) -> None:
    """Raise 409 when a SKU is in use by another product or variant of the store."""
    key = sku_key(sku)
    if not key:
        return
    taken = any(row["id"] != product_id for row in state.products.find(sku_key=key))
    for row in state.variants.find(sku_key=key):
        own_base = row["product_id"] == product_id and row["sku_id"] is None
        taken = taken or (row["id"] != variant_id and not own_base)
    if taken:
        raise conflict("sku", "The product sku is a duplicate")


def _check_links(state: State, product: Row, product_id: int | None) -> None:
    """Duplicate name and missing category, brand or tax class are conflicts (§18)."""
    name = product["name"].strip().casefold()
    if any(row["id"] != product_id for row in state.products.find(name_key=name)):
        raise conflict("name", "The product name is a duplicate")
    if any(named(state.categories, category) is None for category in product["categories"]):
        raise conflict("categories", "The product category does not exist")
    if product["brand_id"] and product["brand_id"] not in state.brands:
        raise conflict("brand_id", "The product brand does not exist")
    if product["tax_class_id"] and product["tax_class_id"] not in state.tax_classes:
        raise conflict("tax_class_id", "The product tax class does not exist")


def product_get(state: State, product_id: int) -> Row:
    """The product. Raises 404."""
    product = named(state.products, product_id)
    if product is None:
        raise not_found()
    return product


def _touch(state: State, product_id: int) -> None:
    state.products.update(product_id, date_modified=state.now())
    state.emit("store/product/updated", {"type": "product", "id": product_id})


def variant_event(state: State, variant: Row, what: str) -> None:
    """`store/sku/*` for variants that have a sku id; base variants only show as their product (§25.2)."""
    if variant["sku_id"] is not None:
        state.emit(
            f"store/sku/{what}",
            {
                "type": "sku",
                "id": variant["sku_id"],
                "sku": {"product_id": variant["product_id"], "variant_id": variant["id"]},
            },
        )


# --- products -------------------------------------------------------------------------------------


def product_create(state: State, body: Row) -> Row:
    """POST of a product with its variants, fields and images (§18). Raises 409 or 422, with nothing written."""
    lacking = {name: f"{name} is required" for name in REQUIRED if body.get(name) is None}
    if lacking:
        raise Refused(422, "Missing Required Fields", errors=lacking)
    _check_lists(body)
    row = {**shapes.defaults(shapes.PRODUCT), **shapes.read(shapes.PRODUCT, body)}
    if not row["name"].strip():
        raise bad_fields({"name": "name must not be empty"})
    row["brand_id"] = _brand(state, row, body)
    _check_links(state, row, None)
    ensure_sku_free(state, row["sku"])
    now = state.now()
    product = state.products.insert(
        {
            **row,
            "sku_key": sku_key(row["sku"]),
            "name_key": row["name"].strip().casefold(),
            "base_variant_id": None,
            "custom_url": row["custom_url"] or {"url": f"/{_slug(row['name'])}/", "is_customized": False},
            "total_sold": 0,
            "reviews_count": 0,
            "reviews_rating_sum": 0,
            "date_created": now,
            "date_modified": now,
        }
    )
    state.emit("store/product/created", {"type": "product", "id": product["id"]})
    product = _first_variants(state, product, body.get("variants") or [])
    for image in body.get("images") or []:
        choices.image_create(state, product["id"], image)
    if "inventory_level" in body:
        _catalog_level(state, product["id"], body["inventory_level"], tell=False)
    return product


def _check_lists(body: Row) -> None:
    """Variants, images and custom fields come as arrays of objects."""
    for name in ("variants", "images", "custom_fields"):
        if objects(body.get(name)) is None:
            raise bad_fields({name: f"{name} must be of type array"})


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _brand(state: State, row: Row, body: Row) -> int:
    """`brand_name` finds or makes the brand."""
    name = body.get("brand_name")
    if not name:
        return int(row["brand_id"])
    key = str(name).strip().casefold()
    known = next((brand for brand in state.brands.all() if brand["name"].casefold() == key), None)
    return int((known or choices.brand_create(state, {"name": str(name).strip()}))["id"])


def _first_variants(state: State, product: Row, wanted: list[Row]) -> Row:
    if not wanted:
        base = _variant_insert(state, product, {"sku": product["sku"], "upc": product["upc"]}, [], has_sku_id=False)
        return state.products.update(product["id"], base_variant_id=base["id"])
    if len(wanted) > MAX_VARIANTS:
        raise bad_fields({"variants": f"must not have more than {MAX_VARIANTS} items"})
    for number, body in enumerate(wanted):
        values = choices.values_by_label(state, product["id"], body.get("option_values") or [], f"variants.{number}.")
        row = shapes.read(shapes.VARIANT, body, f"variants.{number}.")
        ensure_sku_free(state, row.get("sku", ""), product_id=product["id"])
        variant = _variant_insert(state, product, row, values, has_sku_id=True)
        if "inventory_level" in body:
            stock_set(state, variant, DEFAULT_LOCATION, _level_given(body["inventory_level"]))
    if product["option_set_id"] is None:
        return state.products.update(product["id"], option_set_id=product["id"] - 80)
    return product


def _variant_insert(state: State, product: Row, row: Row, values: list[Row], *, has_sku_id: bool) -> Row:
    number = state.variants.next_id
    filled = {**shapes.defaults(shapes.VARIANT), **row}
    variant = state.variants.insert(
        {
            **filled,
            "id": number,
            "product_id": product["id"],
            "sku_key": sku_key(filled["sku"]),
            "sku_id": number - SKU_ID_OFFSET if has_sku_id else None,
            "option_values": values,
            "base_stock": [],
        }
    )
    variant_event(state, variant, "created")
    return variant


def _catalog_level(state: State, product_id: int, value: Any, *, tell: bool = True) -> None:
    """`inventory_level` of a product write."""
    value = _level_given(value)
    variant = state.variants.first(product_id=product_id)
    if variant is None:
        return
    if tell:
        adjust(state, "absolute", [[variant["id"], DEFAULT_LOCATION, value]])
    else:
        stock_set(state, variant, DEFAULT_LOCATION, value)


def _level_given(value: Any) -> int:
    """A level in a catalog write; above the maximum it is clipped (§18)."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise bad_fields({"inventory_level": "inventory_level must be of type integer"})
    return min(value, MOST)


def product_update(state: State, product_id: int, body: Row) -> Row:
    """PUT of a product: the fields given (§18). Raises 404, 409 or 422."""
    product = product_get(state, product_id)
    _check_lists(body)
    changes = shapes.read(shapes.PRODUCT, body)
    row = {**product, **changes}
    if "brand_name" in body:
        changes["brand_id"] = row["brand_id"] = _brand(state, row, body)
    _check_links(state, row, product_id)
    if "sku" in changes:
        ensure_sku_free(state, row["sku"], product_id=product_id)
        changes["sku_key"] = sku_key(row["sku"])
    changes["name_key"] = row["name"].strip().casefold()
    if product["base_variant_id"] and changes.keys() & {"sku", "upc"}:
        own = {name: row[name] for name in ("sku", "upc")}
        state.variants.update(product["base_variant_id"], own, sku_key=sku_key(row["sku"]))
    product = state.products.update(product_id, changes, date_modified=state.now())
    state.emit("store/product/updated", {"type": "product", "id": product_id})
    for variant in body.get("variants") or []:
        if variant.get("id"):
            variant_update(state, product_id, variant["id"], variant)
    if "inventory_level" in body:
        _catalog_level(state, product_id, body["inventory_level"])
    return product


def product_delete(state: State, product_id: int) -> None:
    """DELETE of a product and everything that hangs on it; orders keep their snapshot."""
    product_get(state, product_id)
    for table in (state.variants, state.options, state.modifiers, state.images):
        for row in table.find(product_id=product_id):
            if table is state.variants:
                variant_event(state, row, "deleted")
            table.delete(row["id"])
    state.products.delete(product_id)
    state.emit("store/product/deleted", {"type": "product", "id": product_id})


# --- variants -------------------------------------------------------------------------------------


def variant_get(state: State, product_id: int, variant_id: int) -> Row:
    """The variant of that product. Raises 404."""
    row = state.variants.get(variant_id)
    if row is None or row["product_id"] != product_id:
        raise not_found()
    return row


def variant_create(state: State, product_id: int, body: Row) -> Row:
    """POST of one variant: `sku` and `option_values` are required (§19)."""
    product = product_get(state, product_id)
    lacking = {name: f"{name} is required" for name in ("sku", "option_values") if not body.get(name)}
    if lacking:
        raise Refused(422, "Missing Required Fields", errors=lacking)
    row = shapes.read(shapes.VARIANT, body)
    ensure_sku_free(state, row["sku"])
    values = choices.values_by_id(state, product_id, body["option_values"])
    others = state.variants.find(product_id=product_id)
    wanted = sorted(value["id"] for value in values)
    if any(sorted(value["id"] for value in other["option_values"]) == wanted for other in others):
        raise conflict("option_values", "The variant option values are a duplicate")
    if product["base_variant_id"]:
        state.variants.delete(product["base_variant_id"])
        state.products.update(product_id, base_variant_id=None)
    variant = _variant_insert(state, product, row, values, has_sku_id=True)
    _touch(state, product_id)
    if "inventory_level" in body:
        stock_set(state, variant, DEFAULT_LOCATION, _level_given(body["inventory_level"]))
    return variant


def variant_update(state: State, product_id: int, variant_id: int, body: Row) -> Row:
    """PUT of one variant; the base variant's SKU is the product's."""
    variant = variant_get(state, product_id, variant_id)
    changes = shapes.read(shapes.VARIANT, body)
    if "sku" in changes:
        ensure_sku_free(
            state, changes["sku"], product_id=product_id if variant["sku_id"] is None else None, variant_id=variant_id
        )
        changes["sku_key"] = sku_key(changes["sku"])
        if variant["sku_id"] is None:
            state.products.update(product_id, sku=changes["sku"], sku_key=changes["sku_key"])
    variant = state.variants.update(variant_id, changes)
    variant_event(state, variant, "updated")
    _touch(state, product_id)
    if "inventory_level" in body:
        adjust(state, "absolute", [[variant_id, DEFAULT_LOCATION, _level_given(body["inventory_level"])]])
    return variant


def variant_delete(state: State, product_id: int, variant_id: int) -> None:
    """DELETE of one variant."""
    variant = variant_get(state, product_id, variant_id)
    state.variants.delete(variant_id)
    variant_event(state, variant, "deleted")
    _touch(state, product_id)


def variants_batch(state: State, bodies: list[Row]) -> list[Row]:
    """PUT /catalog/variants: with `id` updates, with `product_id` creates; one bad item refuses all (§19)."""
    done, faults = [], []
    for number, body in enumerate(bodies):
        try:
            done.append(_batch_item(state, body))
        except Refused as exc:
            fault = exc.v3()
            fault["errors"] = {f"{number}.{name}": text for name, text in fault["errors"].items()}
            faults.append({**fault, "status": 422})
    if faults:
        title = "JSON data is missing or invalid"
        raise Refused(422, title, body={"batch_errors": faults})
    return done


def _batch_item(state: State, body: Row) -> Row:
    if body.get("id"):
        variant = named(state.variants, body["id"])
        if variant is None:
            raise Refused(422, "The variant does not exist", errors={"id": f"variant {body['id']} does not exist"})
        return variant_update(state, variant["product_id"], variant["id"], body)
    if not body.get("product_id"):
        raise Refused(422, "Missing Required Fields", errors={"id": "id or product_id is required"})
    return variant_create(state, body["product_id"], body)
