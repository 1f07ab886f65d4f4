"""Heartland → store: products made one by one, changed in the largest batches that the store takes.

Safe to repeat: what was made without an answer is refused as a duplicate the next time, and then found by its SKU.
"""

from collections.abc import Sequence
from contextlib import suppress

from connections.models import ItemSettings
from errors.failures import NotFound, Rejected
from ipaas import failpoints
from mappings.catalogue import IN_ORDER, products_forget
from mappings.core.canonical.listing import Names
from mappings.core.canonical.product import Field, Product
from mappings.core.rules.product_changes import NEW_VARIANT
from mappings.models import CatalogueProduct, CatalogueSku, Side
from syncjobs.bulk.batches import chunks, deliver, in_full
from syncjobs.catalogue.planning import Planned, Verdict
from syncjobs.catalogue.read_catalogues import names_forget, names_of
from syncjobs.catalogue.write_context import WriteContext
from syncjobs.stores.port import Edit

Entry = tuple[Planned, Edit]
HIDE, DISABLE = ItemSettings.Archived.HIDE, ItemSettings.Archived.DISABLE


def write(context: WriteContext, plans: Sequence[Planned]) -> None:
    """Bring the store after Heartland. Raises SyncFailure and LeaseLost; what was written by then stays."""
    for one in plans:
        if one.verdict == Verdict.CREATE:
            context.still_ours()
            with context.apart(one):
                _create(context, one)
    entries = list[Entry]()
    there = [(one, one.target) for one in plans if one.target]
    for one, target in there:
        with context.apart(one):
            if one.verdict == Verdict.ARCHIVE:
                _archive(context, one, target.external_id, entries)
            elif one.verdict == Verdict.UPDATE:
                _gather(context, one, target, entries)
    send_all(context, entries)
    for one, target in there:
        if one.verdict == Verdict.UPDATE and any(change.field == Field.PICTURES for change in one.changes):
            _add_pictures(context, one, target)


def _create(context: WriteContext, one: Planned) -> None:
    source, names = one.source, names_of(context.connection, context.store)
    try:
        made = context.store.create(
            source,
            context.policy,
            category_ids=_category_ids(context, source, names),
            pictures=_pictures(context, source),
            is_shown=context.settings.shows_new,
        )
    except Rejected as refusal:
        context.refuse(one, refusal.in_full)
        return
    failpoints.passing("items.created")
    context.made[one.key] += 1
    if made.brand_id and made.brand_id not in names.brands:
        names_forget(context.connection)
    context.touched.add(made.id)
    context.done.add(one.key)


def _gather(context: WriteContext, one: Planned, target: Product, entries: list[Entry]) -> None:
    source = one.source
    moves = any(change.field == Field.CATEGORIES for change in one.changes)
    ids = _category_ids(context, source, names_of(context.connection, context.store), target) if moves else []
    edits = context.store.edits(source, target, one.changes, context.policy, category_ids=ids)
    entries += [(one, edit) for edit in edits]
    new = {change.sku for change in one.changes if change.field == NEW_VARIANT}
    try:
        entries += [(one, edit) for edit in context.store.additions(source, target, new)] if new else []
    except Rejected as refusal:
        context.refuse(one, refusal.in_full)
    context.touched.add(target.external_id)


def _archive(context: WriteContext, one: Planned, key: str, entries: list[Entry]) -> None:
    if context.settings.archived in (HIDE, DISABLE):
        entries.append((one, context.store.withdrawal(key, is_hidden=context.settings.archived == HIDE)))
        context.touched.add(key)
        return
    context.still_ours()
    with suppress(NotFound):
        context.store.delete(key)
    products_forget(context.connection, Side.STORE, [key])


def send_all(context: WriteContext, entries: Sequence[Entry]) -> None:
    """Write edits in the largest batches that the store takes. Raises SyncFailure and LeaseLost."""
    for kind, most in context.store.most_edits.items():
        for batch in chunks([entry for entry in entries if entry[1].kind == kind], most):
            _send(context, batch)


def _send(context: WriteContext, batch: Sequence[Entry]) -> None:
    refused: list[tuple[Entry, str]] = []

    def send(entries: Sequence[Entry]) -> None:
        context.still_ours()
        context.store.send([edit for _, edit in entries])
        failpoints.passing("items.sent")

    def named(entries: Sequence[Entry], refusal: Rejected) -> list[Entry]:
        bad = context.store.named([edit for _, edit in entries], refusal)
        return [entry for entry in entries if any(entry[1] is edit for edit in bad)]

    deliver(send, batch, refused, named, words=in_full)
    for (one, _), words in refused:
        context.refuse(one, words)


def _add_pictures(context: WriteContext, one: Planned, target: Product) -> None:
    """Unless the store has some after all: that its list of products brought none proves nothing."""
    pictures = _pictures(context, one.source)
    if pictures and context.store.has_pictures(target.external_id):
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
        external_id__in=[variant.external_id for variant in source.variants],
    )
    item = next((row for row in rows.order_by(*IN_ORDER) if row.facts.get("has_images?")), None)
    found = context.heartland.item_pictures(item.external_id) if item else []
    return [str(row["url"]) for row in sorted(found, key=lambda row: not row.get("primary")) if row.get("url")]


def _category_ids(context: WriteContext, source: Product, names: Names, target: Product | None = None) -> list[str]:
    """Ids of the categories that a product shall be in: those it is in, and the one of Heartland's name."""
    kept: list[str] = []
    if target is not None:
        row = CatalogueProduct.objects.get(
            connection=context.connection, side=Side.STORE, external_id=target.external_id
        )
        kept = [str(one) for one in row.facts.get("category_ids") or []]
    if Field.CATEGORIES not in context.policy.fields:
        return kept
    for wanted in source.categories:
        paths = {key: path for key, path in names.categories.items() if path}
        same = [key for key, path in paths.items() if path[-1].casefold() == wanted.casefold()]
        found = min(same, key=lambda key: (len(paths[key]), len(key), key), default=None)
        if found is None:
            found = context.store.category_create(wanted)
            names_forget(context.connection)
        kept += [found] if found not in kept else []
    return kept
