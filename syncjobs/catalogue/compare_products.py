"""What would have to be done: each product of the original against its counterpart, as both were last read."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from connections.models import Connection, ItemSettings
from mappings.catalogue import heartland_products, linked_skus, skus_of, store_products
from mappings.core.canonical.product import Direction, Field, Policy, Product
from mappings.core.rules.item_filter import fits
from mappings.core.rules.product_changes import ACTIVE, NEW_VARIANT, Change, described, differences
from mappings.core.rules.product_limits import title_note
from mappings.core.rules.product_obstacles import lacking, lacking_in
from mappings.models import CatalogueSku, Link, Side
from syncjobs.catalogue.choices import conditions, policy_of
from syncjobs.catalogue.planning import Planned, Verdict
from syncjobs.catalogue.uniqueness import Created, nothing_yet, unique

SPREAD = "Built differently: its SKUs belong to several products on the other side."
SHARED = "Built differently: its counterpart also holds SKUs of other products."
NARROWER = "Built differently: one item here, a product with options there."
UNCERTAIN = "“{}” in the store may be “{}” in Heartland: link them, or exclude it."
LISTED_AGAIN = "A second listing of an item: what “{}” says of it moves, this one is left as it is."
FILTERED = "Your filter leaves it out."
SWITCHED_OFF = "It is switched off in Heartland."
KEPT = "It differs, and updating what is there is switched off."
NO_OPTIONS = "Built differently: its counterpart has no options to add a variant to."


def planned(
    connection: Connection, settings: ItemSettings, keys: Sequence[str], created: Created = nothing_yet
) -> list[Planned]:
    """What is to be done with some products of the original, in their order. Asks nobody.

    `created` tells which other products are to be made before these.
    """
    if settings.mode == ItemSettings.Mode.PULL:
        return _pulled(connection, settings, keys)
    return unique(connection, _pushed(connection, settings, keys), created)


def original_of(settings: ItemSettings) -> Side:
    """Whose catalogue is the original."""
    return Side.STORE if settings.mode == ItemSettings.Mode.PULL else Side.HEARTLAND


def copy_of(settings: ItemSettings) -> Side:
    """Whose catalogue follows."""
    return Side.HEARTLAND if settings.mode == ItemSettings.Mode.PULL else Side.STORE


def counterparts(connection: Connection, settings: ItemSettings, keys: Sequence[str]) -> list[str]:
    """The copy's products that some products of the original are linked with, or would be."""
    return _opposite(connection, original_of(settings), keys)


def originals(connection: Connection, settings: ItemSettings, keys: Sequence[str]) -> list[str]:
    """The original's products that some products of the copy are linked with."""
    return _opposite(connection, copy_of(settings), keys)


def _opposite(connection: Connection, side: Side, keys: Sequence[str]) -> list[str]:
    rows = list(skus_of(connection, side, keys).values_list("external_id", "sku"))
    links = Link.objects.of(connection, Link.Kind.ITEM)
    others = CatalogueSku.objects.filter(connection=connection)
    if side == Side.STORE:
        ids = links.filter(source_id__in=[sku for _, sku in rows]).values_list("target_id", flat=True)
        found = others.filter(side=Side.HEARTLAND, external_id__in=list(ids))
    else:
        linked = links.filter(target_id__in=[item for item, _ in rows]).values_list("source_id", flat=True)
        found = others.filter(side=Side.STORE, sku__in={*linked, *(sku for _, sku in rows)})
    return sorted(set(found.values_list("product__external_id", flat=True)))


def _pushed(connection: Connection, settings: ItemSettings, keys: Sequence[str]) -> list[Planned]:
    policy, wanted = policy_of(settings), conditions(settings)
    sources = heartland_products(connection, keys, policy, lambda facts: fits(facts, wanted))
    missing = [key for key in keys if key not in sources]
    others = heartland_products(connection, missing, policy) if missing else {}
    skus = {variant.sku for product in (*sources.values(), *others.values()) for variant in product.variants}
    homes = _homes(connection, Side.STORE, sku__in=skus)
    targets = store_products(connection, {home for found in homes.values() for home, _ in found}, policy)
    owners = _owners(connection, targets)
    uncertain = {item: UNCERTAIN.format(sku, item) for sku, item in _uncertain(connection, suggestion__in=skus)}
    found = []
    for key in keys:
        if source := sources.get(key):
            found.append(_compared(key, source, homes, targets, owners, uncertain, settings, policy))
        elif other := others.get(key):
            found.append(_archived(key, other, homes, targets, settings))
    return found


def _archived(
    key: str, product: Product, homes: "Homes", targets: dict[str, Product], settings: ItemSettings
) -> Planned:
    """A product whose items are switched off, or that the filter leaves out: only the first are taken off sale."""
    places = {home for variant in product.variants for home, _ in homes.get(variant.sku, ())}
    target = targets.get(next(iter(places))) if len(places) == 1 else None
    is_kept = settings.archived == ItemSettings.Archived.NOTHING or product.is_active
    if target is None or is_kept or (not target.is_active and settings.archived != ItemSettings.Archived.DELETE):
        reason = FILTERED if product.is_active else SWITCHED_OFF
        return Planned(key=key, verdict=Verdict.LEFT_OUT, source=product, target=target, reason=reason)
    change = Change(field=ACTIVE, before="yes", after="no")
    return Planned(key=key, verdict=Verdict.ARCHIVE, source=product, target=target, changes=[change])


def _pulled(connection: Connection, settings: ItemSettings, keys: Sequence[str]) -> list[Planned]:
    policy = policy_of(settings)
    sources = store_products(connection, keys, policy)
    skus = {variant.sku for product in sources.values() for variant in product.variants if variant.sku}
    links = dict(
        Link.objects.of(connection, Link.Kind.ITEM).filter(source_id__in=skus).values_list("source_id", "target_id")
    )
    items = _homes(connection, Side.HEARTLAND, external_id__in=list(links.values()))
    by_id = {item: home for found in items.values() for home, item in found}
    excluded = CatalogueSku.objects.filter(
        connection=connection, side=Side.STORE, sku__in=skus, state=CatalogueSku.State.EXCLUDED
    )
    homes: Homes = {sku: [(by_id[item], item)] for sku, item in links.items() if item in by_id}
    for sku in excluded.values_list("sku", flat=True):
        homes[sku] = [("", "")]
    targets = heartland_products(connection, {home for found in homes.values() for home, _ in found}, policy)
    owners = _owners_of_items(connection, targets)
    uncertain = {sku: UNCERTAIN.format(sku, item) for sku, item in _uncertain(connection, sku__in=skus)}
    again = _listed_again(connection, links)
    return [
        _compared(key, source, homes, targets, owners, uncertain, settings, policy)
        if (words := _only_again(source, again)) is None
        else Planned(key=key, verdict=Verdict.LEFT_OUT, source=source, reason=words)
        for key in keys
        if (source := sources.get(key))
    ]


def _listed_again(connection: Connection, links: Mapping[str, str]) -> dict[str, str]:
    """Of linked SKUs (with their item ids) those that are a further listing of an item, with words about it."""
    speaking = linked_skus(connection, links.values())
    return {sku: LISTED_AGAIN.format(speaking[item]) for sku, item in links.items() if speaking.get(item, sku) != sku}


def _only_again(source: Product, again: Mapping[str, str]) -> str | None:
    """Words for a product that is nothing but a further listing; None for any other."""
    words = [again.get(variant.sku) for variant in source.variants]
    return words[0] if all(words) else None


Homes = dict[str, list[tuple[str, str]]]  # by SKU: products at the other side, with the SKU's own id there


def _homes(connection: Connection, side: Side, **wanted: object) -> Homes:
    rows = CatalogueSku.objects.filter(connection=connection, side=side, **wanted)
    homes: Homes = defaultdict(list)
    for sku, home, own, state in rows.values_list("sku", "product__external_id", "external_id", "state"):
        homes[sku].append(("", own) if state == CatalogueSku.State.EXCLUDED else (home, own))
    return homes


def _uncertain(connection: Connection, **wanted: object) -> list[tuple[str, str]]:
    """SKUs of the store with the Item # that each may be: a person says so first."""
    rows = CatalogueSku.objects.filter(connection=connection, side=Side.STORE, **wanted).exclude(suggestion="")
    unsure = rows.filter(state__in=[CatalogueSku.State.UNLINKED, CatalogueSku.State.AMBIGUOUS])
    return list(unsure.values_list("sku", "suggestion"))


def _owners(connection: Connection, targets: dict[str, Product]) -> dict[str, set[str]]:
    """By product of the store: the Heartland products that its SKUs are linked with."""
    skus = {variant.sku: key for key, target in targets.items() for variant in target.variants if variant.sku}
    links = Link.objects.of(connection, Link.Kind.ITEM).filter(source_id__in=skus)
    ids = {item: sku for sku, item in links.values_list("source_id", "target_id")}
    rows = CatalogueSku.objects.filter(connection=connection, side=Side.HEARTLAND, external_id__in=ids)
    owners: dict[str, set[str]] = defaultdict(set)
    for item, key in rows.values_list("external_id", "product__external_id"):
        owners[skus[ids[item]]].add(key)
    return owners


def _owners_of_items(connection: Connection, targets: dict[str, Product]) -> dict[str, set[str]]:
    """By product of Heartland: the store's products that its items are linked with."""
    skus = {variant.sku: key for key, target in targets.items() for variant in target.variants}
    rows = CatalogueSku.objects.filter(connection=connection, side=Side.STORE, sku__in=skus)
    owners: dict[str, set[str]] = defaultdict(set)
    for sku, key in rows.values_list("sku", "product__external_id"):
        owners[skus[sku]].add(key)
    return owners


def _compared(
    key: str,
    source: Product,
    homes: Homes,
    targets: dict[str, Product],
    owners: dict[str, set[str]],
    uncertain: Mapping[str, str],
    settings: ItemSettings,
    policy: Policy,
) -> Planned:
    places = {home for variant in source.variants for home, _ in homes.get(variant.sku, ())}
    if "" in places:
        return Planned(key=key, verdict=Verdict.LEFT_OUT, source=source, reason="Excluded by hand.")
    if not places:
        return _new(key, source, uncertain, settings, policy)
    if len(places) > 1:
        return Planned(key=key, verdict=Verdict.CONFLICT, source=source, reason=SPREAD)
    target = targets[places.pop()]
    changes = differences(source, target, policy)
    unsure = (uncertain[change.sku] for change in changes if change.field == NEW_VARIANT and change.sku in uncertain)
    reason = (
        _obstacle(key, source, target, owners, changes)
        or next(unsure, "")
        or lacking_in(source, target, changes, policy)
    )
    if reason:
        return Planned(key=key, verdict=Verdict.CONFLICT, source=source, target=target, changes=changes, reason=reason)
    if not changes:
        return Planned(key=key, verdict=Verdict.UNCHANGED, source=source, target=target)
    verdict = Verdict.UPDATE if settings.updates else Verdict.LEFT_OUT
    moves_title = any(change.field == Field.TITLE for change in changes)
    note = "" if settings.updates else KEPT
    if settings.updates and moves_title:
        note = _shortened(policy, source)
    return Planned(key=key, verdict=verdict, source=source, target=target, changes=changes, reason=note)


def _shortened(policy: Policy, source: Product) -> str:
    is_push = policy.direction == Direction.PUSH
    return title_note(source.title, policy.limits) if is_push else ""


def _obstacle(key: str, source: Product, target: Product, owners: dict[str, set[str]], changes: list[Change]) -> str:
    if owners.get(target.external_id, {key}) - {key}:
        return SHARED
    if target.has_options and not source.has_options and len(target.variants) > 1:
        return NARROWER
    if not target.has_options and any(change.field == NEW_VARIANT for change in changes):
        return NO_OPTIONS
    return ""


def _new(key: str, source: Product, uncertain: Mapping[str, str], settings: ItemSettings, policy: Policy) -> Planned:
    if settings.mode == ItemSettings.Mode.PUSH and not (source.has_pictures or settings.includes_imageless):
        return Planned(key=key, verdict=Verdict.LEFT_OUT, source=source, reason="It has no pictures.")
    unsure = next((uncertain[variant.sku] for variant in source.variants if variant.sku in uncertain), "")
    if reason := lacking(source, policy) or unsure:
        return Planned(key=key, verdict=Verdict.CONFLICT, source=source, reason=reason)
    changes = [Change(field=NEW_VARIANT, sku=variant.sku, after=described(variant)) for variant in source.variants]
    return Planned(key=key, verdict=Verdict.CREATE, source=source, changes=changes, reason=_shortened(policy, source))
