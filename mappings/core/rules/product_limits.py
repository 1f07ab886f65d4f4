"""What a target does not take of a product: known when comparing and previewing, not only when writing.

BigCommerce notes §18, §19. What is shortened for a limit equals its original, or it would be written for ever.
"""

from collections import Counter
from collections.abc import Iterable

from mappings.core.canonical.product import Product, Variant

LONGEST_NAME = 250
LONGEST_SKU = 255
LONGEST_OPTION = 255  # of an option's name, and of each of its values
MOST_VARIANTS = 600
MOST_VALUES = 250  # of an option ("Platform Limits" of the vendor's help); of options it names no limit
LONGEST_KEY = 255
NAMED = 40  # characters of a value that a sentence repeats


def store_title(title: str) -> str:
    """A title as the store takes it."""
    return title[:LONGEST_NAME].rstrip()


def name_key(title: str) -> str:
    """What the store's products may share with no other: their name, whatever its letters' size."""
    return store_title(title.strip()).casefold()[:LONGEST_KEY]


def is_same_title(one: str, other: str) -> bool:
    """Whether two titles are equal, or one is the other as the store takes it."""
    return one == other or store_title(one) == other or store_title(other) == one


def title_note(title: str) -> str:
    """What becomes of a title that the store does not take whole; "" for any other."""
    if store_title(title) == title:
        return ""
    return f"Its title has {len(title)} characters: the store keeps the first {LONGEST_NAME}, and Heartland all."


def beyond_store(product: Product, *, has: int = 0, new: Iterable[str] | None = None) -> str:
    """Why the store cannot take these variants (None: all) beside those that it has; "" when it can."""
    wanted = set(new) if new is not None else None
    variants = [one for one in product.variants if wanted is None or one.sku in wanted]
    if has + len(variants) > MOST_VARIANTS:
        total = has + len(variants)
        return f"It has {total} variants, and BigCommerce takes {MOST_VARIANTS} a product: split the grid in Heartland."
    if reason := _values_beyond(product):
        return reason
    alike = Counter(one.sku.casefold() for one in product.variants)
    for variant in variants:
        if reason := _variant_beyond(variant, is_twice=alike[variant.sku.casefold()] > 1):
            return reason
    return ""


def _values_beyond(product: Product) -> str:
    values: dict[str, set[str]] = {}
    for variant in product.variants:
        for name, value in variant.options:
            values.setdefault(name, set()).add(value)
    return next(
        (
            f"“{name[:NAMED]}” has {len(known)} values, and BigCommerce takes {MOST_VALUES} of an option: split the"
            " grid in Heartland, or choose other fields that tell its items apart."
            for name, known in values.items()
            if len(known) > MOST_VALUES
        ),
        "",
    )


def _variant_beyond(variant: Variant, *, is_twice: bool) -> str:
    if len(variant.sku) > LONGEST_SKU:
        return (
            f"“{variant.sku[:NAMED]}…” has {len(variant.sku)} characters, and BigCommerce takes {LONGEST_SKU} of a SKU."
        )
    if is_twice:
        return f"“{variant.sku}” stands twice: BigCommerce takes large and small letters of a SKU for the same."
    for name, value in variant.options:
        if (length := max(len(name), len(value))) > LONGEST_OPTION:
            return (
                f"“{name[:NAMED]}” of {variant.sku[:NAMED]} has {length} characters, and BigCommerce takes"
                f" {LONGEST_OPTION} of an option: shorten it in Heartland."
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
