"""Products as both systems mean them: a product with its variants, whoever wrote it down.

Heartland's product is a grid with its items, or a single item (its notes §5, §5.1); the store's is a product with its
variants, one of them hidden where it has no options (BigCommerce notes §18, §19). Money is Decimal in the currency of
both; weights are in the unit of both.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from itertools import combinations
from typing import Any

Facts = Mapping[str, Any]  # what we keep of a record: JSON, with numbers as plain text

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
MOST_AXES = 10  # fields of a grid that are tried as options
SHORTEST_BARCODE, LONGEST_BARCODE = 8, 14  # digits of a GTIN; the store takes no more (BigCommerce notes §18)
ZERO = Decimal(0)


class Field(StrEnum):
    """What a merchant may switch on and off."""

    TITLE = "title"
    PRICE = "price"
    MSRP = "msrp"
    DESCRIPTION = "description"
    PICTURES = "images"
    CATEGORIES = "categories"
    BRAND = "brand"
    BARCODE = "barcode"
    WEIGHT = "weight"
    COST = "cost"


class Direction(StrEnum):
    """Which side's catalogue is the original."""

    PUSH = "push"  # Heartland → store
    PULL = "pull"  # store → Heartland


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What moves between both catalogues, and where Heartland keeps what it has no field of its own for."""

    direction: Direction = Direction.PUSH
    fields: frozenset[str] = frozenset(Field)
    blanks_overwrite: bool = False
    original_is_regular: bool = False  # Heartland's original price is the store's regular one and its price the sale's
    option_keys: tuple[str, ...] = ()  # custom fields that tell a grid's items apart; none: those that do
    brand_key: str = "brand"
    category_key: str = "department"
    barcode_key: str = "upc"
    sells_free: bool = False  # what has the price 0 too


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One thing that is sold. None is not said. `sale_price` is only used where it has a counterpart in Heartland."""

    external_id: str  # Heartland item id, or the store's variant id
    sku: str
    options: tuple[tuple[str, str], ...] = ()  # name and value, such as ("Size", "M")
    fields: tuple[tuple[str, str], ...] = ()  # of a grid's item, those that could be options
    price: Decimal | None = None
    sale_price: Decimal | None = None
    msrp: Decimal | None = None
    cost: Decimal | None = None
    weight: Decimal | None = None
    barcode: str = ""
    is_active: bool = True


@dataclass(frozen=True, kw_only=True)
class Product:
    """A product of either side."""

    external_id: str
    title: str
    description: str = ""
    brand: str = ""
    categories: tuple[str, ...] = ()  # with the names of those above them
    pictures: tuple[str, ...] = ()  # addresses, as far as they are known
    has_pictures: bool = False
    is_active: bool = True
    is_digital: bool = False
    variants: tuple[Variant, ...] = field(default_factory=tuple)
    option_sets: tuple[tuple[str, ...], ...] = ()  # of a grid: what tells its items apart, where several sets do

    @property
    def has_options(self) -> bool:
        return any(variant.options for variant in self.variants)


def kept(row: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The named values of a record as JSON that compares: numbers as text without idle zeros."""
    return {name: plain(row.get(name)) for name in names}


def plain(value: Any) -> Any:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | Decimal):
        return number_text(Decimal(value))
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    return [plain(one) for one in value]


def number_text(value: Decimal) -> str:
    """2.50 and 2.5 are the same."""
    return format(value.normalize(), "f") if value else "0"


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


def product_facts(
    row: Mapping[str, Any], brands: Mapping[int, str], categories: Mapping[int, Sequence[str]]
) -> dict[str, Any]:
    """What we keep of a store's product, brand and categories by name."""
    ids = [int(one) for one in row.get("categories") or []]
    names = dict.fromkeys(name for one in ids for name in categories.get(one, ()))
    pictures = [str(image.get("url_standard") or image.get("image_url") or "") for image in row.get("images") or []]
    return {
        **kept(row, PRODUCT_FACTS),
        "brand": brands.get(int(row.get("brand_id") or 0), ""),
        "category_ids": ids,
        "categories": list(names),
        "pictures": pictures,
    }


def variant_facts(row: Mapping[str, Any]) -> dict[str, Any]:
    """What we keep of a store's variant."""
    values = row.get("option_values") or []
    options = [[str(one.get("option_display_name") or ""), str(one.get("label") or "")] for one in values]
    return {**kept(row, VARIANT_FACTS), "number": str(row.get("sku") or ""), "options": options}


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


def number(value: Any) -> Decimal | None:
    """A number that was kept as text; None for none."""
    try:
        return None if value in (None, "") else Decimal(str(value))
    except InvalidOperation:
        return None


def barcode(value: Any) -> str:
    """A GTIN as the store takes it; "" for a shop's own codes, such as Heartland's SR numbers."""
    text = str(value or "").strip()
    is_gtin = text.isascii() and text.isdigit() and SHORTEST_BARCODE <= len(text) <= LONGEST_BARCODE
    return text if is_gtin else ""


def barcode_key(value: Any) -> str:
    """What equal barcodes have in common: a UPC is a GTIN-14 without its leading zeros."""
    code = barcode(value)
    return code.zfill(LONGEST_BARCODE) if code else ""


def label_of(key: str) -> str:
    """The name shoppers see of an option: `shoe_size` is “Shoe size”."""
    words = key.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def key_of(label: str) -> str:
    """The key Heartland makes of a label (its notes §6)."""
    return re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")
