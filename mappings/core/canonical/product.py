"""Products as both systems mean them: a product with its variants, whoever wrote it down.

Money is Decimal in the currency of both; weights are in the unit of both.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

Facts = Mapping[str, Any]  # what we keep of a record: JSON, with numbers as plain text
SHORTEST_BARCODE, LONGEST_BARCODE = 8, 14  # digits of a GTIN
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


NEEDED = frozenset({Field.TITLE, Field.PRICE})  # without them a record cannot be made, switched off or not


class Direction(StrEnum):
    """Which side's catalogue is the original."""

    PUSH = "push"  # Heartland → store
    PULL = "pull"  # store → Heartland


@dataclass(frozen=True, kw_only=True)
class CatalogueLimits:
    """What a store takes of a product; without values, everything."""

    store: str = "the store"  # its name, for sentences
    longest_name: int = sys.maxsize  # characters; what is longer is shortened
    longest_sku: int = sys.maxsize
    longest_option: int = sys.maxsize  # of an option's name, and of each of its values
    most_variants: int = sys.maxsize  # of a product
    most_values: int = sys.maxsize  # of an option
    is_name_unique: bool = False  # no two products have the same name, whatever the size of its letters
    is_sku_case_told: bool = True  # else SKUs that differ in the size of their letters are the same


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
    limits: CatalogueLimits = CatalogueLimits()  # the store's


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


def amount(value: Any) -> Decimal | None:
    """A number of JSON; None for anything else."""
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


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
