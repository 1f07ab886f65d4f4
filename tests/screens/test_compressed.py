"""Pages are compressed where nothing of a request stands beside a secret, and nowhere else."""

import gzip

import pytest
from django.test import Client

from connections.models import Role
from tests import factories
from tests.screens.conftest import Shop

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


def packed(client: Client, path: str) -> bool:
    answer = client.get(path, headers=GZIP)
    assert answer.status_code == 200, path
    return answer.get("Content-Encoding") == "gzip"


@pytest.mark.parametrize("path", ["errors/", "items/", "inventory/", "fulfillment/", "connection/", "proof/"])
def test_pages_to_look_at_are_compressed(path: str, shop: Shop) -> None:
    client = shop.client(Role.VIEWER)
    assert packed(client, shop.at(path))
    text = gzip.decompress(client.get(shop.at(path), headers=GZIP).content).decode()
    assert "</html>" in text


def test_lists_over_all_stores_are_compressed_as_long_as_nothing_is_asked_of_them(shop: Shop) -> None:
    client = shop.client()
    assert [packed(client, path) for path in ("/", "/orders/")] == [True, True]
    assert [packed(client, path) for path in ("/orders/?q=reflected", "/?period=7d", "/search/?q=x")] == [False] * 3


def test_what_holds_secrets_or_answers_a_form_is_not(shop: Shop) -> None:
    client = factories.signed_in(shop.people[Role.OWNER], lately=True)
    own = ["/accounts/", "/accounts/factor/", "/accounts/password/change/", "/accounts/factor/app/add/"]
    ours = [f"/settings/integrations/heartland/token/{shop.merchant.public_id}/", "/settings/integrations/"]
    assert {path: packed(client, path) for path in own + ours} == dict.fromkeys(own + ours, False)
    assert "Content-Encoding" not in Client().get("/accounts/login/", headers=GZIP)
    assert "Content-Encoding" not in client.post(shop.at("fulfillment/"), {}, headers=GZIP)


def test_a_browser_that_takes_none_gets_none(shop: Shop) -> None:
    assert "Content-Encoding" not in shop.client().get("/orders/")
