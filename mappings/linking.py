"""Linking by hand: what both systems hold of one SKU, who may be meant, and a person's choice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import transaction
from django.db.models import QuerySet

from connections import clients
from connections.audit import audit
from connections.models import Connection, User
from errors.failures import ConfigurationFailure
from ipaas.types import JSON
from mappings import link_list
from mappings.core.canonical.product import amount
from mappings.core.rules.matching import WORD, Candidate, Match, StoreItem, ranked
from mappings.link_states import mismatches_note, states_settle
from mappings.models import CatalogueSku, Link, Side
from mappings.services import link_get, link_store

SEARCHED_WORDS = 3  # of a product's name
PARTED = "Parted by hand. Equal numbers are linked again by the next check: exclude it to keep it apart."


class Store(Protocol):
    """What linking asks of the store."""

    def item(self, sku: str) -> StoreItem | None: ...


class Tenant(Protocol):
    """What linking asks of Heartland."""

    def items_by_numbers(self, skus: list[str]) -> Mapping[str, JSON]: ...

    def items_search(self, text: str) -> list[JSON]: ...


@dataclass(frozen=True, kw_only=True)
class Workbench:
    """One SKU with its candidates."""

    item: StoreItem
    is_in_store: bool
    matches: list[Match]
    taken: dict[str, str]  # Heartland item id → the other SKU that it is linked with
    link: Link | None


def workbench(connection: Connection, sku: str, store: Store) -> Workbench:
    """Ask both systems about a SKU: two calls to the store, up to four searches in Heartland. Raises SyncFailure."""
    found = store.item(sku)
    item = found or StoreItem(sku=sku)
    matches = ranked(item, candidates(clients.heartland_setup_client(connection.heartland), item))
    ids = [match.candidate.item_id for match in matches]
    others = Link.objects.of(connection, Link.Kind.ITEM).filter(target_id__in=ids).exclude(source_id=sku)
    return Workbench(
        item=item,
        is_in_store=found is not None,
        matches=matches,
        taken=dict(others.values_list("target_id", "source_id")),
        link=link_get(connection, Link.Kind.ITEM, sku),
    )


def candidates(tenant: Tenant, item: StoreItem) -> list[Candidate]:
    """Heartland items with the number, or that a search for number, barcode or name finds. Switched off ones too."""
    found = {str(row["id"]): row for row in tenant.items_by_numbers([item.sku]).values()}
    words = WORD.findall(item.name)
    for text in dict.fromkeys([*WORD.findall(item.sku)[:1], item.barcode, " ".join(words[:SEARCHED_WORDS])]):
        if text.strip():
            found |= {str(row["id"]): row for row in tenant.items_search(text)}
    return [candidate_of(row) for row in found.values()]


def candidate_of(row: Mapping[str, Any]) -> Candidate:
    """A Heartland item (its notes, §5). Barcodes are where shops keep them: the primary one, and custom fields."""
    custom = row.get("custom") or {}
    barcodes = [row.get("primary_barcode"), *(custom.get(name) for name in ("upc", "ean", "gtin", "barcode"))]
    return Candidate(
        item_id=str(row["id"]),
        number=str(row.get("public_id") or ""),
        name=str(row.get("description") or ""),
        barcodes=texts(barcodes),
        price=amount(row.get("price")),
        is_in_grid=row.get("grid_id") is not None,
    )


def texts(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(str(value) for value in values if value)


def item_link(*, connection: Connection, sku: str, number: str, actor: User, was: str | None) -> Link:
    """A person says that a SKU means the item with this Item #. Raises ConfigurationFailure with nothing changed.

    Safe to repeat. An item may have several listings in a store: orders of each book it, all get its stock. `was` is
    the id of the item that the person saw it linked with ("" for none); None where nobody can say.
    """
    item = clients.heartland_setup_client(connection.heartland).items_by_numbers([number]).get(number)
    if item is None:
        raise ConfigurationFailure(f"Heartland has no item with the Item # “{number}”: type it exactly as it is there.")
    item_id = str(item["id"])
    with transaction.atomic():
        now = link_get(connection, Link.Kind.ITEM, sku)
        if was != (now.target_id if now else ""):
            state = f"linked with item “{now.target_label}”" if now else "parted from its item"
            raise ConfigurationFailure(f"“{sku}” was {state} meanwhile: look at it again, and choose anew.")
        link = _linked_by_hand(connection, sku, item_id, number)
        audit(
            merchant=connection.merchant,
            actor=actor,
            action="item.linked",
            subject=sku,
            store=str(connection.store),
            item_number=number,
            item_id=item_id,
        )
    states_refresh(connection, [sku])
    return link


def _linked_by_hand(connection: Connection, sku: str, item_id: str, number: str) -> Link:
    """What a person said. Equal numbers need nobody to say so: such a link ends when they differ."""
    variants = list(_store_rows(connection, [sku]).values_list("external_id", flat=True)[:2])
    return link_store(
        connection,
        Link.Kind.ITEM,
        source_id=sku,
        target_id=item_id,
        target_label=number,
        store_ref=variants[0] if len(variants) == 1 else "",
        is_by_hand=sku != number,
    )


def listings_of(connection: Connection, item_id: str) -> list[str]:
    """The SKUs that mean an item, the oldest link first."""
    links = Link.objects.of(connection, Link.Kind.ITEM).filter(target_id=item_id).order_by("pk")
    return list(links.values_list("source_id", flat=True))


def item_unlink(*, connection: Connection, sku: str, was: str | None, actor: User) -> bool:
    """Part a SKU from the item with the id `was`; False when it is linked with another one, or with none.

    Equal numbers are linked again by the next check or order.
    """
    with transaction.atomic():
        gone, _ = Link.objects.of(connection, Link.Kind.ITEM).filter(source_id=sku, target_id=was or "").delete()
        if gone:
            audit(
                merchant=connection.merchant,
                actor=actor,
                action="item.unlinked",
                subject=sku,
                store=str(connection.store),
            )
            _store_rows(connection, [sku]).update(state=CatalogueSku.State.UNLINKED, reason=PARTED)
    return bool(gone)


def suggested_link(*, connection: Connection, shown: Mapping[str, str], actor: User) -> tuple[int, list[str]]:
    """Link SKUs with the Item # that was `shown` as the last check's suggestion, where it still is. Asks nobody.

    Answers how many, and in words why others were not.
    """
    rows = _store_rows(connection, list(shown)).filter(state=CatalogueSku.State.UNLINKED).exclude(suggestion="")
    same = [row for row in rows if row.suggestion == shown[row.sku]]
    others = [
        f"{row.sku}: “{row.suggestion}” is suggested by now, and was not shown." for row in rows if row not in same
    ]
    judged = link_list.judged(connection, [link_list.Wish(sku=row.sku, item_number=row.suggestion) for row in same])
    linked = links_store(connection=connection, rows=judged, actor=actor)
    return linked, others + [row.problem for row in judged if row.problem]


def links_store(*, connection: Connection, rows: Sequence[link_list.Row], actor: User) -> int:
    """Store the links of a judged list that have no problem; answers how many are new."""
    good = [row for row in rows if row.is_new]
    for row in good:
        with transaction.atomic():
            _linked_by_hand(connection, row.sku, row.item_id, row.item_number)
            audit(
                merchant=connection.merchant,
                actor=actor,
                action="item.linked",
                subject=row.sku,
                item_number=row.item_number,
                item_id=row.item_id,
            )
    states_refresh(connection, [row.sku for row in good])
    return len(good)


def skus_exclude(*, connection: Connection, skus: Sequence[str], actor: User, is_excluded: bool = True) -> int:
    """Leave SKUs out of linking and of both directions, or take them in again; answers how many.

    One that is linked is parted first: until then its orders and its stock go on.
    """
    excluded = CatalogueSku.State.EXCLUDED
    rows = _store_rows(connection, skus)
    rows = rows.exclude(state=excluded) if is_excluded else rows.filter(state=excluded)
    rows = rows.exclude(sku__in=Link.objects.of(connection, Link.Kind.ITEM).values("source_id"))
    names = list(rows.values_list("sku", flat=True))
    with transaction.atomic():
        rows.filter(sku__in=names).update(state=excluded if is_excluded else "", reason="Excluded by hand.")
        if names:
            action = "items.excluded" if is_excluded else "items.included"
            subject = ", ".join(names[:5]) + ("…" if len(names) > 5 else "")
            audit(merchant=connection.merchant, actor=actor, action=action, subject=subject, skus=len(names))
    if not is_excluded:
        states_refresh(connection, names)
    return len(names)


def states_refresh(connection: Connection, skus: Sequence[str]) -> None:
    """Say anew how these SKUs stand, as far as a check knows them."""
    rows = list(_store_rows(connection, skus).select_related("product"))
    states_settle(connection, rows)
    mismatches_note(connection, rows)


def _store_rows(connection: Connection, skus: Sequence[str]) -> QuerySet[CatalogueSku]:
    return CatalogueSku.objects.filter(connection=connection, side=Side.STORE, sku__in=list(skus))
