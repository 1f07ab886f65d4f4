"""Problems of stock and of products that a person closes by hand: silent while they stay as they were, asked anew."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from errors.models import Issue, SyncError
from mappings.models import Link, StockLevel
from syncjobs.engine import job_run, record_retry
from syncjobs.models import Record, Settlement
from tests import factories
from tests.stock.conftest import Shelf

GONE = "GONE-0"


def refused(shelf: Shelf) -> Client:
    """A linked SKU that the store does not know, on the Errors tab; the browser of a person who looks at it."""
    Link.objects.create(connection=shelf.pair.connection, kind=Link.Kind.ITEM, source_id=GONE, target_id="1")
    shelf.sync()
    assert SyncError.objects.open().get().external_id == GONE
    client = Client()
    client.force_login(factories.member(shelf.pair.connection.merchant))
    return client


def close(shelf: Shelf, client: Client, kind: str, note: str = "") -> str:
    """Tick the problem on the Errors tab and close it; answers the list of what is closed."""
    place = f"/stores/{shelf.pair.connection.public_id}"
    ticked = {
        "pick": [SyncError.objects.open().get().pk],
        "drawn": (timezone.now() + timedelta(seconds=1)).isoformat(),
    }
    client.post(f"{place}/close/", ticked | {"kind": kind, "note": note})
    return client.get(f"{place}/closed/").content.decode()


def look(shelf: Shelf) -> None:
    """The refused SKU is read and told anew."""
    StockLevel.objects.filter(sku=GONE).update(refusal="", is_dirty=True)
    shelf.follow()


def test_a_closed_problem_of_stock_stays_closed_while_the_store_says_the_same(shelf: Shelf) -> None:
    client = refused(shelf)
    shown = close(shelf, client, "settled_elsewhere", "Sold at the counter only")
    assert (GONE in shown, "Sold at the counter only" in shown) == (True, True)
    assert not SyncError.objects.open().exists()
    assert not Issue.objects.filter(is_open=True).exists()
    assert Record.objects.get(flow="stock").disposition == Record.Disposition.SETTLED
    look(shelf)
    assert StockLevel.objects.get(sku=GONE).refusal != ""
    assert not SyncError.objects.open().exists()
    assert shelf.sync().sentence.startswith("Looked at 573 SKUs and changed 0")


def test_other_words_of_the_store_ask_anew(shelf: Shelf) -> None:
    client = refused(shelf)
    close(shelf, client, "not_wanted")
    said = {"title": "[sku GONE-0] may not be sold", "status": 422}
    path = ".*/v3/inventory/adjustments/absolute"
    shelf.pair.bigcommerce.post("/_sim/faults", {"method": "PUT", "path": path, "status": 422, "body": said})
    look(shelf)
    error = SyncError.objects.open().get()
    assert (error.external_id, error.code, "may not be sold" in error.reason) == (GONE, "stock_refused", True)
    assert not Settlement.objects.exists()


def test_a_closing_of_stock_that_is_taken_back_is_worked_on_again(shelf: Shelf) -> None:
    client = refused(shelf)
    close(shelf, client, "not_wanted")
    record = Record.objects.get(flow="stock")
    place = f"/stores/{shelf.pair.connection.public_id}"
    closing = Settlement.objects.get(record=record)
    client.post(f"{place}/reopen/stock/{GONE}/", {"next": f"{place}/closed/", "closing": closing.pk})
    record.refresh_from_db()
    assert record.disposition != Record.Disposition.SETTLED
    job = record_retry(connection=shelf.pair.connection, flow="stock", external_id=GONE, actor=None)
    assert job_run(job_id=job.pk, now=timezone.now()) == "done"
    shelf.follow()
    assert SyncError.objects.open().get().external_id == GONE
