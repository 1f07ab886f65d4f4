"""Products as requests to Magento: made whole, changed only in what is named (notes §14).

A list that is named replaces the one that is there, so changes name none; a name without its address would get the
product a new one.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import takewhile
from typing import Any

from mappings.core.canonical.product import NEEDED, ZERO, Field, Policy, Product, Variant
from mappings.core.magento.product_limits import LIMITS
from mappings.core.magento.products import BRAND, CONFIGURABLE, COST, DISABLED, ENABLED, MSRP, SPECIAL, Axis
from mappings.core.rules.product_changes import Change
from mappings.core.rules.product_limits import store_title

NOT_ALONE, EVERYWHERE = 1, 4  # `visibility`
LONGEST_ADDRESS = 200
NO_SIGN = re.compile(r"[^a-z0-9]+")
Body = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Home:
    """Where a new product comes to stand."""

    set_id: int
    website_id: int
    tax_class: str  # id; "" for none
    barcode: str  # code of the attribute that holds it; "" where there is none
    brand: str  # id of the brand's option; "" for none


@dataclass(kw_only=True)
class Changes:
    """What is written of one product, by its id."""

    product_id: int
    product: Body = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)  # by the code of the attribute
    barcode: str | None = None  # its attribute is not known yet, nor is the brand's option
    brand: str | None = None
    category_ids: tuple[str, ...] = ()  # that it has to be in besides others

    @property
    def is_renamed(self) -> bool:
        return "name" in self.product


@dataclass(kw_only=True)
class Prices:
    """What many products are told at once."""

    sku: str
    price: Decimal | None = None
    special: Decimal | None = None  # zero takes it away
    cost: Decimal | None = None


def simple_body(
    product: Product,
    variant: Variant,
    policy: Policy,
    home: Home,
    *,
    axes: Sequence[Axis] = (),
    category_ids: Sequence[str] = (),
    is_shown: bool = True,
) -> Body:
    """POST /V1/products of one that is sold: by itself, or with `axes` as a child."""
    options = dict(variant.options)
    name = " - ".join([product.title, *options.values()] if axes else [product.title])
    body = _head(name, variant.sku, home, category_ids, is_shown=is_shown, is_alone=not axes)
    fields = policy.fields | NEEDED
    body["type_id"] = "simple"
    body["price"] = variant.price
    if Field.WEIGHT in fields and variant.weight is not None:
        body["weight"] = variant.weight
    values = {
        MSRP: variant.msrp if Field.MSRP in fields else None,
        COST: variant.cost if Field.COST in fields else None,
        SPECIAL: variant.sale_price,
        home.barcode: variant.barcode if Field.BARCODE in fields else None,
        **{axis.code: axis.option(options[axis.label]) for axis in axes},
        **_words(product, policy, home),
    }
    body["custom_attributes"] += attributes({code: value for code, value in values.items() if code and value})
    return body


def parent_body(
    product: Product,
    sku: str,
    children: Mapping[str, int],
    policy: Policy,
    home: Home,
    *,
    axes: Sequence[Axis],
    category_ids: Sequence[str],
    is_shown: bool,
) -> Body:
    """POST /V1/products of a configurable one; `children` are the ids of its variants by SKU."""
    body = _head(product.title, sku, home, category_ids, is_shown=is_shown, is_alone=True)
    body["type_id"] = CONFIGURABLE
    body["custom_attributes"] += attributes(_words(product, policy, home))
    body["extension_attributes"] |= {
        "configurable_product_options": [
            {
                "attribute_id": axis.id,
                "label": axis.label,
                "position": place,
                "values": [{"value_index": int(key)} for key in _used(product, axis)],
            }
            for place, axis in enumerate(axes)
        ],
        "configurable_product_links": list(children.values()),
    }
    return body


def parent_skus(product: Product) -> list[str]:
    """What a configurable product may be called, the best first: Heartland has no number for a grid."""
    skus = [one.sku for one in product.variants]
    same = takewhile(lambda signs: len(set(signs)) == 1, zip(*skus, strict=False))
    shared = "".join(signs[0] for signs in same).rstrip("-_./ ")
    stems = [shared] if len(shared) > 1 and shared not in skus else []
    most = LIMITS.longest_sku - len("-all")
    return [*stems, f"{(shared or skus[0])[:most]}-all", f"{skus[0][:most]}-all"]


def changes_of(
    source: Product, target: Product, changes: Iterable[Change], policy: Policy, category_ids: Sequence[str]
) -> tuple[list[Changes], list[Prices]]:
    """What is written of a product and its variants, by the kinds in which it is sent."""
    mine = {one.sku: one for one in source.variants}
    theirs = {one.sku: one for one in target.variants}
    whole: dict[str, Changes] = {}
    prices: dict[str, Prices] = {}
    for change in changes:
        key = theirs[change.sku].external_id if change.sku in theirs else target.external_id
        if change.sku and change.sku not in theirs:
            continue  # a new variant: `additions`
        entry = whole.setdefault(key, Changes(product_id=int(key)))
        priced = prices.setdefault(change.sku, Prices(sku=change.sku))
        match change.field:
            case Field.TITLE:
                entry.product["name"] = store_title(source.title, LIMITS)
            case Field.DESCRIPTION:
                entry.custom["description"] = source.description
            case Field.BRAND:
                entry.brand = source.brand
            case Field.CATEGORIES:
                entry.category_ids = tuple(category_ids)
            case Field.PRICE:
                ended = ZERO if policy.original_is_regular else None
                priced.price, priced.special = mine[change.sku].price, mine[change.sku].sale_price or ended
            case Field.COST:
                priced.cost = mine[change.sku].cost
            case Field.MSRP:
                entry.custom[MSRP] = mine[change.sku].msrp
            case Field.WEIGHT:
                entry.product["weight"] = mine[change.sku].weight
            case Field.BARCODE:
                entry.barcode = mine[change.sku].barcode
    wanted = [one for one in whole.values() if one != Changes(product_id=one.product_id)]
    return wanted, [one for one in prices.values() if one != Prices(sku=one.sku)]


def attributes(values: Mapping[str, Any]) -> list[Body]:
    """`custom_attributes`: texts, numbers too; "" takes a value away (§3)."""
    return [{"attribute_code": code, "value": "" if value is None else str(value)} for code, value in values.items()]


def address_of(title: str, sku: str) -> str:
    """`url_key`: of the title and the SKU, since products of one name may not share an address (§14.2)."""
    plain = unicodedata.normalize("NFKD", f"{title} {sku}").encode("ascii", "ignore").decode().lower()
    return NO_SIGN.sub("-", plain)[:LONGEST_ADDRESS].strip("-")


def _head(title: str, sku: str, home: Home, category_ids: Sequence[str], *, is_shown: bool, is_alone: bool) -> Body:
    name = store_title(title, LIMITS)
    return {
        "sku": sku,
        "name": name,
        "attribute_set_id": home.set_id,
        "status": ENABLED if is_shown else DISABLED,
        "visibility": EVERYWHERE if is_alone else NOT_ALONE,
        "extension_attributes": {
            "website_ids": [home.website_id],
            "category_links": [{"position": 0, "category_id": one} for one in category_ids],
        },
        "custom_attributes": attributes(
            {"url_key": address_of(name, sku)} | ({"tax_class_id": home.tax_class} if home.tax_class else {})
        ),
    }


def _words(product: Product, policy: Policy, home: Home) -> dict[str, Any]:
    """What is said of a product as a whole."""
    fields = policy.fields | NEEDED
    found = {
        "description": product.description if Field.DESCRIPTION in fields else "",
        BRAND: home.brand if Field.BRAND in fields else "",
    }
    return {code: value for code, value in found.items() if value}


def _used(product: Product, axis: Axis) -> list[str]:
    """The ids of an attribute's options that the variants have, each once."""
    labels = [dict(one.options)[axis.label] for one in product.variants]
    return list(dict.fromkeys(axis.option(label) for label in labels))
