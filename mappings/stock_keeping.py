"""Which items both sides count: a service or a digital good has no stock in Heartland, and its zero says nothing; a
product whose tracking is off has none in the store, which refuses to be told any, or takes it without effect.
"""

from collections.abc import Collection, Mapping

from connections.models import Connection
from mappings.models import CatalogueProduct, CatalogueSku, Side, StockLevel


def keeping_note(connection: Connection, counts: Mapping[int, bool]) -> None:
    """Keep of some items whether Heartland counts them now; where that changed, the item is looked at."""
    for keeps_stock in (True, False):
        items = [item for item, is_counted in counts.items() if is_counted == keeps_stock]
        levels = StockLevel.objects.filter(connection=connection, item_id__in=items)
        levels.filter(keeps_stock=None).update(keeps_stock=keeps_stock)
        levels.filter(keeps_stock=not keeps_stock).update(keeps_stock=keeps_stock, is_dirty=True, clamps="")


def keeping_settle(connection: Connection, uncounted: Collection[int]) -> None:
    """The same of all items at once: `uncounted` are all that have no stock."""
    levels = StockLevel.objects.filter(connection=connection)
    known = set(levels.filter(keeps_stock=False).values_list("item_id", flat=True))
    levels.filter(item_id__in=known - set(uncounted)).update(keeps_stock=True, is_dirty=True)
    fresh = levels.filter(item_id__in=set(uncounted) - known)
    fresh.update(keeps_stock=False, is_dirty=False, clamps="", refusal="")
    levels.filter(keeps_stock=None).update(keeps_stock=True)


def tracking_note(connection: Connection, tracked: Mapping[str, bool]) -> None:
    """Take from the store's products, by id, whether their stock is kept there."""
    products = CatalogueProduct.objects.filter(connection=connection, side=Side.STORE)
    for is_tracked in (True, False):
        keys = [key for key, one in tracked.items() if one == is_tracked]
        products.filter(external_id__in=keys, is_tracked=not is_tracked).update(is_tracked=is_tracked)
    tracking_settle(connection, list(tracked))


def tracking_settle(connection: Connection, keys: Collection[str] | None = None) -> None:
    """Levels heed what is known of the store's products: of some by id, or (None) of all."""
    sold = CatalogueSku.objects.filter(connection=connection, side=Side.STORE)
    if keys is not None:
        sold = sold.filter(product__external_id__in=keys)
    if off := list(sold.filter(product__is_tracked=False).values_list("sku", flat=True)):
        _tracked(connection, is_tracked=False, sku__in=off)
    alone = StockLevel.objects.filter(connection=connection, is_tracked=False)
    on = sold.filter(product__is_tracked=True, sku__in=list(alone.values_list("sku", flat=True)))
    if skus := list(on.values_list("sku", flat=True)):
        _tracked(connection, is_tracked=True, sku__in=skus)


def untracked_note(level: StockLevel) -> None:
    """The store says that it keeps no stock of this SKU."""
    tracking_note(level.connection, dict.fromkeys(_product_of(level), False))
    _tracked(level.connection, is_tracked=False, pk=level.pk)


def _product_of(level: StockLevel) -> list[str]:
    sold = CatalogueSku.objects.filter(connection=level.connection_id, side=Side.STORE, sku=level.sku)
    return list(sold.values_list("product__external_id", flat=True))


def _tracked(connection: Connection, *, is_tracked: bool, **which: object) -> None:
    """What the store holds of those that it counts from now on is unknown, so that they are told."""
    levels = StockLevel.objects.filter(connection=connection, is_tracked=not is_tracked, **which)
    if is_tracked:
        levels.update(is_tracked=True, is_dirty=True, quantity=None, held=None, held_at=None)
    else:
        levels.update(is_tracked=False, is_dirty=False, clamps="", refusal="")
