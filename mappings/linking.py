"""Linking by hand: what both systems hold of one SKU, who may be meant, and a person's choice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from django.db import transaction

from connections import clients
from connections.audit import audit
from connections.models import Connection, User
from errors.failures import ConfigurationFailure, NotFound
from ipaas.types import JSON
from mappings.core.matching import WORD, Candidate, Match, StoreItem, ranked
from mappings.models import Link
from mappings.services import link_get, link_store

SEARCHED_WORDS = 3  # of a product's name


class Store(Protocol):
    """What linking asks of the store."""

    def variant_by_sku(self, sku: str) -> JSON | None: ...

    def product_read(self, product_id: str, *, only: tuple[str, ...]) -> JSON: ...


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


def workbench(connection: Connection, sku: str) -> Workbench:
    """Ask both systems about a SKU: two calls to the store, up to four searches in Heartland. Raises SyncFailure."""
    store = clients.bigcommerce_setup_client(connection.store)
    item, is_in_store = store_item(store, sku)
    matches = ranked(item, candidates(clients.heartland_setup_client(connection.heartland), item))
    ids = [match.candidate.item_id for match in matches]
    others = Link.objects.of(connection, Link.Kind.ITEM).filter(target_id__in=ids).exclude(source_id=sku)
    return Workbench(
        item=item,
        is_in_store=is_in_store,
        matches=matches,
        taken=dict(others.values_list("target_id", "source_id")),
        link=link_get(connection, Link.Kind.ITEM, sku),
    )


def store_item(store: Store, sku: str) -> tuple[StoreItem, bool]:
    """The SKU as the store holds it, and whether it does."""
    variant = store.variant_by_sku(sku)
    if variant is None:
        return StoreItem(sku=sku), False
    try:
        product = store.product_read(str(variant["product_id"]), only=("name", "upc", "price"))
    except NotFound:
        product = {}
    options = [str(value.get("label")) for value in variant.get("option_values") or []]
    return StoreItem(
        sku=sku,
        name=" - ".join([str(product.get("name") or ""), *options]).strip(" -"),
        barcode=str(variant.get("upc") or product.get("upc") or ""),
        price=price_of(variant.get("calculated_price") or product.get("price")),
    ), True


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
        price=price_of(row.get("price")),
        is_in_grid=row.get("grid_id") is not None,
    )


def texts(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(str(value) for value in values if value)


def price_of(value: Any) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def item_link(*, connection: Connection, sku: str, number: str, actor: User) -> Link:
    """A person says that a SKU means the item with this Item #. Raises ConfigurationFailure with nothing changed.

    Safe to repeat. An item has one SKU in a store: one that is linked with another must be parted from it first.
    """
    item = clients.heartland_setup_client(connection.heartland).items_by_numbers([number]).get(number)
    if item is None:
        raise ConfigurationFailure(f"Heartland has no item with the Item # “{number}”: type it exactly as it is there.")
    item_id = str(item["id"])
    with transaction.atomic():
        other = Link.objects.of(connection, Link.Kind.ITEM).filter(target_id=item_id).exclude(source_id=sku).first()
        if other:
            raise ConfigurationFailure(
                f"Item “{number}” is linked with the SKU “{other.source_id}”: part them first, or choose another item."
            )
        link = link_store(connection, Link.Kind.ITEM, source_id=sku, target_id=item_id, target_label=number)
        audit(
            merchant=connection.merchant,
            actor=actor,
            action="item.linked",
            subject=sku,
            item_number=number,
            item_id=item_id,
        )
    return link


def item_unlink(*, connection: Connection, sku: str, actor: User) -> bool:
    """Part a SKU from its item; False when it had none. Equal numbers are linked again by the next check or order."""
    with transaction.atomic():
        gone, _ = Link.objects.of(connection, Link.Kind.ITEM).filter(source_id=sku).delete()
        if gone:
            audit(merchant=connection.merchant, actor=actor, action="item.unlinked", subject=sku)
    return bool(gone)
