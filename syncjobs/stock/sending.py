"""Chosen SKUs sent at once, by a person."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from connections.models import Connection, User
from connections.services import audit
from errors.failures import ConfigurationFailure
from mappings.models import StockLevel
from syncjobs.stock.hurrying import stock_hurry
from syncjobs.stock.plan import settings_of


def stock_send(*, connection: Connection, skus: Sequence[str], actor: User | None, now: datetime) -> int:
    """Have chosen SKUs looked at and sent now, refused ones too; answers how many are linked.

    Raises ConfigurationFailure before the first full sync: until then nothing follows.
    """
    if not settings_of(connection).follows:
        raise ConfigurationFailure("Stock does not follow yet: start with a full sync.")
    with transaction.atomic():
        levels = StockLevel.objects.filter(connection=connection, sku__in=skus)
        count = levels.update(needs_look=True, refusal="")
        subject = ", ".join(skus[:5]) + ("…" if len(skus) > 5 else "")
        audit(merchant=connection.merchant, actor=actor, action="stock.sent", subject=subject, skus=count)
    stock_hurry(connection.pk, now)
    return count
