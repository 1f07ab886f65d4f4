"""Both catalogues as they were last read: kept page by page, compared with what is read again, forgotten when gone."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Length

from connections.models import Connection
from ipaas.types import JSON
from mappings.bulk_rows import write_apart
from mappings.core.canonical.listing import Listing, Names, facts_named, store_product
from mappings.core.canonical.product import Facts, Policy, Product, barcode_key
from mappings.core.heartland.products import grid_facts, heartland_product, item_facts
from mappings.core.heartland.stock_keeping import keeps_stock
from mappings.core.rules import near_misses
from mappings.core.rules.product_limits import name_key
from mappings.models import CatalogueProduct, CatalogueSku, Link, Side
from mappings.product_terms import terms_write
from mappings.stock_keeping import keeping_note, tracking_note

GRID, ITEM = "g", "i"  # what a Heartland product's id begins with
LONGEST = 255
IN_ORDER = (Length("external_id"), "external_id")  # of ids that are text: 9 before 10

Refuse = Callable[[str, str], None]  # told the name of a record that cannot be kept, and why


def unsaid(name: str, words: str) -> None:
    """Where nobody is told, the log is."""


def fitted(number: str) -> str:
    """A number as it is kept: one that is too long is cut so that it equals no other."""
    return number if len(number) <= LONGEST else f"{number[: LONGEST - 1]}…"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A SKU of a page."""

    product: str
    external_id: str
    facts: dict[str, Any]
    barcode: str


def heartland_key(row: Mapping[str, Any]) -> str:
    """The product that a Heartland item belongs to."""
    grid = row.get("grid_id")
    return f"{ITEM}{row['id']}" if grid is None else f"{GRID}{grid}"


def items_remember(
    connection: Connection, rows: Iterable[JSON], run_id: int = 0, *, refuse: Refuse = unsaid
) -> set[str]:
    """Keep Heartland items; answers the products of which something is new or changed."""
    rows, seen = list(rows), []
    for row in rows:
        facts = item_facts(row)
        code = barcode_key(facts["custom"].get("upc")) or barcode_key(facts.get("primary_barcode"))
        seen.append(Seen(product=heartland_key(row), external_id=str(row["id"]), facts=facts, barcode=code))
    with transaction.atomic():
        keeping_note(connection, keeps_stock(rows))
        heads = dict.fromkeys((one.product for one in seen), None)
        names = {one.product: str(one.facts.get("description") or "") for one in seen if one.product.startswith(ITEM)}
        products, fresh = _products_remember(connection, Side.HEARTLAND, heads, run_id, refuse, names)
        fresh |= _skus_remember(connection, Side.HEARTLAND, seen, products, run_id, refuse)
        _labels_follow(connection, seen)
        terms_write(products[key] for key in fresh if key in products)
        return fresh


def _labels_follow(connection: Connection, seen: Sequence[Seen]) -> None:
    """Links show the number that their item has now."""
    numbers = {one.external_id: fitted(one.facts["number"]) for one in seen}
    links = Link.objects.of(connection, Link.Kind.ITEM).filter(target_id__in=list(numbers))
    stale = [link for link in links if link.target_label != numbers[link.target_id]]
    for link in stale:
        link.target_label = numbers[link.target_id]
    Link.objects.bulk_update(stale, ["target_label"], batch_size=500)


def grids_remember(
    connection: Connection, rows: Iterable[JSON], run_id: int = 0, *, refuse: Refuse = unsaid
) -> set[str]:
    """Keep what the items of Heartland's grids share; answers those that are new or changed."""
    heads = {f"{GRID}{row['id']}": grid_facts(row) for row in rows}
    with transaction.atomic():
        names = {key: str(facts.get("item_description") or "") for key, facts in heads.items()}
        products, fresh = _products_remember(connection, Side.HEARTLAND, heads, run_id, refuse, names)
        terms_write(products[key] for key in fresh if key in products)
        return fresh


def products_remember(
    connection: Connection, listings: Iterable[Listing], names: Names, run_id: int = 0, *, refuse: Refuse = unsaid
) -> set[str]:
    """Keep the store's products with all their variants; answers those of which something is new or changed."""
    heads: dict[str, dict[str, Any] | None] = {}
    tracked: dict[str, bool] = {}
    seen = []
    for listing in listings:
        key = listing.id
        heads[key] = facts_named(listing, names)
        tracked[key] = listing.keeps_stock
        for variant in listing.variants:
            code = barcode_key(variant.facts.get("upc") or listing.facts.get("upc"))
            seen.append(Seen(product=key, external_id=variant.id, facts=dict(variant.facts), barcode=code))
    with transaction.atomic():
        titles = {key: str(facts.get("name") or "") for key, facts in heads.items() if facts}
        products, fresh = _products_remember(connection, Side.STORE, heads, run_id, refuse, titles)
        fresh |= _skus_remember(connection, Side.STORE, seen, products, run_id, refuse)
        ids = [one.external_id for one in seen]
        gone = CatalogueSku.objects.filter(product_id__in=products.values()).exclude(external_id__in=ids)
        fresh |= set(gone.values_list("product__external_id", flat=True))
        gone.delete()
        terms_write(products[key] for key in fresh if key in products)
        tracking_note(connection, tracked)
        return fresh


def products_forget(connection: Connection, side: Side, keys: Iterable[str]) -> int:
    """Products that are gone at their side."""
    gone = CatalogueProduct.objects.filter(connection=connection, side=side, external_id__in=list(keys))
    return gone.delete()[0]


def unseen_forget(connection: Connection, side: Side, run_id: int) -> None:
    """What a whole read did not come by is gone."""
    CatalogueSku.objects.filter(connection=connection, side=side).exclude(read_in=run_id).delete()
    CatalogueProduct.objects.filter(connection=connection, side=side).exclude(read_in=run_id).delete()


def heartland_products(
    connection: Connection,
    keys: Iterable[str],
    policy: Policy,
    wanted: Callable[[Facts], bool] = lambda facts: True,
) -> dict[str, Product]:
    """Heartland's products by id, as they were last read, of the items that are `wanted`, under their linked SKUs."""
    heads, skus = _kept(connection, Side.HEARTLAND, keys)
    skus = {key: kept for key, members in skus.items() if (kept := [sku for sku in members if wanted(sku.facts)])}
    ids = [sku.external_id for members in skus.values() for sku in members]
    linked = linked_skus(connection, ids)
    return {
        key: heartland_product(
            key,
            heads[key] if key.startswith(GRID) else None,
            {sku.external_id: sku.facts for sku in members},
            linked,
            policy,
        )
        for key, members in skus.items()
    }


def store_products(connection: Connection, keys: Iterable[str], policy: Policy) -> dict[str, Product]:
    """The store's products by id, as they were last read."""
    heads, skus = _kept(connection, Side.STORE, keys)
    return {
        key: store_product(key, heads[key], {sku.external_id: sku.facts for sku in members}, policy)
        for key, members in skus.items()
    }


def skus_of(connection: Connection, side: Side, keys: Iterable[str]) -> QuerySet[CatalogueSku]:
    """The SKUs of some products of a side. Asked in two steps: a database that never saw these tables joins badly."""
    products = CatalogueProduct.objects.filter(connection=connection, side=side, external_id__in=list(keys))
    return CatalogueSku.objects.filter(product_id__in=list(products.values_list("pk", flat=True)))


def linked_skus(connection: Connection, item_ids: Iterable[str]) -> dict[str, str]:
    """The store's SKU that speaks for each Heartland item, by item id: one that equals its number, else the oldest."""
    sold = CatalogueSku.objects.filter(connection=connection, side=Side.STORE, sku=OuterRef("source_id"))
    links = Link.objects.of(connection, Link.Kind.ITEM).filter(Exists(sold), target_id__in=list(item_ids))
    found: dict[str, str] = {}
    for link in links.order_by("pk"):
        if link.target_id not in found or link.source_id == link.target_label:
            found[link.target_id] = link.source_id
    return found


def linked_items(connection: Connection, skus: Iterable[str]) -> dict[str, str]:
    """The Heartland item that each of these SKUs is linked with, by SKU."""
    links = Link.objects.of(connection, Link.Kind.ITEM).filter(source_id__in=[sku for sku in skus if sku])
    return dict(links.values_list("source_id", "target_id"))


def _kept(
    connection: Connection, side: Side, keys: Iterable[str]
) -> tuple[dict[str, Facts], dict[str, list[CatalogueSku]]]:
    rows = skus_of(connection, side, keys)
    heads: dict[str, Facts] = {}
    skus: dict[str, list[CatalogueSku]] = defaultdict(list)
    for row in rows.select_related("product").order_by(*IN_ORDER):
        key = row.product.external_id
        heads[key] = {"custom": {}, **row.product.facts} if side == Side.HEARTLAND else row.product.facts
        skus[key].append(row)
    return heads, skus


def _products_remember(
    connection: Connection,
    side: Side,
    heads: Mapping[str, dict[str, Any] | None],
    run_id: int,
    refuse: Refuse,
    names: Mapping[str, str],
) -> tuple[dict[str, int], set[str]]:
    """Keep products; those without facts keep what they have. Answers our ids, and which are new or changed."""
    ours = CatalogueProduct.objects.filter(connection=connection, side=side, external_id__in=list(heads))
    known = {row.external_id: row for row in ours}
    fresh = {key for key, facts in heads.items() if key not in known or facts not in (None, known[key].facts)}
    keys = {key: name_key(names.get(key, "")) for key in heads}
    renamed = {key for key, row in known.items() if key in names and row.name_key != keys[key]}
    rows = [
        CatalogueProduct(
            connection=connection,
            side=side,
            external_id=key,
            facts=heads[key] or (known[key].facts if key in known else {}),
            name_key=keys[key],
            read_in=run_id,
        )
        for key in heads
        if key in fresh or key in renamed
    ]
    for row, words in write_apart(_products_write, rows):
        refuse(str(row.facts.get("name") or row.facts.get("item_description") or row.external_id), words)
    if run_id:
        ours.exclude(read_in=run_id).update(read_in=run_id)
    return dict(ours.values_list("external_id", "pk")), fresh


def _skus_remember(
    connection: Connection, side: Side, seen: Sequence[Seen], products: Mapping[str, int], run_id: int, refuse: Refuse
) -> set[str]:
    ours = CatalogueSku.objects.filter(
        connection=connection, side=side, external_id__in=[one.external_id for one in seen]
    )
    known = {row.external_id: row for row in ours.select_related("product")}
    fresh: set[str] = set()
    changed = []
    for one in seen:
        before = known.get(one.external_id)
        if one.product not in products:  # it was refused, and said
            continue
        if before and before.facts == one.facts and before.product.external_id == one.product:
            continue
        fresh |= {one.product} | ({before.product.external_id} if before else set())
        changed.append(_sku(connection, side, one, products[one.product], run_id))
    for row, words in write_apart(_skus_write, changed):
        refuse(row.sku, words)
    if run_id:
        ours.exclude(read_in=run_id).update(read_in=run_id)
    return fresh


def _products_write(rows: Sequence[CatalogueProduct]) -> None:
    CatalogueProduct.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["connection", "side", "external_id"],
        update_fields=["facts", "name_key", "read_in"],
    )


def _skus_write(rows: Sequence[CatalogueSku]) -> None:
    CatalogueSku.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["connection", "side", "external_id"],
        update_fields=["product", "sku", "folded", "barcode", "facts", "read_in"],
    )


def _sku(connection: Connection, side: Side, one: Seen, product_id: int, run_id: int) -> CatalogueSku:
    number = one.facts["number"]  # Heartland's stands as it is: blanks around it are a near miss
    sku = fitted(number.strip() if side == Side.STORE else number)
    return CatalogueSku(
        connection=connection,
        side=side,
        product_id=product_id,
        external_id=one.external_id,
        sku=sku,
        folded=near_misses.folded(sku)[:LONGEST],
        barcode=one.barcode[:14],
        facts=one.facts,
        read_in=run_id,
    )
