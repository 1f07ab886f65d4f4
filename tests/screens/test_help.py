"""Help where one stands: each page of ours has its text, which says nothing in the engine's words."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from connections.help_pages import GLOSSARY, PAGES, glossary, help_for, help_html, help_names
from connections.models import Role
from connections.templatetags.words import term
from connections.vocabulary import CHECK_UP, DAILY_PROOF, FETCH_OLDER, FIX, PREVIEW, RETRY, STATES
from tests.screens.addresses import addresses
from tests.screens.conftest import Shop
from tests.screens.test_vocabulary import WORD, visible


def test_every_text_is_drawn_beside_a_page_and_as_a_page(shop: Shop) -> None:
    client = shop.client(Role.VIEWER)
    for name in help_names():
        whole = client.get(f"/help/{name}/").content.decode()
        part = client.get(f"/help/{name}/", headers={"HX-Request": "true"}).content.decode()
        assert ("<html" in whole, "<html" in part, "<h1>" in part) == (True, False, True), name
        assert WORD.findall(visible(part)) == [], name


def test_pages_lead_to_their_own_help(shop: Shop) -> None:
    client = shop.client()
    for path, name in (("/", "dashboard"), ("/orders/", "orders"), (shop.at("errors/"), "errors"),
                       (shop.at("inventory/"), "inventory"), ("/settings/integrations/", "connect"),
                       ("/accounts/", "account"), ("/components/", "start")):  # fmt: skip
        assert f'href="/help/{name}/" data-drawer="Help"' in client.get(path).content.decode(), path


def test_every_page_named_has_a_text_and_every_text_a_page() -> None:
    routes = {one.name for one in addresses()}
    assert set(PAGES) - routes - {"account"} == set()
    assert {help_for(name) for name in routes} | {GLOSSARY} == set(help_names())


def test_the_glossary_has_every_state_and_every_help_page_leads_to_it(shop: Shop) -> None:
    words = set(re.findall(r"<tr>\s*<td>(.*?)</td>", help_html(GLOSSARY)))
    assert {*STATES.values(), CHECK_UP, DAILY_PROOF, FETCH_OLDER, RETRY, FIX, PREVIEW} - words == {"Resolved"}
    for name in help_names():
        assert ('href="/help/glossary/"' in shop.client().get(f"/help/{name}/").content.decode()) == (name != GLOSSARY)
    assert '<a href="/help/glossary/">glossary</a>' in help_html("start")


def test_a_table_is_drawn_and_an_unknown_name_is_not_found(shop: Shop) -> None:
    assert "<td>Waiting</td>" in help_html("start")
    assert shop.client().get("/help/nothing/").status_code == 404
    assert Client().get("/help/start/")["Location"].startswith("/accounts/login/")


def test_pictures_are_there_or_left_out(shop: Shop) -> None:
    """Those of other systems are served; those of our own pages stand beside the help."""
    shown = {name: re.findall(r'<img src="([^"]*)"', help_html(name)) for name in help_names()}
    assert [name for name, found in shown.items() if found] == ["connect"]
    names = {Path(one).name.partition(".")[0] for one in shown["connect"]}
    assert names == {"new-with-addresses", "new-without-addresses", "rights", "activate", "values", "bearer"}
    folder = Path(settings.BASE_DIR) / "static/img/magento"
    assert all((folder / f"{name}.png").is_file() for name in names)
    assert all("../pictures" not in help_html(name) for name in help_names())


def test_a_word_opens_its_row_of_the_glossary_where_it_stands(shop: Shop) -> None:
    rows = re.findall(r"<tr>\s*<td>(.*?)</td>\s*<td>(.*?)</td>", help_html(GLOSSARY))
    assert glossary() == {word: re.sub(r"<[^>]*>", "", meaning).replace("&rsquo;", "'") for word, meaning in rows}
    page = shop.client().get(shop.at("errors/")).content.decode()
    assert '<button type="button" class="term" popovertarget="term-cause">Causes</button>' in page
    meaning = re.findall(r'id="term-cause" popover><b>Cause</b>: (.*?)\. <a href="/help/glossary/">', page)
    assert meaning == [glossary()["Cause"]]
    with pytest.raises(KeyError):
        term("Lane")
