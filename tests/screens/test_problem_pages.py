"""Answers in words stand in our frame: with the menu for whoever is logged in, as the log-in pages for strangers."""

import pytest
from django.test import Client
from pytest_django import Settings

from connections.models import Role
from syncjobs.pages.dashboard import dashboard_views
from tests.screens.conftest import Shop

MENU = 'aria-label="Main"'


@pytest.fixture
def paths(shop: Shop) -> dict[int, str]:
    return {404: "/nothing/here/", 405: shop.at("retry/"), 403: shop.at("connection/disconnect/")}


@pytest.mark.parametrize(("status", "words"), [(404, "There is nothing here"), (405, "There is no page here")])
def test_the_menu_stays_for_whoever_is_logged_in(status: int, words: str, paths: dict[int, str], shop: Shop) -> None:
    answer = shop.client(Role.VIEWER).get(paths[status])
    text = answer.content.decode()
    assert (answer.status_code, words in text, MENU in text) == (status, True, True)
    assert f'href="{shop.at("items/")}"' in text


def test_a_refusal_says_whose_it_is_and_keeps_the_menu(paths: dict[int, str], shop: Shop) -> None:
    answer = shop.client(Role.VIEWER).get(paths[403])
    text = answer.content.decode()
    assert (answer.status_code, "ask someone whose role is owner" in text, MENU in text) == (403, True, True)


def test_a_form_with_more_than_its_page_draws_keeps_the_menu(shop: Shop) -> None:
    answer = shop.client().post(shop.at("connection/pause/"), {"odd": "1"})
    assert (answer.status_code, MENU in answer.content.decode()) == (400, True)


def test_a_stranger_gets_the_frame_of_the_log_in(shop: Shop) -> None:
    answer = Client().get("/nothing/here/")
    text = answer.content.decode()
    assert (answer.status_code, MENU in text, 'class="entrance"' in text) == (404, False, True)


def test_a_page_that_breaks_keeps_the_menu(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*args: object, **kwargs: object) -> None:
        raise RuntimeError("broken on purpose")

    client = shop.client()
    client.raise_request_exception = False
    monkeypatch.setattr(dashboard_views, "page", breaks)
    answer = client.get("/")
    text = answer.content.decode()
    assert (answer.status_code, "Something broke on our side" in text, MENU in text) == (500, True, True)
    assert "broken on purpose" not in text


def test_where_the_menu_breaks_too_there_is_the_plain_page(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    def breaks(*args: object, **kwargs: object) -> None:
        raise RuntimeError("broken on purpose")

    client = shop.client()
    client.raise_request_exception = False
    monkeypatch.setattr(dashboard_views, "page", breaks)
    monkeypatch.setattr("syncjobs.templatetags.shell.connections_with_errors", breaks)
    answer = client.get("/")
    text = answer.content.decode()
    assert (answer.status_code, "Something broke on our side" in text, MENU in text) == (500, True, False)
