"""Without news of stock the last pieces go off sale, and come back by themselves."""

from collections import Counter
from datetime import timedelta

from django.utils import timezone

from connections.models import AccessState, InventorySettings
from mappings.models import StockLevel
from syncjobs import tasks
from syncjobs.models import Cursor
from syncjobs.stock.stale_guard import stock_guard
from tests.stock.conftest import Shelf
from tests.stock.test_full import WRITE


def test_the_last_pieces_go_off_sale_and_come_back(shelf: Shelf) -> None:
    shelf.sync()
    shelf.follow()
    connection, now = shelf.pair.connection, timezone.now()
    few = set(StockLevel.objects.filter(quantity__gt=0, quantity__lte=2).values_list("sku", flat=True))
    assert few
    before = shelf.web()
    assert stock_guard(connection=connection, now=now) is None
    Cursor.objects.filter(feed=Cursor.STOCK).update(succeeded_at=now - timedelta(minutes=61))
    connection.heartland.state = AccessState.REVOKED
    connection.heartland.save()
    shelf.calls()
    assert tasks.stock_guards() == f"{len(few)} SKUs"
    assert shelf.calls() == Counter({WRITE: 1})
    assert {sku for sku, quantity in shelf.web().items() if quantity != before[sku]} == few
    assert all(shelf.web()[sku] == 0 for sku in few)
    assert tasks.stock_guards() == "0 SKUs"
    assert connection.merchant.audit_entries.get(action="stock.guarded").detail == {"skus": len(few)}
    connection.heartland.state = AccessState.CONNECTED
    connection.heartland.save()
    assert shelf.follow() is not None
    assert shelf.web() == before == shelf.expected()


def test_no_guard_where_the_merchant_wants_none(shelf: Shelf) -> None:
    shelf.sync()
    InventorySettings.objects.update(blind_minutes=0)
    Cursor.objects.filter(feed=Cursor.STOCK).update(succeeded_at=timezone.now() - timedelta(days=9))
    assert stock_guard(connection=shelf.pair.connection, now=timezone.now()) is None
