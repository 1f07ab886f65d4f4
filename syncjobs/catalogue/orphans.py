"""Links whose SKU the store does not have any more, and what was said of the stock of SKUs that are not linked."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from connections.models import Connection
from errors.issues.record_errors import error_resolve
from errors.models import SyncError
from mappings.models import CatalogueSku, Link, Side

STOCK = "stock"  # name of the flow


@dataclass(frozen=True, kw_only=True)
class Orphan:
    """Such a link; `renamed_to` is the SKU that its variant has now, "" when the variant is gone.

    `linked_to` is the id of the item that this SKU means already, "" for none.
    """

    link: Link
    renamed_to: str
    linked_to: str


def orphans(connection: Connection) -> "QuerySet[Link]":
    """Links under SKUs that no variant of the store has, as its catalogue was last read; none before any check."""
    store = CatalogueSku.objects.filter(connection=connection, side=Side.STORE)
    if not store.exists():
        return Link.objects.none()
    links = Link.objects.of(connection, Link.Kind.ITEM)
    return links.filter(~Exists(store.filter(sku=OuterRef("source_id")))).order_by("source_id")


def orphans_named(connection: Connection, links: list[Link]) -> list[Orphan]:
    """With the SKUs that their variants have now."""
    refs = [link.store_ref for link in links if link.store_ref]
    rows = CatalogueSku.objects.filter(connection=connection, side=Side.STORE, external_id__in=refs)
    names = dict(rows.values_list("external_id", "sku"))
    known = Link.objects.of(connection, Link.Kind.ITEM).filter(source_id__in=names.values())
    items = dict(known.values_list("source_id", "target_id"))
    found = [(link, names.get(link.store_ref, "")) for link in links]
    return [Orphan(link=link, renamed_to=sku, linked_to=items.get(sku, "")) for link, sku in found]


def stock_errors_close(connection: Connection, now: datetime) -> int:
    """What was refused of the stock of a SKU is over when the SKU is not linked any more; answers how many."""
    linked = Link.objects.of(connection, Link.Kind.ITEM).filter(source_id=OuterRef("external_id"))
    over = SyncError.objects.open().filter(~Exists(linked), connection=connection, flow=STOCK)
    skus = list(over.values_list("external_id", flat=True))
    for sku in skus:
        error_resolve(connection=connection, flow=STOCK, external_id=sku, now=now)
    return len(skus)
