"""BigCommerce's products with their variants, one of them hidden where a product has no options; read, and as requests.

Notes §18, §19: a product without options is written as a whole, variants with options by themselves.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from mappings.core.bigcommerce.product_limits import LIMITS
from mappings.core.canonical.listing import ListedVariant, Listing, Names
from mappings.core.canonical.product import NEEDED, ZERO, Field, Policy, Product, Variant, amount, kept
from mappings.core.rules.matching import StoreItem
from mappings.core.rules.product_changes import Change
from mappings.core.rules.product_limits import store_title

PRODUCT_FACTS = (
    "name",
    "type",
    "sku",
    "description",
    "price",
    "sale_price",
    "retail_price",
    "cost_price",
    "weight",
    "is_visible",
    "availability",
    "upc",
)
VARIANT_FACTS = ("price", "sale_price", "retail_price", "cost_price", "weight", "upc", "purchasing_disabled")
Body = dict[str, Any]


def listing_from_bigcommerce(row: Mapping[str, Any]) -> Listing:
    """Read a product with the `variants` and `images` that were included."""
    return Listing(
        id=str(row["id"]),
        changed_at=_moment(row.get("date_modified")),
        keeps_stock=row.get("inventory_tracking") != "none",
        brand_id=str(row.get("brand_id") or ""),
        facts=product_facts(row),
        variants=tuple(ListedVariant(id=str(one["id"]), facts=variant_facts(one)) for one in row.get("variants") or []),
    )


def names_from_bigcommerce(brands: Iterable[Mapping[str, Any]], categories: Iterable[Mapping[str, Any]]) -> Names:
    """Names by id, from the store's lists: `{id, name}`, and `{id, parent_id, name}`."""
    rows = {str(row["id"]): row for row in categories}

    def path(key: str) -> list[str]:
        names: dict[str, str] = {}
        while key in rows and key not in names:
            names[key] = str(rows[key].get("name") or "")
            key = str(rows[key].get("parent_id") or "")
        return list(names.values())[::-1]

    return Names(
        brands={str(row["id"]): str(row.get("name") or "") for row in brands},
        categories={key: path(key) for key in rows},
    )


def item_from_bigcommerce(sku: str, variant: Mapping[str, Any], product: Mapping[str, Any]) -> StoreItem:
    """A SKU as it may be linked, from its variant and its product's `name`, `upc` and `price`."""
    options = [str(value.get("label")) for value in variant.get("option_values") or []]
    return StoreItem(
        sku=sku,
        name=" - ".join([str(product.get("name") or ""), *options]).strip(" -"),
        barcode=str(variant.get("upc") or product.get("upc") or ""),
        price=amount(variant.get("calculated_price") or product.get("price")),
    )


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None


def product_facts(row: Mapping[str, Any]) -> dict[str, Any]:
    """What we keep of a product, but for the names of brand and categories."""
    ids = [int(one) for one in row.get("categories") or []]
    pictures = [str(image.get("url_standard") or image.get("image_url") or "") for image in row.get("images") or []]
    return {
        **kept(row, PRODUCT_FACTS),
        "category_ids": ids,
        "pictures": pictures,
    }


def variant_facts(row: Mapping[str, Any]) -> dict[str, Any]:
    """What we keep of a variant."""
    values = row.get("option_values") or []
    options = [[str(one.get("option_display_name") or ""), str(one.get("label") or "")] for one in values]
    return {**kept(row, VARIANT_FACTS), "number": str(row.get("sku") or ""), "options": options}


def store_product_body(
    product: Product, policy: Policy, *, category_ids: Sequence[str], pictures: Sequence[str], is_visible: bool
) -> Body:
    """POST /v3/catalog/products. Stock is told by the inventory API, never here (notes §19)."""
    first = product.variants[0]
    fields = policy.fields | NEEDED
    body: Body = {
        "name": store_title(product.title, LIMITS),
        "type": "physical",
        "is_visible": is_visible,
        "inventory_tracking": "variant" if product.has_options else "product",
        "categories": [int(one) for one in category_ids] if Field.CATEGORIES in fields else [],
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
    source: Product, target: Product, changes: Iterable[Change], policy: Policy, *, category_ids: Sequence[str]
) -> Body:
    """An entry of PUT /v3/catalog/products; empty when only variants change."""
    body: Body = {}
    for change in changes:
        match change.field:
            case Field.TITLE:
                body["name"] = store_title(source.title, LIMITS)
            case Field.DESCRIPTION:
                body["description"] = source.description
            case Field.BRAND:
                body |= {"brand_name": source.brand} if source.brand else {"brand_id": 0}
            case Field.CATEGORIES:
                body["categories"] = [int(one) for one in category_ids]
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


def new_variant_body(target: Product, variant: Variant, values: Sequence[Body]) -> Body:
    """An entry of PUT /v3/catalog/variants that adds a variant; `values` are `{option_id, id}`, one of each option."""
    return {
        "product_id": int(target.external_id),
        "sku": variant.sku,
        "price": variant.price,
        "option_values": list(values),
    }


def withdrawn_body(product_id: str, *, is_hidden: bool) -> Body:
    """An entry of PUT /v3/catalog/products that takes a product off sale: hidden, or shown and not sold."""
    return {"id": int(product_id)} | ({"is_visible": False} if is_hidden else {"availability": "disabled"})


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
