"""What the Items Information tab and the pages of item runs show. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from connections.models import Connection, ItemSettings
from mappings.core.rules.item_filter import Condition, fits
from mappings.core.rules.product_changes import change_of
from mappings.models import CatalogueSku, Link, Side
from syncjobs.catalogue.choices import PULL, PUSH, direction_words
from syncjobs.models import Cursor, Run, RunChange
from syncjobs.pages.items.change_groups import Group, groups_of
from syncjobs.pages.items.sku_filters import OPEN
from syncjobs.pages.lists.keyset import some

COUNTED_AT_MOST = 50_000


@dataclass(frozen=True, kw_only=True)
class Followed:
    """How the changes of both catalogues are followed."""

    looked_at: datetime | None
    found: int
    ours: int  # ignored: our own writes come back
    silent: int  # ignored: they said nothing new
    failure: str


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A row of a run with its fields."""

    row: RunChange
    groups: list[Group]


def linked_and_open(connection: Connection) -> tuple[int, int]:
    """How many SKUs of the store are linked, and how many wait for a person; no further than `some`."""
    rows = CatalogueSku.objects.filter(connection=connection).order_by("sku")
    return some(rows.filter(state=CatalogueSku.State.LINKED)), some(rows.filter(state__in=OPEN))


def links_of(connection: Connection, rows: Sequence[CatalogueSku]) -> dict[str, Link]:
    """The links of the shown SKUs."""
    found = Link.objects.of(connection, Link.Kind.ITEM).filter(source_id__in=[row.sku for row in rows])
    return {link.source_id: link for link in found}


def last_check(connection: Connection) -> Run | None:
    """The last whole read of both catalogues."""
    kinds = ["items_check", "items_preview"]
    return Run.objects.filter(connection=connection, kind__in=kinds, state=Run.State.DONE).order_by("-pk").first()


def followed(connection: Connection) -> Followed | None:
    """None before the first check."""
    rows = Cursor.objects.filter(connection=connection, feed__in=[Cursor.ITEMS, Cursor.PRODUCTS])
    if not rows:
        return None
    sums = rows.aggregate(found=Sum("found"), echoes=Sum("echoes"), ours=Sum("ours"))
    looks = [row.succeeded_at for row in rows if row.succeeded_at]
    return Followed(
        looked_at=min(looks, default=None),
        found=sums["found"],
        ours=sums["ours"],
        silent=sums["echoes"] - sums["ours"],
        failure=next((row.failure for row in rows if row.failure), ""),
    )


def fitting(connection: Connection, conditions: Sequence[Condition]) -> tuple[int, bool]:
    """How many of Heartland's active items fit; and whether these are all, since no more than so many are looked at."""
    rows = CatalogueSku.objects.filter(connection=connection, side=Side.HEARTLAND).order_by("pk")
    facts = rows.values_list("facts", flat=True)[: COUNTED_AT_MOST + 1].iterator(2_000)
    seen = count = 0
    for one in facts:
        seen += 1
        count += fits(one, conditions)
    return count, seen <= COUNTED_AT_MOST


def differences_of(rows: Sequence[RunChange], currency: str) -> list[Difference]:
    """Rows of a run with what changes; prices in the currency of both sides."""
    return [
        Difference(row=row, groups=groups_of([change_of(detail) for detail in row.details], currency)) for row in rows
    ]


def custom_keys(connection: Connection) -> list[str]:
    """Keys of Heartland's custom fields as seen on some items, to choose from."""
    rows = CatalogueSku.objects.filter(connection=connection, side=Side.HEARTLAND).order_by("-pk")[:50]
    return sorted({key for row in rows for key in row.facts.get("custom", {})})


def direction(settings: ItemSettings) -> str:
    """The direction in words, as every screen says it."""
    return direction_words(settings.connection.store, settings.mode) or "Nothing moves"


def run_direction(run: Run) -> str:
    """The direction that a preview was made for or a run writes in; "" for a check, which writes nothing."""
    mode = {PUSH: ItemSettings.Mode.PUSH, PULL: ItemSettings.Mode.PULL}.get(run.kind, run.parameters.get("mode"))
    return direction_words(run.connection.store, mode or "")


def original_key(connection: Connection, settings: ItemSettings, sku: str) -> str:
    """The product of the original that a SKU belongs to; "" when no check has seen it."""
    is_pull = settings.mode == ItemSettings.Mode.PULL
    rows = CatalogueSku.objects.filter(connection=connection, side=Side.STORE if is_pull else Side.HEARTLAND)
    link = Link.objects.of(connection, Link.Kind.ITEM).filter(source_id=sku).first()
    own = rows.filter(sku=sku) if is_pull or link is None else rows.filter(external_id=link.target_id)
    return own.values_list("product__external_id", flat=True).first() or ""
