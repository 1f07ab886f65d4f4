"""Lists that stand open say what is new to them, and move no row; a store's head is not active while a side is away."""

import re
from datetime import timedelta

from django.utils import timezone

from ipaas.types import System
from syncjobs.models import Circuit, Record
from tests import factories
from tests.screens.conftest import Shop

ASKS = re.compile(r'hx-get="([^"]*/news/[^"]*)"')


def asked_by(html: str) -> str:
    found = ASKS.search(html)
    assert found
    return found[1].replace("&amp;", "&")


def test_an_open_list_of_orders_says_how_many_are_new(shop: Shop, rival: Shop) -> None:
    factories.order(shop.connection, "1")
    client = shop.client()
    asks = asked_by(client.get("/orders/").content.decode())
    assert "new order" not in client.get(asks).content.decode()
    factories.order(rival.connection, "9", at=factories.NOW + timedelta(hours=1))
    factories.order(shop.connection, "2", Record.Disposition.HELD, at=factories.NOW + timedelta(hours=1))
    told = client.get(asks)
    assert "1 new order." in told.content.decode()
    assert {tab.label: tab.count for tab in told.context["tabs"]}["Needs you"] == "1"
    of_held = asked_by(client.get("/orders/?state=skipped").content.decode())
    assert client.get(of_held).context["new"] == 0
    factories.order(shop.connection, "3", Record.Disposition.SKIPPED)
    assert client.get(of_held).context["new"] == 1
    by_total = asked_by(client.get("/orders/?sort=largest").content.decode())
    assert client.get(by_total).context["new"] == 0


def test_an_open_errors_tab_says_how_many_records_are_new(shop: Shop) -> None:
    factories.problem(shop.connection, "1", at=timezone.now() - timedelta(hours=1))
    client = shop.client()
    asks = asked_by(client.get(shop.at("errors/")).content.decode())
    assert client.get(asks).context["new"] == 0
    factories.problem(shop.connection, "2", at=timezone.now())
    told = client.get(asks)
    assert "1 new record." in told.content.decode()
    assert {tab.label: tab.count for tab in told.context["record_tabs"]}["Open"] == 2
    assert "drawn" not in told.context["where"]


def test_the_head_of_a_store_names_the_side_that_does_not_answer(shop: Shop) -> None:
    client = shop.client()
    assert "not answering" not in client.get(shop.at("inventory/")).content.decode()
    now = timezone.now()
    Circuit.objects.create(connection=shop.connection, system=System.HEARTLAND, opened_at=now, probe_after=now)
    head = client.get(shop.at("inventory/")).content.decode().partition("store-head")[2].partition("</div>")[0]
    assert "Heartland not answering" in head
    assert "Active" not in head
