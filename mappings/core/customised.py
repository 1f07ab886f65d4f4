"""Customised lines: what the shopper asked for beside the variant. BigCommerce note §10.2."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from mappings.core.canonical import Order


@dataclass(frozen=True, kw_only=True)
class VariantOption:
    """One option value that makes a variant what it is."""

    name: str  # "Color"
    value: str  # "Black"
    option_id: str  # v3 option id
    value_id: str


def variant_options(variant: Mapping[str, Any]) -> tuple[VariantOption, ...]:
    """The options of a v3 variant (`option_values`)."""
    raise NotImplementedError


def unsettled_products(order: Order, variants: Mapping[str, Collection[VariantOption]]) -> tuple[str, ...]:
    """Product ids whose variants must be read to settle every choice; usually none, so no call is made."""
    raise NotImplementedError


def settle(order: Order, variants: Mapping[str, Collection[VariantOption]]) -> Order:
    """Drop the choices that only name the variant and turn the others into customisations.

    `variants` maps variant id to its options. Choices of a variant that is not in it stay open; holds flags them.
    """
    raise NotImplementedError
