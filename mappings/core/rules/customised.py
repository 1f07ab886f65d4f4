"""Choices of a line that only the catalogue can tell from customisations: settled by the variant's own options."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from ipaas.cards import mask
from mappings.core.canonical.order import Choice, Customisation, Line, Order, VariantOption


def unsettled_products(order: Order, variants: Mapping[str, Collection[VariantOption]]) -> tuple[str, ...]:
    """Product ids whose variants must be read to settle every choice; usually none, so no call is made."""
    lines = [line for line in order.lines if line.choices and line.variant_id not in variants]
    return tuple(dict.fromkeys(line.product_id for line in lines if line.product_id and line.variant_id))


def settle(order: Order, variants: Mapping[str, Collection[VariantOption]]) -> Order:
    """Drop the choices that only name the variant and turn the others into customisations.

    `variants` maps variant id to its options. Choices of a variant that is not in it stay open; holds flags them.
    """
    return replace(order, lines=tuple(_settled(line, variants.get(line.variant_id)) for line in order.lines))


def _settled(line: Line, options: Collection[VariantOption] | None) -> Line:
    if not line.choices or options is None:
        return line
    asked = [choice for choice in line.choices if not any(_is_variant(choice, option) for option in options)]
    added = tuple(Customisation(name=choice.name, value=mask(choice.value)) for choice in asked)
    return replace(line, choices=(), customisations=line.customisations + added)


def _is_variant(choice: Choice, option: VariantOption) -> bool:
    """The ids agree, or, where the product was made anew since, name and value do."""
    if choice.option_id and choice.option_id == option.option_id:
        return True
    named, chosen = (option.name, option.value), (choice.name, choice.value)
    return [text.casefold() for text in named] == [text.casefold() for text in chosen]
