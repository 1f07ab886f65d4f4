"""The page of what holds for all stores of a merchant: its time zone."""

import pytest

from connections.models import AuditEntry, Role
from connections.services.merchants import time_zone_suggest
from tests.screens.conftest import Shop

pytestmark = pytest.mark.django_db


def address(shop: Shop) -> str:
    return f"/settings/merchant/{shop.merchant.public_id}/"


def test_days_go_by_the_zone_that_a_person_chose(shop: Shop) -> None:
    client = shop.client(Role.STAFF)
    assert address(shop) in client.get("/settings/integrations/").content.decode()
    assert "America/New_York" in client.get(address(shop)).content.decode()
    answer = client.post(address(shop), {"time_zone": "America/Chicago", "shown": "America/New_York"}, follow=True)
    assert "Days begin and end by America/Chicago." in answer.content.decode()
    shop.merchant.refresh_from_db()
    assert shop.merchant.time_zone == "America/Chicago"
    entry = AuditEntry.objects.get(action="merchant.time_zone")
    assert entry.detail == {"time_zone": {"was": "America/New_York", "is": "America/Chicago"}}
    shop.connection.store.time_zone = "Asia/Tokyo"
    time_zone_suggest(merchant=shop.merchant, store=shop.connection.store)  # a choice stays
    shop.merchant.refresh_from_db()
    assert shop.merchant.time_zone == "America/Chicago"


def test_a_stale_page_overwrites_nothing_and_nonsense_is_refused(shop: Shop) -> None:
    client = shop.client()
    shop.merchant.time_zone = "Europe/Paris"
    shop.merchant.save()
    answer = client.post(address(shop), {"time_zone": "Asia/Tokyo", "shown": "America/New_York"}, follow=True)
    assert "Nothing was saved. Somebody set the time zone to Europe/Paris" in answer.content.decode()
    answer = client.post(address(shop), {"time_zone": "Mars/Base", "shown": "Europe/Paris"})
    assert "Select a valid choice" in answer.content.decode()
    shop.merchant.refresh_from_db()
    assert shop.merchant.time_zone == "Europe/Paris"


def test_who_may_only_look_and_who_is_of_another_merchant(shop: Shop, rival: Shop) -> None:
    viewer = shop.client(Role.VIEWER)
    assert "Save time zone" not in viewer.get(address(shop)).content.decode()
    assert viewer.post(address(shop), {"time_zone": "Asia/Tokyo", "shown": ""}).status_code == 403
    assert rival.client().get(address(shop)).status_code == 404


def test_the_currency_that_heartland_reckons_in_is_a_setting(shop: Shop, rival: Shop) -> None:
    account, path = shop.connection.heartland, f"{address(shop)}currency/"
    wish = {"account": str(account.public_id), "currency": "cad", "shown": "USD"}
    assert "reckons in CAD" in shop.client(Role.STAFF).post(path, wish, follow=True).content.decode()
    account.refresh_from_db()
    assert account.currency == "CAD"
    entry = AuditEntry.objects.get(action="heartland.currency")
    assert entry.detail == {"currency": {"was": "USD", "is": "CAD"}}
    stale = shop.client().post(path, {**wish, "currency": "EUR"}, follow=True).content.decode()
    assert "Nothing was done" in stale
    odd = shop.client().post(path, {**wish, "currency": "E1", "shown": "CAD"}, follow=True).content.decode()
    assert "Nothing was saved: give the currency by its three letters" in odd
    assert shop.client(Role.OPS).post(path, wish).status_code == 403
    assert rival.client().post(path, wish).status_code == 404
    other = {**wish, "account": str(rival.connection.heartland.public_id), "shown": "CAD"}
    assert shop.client().post(path, other).status_code == 404
    account.refresh_from_db()
    assert account.currency == "CAD"


def test_a_store_that_nobody_lets_in_is_not_called_active(shop: Shop) -> None:
    shop.connection.heartland.state = "revoked"
    shop.connection.heartland.save()
    page = shop.client().get(shop.at("items/")).content.decode()
    assert "Stands still" in page
