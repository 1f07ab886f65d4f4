"""Store → Heartland: an item for each variant, a grid for each product with options, custom fields where they lack.

Heartland has no idempotency of its own (its notes §4.8): an Item # that is taken is found by it, and the grid that was
being made when the worker died is looked for by its name.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from connections.models import Connection
from errors.failures import ContractBroken, NotFound, Rejected
from ipaas import failpoints
from ipaas.types import JSON
from mappings.catalogue import GRID, ITEM, grids_remember, items_remember
from mappings.core.canonical.product import Field, Policy, Product, Variant
from mappings.core.heartland.field_keys import field_keys, fields_to_make
from mappings.core.heartland.products import (
    grid_body,
    grid_changes_body,
    item_body,
    item_changes_body,
    option_names,
    shared_fields,
)
from mappings.core.rules.product_changes import NEW_VARIANT, Change
from mappings.linking import states_refresh
from mappings.models import Link
from mappings.services import link_store
from syncjobs.catalogue.planning import Planned, Verdict
from syncjobs.catalogue.write_context import WriteContext

ITEM_GROUP = "item"
MOST_PICTURES = 5


def write(context: WriteContext, plans: Sequence[Planned], *, unsure: str = "") -> None:
    """Bring Heartland after the store; `unsure` is the product whose grid may have been made without an answer.

    Raises SyncFailure and LeaseLost; what was written by then stays.
    """
    work = [one for one in plans if one.verdict in (Verdict.CREATE, Verdict.UPDATE)]
    fields_ensure(context, [one.source for one in work])
    for one in work:
        context.still_ours()
        with context.apart(one):
            if one.target is None:
                _create(context, one, is_unsure=one.key == unsure)
            else:
                _update(context, one, one.target)
            context.done.add(one.key)


def needs_fields(product: Product, policy: Policy) -> bool:
    return bool(option_names(product) or shared_fields(product, policy))


def fields_missing(known: Sequence[JSON], product: Product, policy: Policy) -> list[str]:
    """Names of the custom fields that Heartland lacks for a product."""
    keys = {str(row.get("key")) for row in known}
    shared = shared_fields(product, policy)
    names = {name: None for key, name in shared.items() if key not in keys}
    return list(names | dict.fromkeys(fields_to_make(option_names(product), known, shared).values()))


def fields_ensure(context: WriteContext, products: Sequence[Product]) -> None:
    """Make the custom fields that these products need: one look, and two calls for each that is missing.

    Which key Heartland gave a field is read from it, never guessed.
    """
    if not any(needs_fields(product, context.policy) for product in products):
        return
    context.custom_fields = context.heartland.custom_fields(group=ITEM_GROUP)
    for product in products:
        for name in fields_missing(context.custom_fields, product, context.policy):
            made = context.heartland.custom_field_create(ITEM_GROUP, name)
            context.custom_fields.append(context.heartland.custom_field_read(made))


def keys_of_options(context: WriteContext, product: Product) -> dict[str, str]:
    """The custom field of each of its options. Raises ContractBroken when Heartland gave one no key of its own."""
    names = option_names(product)
    found = field_keys(names, context.custom_fields, shared_fields(product, context.policy))
    if lost := next((name for name in names if name not in found), ""):
        raise ContractBroken(
            f"Heartland has no custom field of its own for the option “{lost}”: add one of that name there, then retry."
        )
    return found


def _create(context: WriteContext, one: Planned, *, is_unsure: bool) -> None:
    source = one.source
    grid_id = _grid(context, one.key, source, is_unsure=is_unsure) if source.has_options else None
    made = _items(context, one, source.variants, grid_id)
    if source.pictures and Field.PICTURES in context.policy.fields:
        _add_pictures(context, source, made)
    _remember(context, grid_id, made)
    context.created.add(f"{GRID}{grid_id}" if grid_id else f"{ITEM}{next(iter(made.values()))}")


def _grid(context: WriteContext, key: str, source: Product, *, is_unsure: bool) -> int:
    body, skus = grid_body(source, context.policy), {variant.sku for variant in source.variants}
    for row in context.heartland.grids_named(body["item_description"]) if is_unsure else []:
        members = context.heartland.items_of(grids=[int(row["id"])])
        if {str(item.get("public_id")) for item in members} <= skus:
            return int(row["id"])
    context.note(key)
    grid_id = int(context.heartland.grid_create(body))
    failpoints.passing("items.grid_made")
    return grid_id


def _items(context: WriteContext, one: Planned, variants: Sequence[Variant], grid_id: int | None) -> dict[str, int]:
    """Make an item for each variant that has none; answers item ids by SKU. Each is linked as soon as it is known."""
    made: dict[str, int] = {}
    keys = keys_of_options(context, one.source)
    for variant in variants:
        try:
            item_id = int(
                context.heartland.item_create(
                    item_body(one.source, variant, context.policy, grid_id=grid_id, keys=keys)
                )
            )
        except Rejected as refusal:
            found = context.heartland.items_by_numbers([variant.sku]) if "public_id" in refusal.fields else {}
            if variant.sku not in found:
                raise
            item_id = int(found[variant.sku]["id"])
        failpoints.passing("items.item_made")
        made[variant.sku] = item_id
        context.made[one.key] += 1
        link_item(context.connection, variant.sku, item_id)
    return made


def link_item(connection: Connection, sku: str, item_id: int) -> None:
    link_store(connection, Link.Kind.ITEM, source_id=sku, target_id=str(item_id), target_label=sku)


def _update(context: WriteContext, one: Planned, target: Product) -> None:
    """One call for each item that changes, and one for its grid."""
    source = one.source
    grid_id = int(target.external_id[1:]) if target.external_id.startswith(GRID) else None
    if grid_id and (body := grid_changes_body(source, one.changes, context.policy)):
        context.heartland.grid_update(str(grid_id), body)
    theirs = {variant.sku: variant for variant in target.variants}
    for variant in source.variants:
        if variant.sku in theirs and (
            body := item_changes_body(source, variant, _of(one.changes, variant), context.policy)
        ):
            context.heartland.item_update(theirs[variant.sku].external_id, body)
            failpoints.passing("items.item_changed")
    new = {change.sku for change in one.changes if change.field == NEW_VARIANT}
    made = _items(context, one, [variant for variant in source.variants if variant.sku in new], grid_id)
    if any(change.field == Field.PICTURES for change in one.changes):
        _add_pictures(context, source, {variant.sku: int(variant.external_id) for variant in target.variants})
    context.touched.add(target.external_id)
    _remember(context, grid_id, made)


def _of(changes: Sequence[Change], variant: Variant) -> list[Change]:
    """What changes of one item: its own fields and those of its product."""
    return [change for change in changes if change.sku in ("", variant.sku)]


def _add_pictures(context: WriteContext, source: Product, items: Mapping[str, int]) -> None:
    first = next(iter(items.values()), None)
    for url in source.pictures[:MOST_PICTURES] if first else ():
        context.heartland.item_picture_add(str(first), url)


def _remember(context: WriteContext, grid_id: int | None, made: Mapping[str, int]) -> None:
    """Keep what was made, as Heartland shows it. A read that is refused takes nothing back: the next look reads it."""
    if not made:
        return
    with suppress(Rejected, NotFound, ContractBroken):
        items_remember(context.connection, context.heartland.items_of(ids=list(made.values())))
        if grid_id:
            grids_remember(context.connection, context.heartland.grids_of([grid_id]))
    states_refresh(context.connection, list(made))
