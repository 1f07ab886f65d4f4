"""The products behind a cause, as its card names them: what is said on both sides, and where both are seen."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from connections.models import Connection
from errors.models import SyncError
from mappings.models import CatalogueSku

SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class ProductBehind:
    """One product that waits."""

    label: str
    words: str  # what differs, or why it cannot be brought over
    sku: str  # one of its own, for the page that shows both sides; "" where no check has seen it


@dataclass(frozen=True, kw_only=True)
class ProductsBehind:
    """The products of an issue, the oldest first."""

    rows: Sequence[ProductBehind]  # at most SHOWN
    more: int
    mark: str  # differs when other products wait, or for something else


def products_behind(connection: Connection, issues: Collection[int]) -> dict[int, ProductsBehind]:
    """By issue; two queries."""
    open_rows = SyncError.objects.open().filter(connection=connection, issues__in=issues)
    named: dict[int, list[tuple[str, str, str]]] = {}
    for pk, key, label, words in open_rows.order_by("first_seen_at", "pk").values_list(
        "issues", "external_id", "label", "reason"
    ):
        named.setdefault(pk, []).append((key, label, words))
    shown = {key for rows in named.values() for key, _, _ in rows[:SHOWN]}
    skus = CatalogueSku.objects.filter(connection=connection, product__external_id__in=shown).exclude(sku="")
    by_key = dict(skus.order_by("-sku").values_list("product__external_id", "sku"))
    return {
        pk: ProductsBehind(
            rows=[
                ProductBehind(label=label, words=words, sku=by_key.get(key, "")) for key, label, words in rows[:SHOWN]
            ],
            more=len(rows[SHOWN:]),
            mark=hashlib.sha256(repr(rows).encode()).hexdigest()[:16],
        )
        for pk, rows in named.items()
    }
