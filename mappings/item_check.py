"""*Check all items*: the store's SKUs against Heartland's item numbers, letter by letter. Nothing else is compared."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, Protocol

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from connections import clients
from connections.audit import audit
from connections.models import Connection, User
from mappings.core import near_misses
from mappings.models import Link

MOST_VARIANTS = 20_000  # what a person can wait for; larger stores are checked by their orders
EXPLAINED = 100  # unlinked SKUs that are shown with their reason
KEPT_SECONDS = 7 * 86_400


class Store(Protocol):
    """What the check asks of the store."""

    def iter_variants(self, *, only: tuple[str, ...]) -> Iterable[Mapping[str, Any]]: ...


class Tenant(Protocol):
    """What the check asks of Heartland."""

    def iter_items(self, *, only: tuple[str, ...]) -> Iterable[Mapping[str, Any]]: ...


@dataclass(frozen=True, kw_only=True)
class Unmatched:
    """A SKU of the store without a Heartland item of the same number."""

    sku: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ItemCheck:
    """What a check found; kept for a week."""

    checked_at: datetime
    variants: int
    matched: int
    blank: int  # variants without a SKU
    unmatched: int
    shown: list[Unmatched] = field(default_factory=list)  # the first of them, with reasons
    repeated: list[str] = field(default_factory=list)  # SKUs that stand on several variants
    is_complete: bool = True  # False: the store has more than MOST_VARIANTS


def item_check(connection: Connection) -> ItemCheck | None:
    """The last check of the connection's items; None when there was none lately."""
    found: ItemCheck | None = cache.get(_key(connection))
    return found


def items_check(*, connection: Connection, actor: User | None) -> ItemCheck:
    """Read both catalogues, link what is equal and keep what is not. Raises SyncFailure, with nothing changed."""
    skus, is_complete = store_skus(clients.bigcommerce_setup_client(connection.store))
    numbers = item_numbers(clients.heartland_setup_client(connection.heartland))
    found = compared(skus, numbers, now=timezone.now(), is_complete=is_complete)
    with transaction.atomic():
        link_equal(connection, skus, numbers)
        audit(
            merchant=connection.merchant,
            actor=actor,
            action="items.checked",
            subject=connection.store,
            matched=found.matched,
            unmatched=found.unmatched,
        )
    cache.set(_key(connection), found, KEPT_SECONDS)
    return found


def store_skus(store: Store) -> tuple[list[str], bool]:
    """The trimmed SKU of every variant, blank ones too; and whether these are all."""
    rows = list(islice(store.iter_variants(only=("sku",)), MOST_VARIANTS + 1))
    return [str(row.get("sku") or "").strip() for row in rows[:MOST_VARIANTS]], len(rows) <= MOST_VARIANTS


def item_numbers(tenant: Tenant) -> dict[str, str]:
    """Heartland's item ids by Item #."""
    rows = tenant.iter_items(only=("public_id",))
    return {str(row["public_id"]): str(row["id"]) for row in rows if row.get("public_id")}


def compared(skus: list[str], numbers: Mapping[str, str], *, now: datetime, is_complete: bool = True) -> ItemCheck:
    """Count what is equal, and say of the first that are not why they nearly are."""
    counts = Counter(sku for sku in skus if sku)
    unmatched = sorted(sku for sku in counts if sku not in numbers)
    return ItemCheck(
        checked_at=now,
        variants=len(skus),
        matched=len(counts) - len(unmatched),
        blank=skus.count(""),
        unmatched=len(unmatched),
        shown=[Unmatched(sku=sku, reason=near_misses.explain(sku, numbers)) for sku in unmatched[:EXPLAINED]],
        repeated=sorted(sku for sku, count in counts.items() if count > 1)[:EXPLAINED],
        is_complete=is_complete,
    )


def link_equal(connection: Connection, skus: list[str], numbers: Mapping[str, str]) -> None:
    """Link every SKU that is an Item #; links that exist stay as they are."""
    Link.objects.bulk_create(
        (
            Link(connection=connection, kind=Link.Kind.ITEM, source_id=sku, target_id=numbers[sku], target_label=sku)
            for sku in dict.fromkeys(skus)
            if sku in numbers
        ),
        batch_size=500,
        ignore_conflicts=True,
    )


def _key(connection: Connection) -> str:
    return f"item-check:{connection.pk}"
