"""What a planned run would take of the other systems' limits: the fewest calls, and the least time for them."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from connections.connectors.heartland.stock import ROWS
from connections.models import Connection, ItemSettings
from connections.store_kinds import profile_of
from mappings.core.canonical.product import Direction
from syncjobs.catalogue.apply_products import AT_ONCE
from syncjobs.models import RateBudget, Run

BEGINNING = 3  # calls for the fence, the locations, and the items without stock keeping
WRITE_SECONDS = 1.0  # that a store takes for a full batch, as a rule of thumb


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """GUARANTEES.md, 1: calls by page and batch."""

    records: int  # SKUs or products
    heartland: int
    store: int
    least: timedelta  # no faster than the limits and the store's own pace allow


def of_stock(connection: Connection, levels: int) -> Forecast:
    """A full sync of the stock in which everything changed; `levels`: how many there are."""
    skus = levels or connection.links.filter(kind="item").count()
    profile = profile_of(connection.store)
    reads, writes = BEGINNING + _pages(skus, ROWS), _pages(skus, profile.levels_per_write)
    calls = _pages(skus, profile.levels_per_page) + writes
    least = max(_seconds(connection, reads, calls), writes * WRITE_SECONDS)
    return Forecast(records=skus, heartland=reads, store=calls, least=timedelta(seconds=least))


def of_items(preview: Run, settings: ItemSettings) -> Forecast:
    """Applying all of a preview: both sides are read anew, what differs is written, and read once more."""
    create, update, archive = (preview.result.get(name, 0) for name in ("create", "update", "archive"))
    products = create + update + archive
    if settings.mode == ItemSettings.Mode.PULL:
        store = _pages(products, AT_ONCE[Direction.PULL])
        heartland = store + preview.result.get("records", 0)
    else:
        heartland = _pages(products, AT_ONCE[Direction.PUSH])
        at_once = profile_of(preview.connection.store).products_per_write
        store = 2 * heartland + create + _pages(update + archive, at_once)
    least = timedelta(seconds=_seconds(preview.connection, heartland, store))
    return Forecast(records=products, heartland=heartland, store=store, least=least)


def _seconds(connection: Connection, heartland: int, store: int) -> float:
    known = RateBudget.objects.filter(tenant=connection.store.store_hash).values_list("quota", flat=True).first()
    limits = profile_of(connection.store).limits
    quota: float = known or limits.quota
    return float(max(heartland / settings.HEARTLAND_CALLS_PER_SECOND, store * limits.window_seconds / quota))


def _pages(records: int, at_once: int) -> int:
    return -(-records // at_once)
