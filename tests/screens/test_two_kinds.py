"""A merchant with a store of each kind on one Heartland account: each keeps to its own words, tabs and counts."""

import html
import re
from typing import Any

import pytest
from django.utils import timezone

from connections.models import Connection, Hook
from connections.store_kinds import KINDS
from syncjobs.models import Cursor, Record
from tests import factories
from tests.screens.conftest import Shop

pytestmark = pytest.mark.django_db
TABS = ("items/", "inventory/", "fulfillment/", "errors/", "connection/", "connection/disconnect/", "proof/")
OF_BIGCOMMERCE = ("BigCommerce", "Awaiting Pickup", "Completed", "Store hash", "BC-", "control panel")
OF_MAGENTO = ("Magento", "Admin", "MG-", "store view")


@pytest.fixture
def magento(shop: Shop) -> Shop:
    """The same merchant's Magento store; the shop's own is a BigCommerce one."""
    connection = factories.connection(shop.merchant, kind="magento", name="Main Website", domain="shop.example")
    return Shop(merchant=shop.merchant, connection=connection, people=shop.people)


def read(shop: Shop, path: str) -> str:
    """The words of a page, without its head, menu and what the merchant called things."""
    answer = shop.client().get(path)
    assert answer.status_code == 200, path
    main = answer.content.decode().partition('id="main"')[2]
    return " ".join(html.unescape(re.sub(r"<option[^>]*>.*?</option>|<[^>]*>", " ", main)).split())


def order(connection: Connection, external_id: str, number: str = "", **fields: Any) -> Record:
    label = f"Order {number or external_id}"
    return factories.order(connection, external_id, at=timezone.now(), number=number, label=label, **fields)


@pytest.mark.parametrize("tab", TABS)
def test_no_tab_of_magento_speaks_of_the_other_kind(magento: Shop, tab: str) -> None:
    text = read(magento, magento.at(tab))
    assert [words for words in OF_BIGCOMMERCE if words in text] == []
    bar = magento.client().get(magento.at(tab)).content.decode().partition('class="shell-store"')[2]
    assert re.findall(r"<span>(.*?)</span>", bar.partition("</a>")[0]) == ["Main Website"]


@pytest.mark.parametrize("tab", TABS)
def test_no_tab_of_bigcommerce_speaks_of_the_other_kind(shop: Shop, magento: Shop, tab: str) -> None:
    text = read(shop, shop.at(tab))
    assert [words for words in OF_MAGENTO if words in text] == []


def test_pairing_is_no_page_of_one_kind(magento: Shop) -> None:
    store = factories.store(magento.merchant, kind="magento", name="Europe")
    where = f"/settings/integrations/stores/{store.public_id}/pair/"
    assert "Orders: Magento" in read(magento, where)


def test_an_order_is_shown_by_the_number_that_people_know(magento: Shop) -> None:
    made = order(magento.connection, "66", "000000066")
    factories.attempt(factories.job(magento.connection, "66"))
    text = read(magento, magento.at("orders/66/"))
    assert f"Number 000000066 {made.target_label}" in text
    assert "Order 000000066" in read(magento, "/").partition("Activity")[2]


def test_the_dashboard_counts_both_and_says_whose_each_is(shop: Shop, magento: Shop) -> None:
    now = timezone.now()
    for connection, numbers in ((shop.connection, ("10061", "10062")), (magento.connection, ("61",))):
        Cursor.objects.create(connection=connection, feed=Cursor.ORDERS, due_at=now, succeeded_at=now)
        for number in numbers:
            order(connection, number, is_distributed=False, to_distribute=1)
            factories.attempt(factories.job(connection, number))
    text = read(shop, "/")
    assert "All 3 orders of today are accounted for: 3 booked" in text
    assert "The orders of BigCommerce and Magento were last read to the end" in text
    waiting = text.partition("To distribute 3")[2].partition("Last looked")[0]
    assert re.findall(r"Order (\d+) \S+ · (Harbor & Pine Outdoor|Main Website)", waiting) == [
        ("10061", "Harbor & Pine Outdoor"),
        ("10062", "Harbor & Pine Outdoor"),
        ("61", "Main Website"),
    ]
    alone = read(shop, f"/?store={magento.connection.public_id}")
    assert "The one order of today is accounted for: 1 booked" in alone
    assert "The orders of Magento were last read to the end" in alone
    assert "10061" not in alone


def test_each_store_has_errors_of_its_own(shop: Shop, magento: Shop) -> None:
    factories.problem(shop.connection, "10061", factories.not_linked("JOUR-BLK"), at=timezone.now())
    factories.problem(magento.connection, "61", factories.not_linked("JOUR-RED"), at=timezone.now())
    assert [sku in read(shop, shop.at("errors/")) for sku in ("JOUR-BLK", "JOUR-RED")] == [True, False]
    assert [sku in read(magento, magento.at("errors/")) for sku in ("JOUR-BLK", "JOUR-RED")] == [False, True]


def test_a_store_without_webhooks_says_how_its_news_come(shop: Shop, magento: Shop) -> None:
    for one in (shop, magento):
        factories.hook(one.connection, "item_created", "heartland", Hook.State.LIVE)
    text = read(magento, magento.at("connection/"))
    assert (
        "Orders: polling; asked for every 60 seconds, every 120 while nothing is new. By clocks of their own: " in text
    )
    assert "shipments every 1 to 15 minutes, refunds every 2 to 30 minutes, invoices every 5 to 30 minutes, the" in text
    assert "Orders: live webhooks, polling behind them; asked for every " in read(shop, shop.at("connection/"))
    news = re.findall(r"News of orders ([^;]+; asked for every \d+ seconds)", read(shop, "/"))
    assert news == [
        "live webhooks, polling behind them; asked for every 60 seconds",  # none of the store's own is live
        "polling; asked for every 60 seconds",
    ]


def test_what_a_kind_has_no_word_for_is_not_shown(shop: Shop, magento: Shop) -> None:
    assert [KINDS[kind].profile.id_name for kind in ("bigcommerce", "magento")] == ["Store hash", ""]
    assert f"Store hash {shop.connection.store.store_hash}" in read(shop, shop.at("connection/"))
    assert magento.connection.store.store_hash not in read(magento, magento.at("connection/"))


def test_where_no_webhook_tells_of_orders_none_was_missed(shop: Shop, magento: Shop) -> None:
    for connection in (shop.connection, magento.connection):
        Cursor.objects.create(
            connection=connection, feed=Cursor.ORDERS, due_at=timezone.now(), found=4, missed_by_hooks=4
        )
    told = read(shop, "/")
    assert "Missed by webhooks 4 of 4 changes were found by looking alone (100.0 %)" in told
    assert "Found by looking 4 changes: no webhook tells of them" in told
