"""Heartland → store: products made one by one, changed in the largest batches the store takes.

Safe to repeat: what was made without an answer is refused as a duplicate the next time, and then found by its SKU.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from connections.connectors.bigcommerce.catalog import MOST_PRODUCTS, MOST_VARIANTS
from connections.models import ItemSettings
from errors.failures import NotFound, Rejected
from ipaas import failpoints
from mappings.catalogue import StoreNames, products_forget
from mappings.core.bigcommerce.products import store_changes_body, store_product_body, store_variant_bodies
from mappings.core.canonical.product import Field, Product, Variant
from mappings.core.rules.product_changes import NEW_VARIANT
from mappings.models import CatalogueProduct, CatalogueSku, Side
from syncjobs.bulk.batches import by_index, chunks, deliver, in_full
from syncjobs.catalogue.planning import Planned, Verdict
from syncjobs.catalogue.read_catalogues import names_forget, names_of
from syncjobs.catalogue.write_context import WriteContext

Body = dict[str, Any]
Entry = tuple[Planned, Body]
HIDE, DISABLE = ItemSettings.Archived.HIDE, ItemSettings.Archived.DISABLE


def write(context: WriteContext, plans: Sequence[Planned]) -> None:
    """Bring the store after Heartland. Raises SyncFailure and LeaseLost; what was written by then stays."""
    for one in plans:
        if one.verdict == Verdict.CREATE:
            context.still_ours()
            with context.apart(one):
                _create(context, one)
    entries, variants = list[Entry](), list[Entry]()
    there = [(one, one.target) for one in plans if one.target]
    for one, target in there:
        with context.apart(one):
            if one.verdict == Verdict.ARCHIVE:
                _archive(context, one, target.external_id, entries)
            elif one.verdict == Verdict.UPDATE:
                _gather(context, one, target, entries, variants)
    for batch in chunks(entries, MOST_PRODUCTS):
        _send(context, batch, context.store.products_update)
    for batch in chunks(variants, MOST_VARIANTS):
        _send(context, batch, context.store.variants_write)
    for one, target in there:
        if one.verdict == Verdict.UPDATE and any(change.field == Field.PICTURES for change in one.changes):
            _add_pictures(context, one, target)


def _create(context: WriteContext, one: Planned) -> None:
    source, names = one.source, names_of(context.connection, context.store)
    try:
        ids = _category_ids(context, source, names)
        body = store_product_body(
            source,
            context.policy,
            category_ids=ids,
            pictures=_pictures(context, source),
            is_visible=context.settings.shows_new,
        )
        product = context.store.product_create(body)
    except Rejected as refusal:
        found = context.store.variant_by_sku(source.variants[0].sku) if refusal.status == 409 else None
        if found is None:
            context.refuse(one, refusal.in_full)
            return
        product = {"id": found["product_id"]}
    failpoints.passing("items.created")
    context.made[one.key] += 1
    if product.get("brand_id") and int(product["brand_id"]) not in names.brands:
        names_forget(context.connection)
    context.touched.add(str(product["id"]))
    context.done.add(one.key)


def _gather(context: WriteContext, one: Planned, target: Product, entries: list[Entry], variants: list[Entry]) -> None:
    source = one.source
    moves = any(change.field == Field.CATEGORIES for change in one.changes)
    ids = _category_ids(context, source, names_of(context.connection, context.store), target) if moves else []
    if body := store_changes_body(source, target, one.changes, context.policy, category_ids=ids):
        entries.append((one, body))
    variants += [(one, body) for body in store_variant_bodies(source, target, one.changes, context.policy)]
    new = {change.sku for change in one.changes if change.field == NEW_VARIANT}
    try:
        variants += [(one, body) for body in _new_variants(context, source, target, new)]
    except Rejected as refusal:
        context.refuse(one, refusal.in_full)
    context.touched.add(target.external_id)


def _new_variants(context: WriteContext, source: Product, target: Product, skus: set[str]) -> list[Body]:
    """Variants to add to a product with options; values that its options lack are added to them. Raises Rejected."""
    if not skus:
        return []
    options = {str(row["display_name"]).casefold(): row for row in context.store.options_of(target.external_id)}
    return [
        {
            "product_id": int(target.external_id),
            "sku": variant.sku,
            "price": variant.price,
            "option_values": [
                _value(context, target, options, name, label) for name, label in _chosen(variant, options)
            ],
        }
        for variant in source.variants
        if variant.sku in skus
    ]


def _chosen(variant: Variant, options: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    names = {name.casefold() for name, _ in variant.options}
    fields = {name.casefold(): (name, value) for name, value in variant.fields}
    if set(options) <= set(fields):  # whatever tells its items apart, the store's options are what they are
        return tuple(fields[name] for name in options)
    if names != set(options):
        theirs = ", ".join(str(row["display_name"]) for row in options.values()) or "none"
        mine = ", ".join(name for name, _ in variant.options) or "none"
        words = f"{variant.sku} cannot be added: the store's product has the options {theirs}, the item has {mine}."
        raise Rejected(words, status=422)
    return variant.options


def _value(context: WriteContext, target: Product, options: dict[str, Any], name: str, label: str) -> Body:
    option = options[name.casefold()]
    values = option["option_values"]
    known = next((value for value in values if str(value["label"]).casefold() == label.casefold()), None)
    if known is None:
        number = context.store.option_value_add(target.external_id, int(option["id"]), label, len(values))
        known = {"id": number, "label": label}
        values.append(known)
    return {"option_id": int(option["id"]), "id": int(known["id"])}


def _archive(context: WriteContext, one: Planned, key: str, entries: list[Entry]) -> None:
    if context.settings.archived in (HIDE, DISABLE):
        is_hidden = context.settings.archived == HIDE
        entries.append((one, {"id": int(key)} | ({"is_visible": False} if is_hidden else {"availability": "disabled"})))
        context.touched.add(key)
        return
    context.still_ours()
    with suppress(NotFound):
        context.store.product_delete(key)
    products_forget(context.connection, Side.STORE, [key])


def _send(context: WriteContext, batch: Sequence[Entry], call: Any) -> None:
    refused: list[tuple[Entry, str]] = []

    def send(entries: Sequence[Entry]) -> None:
        context.still_ours()
        call([body for _, body in entries])
        failpoints.passing("items.sent")

    deliver(send, batch, refused, by_index, words=in_full)
    for (one, _), words in refused:
        context.refuse(one, words)


def _add_pictures(context: WriteContext, one: Planned, target: Product) -> None:
    """Unless the store has some after all: that its list of products brought none proves nothing."""
    pictures = _pictures(context, one.source)
    if pictures and context.store.pictures_of(target.external_id):
        return
    for number, url in enumerate(pictures):
        try:
            context.store.picture_add(target.external_id, url, is_first=number == 0)
        except Rejected as refusal:
            context.refuse(one, refusal.in_full)
            return


def _pictures(context: WriteContext, source: Product) -> list[str]:
    """Addresses of a product's pictures, the primary one first: one call for the first item that has any."""
    if not source.has_pictures or Field.PICTURES not in context.policy.fields:
        return []
    rows = CatalogueSku.objects.filter(
        connection=context.connection,
        side=Side.HEARTLAND,
        external_id__in=[int(variant.external_id) for variant in source.variants],
    )
    item = next((row for row in rows.order_by("external_id") if row.facts.get("has_images?")), None)
    found = context.heartland.item_pictures(str(item.external_id)) if item else []
    return [str(row["url"]) for row in sorted(found, key=lambda row: not row.get("primary")) if row.get("url")]


def _category_ids(
    context: WriteContext, source: Product, names: StoreNames, target: Product | None = None
) -> list[int]:
    """Ids of the categories that a product shall be in: those it is in, and the one of Heartland's name."""
    kept: list[int] = []
    if target is not None:
        row = CatalogueProduct.objects.get(
            connection=context.connection, side=Side.STORE, external_id=target.external_id
        )
        kept = list(row.facts.get("category_ids") or [])
    if Field.CATEGORIES not in context.policy.fields:
        return kept
    for wanted in source.categories:
        paths = {number: path for number, path in names.categories.items() if path}
        same = [number for number, path in paths.items() if path[-1].casefold() == wanted.casefold()]
        found = min(same, key=lambda number: (len(paths[number]), number), default=None)
        if found is None:
            found = int(context.store.category_create(wanted)["id"])
            names_forget(context.connection)
        kept += [found] if found not in kept else []
    return kept
