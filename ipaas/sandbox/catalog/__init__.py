"""The one shop both sandbox systems share: "Harbor & Pine", outdoor goods. Pure, deterministic by seed."""

from ipaas.sandbox.catalog.model import (
    BIGCOMMERCE_ONLY,
    BOTH,
    HEARTLAND_ONLY,
    PLACES,
    Address,
    Choice,
    Customer,
    Modifier,
    Product,
    Variant,
)
from ipaas.sandbox.catalog.oddities import LAST_PIECE_SKU, NEAR_MISSES, OVERSOLD_SKU
from ipaas.sandbox.catalog.products import products, variants
from ipaas.sandbox.catalog.recipes import Recipe, orders, recipes
from ipaas.sandbox.catalog.scaling import Scale, scale
from ipaas.sandbox.catalog.shoppers import customers

__all__ = [
    "BIGCOMMERCE_ONLY",
    "BOTH",
    "HEARTLAND_ONLY",
    "LAST_PIECE_SKU",
    "NEAR_MISSES",
    "OVERSOLD_SKU",
    "PLACES",
    "Address",
    "Choice",
    "Customer",
    "Modifier",
    "Product",
    "Recipe",
    "Scale",
    "Variant",
    "customers",
    "orders",
    "products",
    "recipes",
    "scale",
    "variants",
]
