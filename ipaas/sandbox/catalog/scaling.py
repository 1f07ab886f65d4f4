"""`scale(n)`: the further SKUs of a catalogue of n, each computed from its number alone."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ipaas.sandbox.catalog.model import PLACES, Product, Variant
from ipaas.sandbox.catalog.products import products, upc

SIZES = ("XS", "S", "M", "L", "XL", "2XL")
COLORS = (("Black", "BLK"), ("Navy", "NVY"))
STYLE_SIZE = len(SIZES) * len(COLORS)
CATEGORIES = ("Clothing/Jackets", "Clothing/Trousers", "Packs/Day packs", "Camp/Kitchen", "Tools/Rope")
BRANDS = ("Harbor & Pine", "Tidewater", "Lichen", "Cinder Ridge")
NOUNS = ("Shirt", "Jacket", "Pant", "Vest", "Glove", "Parka", "Short", "Legging")


@dataclass(frozen=True)
class Scale:
    """Rows 1..`count` beyond the hand-written catalogue; twelve of them make a style."""

    count: int

    @property
    def styles(self) -> int:
        """How many products the rows make; the last one may be short."""
        return -(-self.count // STYLE_SIZE)

    def row(self, number: int) -> tuple[int, Variant]:
        """The style number and the SKU of a row."""
        if not 1 <= number <= self.count:
            raise IndexError(number)
        style, place = divmod(number - 1, STYLE_SIZE)
        return style + 1, _variant(style + 1, place, number)

    def style(self, number: int) -> Product:
        """A product with all its SKUs, by style number (from 1)."""
        first = (number - 1) * STYLE_SIZE + 1
        last = min(self.count, first + STYLE_SIZE - 1)
        noun = NOUNS[number % len(NOUNS)]
        return Product(
            code=_code(number),
            name=f"Workshop {noun} {number:06d}",
            category=CATEGORIES[number % len(CATEGORIES)],
            brand=BRANDS[number % len(BRANDS)],
            description=f"Style {number} of the long list.",
            variants=tuple(self.row(row)[1] for row in range(first, last + 1)),
        )

    def number_of(self, sku: str) -> int | None:
        """The row a SKU of this scale has, or None."""
        parts = sku.split("-")
        color = next((i for i, (_, code) in enumerate(COLORS) if parts[2:3] == [code]), None)
        if len(parts) != 4 or parts[0] != "XL" or color is None or parts[3] not in SIZES or not parts[1].isdecimal():
            return None
        number = (int(parts[1]) - 1) * STYLE_SIZE + color * len(SIZES) + SIZES.index(parts[3]) + 1
        return number if 1 <= number <= self.count and self.row(number)[1].sku == sku else None


def scale(n: int, seed: int = 1) -> Scale:
    """The rows missing to n SKUs after the hand-written ones of `products(seed)`."""
    return Scale(max(0, n - sum(len(product.variants) for product in products(seed))))


def _code(style: int) -> str:
    return f"XL-{style:06d}"


def _variant(style: int, place: int, number: int) -> Variant:
    color, color_code = COLORS[place // len(SIZES)]
    size = SIZES[place % len(SIZES)]
    sku = f"{_code(style)}-{color_code}-{size}"
    price = Decimal(1000 + style * 37 % 9000).scaleb(-2)
    return Variant(
        sku=sku,
        pos_sku=sku,
        options=(("Size", size), ("Color", color)),
        price=price,
        cost=(price * Decimal("0.4")).quantize(Decimal("0.01")),
        msrp=price,
        upc=upc(100_000 + number),
        weight=Decimal("0.8"),
        stock={name: number * (7 + i) % 31 for i, name in enumerate(PLACES)},
    )
