"""Heartland's products: a grid with its items, or a single item (its notes §5, §5.1); read, and as requests.

A grid carries what its items share; what tells items apart is in custom fields.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from mappings.core.canonical.product import (
    NEEDED,
    ZERO,
    Facts,
    Field,
    Policy,
    Product,
    Variant,
    barcode,
    kept,
    number,
    plain,
)
from mappings.core.rules.product_changes import ACTIVE, Change

ITEM_FACTS = (
    "description",
    "long_description",
    "cost",
    "price",
    "original_price",
    "active?",
    "track_inventory?",
    "allow_fractional_qty?",
    "available_online?",
    "has_images?",
    "primary_barcode",
    "weight",
)
GRID_FACTS = ("item_description", "item_long_description")
MOST_AXES = 10  # fields of a grid that are tried as options
Body = dict[str, Any]


def item_facts(row: Mapping[str, Any]) -> dict[str, Any]:
    """What we keep of a Heartland item; custom fields only where they say something."""
    custom = row.get("custom")
    filled = {key: plain(one) for key, one in custom.items() if one not in (None, "")} if custom else {}
    return {**kept(row, ITEM_FACTS), "number": str(row.get("public_id") or ""), "custom": filled}


def grid_facts(row: Mapping[str, Any]) -> dict[str, Any]:
    """What we keep of a Heartland grid."""
    custom = row.get("item_custom")
    filled = {key: plain(one) for key, one in custom.items() if one not in (None, "")} if custom else {}
    return {**kept(row, GRID_FACTS), "custom": filled}


def heartland_product(
    external_id: str, grid: Facts | None, items: Mapping[str, Facts], skus: Mapping[str, str], policy: Policy
) -> Product:
    """A product from a grid's facts, or None for a single item, and its items' by id; `skus` are those linked by id."""
    facts = next(iter(items.values()))
    head: Facts = (
        {
            "description": grid.get("item_description"),
            "long_description": grid.get("item_long_description"),
            "custom": {**facts["custom"], **grid["custom"]},
        }
        if grid
        else facts
    )
    sets = option_sets(list(items.values()), policy) if grid else ()
    axes = sets[0] if sets else ()
    return Product(
        external_id=external_id,
        title=str(head.get("description") or "").strip(),
        description=str(head.get("long_description") or ""),
        brand=str(head["custom"].get(policy.brand_key) or ""),
        categories=tuple(filter(None, [str(head["custom"].get(policy.category_key) or "")])),
        has_pictures=any(one.get("has_images?") for one in items.values()),
        is_active=any(one.get("active?") for one in items.values()),
        variants=tuple(
            _item(item_id, one, skus.get(item_id) or one["number"], axes, policy) for item_id, one in items.items()
        ),
        option_sets=tuple(tuple(label_of(key) for key in one) for one in sets) if len(sets) > 1 else (),
    )


def option_sets(items: Sequence[Facts], policy: Policy) -> tuple[tuple[str, ...], ...]:
    """The sets of custom fields that tell a grid's items apart and of which none can be left out, the shortest first.

    Those chosen are one set, in their order. Else only fields that all items have count; no set tells apart items that
    are equal in all of them, and then all that differ are one set.
    """
    keys = policy.option_keys or tuple(sorted({key for one in items for key in one["custom"]}))
    told = {policy.brand_key, policy.category_key, policy.barcode_key}
    values = {key: [str(one["custom"].get(key) or "") for one in items] for key in keys if key not in told}
    if policy.option_keys:
        return (tuple(key for key in keys if any(values.get(key, ()))),)
    differing = [key for key, found in values.items() if all(found) and len(set(found)) > 1][:MOST_AXES]
    found: list[tuple[str, ...]] = []
    for size in range(1, len(differing) + 1):
        for some in combinations(differing, size):
            is_shortest = not any(set(one) <= set(some) for one in found)
            if is_shortest and len(set(zip(*(values[key] for key in some), strict=True))) == len(items):
                found.append(some)
    return tuple(found) or (tuple(differing),)


def _item(item_id: str, facts: Facts, sku: str, axes: Sequence[str], policy: Policy) -> Variant:
    custom = facts["custom"]
    original, price = number(facts.get("original_price")), number(facts.get("price"))
    is_on_sale = bool(policy.original_is_regular and original and price is not None and original > price)
    return Variant(
        external_id=item_id,
        sku=sku,
        options=tuple((label_of(key), str(custom[key])) for key in axes if custom.get(key)),
        fields=tuple((label_of(key), str(value)) for key, value in custom.items()) if axes else (),
        price=original if is_on_sale else price,
        sale_price=price if is_on_sale else None,
        msrp=None if policy.original_is_regular else original,
        cost=number(facts.get("cost")),
        weight=number(facts.get("weight")),
        barcode=barcode(custom.get(policy.barcode_key)) or barcode(facts.get("primary_barcode")),
        is_active=bool(facts.get("active?")),
    )


def label_of(key: str) -> str:
    """The name shoppers see of an option: `shoe_size` is “Shoe size”."""
    words = key.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def key_of(label: str) -> str:
    """The key Heartland makes of a label (its notes §6)."""
    return re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")


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
