"""The requests that bring a product to the other side: only what the merchant lets move, and only what changed.

BigCommerce notes §18, §19: a product without options is written as a whole, variants with options by themselves.
Heartland notes §5, §5.1: a grid carries what its items share; what tells items apart is in custom fields.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mappings.core.canonical.product import ZERO, Direction, Field, Policy, Product, Variant, key_of, label_of
from mappings.core.rules.product_changes import ACTIVE, NEW_VARIANT, Change
from mappings.core.rules.product_limits import beyond_store, free, store_title

FREE = "The price of {} is 0: it would be sold for nothing. Give it a price, or allow what is free among the options."
SETS_NAMED = 4
NEEDED = frozenset({Field.TITLE, Field.PRICE})  # without them a record cannot be made, switched off or not
Body = dict[str, Any]


def lacking(product: Product, policy: Policy) -> str:
    """Why a new product cannot be made in the store or in Heartland; "" when it can."""
    if not product.title:
        return "It has no title."
    if any(variant.price is None for variant in product.variants):
        return "It has no price."
    if sku := "" if policy.sells_free else free(product):
        return FREE.format(sku)
    if any(not variant.sku for variant in product.variants):
        return "One of its variants has no SKU."
    if len(product.variants) > 1 and len({variant.options for variant in product.variants}) < len(product.variants):
        keys = " and ".join(policy.option_keys) or "their custom fields"
        return f"Its items cannot be told apart by {keys}: choose the fields that do among the options."
    if product.option_sets:
        sets = " or by ".join(" and ".join(one) for one in product.option_sets[:SETS_NAMED])
        return f"Its items can be told apart by {sets}: say which shoppers choose by, as fields that tell them apart."
    return beyond_store(product) if policy.direction == Direction.PUSH else ""


def lacking_in(product: Product, target: Product, changes: Sequence[Change], policy: Policy) -> str:
    """Why these changes cannot be made, or had better not; "" when they can."""
    priced = {change.sku for change in changes if change.field in (Field.PRICE, NEW_VARIANT)}
    if sku := "" if policy.sells_free else free(product, priced):
        return FREE.format(sku)
    new = [change.sku for change in changes if change.field == NEW_VARIANT]
    if new and policy.direction == Direction.PUSH:
        return beyond_store(product, has=len(target.variants), new=new)
    return ""


# --- store ----------------------------------------------------------------------------------------


def store_product_body(
    product: Product, policy: Policy, *, category_ids: Sequence[int], pictures: Sequence[str], is_visible: bool
) -> Body:
    """POST /v3/catalog/products. Stock is told by the inventory API, never here (notes §19)."""
    first = product.variants[0]
    fields = policy.fields | NEEDED
    body: Body = {
        "name": store_title(product.title),
        "type": "physical",
        "is_visible": is_visible,
        "inventory_tracking": "variant" if product.has_options else "product",
        "categories": list(category_ids) if Field.CATEGORIES in fields else [],
        "weight": ZERO,
        **_sold(first, fields, policy),
    }
    if Field.DESCRIPTION in fields and product.description:
        body["description"] = product.description
    if Field.BRAND in fields and product.brand:
        body["brand_name"] = product.brand
    if Field.PICTURES in fields and pictures:
        body["images"] = [{"image_url": url, "is_thumbnail": number == 0} for number, url in enumerate(pictures)]
    if product.has_options:
        body.pop("upc", None)
        body["variants"] = [
            {"sku": one.sku, **_sold(one, fields, policy), "option_values": _labels(one)} for one in product.variants
        ]
    else:
        body["sku"] = first.sku
    return body


def store_changes_body(
    source: Product, target: Product, changes: Iterable[Change], policy: Policy, *, category_ids: Sequence[int]
) -> Body:
    """An entry of PUT /v3/catalog/products; empty when only variants change."""
    body: Body = {}
    for change in changes:
        match change.field:
            case Field.TITLE:
                body["name"] = store_title(source.title)
            case Field.DESCRIPTION:
                body["description"] = source.description
            case Field.BRAND:
                body |= {"brand_name": source.brand} if source.brand else {"brand_id": 0}
            case Field.CATEGORIES:
                body["categories"] = list(category_ids)
            case _ if change.sku and not target.has_options:
                body |= _sold(source.variants[0], {change.field}, policy, clears=True)
    return {"id": int(target.external_id), **body} if body else {}


def store_variant_bodies(source: Product, target: Product, changes: Iterable[Change], policy: Policy) -> list[Body]:
    """Entries of PUT /v3/catalog/variants for variants with options that change."""
    mine = {variant.sku: variant for variant in source.variants}
    theirs = {variant.sku: variant for variant in target.variants}
    bodies: dict[str, Body] = {}
    for change in changes:
        if change.sku in theirs and target.has_options:
            body = bodies.setdefault(change.sku, {"id": int(theirs[change.sku].external_id)})
            body |= _sold(mine[change.sku], {change.field}, policy, clears=True)
    return list(bodies.values())


def _sold(variant: Variant, fields: Iterable[str], policy: Policy, *, clears: bool = False) -> Body:
    """What products and variants have in common; with `clears` blanks are written too."""
    wanted = set(fields)
    sale = variant.sale_price or (ZERO if clears and policy.original_is_regular else None)
    values = {
        "price": variant.price if Field.PRICE in wanted else None,
        "sale_price": sale if Field.PRICE in wanted else None,
        "retail_price": variant.msrp if Field.MSRP in wanted else None,
        "cost_price": variant.cost if Field.COST in wanted else None,
        "weight": variant.weight if Field.WEIGHT in wanted else None,
    }
    body: Body = {name: value for name, value in values.items() if value is not None}
    if Field.BARCODE in wanted and (variant.barcode or clears):
        body["upc"] = variant.barcode
    return body


def _labels(variant: Variant) -> list[Body]:
    return [{"option_display_name": name, "label": value} for name, value in variant.options]


# --- Heartland ------------------------------------------------------------------------------------


def option_names(product: Product) -> list[str]:
    """The names of a product's options, in their order."""
    return list(dict.fromkeys(name for variant in product.variants for name, _ in variant.options))


def shared_fields(product: Product, policy: Policy) -> dict[str, str]:
    """Heartland's item custom fields that hold what the store says beside the options: keys with their names."""
    shared = (
        (policy.brand_key, product.brand, Field.BRAND),
        (policy.category_key, product.categories, Field.CATEGORIES),
        (policy.barcode_key, any(variant.barcode for variant in product.variants), Field.BARCODE),
    )
    return {key: label_of(key) for key, value, field in shared if key and value and field in policy.fields}


def item_body(
    product: Product,
    variant: Variant,
    policy: Policy,
    *,
    grid_id: int | None = None,
    keys: Mapping[str, str] | None = None,
) -> Body:
    """POST /items; `keys` are the custom fields of its options, see mappings.core.heartland.field_keys."""
    of_options = keys or {name: key_of(name) for name, _ in variant.options}
    fields = policy.fields | NEEDED
    body: Body = {
        "public_id": variant.sku,
        "description": item_title(product, variant),
        "cost": variant.cost or ZERO,
        "price": variant.sale_price or variant.price,
        "custom": _custom(product, policy) | {of_options[name]: value for name, value in variant.options},
    }
    if grid_id is not None:
        body["grid_id"] = grid_id
    if product.is_digital:
        body["track_inventory"] = False
    if variant.sale_price or (variant.msrp and Field.MSRP in fields):
        body["original_price"] = variant.price if variant.sale_price else variant.msrp
    if Field.DESCRIPTION in fields and product.description:
        body["long_description"] = product.description
    if Field.WEIGHT in fields and variant.weight:
        body["weight"] = variant.weight
    if Field.BARCODE in fields and variant.barcode:
        body["custom"][policy.barcode_key] = variant.barcode
    return body


def grid_body(product: Product, policy: Policy) -> Body:
    """POST /item_grids."""
    first = product.variants[0]
    body: Body = {
        "item_description": product.title,
        "item_price": first.sale_price or first.price,
        "item_cost": first.cost or ZERO,
        "item_custom": _custom(product, policy),
    }
    if Field.DESCRIPTION in policy.fields and product.description:
        body["item_long_description"] = product.description
    return body


def item_changes_body(source: Product, variant: Variant, changes: Iterable[Change], policy: Policy) -> Body:
    """PUT /items/{id}: what changes of one item, the product's own fields too."""
    body: Body = {}
    custom: dict[str, str] = {}
    for change in changes:
        match change.field:
            case Field.TITLE:
                body["description"] = item_title(source, variant)
            case Field.DESCRIPTION:
                body["long_description"] = source.description
            case Field.BRAND:
                custom[policy.brand_key] = source.brand
            case Field.CATEGORIES:
                custom[policy.category_key] = source.categories[0]
            case Field.PRICE:
                body["price"] = variant.sale_price or variant.price
                if policy.original_is_regular:
                    body["original_price"] = variant.price
            case Field.MSRP:
                body["original_price"] = variant.msrp
            case Field.COST:
                body["cost"] = variant.cost
            case Field.WEIGHT:
                body["weight"] = variant.weight
            case Field.BARCODE:
                custom[policy.barcode_key] = variant.barcode
            case _ if change.field == ACTIVE:
                body["active"] = change.after == "yes"
    return body | ({"custom": custom} if custom else {})


def grid_changes_body(source: Product, changes: Iterable[Change], policy: Policy) -> Body:
    """PUT /item_grids/{id}; empty when only items change."""
    body: Body = {}
    custom: dict[str, str] = {}
    for change in changes:
        match change.field:
            case Field.TITLE:
                body["item_description"] = source.title
            case Field.DESCRIPTION:
                body["item_long_description"] = source.description
            case Field.BRAND:
                custom[policy.brand_key] = source.brand
            case Field.CATEGORIES:
                custom[policy.category_key] = source.categories[0]
    return body | ({"item_custom": custom} if custom else {})


def item_title(product: Product, variant: Variant) -> str:
    """As Heartland names the items of a grid: style, then what tells it apart (its notes §5.1)."""
    return " - ".join([product.title, *(value for _, value in variant.options)])


def _custom(product: Product, policy: Policy) -> dict[str, str]:
    values: Mapping[str, tuple[str, Field]] = {
        policy.brand_key: (product.brand, Field.BRAND),
        policy.category_key: (product.categories[0] if product.categories else "", Field.CATEGORIES),
    }
    return {key: value for key, (value, field) in values.items() if value and field in policy.fields}
