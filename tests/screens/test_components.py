"""The page of components, the bundles of every page, and what they say of what was done."""

import gzip
import re

import pytest
from django.test import Client
from pytest_django import Settings

from connections.models import Role
from ipaas.bundles import bundle, files
from tests import factories
from tests.screens.conftest import Shop


def test_a_local_installation_shows_every_component_in_both_schemes(shop: Shop) -> None:
    text = shop.client(Role.VIEWER).get("/components/").content.decode()
    for scheme in ("scheme-light", "scheme-dark"):
        assert text.count(f'<section class="scheme {scheme} stack"') == 1
    for part in ("tabs-states", "filter-chips", "bulk-bar", "save-bar", "sparkline", "share-bar", "time-chart",
                 "skeleton", 'class="drawer" id="drawer-', 'class="dialog" id="dialog-'):  # fmt: skip
        assert text.count(part) >= 2, part


def test_in_production_it_is_for_platform_staff(shop: Shop, settings: Settings) -> None:
    settings.PRODUCTION = True
    staff = factories.signed_in(factories.user("staff@tillbridge.example", is_staff=True))
    assert [client.get("/components/").status_code for client in (shop.client(), staff)] == [404, 200]


def test_what_is_undone_is_a_form_that_posts_what_the_act_named(shop: Shop) -> None:
    client = shop.client()
    done = client.post("/components/", {"pick": ["10457", "10458"]}, follow=True).content.decode()
    assert "2 rows retried." in done
    form = re.search(r'<form method="post" action="/components/">.*?Undo</button></form>', done, re.DOTALL)
    assert form
    assert '<input type="hidden" name="say" value="undone">' in form[0]
    undone = client.post("/components/", {"say": "undone"}, follow=True).content.decode()
    assert "Undone: it is as it was." in undone
    assert "Undo</button>" not in undone


def test_a_warning_stays_and_what_is_said_alone_fades(shop: Shop) -> None:
    client = shop.client()
    warned = client.post("/components/", {"say": "warn"}, follow=True).content.decode()
    assert 'class="toast notice notice-warn">' in warned
    told = client.post("/components/", {"say": "undone"}, follow=True).content.decode()
    assert 'class="toast notice notice-info" data-fades>' in told


def test_a_link_with_a_drawer_gets_the_part_alone(shop: Shop) -> None:
    part = shop.client().get("/components/", headers={"HX-Request": "true"}).content.decode()
    assert part.startswith("<p>")
    assert "<html" not in part


@pytest.mark.parametrize(("kind", "content_type"), [("css", "text/css"), ("js", "text/javascript")])
def test_a_bundle_holds_every_file_and_browsers_keep_it(kind: str, content_type: str) -> None:
    ours = bundle(kind)
    answer = Client().get(ours.address)
    assert answer["Content-Type"] == f"{content_type}; charset=utf-8"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.content == b"\n".join(path.read_bytes() for path in files(kind))
    packed = Client().get(ours.address, headers={"Accept-Encoding": "gzip, br"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == answer.content
    assert (answer["Vary"], packed["Vary"], answer.cookies) == ("Accept-Encoding", "Accept-Encoding", {})


def test_tokens_come_first_as_they_declare_the_layers() -> None:
    names = [path.name for path in files("css")]
    assert names[:2] == ["tokens.css", "base.css"]
    assert names[2:] == sorted(names[2:])
    assert len(names) == len(set(names)) > 10


def test_an_old_address_gets_what_is_there_now_and_nobody_keeps_it() -> None:
    answer = Client().get("/bundle/tillbridge.0000000000000000.css")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-cache")
    assert answer.content == bundle("css").body
    assert Client().post(bundle("css").address).status_code == 405
    assert Client().get("/bundle/other.css").status_code == 404


def test_every_page_names_the_bundles_as_they_are(shop: Shop) -> None:
    text = shop.client().get("/").content.decode()
    assert re.findall(r'<link rel="stylesheet" href="([^"]*)"', text) == [bundle("css").address]
    assert bundle("js").address in re.findall(r'<script src="([^"]*)"', text)
    assert bundle("css").address in Client().get("/accounts/login/").content.decode()
