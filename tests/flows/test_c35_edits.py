"""Edits in the store are heard at once (C35), and our own writes are known when they are heard back."""

import json
from datetime import timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from ipaas.types import JSON
from syncjobs import tasks
from syncjobs.engine.running import job_run
from syncjobs.intake.polls import is_news, poll_orders
from syncjobs.models import Attempt, Cursor, InboxEvent, Record, SyncJob
from syncjobs.stores.bigcommerce.orders import head_from_bigcommerce
from tests import factories
from tests.flows.conftest import Pair
from tests.flows.test_shipments import distribute, follow, invoice, shipments, shop

__all__ = ["shop"]

UPDATED = "store/order/updated"


class Ear:
    """What the store tells us, brought to our address by hand."""

    def __init__(self, pair: Pair) -> None:
        self.pair, self.heard = pair, 0
        tasks.check_hooks(pair.connection.pk)
        pair.bigcommerce.put("/_sim/deliveries/controls", {"paused": True})
        self.heard = len(self.told())

    def told(self) -> list[JSON]:
        rows: list[JSON] = self.pair.bigcommerce.get("/_sim/deliveries")["deliveries"]
        return rows

    def hear(self, web_id: str) -> list[str]:
        """Take in what was told of the order since the last time, and work it; answers the scopes."""
        rows = self.told()[self.heard :]
        self.heard += len(rows)
        mine = [row["body"] for row in rows if str(row["body"]["data"].get("id")) == web_id]
        for body in mine:
            hook = self.pair.connection.hooks.get(system="bigcommerce", topic=body["scope"])
            given = {"x-tillbridge-secret": hook.secret}
            path = urlsplit(f"/hooks/{hook.system}/{hook.token}").path
            assert Client().post(path, json.dumps(body), "application/json", headers=given).status_code == 200
        for job in SyncJob.objects.filter(status="pending", flow="orders", external_id=web_id):
            job_run(job_id=job.pk, now=timezone.now())
        return [body["scope"] for body in mine]


@pytest.fixture
def ear(pair: Pair) -> Ear:
    return Ear(pair)


def calls_of(web_id: str) -> int:
    rows = Attempt.objects.filter(job__external_id=web_id)
    return sum(row.calls_heartland + row.calls_store for row in rows)


def second(version: str) -> int:
    return int(parsedate_to_datetime(" ".join(version.split()[:6])).timestamp())


def test_c35_an_ordinary_order_costs_eight_calls_with_its_echo(pair: Pair, ear: Ear, client: Client) -> None:
    pair.book()
    web_id = pair.place()
    pair.bigcommerce.post("/_sim/clock/advance", {"seconds": 5})
    assert "store/order/created" in ear.hear(web_id)
    assert pair.record(web_id).disposition == Record.Disposition.BOOKED
    assert calls_of(web_id) == 8
    assert ear.hear(web_id) == [UPDATED]
    assert calls_of(web_id) == 8
    assert InboxEvent.objects.filter(external_id=web_id).latest("pk").disposition == "echo"
    assert Attempt.objects.filter(job__external_id=web_id).count() == 1
    client.force_login(factories.member(pair.connection.merchant))
    assert "<dt>Echoes</dt><dd>1 message told of what we wrote ourselves</dd>" in client.get("/").content.decode()


def test_c35_a_corrected_street_holds_the_order_at_once(pair: Pair, ear: Ear) -> None:
    web_id = pair.place()
    ear.hear(web_id)
    ear.hear(web_id)
    later = second(pair.record(web_id).source_version) + 60
    pair.bigcommerce.post("/_sim/clock/advance", {"seconds": 60})
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/edit", {"ship_to": {"street_1": "14 Bay St"}})
    assert UPDATED in ear.hear(web_id)
    record = pair.record(web_id)
    assert (record.disposition, record.code) == ("held", "changed_after_booking")
    assert second(record.source_version) >= later


def test_an_edit_beside_our_write_is_no_echo(pair: Pair, ear: Ear) -> None:
    web_id = pair.place()
    pair.bigcommerce.post("/_sim/clock/advance", {"seconds": 5})
    ear.hear(web_id)
    pair.bigcommerce.post("/_sim/clock/advance", {"seconds": 1})
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/edit", {"lines": [{"line": 0, "quantity": 5}]})
    ear.hear(web_id)
    assert pair.record(web_id).code == "changed_after_booking"


def test_a_status_of_the_second_of_our_write_is_found_by_the_poll(pair: Pair) -> None:
    """`date_modified` is of whole seconds: the list dates the owner's change as our number in the order."""
    web_id = pair.book()
    clock = pair.store_client().order_read(web_id)["date_modified"]
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/status", {"status_id": 2})
    changed = pair.store_client().order_read(web_id) | {"date_modified": clock}
    assert changed["status"] == "Shipped"
    assert is_news(head_from_bigcommerce(changed), pair.record(web_id))


def test_without_callbacks_the_poll_finds_it(pair: Pair, ear: Ear) -> None:
    web_id = pair.book()
    pair.bigcommerce.post("/_sim/clock/advance", {"seconds": 60})
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/edit", {"lines": [{"line": 0, "quantity": 5}]})
    now = timezone.now() + timedelta(minutes=10)
    Cursor.objects.update_or_create(
        connection=pair.connection, feed=Cursor.ORDERS, defaults={"due_at": now - timedelta(seconds=1)}
    )
    polled = poll_orders(connection=pair.connection, now=now)
    assert polled
    assert SyncJob.objects.filter(status="pending", external_id=web_id).exists()


def test_an_edit_that_was_not_heard_is_found_though_a_shipment_was_told_since(shop: Pair) -> None:
    web_id = shop.book()
    shop.bigcommerce.post("/_sim/clock/advance", {"seconds": 60})
    shop.bigcommerce.post(f"/_sim/orders/{web_id}/edit", {"ship_to": {"street_1": "14 Bay St"}})
    invoice(shop, distribute(shop, web_id))
    shop.bigcommerce.post("/_sim/clock/advance", {"seconds": 60})
    assert follow(shop).queued == 1
    assert len(shipments(shop, web_id)) == 1
    Cursor.objects.update_or_create(connection=shop.connection, feed=Cursor.ORDERS, defaults={"due_at": timezone.now()})
    assert poll_orders(connection=shop.connection, now=timezone.now())
    (job,) = SyncJob.objects.filter(flow="orders", external_id=web_id, status="pending")
    job_run(job_id=job.pk, now=timezone.now())
    assert "The shipping address" in shop.record(web_id).reason
