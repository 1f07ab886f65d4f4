"""Why a product cannot be made or changed at the other side, or had better not."""

from collections.abc import Sequence

from mappings.core.canonical.product import Direction, Field, Policy, Product
from mappings.core.rules.product_changes import NEW_VARIANT, Change
from mappings.core.rules.product_limits import beyond_store, free

FREE = "The price of {} is 0: it would be sold for nothing. Give it a price, or allow what is free among the options."
SETS_NAMED = 4


def lacking(product: Product, policy: Policy) -> str:
    """Why a new product cannot be made in the store or in Heartland; "" when it can."""
    if not product.title:
        return "It has no title."
    if any(variant.price is None for variant in product.variants):
        return "It has no price."
    if sku := "" if policy.sells_free else free(product):
        return FREE.format(sku)
    if any(not variant.sku for variant in product.variants):
        return "One of its variants has no SKU."
    if len(product.variants) > 1 and len({variant.options for variant in product.variants}) < len(product.variants):
        keys = " and ".join(policy.option_keys) or "their custom fields"
        return f"Its items cannot be told apart by {keys}: choose the fields that do among the options."
    if product.option_sets:
        sets = " or by ".join(" and ".join(one) for one in product.option_sets[:SETS_NAMED])
        return f"Its items can be told apart by {sets}: say which shoppers choose by, as fields that tell them apart."
    return beyond_store(product, policy.limits) if policy.direction == Direction.PUSH else ""


def lacking_in(product: Product, target: Product, changes: Sequence[Change], policy: Policy) -> str:
    """Why these changes cannot be made, or had better not; "" when they can."""
    priced = {change.sku for change in changes if change.field in (Field.PRICE, NEW_VARIANT)}
    if sku := "" if policy.sells_free else free(product, priced):
        return FREE.format(sku)
    new = [change.sku for change in changes if change.field == NEW_VARIANT]
    if new and policy.direction == Direction.PUSH:
        return beyond_store(product, policy.limits, has=len(target.variants), new=new)
    return ""
