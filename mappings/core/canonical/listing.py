"""A store's product as we keep it, and what it means."""

from collections.abc import Mapping
from decimal import Decimal

from mappings.core.canonical.product import Direction, Facts, Policy, Product, Variant, barcode, number


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
