"""A store's product as it is kept, and what it means: one shape, whichever store lists it.

What is kept is JSON with numbers as plain text (`product.plain`), so that what is read again can be compared with it.
Of a product: `name`, `description`, `type` ("digital" for what is not shipped), `is_visible`, `availability`
("disabled" for what is not sold), `price`, `sale_price`, `retail_price`, `cost_price`, `weight`, `upc`, `brand`,
`category_ids`, `categories` with those above them, `pictures` (addresses). Of a variant: `number` (its SKU), `options`
([name, value] each), `price`, `sale_price`, `retail_price`, `cost_price`, `weight`, `upc`, `purchasing_disabled`; what
it does not say is its product's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from mappings.core.canonical.product import Direction, Facts, Policy, Product, Variant, barcode, number


@dataclass(frozen=True, kw_only=True)
class Names:
    """Names of a store's brands and categories by id; a category's begin with those above it."""

    brands: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ListedVariant:
    """A variant as the store lists it; a product without options has one."""

    id: str
    facts: Facts


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A product as the store lists it, with all its variants."""

    id: str
    changed_at: datetime | None  # by the store's clock; None when it does not say
    keeps_stock: bool
    brand_id: str = ""
    facts: Facts  # without the names of brand and categories: see `facts_named`
    variants: tuple[ListedVariant, ...]


def facts_named(listing: Listing, names: Names) -> dict[str, Any]:
    """What is kept of a product, brand and categories by name."""
    paths = (names.categories.get(str(one), ()) for one in listing.facts["category_ids"])
    categories = dict.fromkeys(name for path in paths for name in path)
    return {**listing.facts, "brand": names.brands.get(listing.brand_id, ""), "categories": list(categories)}


def store_product(external_id: str, facts: Facts, variants: Mapping[str, Facts], policy: Policy) -> Product:
    """A product from the facts of a store's product and its variants by id; what a variant does not say it inherits."""
    return Product(
        external_id=external_id,
        title=str(facts.get("name") or "").strip(),
        description=str(facts.get("description") or ""),
        brand=str(facts.get("brand") or ""),
        categories=tuple(facts.get("categories") or ()),
        pictures=tuple(one for one in facts.get("pictures") or () if one),
        has_pictures=bool(facts.get("pictures")),
        is_active=bool(facts.get("is_visible")) and facts.get("availability") != "disabled",
        is_digital=facts.get("type") == "digital",
        variants=tuple(_variant(variant_id, one, facts, policy) for variant_id, one in variants.items()),
    )


def _variant(variant_id: str, facts: Facts, product: Facts, policy: Policy) -> Variant:
    priced = product if number(facts.get("price")) is None else facts
    regular = number(priced.get("price"))
    sale = number(facts.get("sale_price")) or number(priced.get("sale_price")) or None
    msrp = _inherited("retail_price", facts, product) or None
    if not policy.original_is_regular:  # a sale is the store's own: only a pull takes what is asked now
        if sale and policy.direction == Direction.PULL:
            regular, msrp = sale, msrp or regular
        sale = None
    return Variant(
        external_id=variant_id,
        sku=facts["number"].strip(),
        options=tuple((name, value) for name, value in facts["options"]),
        price=regular,
        sale_price=sale,
        msrp=None if policy.original_is_regular else msrp,
        cost=_inherited("cost_price", facts, product) or None,
        weight=_inherited("weight", facts, product),
        barcode=barcode(facts.get("upc") or product.get("upc")),
        is_active=not facts.get("purchasing_disabled"),
    )


def _inherited(name: str, facts: Facts, product: Facts) -> Decimal | None:
    own = number(facts.get(name))
    return number(product.get(name)) if own is None else own
