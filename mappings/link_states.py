"""How each SKU of the store stands to Heartland's items: linked, or why not and who may be meant.

Item # = SKU links, letter by letter. Nothing links when more than one may be meant: that is for a person to say.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from connections.models import Connection, ItemSettings
from connections.store_kinds import profile_of
from mappings.bulk_rows import write_apart
from mappings.catalogue import linked_skus, skus_of
from mappings.core.canonical.product import number
from mappings.core.rules.matching import Candidate, Match, StoreItem, only_fit, ranked
from mappings.models import CatalogueSku, Link, Side
from mappings.services import is_sure, link_store

State = CatalogueSku.State
COLUMNS = ["state", "reason", "suggestion", "score"]
LONGEST_REASON = 300
NAMED = 3  # candidates that a reason names
RENAMED_SCORE = 100


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is found of one SKU."""

    state: str
    reason: str = ""
    suggestion: str = ""
    score: int = 0


@dataclass(kw_only=True)
class Page:
    """What is known of the SKUs of some products, looked up at once."""

    links: dict[str, Link]  # by SKU
    store: str  # what it is called
    by_barcode: bool  # whether a barcode that one item only has links
    own: set[str]  # of the store's SKUs, those that equal an Item # here
    twins: set[str]  # barcodes that several variants of the store have
    former: dict[str, Link]  # by variant id, the link of the SKU that it had before
    taken: dict[str, str]  # Heartland item id → the SKU that it is linked with
    equal: dict[str, list[CatalogueSku]]  # Heartland items by Item #
    alike: dict[str, list[CatalogueSku]]  # … by folded Item #
    coded: dict[str, list[CatalogueSku]]  # … by barcode
    present: set[str]  # Heartland item ids that links name and that exist
    repeated: dict[str, int]  # SKUs that stand on several variants of the store


def states_settle(connection: Connection, rows: Sequence[CatalogueSku]) -> int:
    """Link what is equal and say of the rest why it is not; answers how many were linked. `rows` are the store's."""
    page = _page(connection, rows)
    fresh, moved = [], 0
    for row in rows:
        item = _equal(row, page) or _by_barcode(row, page)
        if item and row.sku not in page.links and row.external_id not in page.former:
            fresh.append(_link(connection, row, item))
            page.links[row.sku] = fresh[-1]
        elif item:  # the SKU was another item's, or the variant had another SKU
            page.links[row.sku] = _link_moved(connection, row, item)
            moved += 1
        if item:
            page.taken[item.external_id] = row.sku
            page.present.add(item.external_id)
    _variants_note(rows, page)
    refused = write_apart(lambda some: Link.objects.bulk_create(some, ignore_conflicts=True, batch_size=500), fresh)
    for link, _ in refused:
        del page.links[link.source_id]
    changed = []
    for row in rows:
        found = _finding(row, page)
        if [getattr(row, name) for name in COLUMNS] != [getattr(found, name) for name in COLUMNS]:
            for name in COLUMNS:
                setattr(row, name, getattr(found, name))
            changed.append(row)
    write_apart(lambda some: CatalogueSku.objects.bulk_update(some, COLUMNS, batch_size=500), changed)
    return len(fresh) - len(refused) + moved


def _link_moved(connection: Connection, row: CatalogueSku, item: CatalogueSku) -> Link:
    return link_store(
        connection,
        Link.Kind.ITEM,
        source_id=row.sku,
        target_id=item.external_id,
        target_label=item.sku,
        store_ref=row.external_id,
    )


def _variants_note(rows: Sequence[CatalogueSku], page: Page) -> None:
    """Which variant each link's SKU stands on: a SKU may be renamed, the variant's id never is."""
    stale = {}
    for row in rows:
        link = page.links.get(row.sku)
        if link and link.pk and row.sku not in page.repeated and link.store_ref != row.external_id:
            link.store_ref = row.external_id
            stale[link.pk] = link
    Link.objects.bulk_update(stale.values(), ["store_ref"], batch_size=500)


def mismatches_note(connection: Connection, rows: Sequence[CatalogueSku]) -> None:
    """Say of linked SKUs that their product is built differently: a grid against singles, or spread over several."""
    links = _speaking(connection, _links(connection, {row.sku for row in rows}))
    homes = dict(_items(connection, external_id__in=links.values()).values_list("external_id", "product__external_id"))
    ours = {row.pk: homes.get(links.get(row.sku, ""), "") for row in rows if row.sku in links}
    by_product: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        if ours.get(row.pk):
            by_product[row.product_id].add(ours[row.pk])
    spread = _spread(connection, {key for keys in by_product.values() for key in keys})
    changed = []
    for row in rows:
        key = ours.get(row.pk)
        if not key or row.state != State.LINKED:
            continue
        if len(by_product[row.product_id]) > 1:
            row.reason = "One product in the store, several items or grids in Heartland."
        elif key in spread:
            row.reason = "One grid in Heartland, several products in the store."
        else:
            continue
        row.state = State.MISMATCH
        changed.append(row)
    CatalogueSku.objects.bulk_update(changed, ["state", "reason"], batch_size=500)


def _speaking(connection: Connection, links: Sequence[Link]) -> dict[str, str]:
    """Item ids by SKU, without the further listings of an item: how those are built says nothing of it."""
    speaking = linked_skus(connection, [link.target_id for link in links])
    return {link.source_id: link.target_id for link in links if speaking.get(link.target_id) == link.source_id}


def _spread(connection: Connection, keys: set[str]) -> set[str]:
    """Those of Heartland's products whose items are linked with several products of the store."""
    members = skus_of(connection, Side.HEARTLAND, keys)
    items = dict(members.values_list("external_id", "product__external_id"))
    skus = {sku: items[item] for item, sku in linked_skus(connection, items).items()}
    found: dict[str, set[int]] = defaultdict(set)
    store = CatalogueSku.objects.filter(connection=connection, side=Side.STORE, sku__in=skus)
    for sku, product in store.values_list("sku", "product_id"):
        found[skus[sku]].add(product)
    return {key for key, products in found.items() if len(products) > 1}


def store_rows(connection: Connection, product_ids: Iterable[int]) -> list[CatalogueSku]:
    """The SKUs of some of the store's products, by our ids."""
    rows = CatalogueSku.objects.filter(connection=connection, side=Side.STORE, product_id__in=list(product_ids))
    return list(rows.select_related("product").order_by("product_id", "pk"))


def rows_alike(connection: Connection, items: Sequence[CatalogueSku]) -> list[CatalogueSku]:
    """The store's SKUs that a change of these Heartland items may concern: alike, linked, or who thought them alike."""
    numbers = [item.sku for item in items]
    links = Link.objects.of(connection, Link.Kind.ITEM).filter(target_label__in=numbers)
    concerned = (
        Q(folded__in=[item.folded for item in items])
        | Q(barcode__in=[item.barcode for item in items if item.barcode])
        | Q(sku__in=list(links.values_list("source_id", flat=True)))
        | Q(suggestion__in=numbers)
    )
    rows = CatalogueSku.objects.filter(concerned, connection=connection, side=Side.STORE)
    return list(rows.select_related("product"))


def _page(connection: Connection, rows: Sequence[CatalogueSku]) -> Page:
    skus = {row.sku for row in rows if row.sku}
    folded = {row.folded for row in rows if row.folded}
    codes = {row.barcode for row in rows if row.barcode}
    links = {link.source_id: link for link in _links(connection, skus)}
    found = list(_items(connection, folded__in=folded)) + list(_items(connection, barcode__in=codes))
    items = {item.pk: item for item in found}.values()
    ids = [item.external_id for item in items]
    former = _former(connection, rows)
    named = [link.target_id for link in [*links.values(), *former.values()]]
    several = several_of(connection, skus)
    numbers = [item.sku for item in items if item.barcode]
    coded = CatalogueSku.objects.filter(connection=connection, side=Side.STORE, barcode__in=codes)
    return Page(
        store=profile_of(connection.store).name,
        by_barcode=ItemSettings.objects.filter(connection=connection, links_by_barcode=True).exists(),
        own=set(several_of(connection, numbers).values_list("sku", flat=True)),
        twins={row["barcode"] for row in coded.values("barcode").annotate(count=Count("pk")).filter(count__gt=1)},
        links=links,
        former=former,
        taken=linked_skus(connection, {*ids, *named}),
        equal=_by(items, "sku"),
        alike=_by(items, "folded"),
        coded=_by(items, "barcode"),
        present=set(_items(connection, external_id__in=named).values_list("external_id", flat=True)),
        repeated=dict(
            several.values("sku").annotate(count=Count("pk")).filter(count__gt=1).values_list("sku", "count")
        ),
    )


def several_of(connection: Connection, skus: Iterable[str]) -> QuerySet[CatalogueSku]:
    """The store's variants with these SKUs."""
    return CatalogueSku.objects.filter(connection=connection, side=Side.STORE, sku__in=list(skus))


def _former(connection: Connection, rows: Sequence[CatalogueSku]) -> dict[str, Link]:
    """By variant id, links under a SKU that it no longer has, and no other variant has either."""
    mine = [row.external_id for row in rows if row.sku]
    sold = CatalogueSku.objects.filter(connection=connection, side=Side.STORE, sku=OuterRef("source_id"))
    links = Link.objects.of(connection, Link.Kind.ITEM).filter(~Exists(sold), store_ref__in=mine)
    return {link.store_ref: link for link in links}


def _by(items: Iterable[CatalogueSku], name: str) -> dict[str, list[CatalogueSku]]:
    found: dict[str, list[CatalogueSku]] = defaultdict(list)
    for item in items:
        if key := getattr(item, name):
            found[key].append(item)
    return found


def _links(connection: Connection, skus: Iterable[str]) -> list[Link]:
    return list(Link.objects.of(connection, Link.Kind.ITEM).filter(source_id__in=list(skus)))


def _items(connection: Connection, **wanted: Any) -> QuerySet[CatalogueSku]:
    return CatalogueSku.objects.filter(connection=connection, side=Side.HEARTLAND, **wanted)


def _equal(row: CatalogueSku, page: Page) -> CatalogueSku | None:
    """The one item to link a SKU with. One that is linked already keeps its item, unless another has its number now."""
    items = page.equal.get(row.sku, [])
    if row.state == State.EXCLUDED or row.sku in page.repeated or len(items) != 1:
        return None
    link = page.links.get(row.sku)
    return None if link and (is_sure(link) or link.target_id == items[0].external_id) else items[0]


def _by_barcode(row: CatalogueSku, page: Page) -> CatalogueSku | None:
    """The one item that has the SKU's barcode, where the merchant wants that to link and nobody else may be meant."""
    items = page.coded.get(row.barcode, []) if row.barcode and page.by_barcode else []
    if row.state == State.EXCLUDED or not row.sku or row.sku in page.links or row.external_id in page.former:
        return None
    if len(items) != 1 or len(_candidates(row, page)) > 1 or row.barcode in page.twins or row.sku in page.repeated:
        return None
    is_others = items[0].external_id in page.taken or items[0].sku in page.own
    return None if is_others else items[0]


def _link(connection: Connection, row: CatalogueSku, item: CatalogueSku) -> Link:
    return Link(
        connection=connection,
        kind=Link.Kind.ITEM,
        source_id=row.sku,
        store_ref=row.external_id,
        target_id=item.external_id,
        target_label=item.sku,
        is_by_hand=item.sku != row.sku,  # by the merchant's rule: numbers are not asked again
    )


def _finding(row: CatalogueSku, page: Page) -> Finding:
    if row.state == State.EXCLUDED:
        return Finding(state=State.EXCLUDED, reason="Excluded by hand.")
    if not row.sku:
        return Finding(state=State.BLANK, reason=f"Give the variant a SKU in {page.store}.")
    if row.sku in page.repeated:
        count = page.repeated[row.sku]
        return Finding(state=State.AMBIGUOUS, reason=f"{count} variants of the store have this SKU: give each its own.")
    if link := page.links.get(row.sku):
        if link.target_id in page.present:
            return Finding(state=State.LINKED, reason=_how(link, page)[:LONGEST_REASON])
        return Finding(state=State.UNLINKED, reason="The item it was linked with is gone in Heartland: link another.")
    former = page.former.get(row.external_id)
    if former and former.target_id in page.present:
        return _renamed(row, former)
    matches = ranked(_item_of(row), [_candidate(item) for item in _candidates(row, page)])
    if not matches:
        return Finding(state=State.UNLINKED, reason="No item in Heartland has this number, nor one that looks like it.")
    return _judged(matches, page)


def _how(link: Link, page: Page) -> str:
    main = page.taken.get(link.target_id, link.source_id)
    if main != link.source_id:
        return f"A second listing of item “{link.target_label}”, which “{main}” means too: both get its stock."
    if link.is_by_hand:
        codes = {item.external_id for items in page.coded.values() for item in items}
        is_coded = page.by_barcode and link.target_id in codes
        return "Linked by its barcode." if is_coded else "Linked by hand."
    return "" if is_sure(link) else f"Its Item # is “{link.target_label}” now: the same item still."


def _renamed(row: CatalogueSku, former: Link) -> Finding:
    reason = (
        f"It was “{former.source_id}” in the store, linked with item “{former.target_label}”."
        f" Link it as suggested to go on with that item, or change the Item # in Heartland to “{row.sku}”."
    )
    return Finding(
        state=State.UNLINKED, reason=reason[:LONGEST_REASON], suggestion=former.target_label, score=RENAMED_SCORE
    )


def _judged(matches: list[Match], page: Page) -> Finding:
    best = only_fit(matches)
    if best is None and len(matches) > 1:
        names = ", ".join(f"“{match.candidate.number}”" for match in matches[:NAMED])
        return Finding(state=State.AMBIGUOUS, reason=f"May be {names}: choose which."[:LONGEST_REASON])
    best = best or matches[0]
    number_, why = best.candidate.number, "; ".join(best.reasons)
    other = page.taken.get(best.candidate.item_id)
    if other:
        reason = f"May be “{number_}” ({why}), which “{other}” means already: link it by hand if both sell the same."
        return Finding(state=State.AMBIGUOUS, reason=reason[:LONGEST_REASON])
    reason = f"May be “{number_}”: {why}."[:LONGEST_REASON]
    return Finding(state=State.UNLINKED, reason=reason, suggestion=number_, score=best.score)


def _candidates(row: CatalogueSku, page: Page) -> list[CatalogueSku]:
    found = page.alike.get(row.folded, []) + (page.coded.get(row.barcode, []) if row.barcode else [])
    return list({item.pk: item for item in found}.values())


def _item_of(row: CatalogueSku) -> StoreItem:
    options = [value for _, value in row.facts["options"]]
    return StoreItem(
        sku=row.sku,
        name=" - ".join([str(row.product.facts.get("name") or ""), *options]),
        barcode=str(row.facts.get("upc") or row.product.facts.get("upc") or ""),
        price=number(row.facts.get("price")) or number(row.product.facts.get("price")),
    )


def _candidate(item: CatalogueSku) -> Candidate:
    return Candidate(
        item_id=item.external_id,
        number=item.sku,
        name=str(item.facts.get("description") or ""),
        barcodes=(item.barcode,) if item.barcode else (),
        price=number(item.facts.get("price")),
    )
