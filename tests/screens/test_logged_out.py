"""A session that ends in the middle: nothing is done, the person is told, and comes back to where they were."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from syncjobs.models import Record, SyncJob
from tests import factories
from tests.screens.conftest import Shop

HELD = {"code": "changed_after_booking"}


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(shop: Shop) -> None:
    factories.order(shop.connection, "10457", Record.Disposition.HELD, at=factories.NOW, **HELD)
    page, stranger = shop.at("orders/10457/"), Client()
    sent = stranger.post(
        shop.at("orders/10457/choose/"), {"choice": "store"}, headers={"Referer": f"http://testserver{page}?show=calls"}
    )
    assert (sent.status_code, SyncJob.objects.count()) == (302, 0)
    log_in = urlsplit(sent["Location"])
    assert (log_in.path, parse_qs(log_in.query)) == ("/accounts/login/", {"next": [f"{page}?show=calls"]})
    assert "nothing was done. Log in and do it again." in stranger.get(sent["Location"]).content.decode()


@pytest.mark.parametrize("referer", ["", "https://elsewhere.example/x/", "http://testserver//elsewhere.example/"])
def test_nobody_is_led_elsewhere(shop: Shop, referer: str) -> None:
    sent = Client().post(shop.at("retry/"), headers={"Referer": referer})
    assert parse_qs(urlsplit(sent["Location"]).query) == {"next": ["/"]}


def test_a_part_that_refreshes_itself_is_not_filled_with_the_log_in_page(shop: Shop) -> None:
    factories.order(shop.connection, "10457", at=factories.NOW)
    page = shop.at("orders/10457/")
    answer = Client().get(page, headers={"HX-Request": "true", "Referer": f"http://testserver{page}"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert parse_qs(urlsplit(answer["HX-Redirect"]).query) == {"next": [page]}


def test_who_logs_out_leaves_nothing_in_the_browser(shop: Shop) -> None:
    client = shop.client()
    assert "Clear-Site-Data" not in client.get("/accounts/").headers
    left = client.post("/accounts/logout/")
    assert (left.status_code, left["Clear-Site-Data"]) == (302, '"cache", "storage"')
    idle = shop.client()
    idle.get("/accounts/")
    session = idle.session
    session["session_seen"] = 0
    session.save()
    assert idle.get("/accounts/")["Clear-Site-Data"] == '"cache", "storage"'


def test_an_address_that_takes_forms_says_so(shop: Shop) -> None:
    answer = shop.client().get(shop.at("fulfillment/backfill/"))
    assert answer.status_code == 405
    assert "This address only takes what a form sends." in answer.content.decode()


def test_a_record_that_nobody_knows_is_not_found(shop: Shop) -> None:
    for name in ("records/orders/1/2/", "records/orders/nobodys/", "records/unheard/1/"):
        assert shop.client().get(shop.at(name)).status_code == 404
