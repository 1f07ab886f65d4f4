"""Ways of telling us that people set up in the store: what they copy once, who may, and what the page says of news."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from connections.connect.magento.hand_ways import EVENTS, MODULE, WEBHOOKS
from connections.hooks import hook_address
from connections.models import Hook, Role
from tests.screens.conftest import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(shop: Shop) -> Shop:
    """A shop whose store lets nobody register for news."""
    shop.connection.store.kind = "magento"
    shop.connection.store.save()
    shop.connection.hooks.all().delete()
    return shop


def made(shop: Shop, way: str, role: Role = Role.OWNER) -> str:
    return shop.client(role).post(shop.at(f"connection/told/{way}/renew/")).content.decode()


def field(page: str, name: str) -> str:
    found = re.search(rf'id="{name}"[^>]* value="([^"]+)"', page)
    return found[1] if found else ""


@pytest.mark.parametrize("way", [WEBHOOKS, MODULE])
def test_address_and_secret_are_shown_once(told: Shop, way: str) -> None:
    page = made(told, way)
    hook = told.connection.hooks.get(topic=way)
    assert (field(page, "address"), field(page, "secret")) == (hook_address(hook), hook.secret)
    assert len(hook.secret) == 43
    for path in (f"connection/told/{way}/", "connection/"):
        again = told.client().get(told.at(path)).content.decode()
        assert hook.secret not in again
        assert hook.token not in again


def test_adobes_events_have_an_address_alone(told: Shop) -> None:
    page = made(told, EVENTS)
    hook = told.connection.hooks.get(topic=EVENTS)
    assert (field(page, "address"), field(page, "secret"), hook.secret) == (hook_address(hook), "", "")
    assert "Developer Console" in page


def test_renewing_puts_others_in_their_place(told: Shop) -> None:
    first, second = made(told, MODULE), made(told, MODULE)
    assert field(first, "address") != field(second, "address")
    assert field(first, "secret") != field(second, "secret")
    assert told.connection.hooks.count() == 1
    told.client().post(told.at(f"connection/told/{MODULE}/end/"))
    assert told.connection.hooks.count() == 0
    entries = told.merchant.audit_entries.filter(action="hooks.changed").order_by("pk")
    assert [entry.detail for entry in entries] == [
        {"magento module": what} for what in ("set up", "renewed", "removed")
    ]


def test_who_may_not_change_webhooks_makes_none(told: Shop) -> None:
    for role in (Role.OPS, Role.VIEWER):
        assert told.client(role).get(told.at(f"connection/told/{MODULE}/")).status_code == 403
        assert told.client(role).post(told.at(f"connection/told/{MODULE}/renew/")).status_code == 403
    assert told.connection.hooks.count() == 0
    assert "Set up" not in told.client(Role.VIEWER).get(told.at("connection/")).content.decode()


def test_a_store_that_has_no_such_way_has_no_such_page(shop: Shop) -> None:
    client = shop.client()
    assert client.get(shop.at(f"connection/told/{MODULE}/")).status_code == 404
    assert client.post(shop.at(f"connection/told/{MODULE}/renew/")).status_code == 404
    assert "made to tell" not in client.get(shop.at("connection/")).content.decode()


def test_a_store_that_is_disconnected_gets_no_address(told: Shop) -> None:
    told.connection.state = "disconnected"
    told.connection.save()
    assert told.client().post(told.at(f"connection/told/{MODULE}/renew/")).status_code == 302
    assert told.connection.hooks.count() == 0


def test_pages_say_by_which_way_news_comes_and_how_late(told: Shop) -> None:
    def said() -> str:
        client = told.client()
        words = re.search(r"<p>Orders: ([^<]+?)\. By clocks", client.get(told.at("connection/")).content.decode())
        assert words
        assert f">{words[1]}</a>" in client.get("/").content.decode()
        way, _, quiet = words[1].rpartition(", ")
        assert quiet == "every 120 while nothing is new"
        return way

    assert said() == "polling; asked for every 60 seconds"
    made(told, EVENTS)
    assert said() == "polling, and nothing came from Adobe I/O Events in the last day; asked for every 60 seconds"
    Hook.objects.update(last_received_at=timezone.now())
    assert said() == "messages of Adobe I/O Events; asked for every 60 seconds"
    made(told, MODULE)
    silent = "and nothing came from a module of your own in the last day"
    assert said() == f"messages of Adobe I/O Events, {silent}; asked for every 60 seconds"
    Hook.objects.update(last_received_at=timezone.now() - timedelta(days=2))
    assert said().startswith("polling, and nothing came from Adobe I/O Events or a module of your own in the last day")
