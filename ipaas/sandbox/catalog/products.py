"""`products(seed)`: the shop's catalogue, about 600 SKUs, equal for equal seeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from random import Random

from ipaas.sandbox.catalog.assortment import PLAIN, STYLES, Plain, Style
from ipaas.sandbox.catalog.model import PLACES, Product, Variant
from ipaas.sandbox.catalog.oddities import (
    GIFT_WRAPPED,
    LAST_PIECE_SKU,
    MODIFIERS,
    NEAR_MISSES,
    OVERSOLD_BY,
    OVERSOLD_SKU,
    one_sided,
    specials,
)

COLOR_CODES = {
    "Black": "BLK",
    "Brown": "BRN",
    "Ember": "EMB",
    "Moss": "MOS",
    "Navy": "NVY",
    "Oat": "OAT",
    "Red": "RED",
    "Saffron": "SAF",
    "Slate": "SLT",
    "Spruce": "SPR",
    "White": "WHT",
}


@lru_cache(maxsize=4)
def products(seed: int = 1) -> tuple[Product, ...]:
    """Every product of both systems, in a fixed order; `systems` says who knows it."""
    made = (
        *(_from_style(style) for style in STYLES),
        *(_from_plain(plain) for plain in PLAIN),
        *one_sided(),
        *specials(),
    )
    return tuple(_finished(product, number, seed) for number, product in enumerate(made, start=1))


def variants(seed: int = 1) -> Iterator[tuple[Product, Variant]]:
    """Every SKU with its product."""
    for product in products(seed):
        for variant in product.variants:
            yield product, variant


def upc(number: int) -> str:
    """A 12-digit UPC-A with its check digit, unique per number below ten million."""
    body = f"0850{number:07d}"
    odd = sum(int(digit) for digit in body[0::2])
    even = sum(int(digit) for digit in body[1::2])
    return body + str(-(3 * odd + even) % 10)


def size_code(size: str) -> str:
    """A size as it appears in a SKU: "750 ml" -> "750ML", "S/M" -> "SM"."""
    return "".join(letter for letter in size.upper() if letter.isalnum())


def _from_style(style: Style) -> Product:
    rows = [(size, color) for color in style.colors for size in style.sizes or ("",)]
    return Product(
        code=style.code,
        name=style.name,
        category=style.category,
        brand=style.brand,
        description=style.blurb,
        variants=tuple(_style_variant(style, size, color) for size, color in rows),
    )


def _style_variant(style: Style, size: str, color: str) -> Variant:
    options = ((style.size_name, size),) if size else ()
    parts = [style.code, COLOR_CODES[color], *([size_code(size)] if size else [])]
    return _variant("-".join(parts), style.price, style.cost, style.weight, (*options, ("Color", color)))


def _from_plain(plain: Plain) -> Product:
    return Product(
        code=plain.code,
        name=plain.name,
        category=plain.category,
        brand=plain.brand,
        description=plain.blurb,
        variants=(_variant(plain.code, plain.price, plain.cost, plain.weight, ()),),
    )


def _variant(sku: str, price: str, cost: str, weight: str, options: tuple[tuple[str, str], ...]) -> Variant:
    amount = Decimal(price).quantize(Decimal("0.01"))
    return Variant(
        sku=sku,
        pos_sku=sku,
        options=options,
        price=amount,
        cost=Decimal(cost).quantize(Decimal("0.01")),
        msrp=_msrp(amount),
        upc="",
        weight=Decimal(weight),
    )


def _msrp(price: Decimal) -> Decimal:
    """About a tenth above the price, ending in .00."""
    return (price * Decimal("1.1")).quantize(Decimal(1)).quantize(Decimal("0.01"))


def _finished(product: Product, number: int, seed: int) -> Product:
    """Add what depends on the seed or on the whole: UPCs, stock, POS spelling, modifiers, gift wrap."""
    rng = Random(f"stock {seed} {product.code}")
    rows = enumerate(product.variants, start=1)
    return replace(
        product,
        variants=tuple(
            replace(
                variant,
                pos_sku=NEAR_MISSES.get(variant.sku, variant.sku),
                upc=upc(number * 100 + index),
                stock=_stock(product, variant, rng),
            )
            for index, variant in rows
        ),
        modifiers=product.modifiers or MODIFIERS.get(product.code, ()),
        gift_wrap=product.gift_wrap or product.category in GIFT_WRAPPED,
    )


def _stock(product: Product, variant: Variant, rng: Random) -> Mapping[str, int]:
    if not product.tracks_inventory:
        return {}
    if variant.sku == LAST_PIECE_SKU:
        return {"main": 1, "annex": 0, "depot": 0}
    if variant.stock:
        return variant.stock
    stock = {place: rng.choice((0, 2, 5, 8, 12, 18, 24)) + (10 if place == "depot" else 0) for place in PLACES}
    return stock | ({"annex": -OVERSOLD_BY} if variant.sku == OVERSOLD_SKU else {})
