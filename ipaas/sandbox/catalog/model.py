"""Records of the shop "Harbor & Pine", which both sandbox systems are seeded from. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

System = Literal["heartland", "bigcommerce"]
BOTH: frozenset[System] = frozenset({"heartland", "bigcommerce"})
HEARTLAND_ONLY: frozenset[System] = frozenset({"heartland"})
BIGCOMMERCE_ONLY: frozenset[System] = frozenset({"bigcommerce"})

#: Stock places: Heartland locations 100005 "Harbor Main", 100006 "Pine Annex", 100008 "Depot".
PLACES = ("main", "annex", "depot")

Kind = Literal["physical", "digital", "gift_certificate"]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One value of a list modifier. `sku` names the component of a pick list."""

    label: str
    price: Decimal = Decimal(0)  # added to the unit price
    sku: str = ""


@dataclass(frozen=True, kw_only=True)
class Modifier:
    """A customisation the shopper fills in. `kind` is the v3 modifier type (BigCommerce note §19)."""

    name: str
    kind: str
    required: bool = False
    price: Decimal = Decimal(0)  # added once when a checkbox is ticked
    choices: tuple[Choice, ...] = ()
    max_length: int = 0


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One sellable thing. `sku` is how the web shop spells it, `pos_sku` how the POS does (its Item #)."""

    sku: str
    pos_sku: str
    options: tuple[tuple[str, str], ...] = ()  # (("Size", "M"), ("Color", "Red")); empty for a plain item
    price: Decimal
    cost: Decimal
    msrp: Decimal
    upc: str
    weight: Decimal  # pounds
    stock: Mapping[str, int] = field(default_factory=dict)  # place -> pieces on hand


@dataclass(frozen=True, kw_only=True)
class Product:
    """A style with its variants; a plain item is a style with one variant and no options."""

    code: str
    name: str
    category: str  # "Clothing/Jackets"
    brand: str
    description: str
    variants: tuple[Variant, ...]
    kind: Kind = "physical"
    systems: frozenset[System] = BOTH
    modifiers: tuple[Modifier, ...] = ()
    gift_wrap: bool = False
    is_active: bool = True
    tracks_inventory: bool = True
    allows_fractions: bool = False  # sold by length in the POS

    @property
    def is_grid(self) -> bool:
        """True when the product has variant options."""
        return bool(self.variants[0].options)


@dataclass(frozen=True, kw_only=True)
class Address:
    """A postal address with both spellings of state and country, because the two systems differ."""

    line_1: str
    line_2: str = ""
    city: str
    state: str  # "Texas"; free text abroad
    state_code: str  # "TX"
    postal_code: str
    country: str  # "United States"
    country_code: str  # "US"


@dataclass(frozen=True, kw_only=True)
class Customer:
    """A person. E-mail and phone may be spelled differently in the POS: matching them is the product's work."""

    number: int
    first_name: str
    last_name: str
    email: str
    pos_email: str
    phone: str
    pos_phone: str
    company: str = ""
    addresses: tuple[Address, ...]
    systems: frozenset[System] = BOTH
    store_credit: Decimal = Decimal(0)
