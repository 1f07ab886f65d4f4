"""Chosen SKUs sent at once, and products that the store is to keep stock of, by a person."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from connections.models import Connection, User
from connections.services import audit
from errors.failures import ConfigurationFailure
from mappings.models import CatalogueSku, Side, StockLevel
from mappings.stock_keeping import tracking_note
from syncjobs.engine.expedite_stock import stock_expedite
from syncjobs.stock.plan import settings_of
from syncjobs.stores.opening import store_of_patience


def stock_send(*, connection: Connection, skus: Sequence[str], actor: User | None, now: datetime) -> int:
    """Have chosen SKUs looked at and sent now, refused ones too; answers how many are linked.

    Raises ConfigurationFailure before the first full sync: until then nothing follows.
    """
    if not settings_of(connection).follows:
        raise ConfigurationFailure("Stock does not follow yet: start with a full sync.")
    with transaction.atomic():
        levels = StockLevel.objects.filter(connection=connection, sku__in=skus)
        count = levels.update(is_dirty=True, refusal="")
        subject = ", ".join(skus[:5]) + ("…" if len(skus) > 5 else "")
        audit(merchant=connection.merchant, actor=actor, action="stock.sent", subject=subject, skus=count)
    stock_expedite(connection.pk, now)
    return count


def stock_track(*, connection: Connection, sku: str, actor: User | None, now: datetime) -> None:
    """Have the store keep stock of a SKU's product, and tell it how much there is. One call.

    Raises ConfigurationFailure when the SKU is not known, and SyncFailure.
    """
    sold = CatalogueSku.objects.filter(connection=connection, side=Side.STORE, sku=sku).select_related("product")
    row = sold.order_by("pk").first()
    if row is None:
        raise ConfigurationFailure("The store's catalogue was not read with this SKU: check all items first.")
    number = row.product.external_id
    store_of_patience(connection.store).levels.count(sku, number, is_by_variant=bool(row.facts.get("options")))
    with transaction.atomic():
        tracking_note(connection, {number: True})
        audit(merchant=connection.merchant, actor=actor, action="stock.tracked", subject=sku)
    stock_expedite(connection.pk, now)
