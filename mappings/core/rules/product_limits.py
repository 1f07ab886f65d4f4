"""What a target does not take of a product: known when comparing and previewing, not only when writing.

What is shortened for a limit equals its original, or it would be written for ever.
"""

from collections import Counter
from collections.abc import Iterable

from mappings.core.canonical.product import CatalogueLimits, Product, Variant

KEYED = 250  # characters of a name that are compared: no more than any store keeps whose names are unique
LONGEST_KEY = 255
NAMED = 40  # characters of a value that a sentence repeats


def store_title(title: str, limits: CatalogueLimits) -> str:
    """A title as the store takes it."""
    return title[: limits.longest_name].rstrip()


def name_key(title: str) -> str:
    """What products of a store with unique names share with no other: their name, whatever its letters' size."""
    return title.strip()[:KEYED].rstrip().casefold()[:LONGEST_KEY]


def is_same_title(one: str, other: str, limits: CatalogueLimits) -> bool:
    """Whether two titles are equal, or one is the other as the store takes it."""
    return one == other or store_title(one, limits) == other or store_title(other, limits) == one


def title_note(title: str, limits: CatalogueLimits) -> str:
    """What becomes of a title that the store does not take whole; "" for any other."""
    if store_title(title, limits) == title:
        return ""
    kept = limits.longest_name
    return f"Its title has {len(title)} characters: the store keeps the first {kept}, and Heartland all."


def beyond_store(product: Product, limits: CatalogueLimits, *, has: int = 0, new: Iterable[str] | None = None) -> str:
    """Why the store cannot take these variants (None: all) beside those that it has; "" when it can."""
    wanted = set(new) if new is not None else None
    variants = [one for one in product.variants if wanted is None or one.sku in wanted]
    if (total := has + len(variants)) > limits.most_variants:
        most = f"{limits.store} takes {limits.most_variants}"
        return f"It has {total} variants, and {most} a product: split the grid in Heartland."
    if reason := _values_beyond(product, limits):
        return reason
    alike = Counter(one.sku.casefold() for one in product.variants)
    for variant in variants:
        is_twice = not limits.is_sku_case_told and alike[variant.sku.casefold()] > 1
        if reason := _variant_beyond(variant, limits, is_twice=is_twice):
            return reason
    return ""


def _values_beyond(product: Product, limits: CatalogueLimits) -> str:
    values: dict[str, set[str]] = {}
    for variant in product.variants:
        for name, value in variant.options:
            values.setdefault(name, set()).add(value)
    return next(
        (
            f"“{name[:NAMED]}” has {len(known)} values, and {limits.store} takes {limits.most_values} of an option:"
            " split the grid in Heartland, or choose other fields that tell its items apart."
            for name, known in values.items()
            if len(known) > limits.most_values
        ),
        "",
    )


def _variant_beyond(variant: Variant, limits: CatalogueLimits, *, is_twice: bool) -> str:
    if len(variant.sku) > limits.longest_sku:
        most = f"{limits.store} takes {limits.longest_sku}"
        return f"“{variant.sku[:NAMED]}…” has {len(variant.sku)} characters, and {most} of a SKU."
    if is_twice:
        return f"“{variant.sku}” stands twice: {limits.store} takes large and small letters of a SKU for the same."
    for name, value in variant.options:
        if (length := max(len(name), len(value))) > limits.longest_option:
            return (
                f"“{name[:NAMED]}” of {variant.sku[:NAMED]} has {length} characters, and {limits.store} takes"
                f" {limits.longest_option} of an option: shorten it in Heartland."
            )
    return ""


def free(product: Product, skus: Iterable[str] | None = None) -> str:
    """Which of these variants (None: all) would be given away; "" for none."""
    wanted = set(skus) if skus is not None else None
    return next(
        (
            variant.sku
            for variant in product.variants
            if (wanted is None or variant.sku in wanted)
            and variant.price is not None
            and not (variant.sale_price or variant.price)
        ),
        "",
    )
