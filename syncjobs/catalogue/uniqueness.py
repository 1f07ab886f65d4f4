"""What a store takes only once: names of products, and SKUs whatever the size of their letters. Known before writes."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from connections.models import Connection
from mappings.core.canonical.product import CatalogueLimits, Field
from mappings.core.rules import near_misses
from mappings.core.rules.product_changes import NEW_VARIANT
from mappings.core.rules.product_limits import name_key
from mappings.models import CatalogueProduct, CatalogueSku, Side
from syncjobs.catalogue.planning import Planned, Verdict
from syncjobs.stores.opening import limits_of

NAME_TAKEN = "{} takes a name once, and its product with {} is called “{}” too: give one of them another name."
NAME_TWICE = "{} takes a name once, and {} is to be called “{}” too: give one of them another name."
SKU_TAKEN = "{} takes large and small letters for the same, and has the SKU “{}” already."
SKU_TWICE = "{} takes large and small letters for the same, and “{}” is to be made too."


Created = Callable[[set[str]], set[str]]  # of some of Heartland's products those that are to be made


def nothing_yet(keys: set[str]) -> set[str]:
    """Where nothing was planned before."""
    return set()


def unique(connection: Connection, plans: Sequence[Planned], created: Created = nothing_yet) -> list[Planned]:
    """The plans of a push; those that the store would refuse for a name or SKU that it has are conflicts."""
    limits = limits_of(connection.store)
    named = {name_key(one.source.title): one for one in plans if _gives_a_name(one)} if limits.is_name_unique else {}
    homes = _names(connection, list(named))
    writing = [one for one in plans if one.verdict in WRITING]
    skus = {change.sku for one in writing for change in one.changes if change.field == NEW_VARIANT}
    alike = {} if limits.is_sku_case_told else _skus(connection, skus)
    found, made = [], _made_before(connection, plans, created)
    for one in plans:
        reason = _refused(one, homes, alike, made, limits) if one.verdict in WRITING else ""
        found.append(replace(one, verdict=Verdict.CONFLICT, reason=reason) if reason else one)
        if not reason and one.verdict == Verdict.CREATE:
            made |= marks_of(one, limits)
    return found


def marks_of(one: Planned, limits: CatalogueLimits) -> dict[str, str]:
    """What no other product may have once this one is made, with the SKU that tells whose it is."""
    skus = [change.sku for change in one.changes if change.field == NEW_VARIANT]
    marks = {f"name:{name_key(one.source.title)}": one.source.variants[0].sku} if limits.is_name_unique else {}
    return marks if limits.is_sku_case_told else marks | {f"sku:{sku.casefold()}": sku for sku in skus}


def twice(one: Planned, made: dict[str, str], limits: CatalogueLimits) -> str:
    """Why it cannot be made beside what is to be made before it; "" when it can."""
    for mark in marks_of(one, limits):
        if mark in made:
            words = NAME_TWICE if mark.startswith("name:") else SKU_TWICE
            return words.format(limits.store, made[mark], one.source.title)
    return ""


WRITING = frozenset({Verdict.CREATE, Verdict.UPDATE})
Homes = dict[str, dict[str, str]]  # by name: products of the store, each with one of its SKUs


def _gives_a_name(one: Planned) -> bool:
    renames = one.verdict == Verdict.UPDATE and any(change.field == Field.TITLE for change in one.changes)
    return one.verdict == Verdict.CREATE or renames


def _refused(one: Planned, homes: Homes, alike: dict[str, str], made: dict[str, str], limits: CatalogueLimits) -> str:
    own = one.target.external_id if one.target else ""
    others = {key: sku for key, sku in homes.get(name_key(one.source.title), {}).items() if key != own}
    if _gives_a_name(one) and others:
        return NAME_TAKEN.format(limits.store, next(iter(others.values())) or "no SKU", one.source.title)
    for change in one.changes:
        if change.field == NEW_VARIANT and (taken := alike.get(change.sku)):
            return SKU_TAKEN.format(limits.store, taken)
    return twice(one, made, limits) if one.verdict == Verdict.CREATE else ""


def _made_before(connection: Connection, plans: Sequence[Planned], created: Created) -> dict[str, str]:
    """The marks of products that are to be made before these and would have one in common with them."""
    fresh = [one for one in plans if one.verdict == Verdict.CREATE]
    own = {one.key for one in fresh}
    rows = CatalogueSku.objects.filter(connection=connection, side=Side.HEARTLAND).exclude(product__external_id__in=own)
    names = rows.filter(product__name_key__in=[name_key(one.source.title) for one in fresh])
    folded = {near_misses.folded(variant.sku) for one in fresh for variant in one.source.variants}
    found = [
        (key, f"name:{name}", sku)
        for key, name, sku in names.values_list("product__external_id", "product__name_key", "sku")
    ]
    found += [
        (key, f"sku:{sku.casefold()}", sku)
        for key, sku in rows.filter(folded__in=folded).values_list("product__external_id", "sku")
    ]
    if not found:
        return {}
    before = created({key for key, _, _ in found})
    return {mark: sku for key, mark, sku in found if key in before}


def _names(connection: Connection, keys: Sequence[str]) -> Homes:
    rows = CatalogueProduct.objects.filter(connection=connection, side=Side.STORE, name_key__in=keys)
    found: Homes = {}
    for key, product, sku in rows.order_by("pk").values_list("name_key", "external_id", "skus__sku"):
        found.setdefault(key, {}).setdefault(product, sku or "")
    return found


def _skus(connection: Connection, skus: set[str]) -> dict[str, str]:
    """By SKU: one that the store has and takes for the same."""
    folded = {near_misses.folded(sku) for sku in skus}
    rows = CatalogueSku.objects.filter(connection=connection, side=Side.STORE, folded__in=folded)
    theirs = {sku.casefold(): sku for sku in rows.values_list("sku", flat=True)}
    return {sku: theirs[sku.casefold()] for sku in skus if sku.casefold() in theirs and theirs[sku.casefold()] != sku}
