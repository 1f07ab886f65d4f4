"""What a new variant is in each option of the product that it joins."""

from collections.abc import Sequence

from errors.failures import Rejected
from mappings.core.canonical.product import Variant


def chosen(variant: Variant, options: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """What a variant is in each of a product's options, as it may be told. Raises Rejected where it does not fit."""
    fields = {name.casefold(): (name, value) for name, value in variant.fields}
    keys = [name.casefold() for name in options]
    if set(keys) <= set(fields):  # whatever tells its items apart, the store's options are what they are
        return tuple(fields[key] for key in keys)
    if {name.casefold() for name, _ in variant.options} != set(keys):
        theirs = ", ".join(options) or "none"
        mine = ", ".join(name for name, _ in variant.options) or "none"
        words = f"{variant.sku} cannot be added: the store's product has the options {theirs}, the item has {mine}."
        raise Rejected(words, status=422)
    return variant.options
