"""Tokens of the API: made by owners who proved who they are, shown once, kept as digests, revoked for good."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import ApiToken, AuditEntry, Role
from connections.models.api import api_token_digest
from tests import factories
from tests.screens.conftest import Shop

WISH = {"name": "Warehouse", "scopes": ["look", "retry"], "days": "30"}


def page_of(shop: Shop) -> str:
    return f"/settings/merchant/{shop.merchant.public_id}/api/"


@pytest.fixture
def owner(shop: Shop) -> Client:
    return factories.signed_in(shop.people[Role.OWNER], lately=True)


def made(owner: Client, shop: Shop) -> str:
    """The secret of a new token, as the answer shows it."""
    shown = owner.post(page_of(shop), WISH).content.decode()
    return shown.partition('id="secret" class="mono" readonly value="')[2].partition('"')[0]


def test_a_token_is_shown_once_and_kept_as_a_digest(owner: Client, shop: Shop) -> None:
    secret = made(owner, shop)
    token = ApiToken.objects.get()
    assert secret.startswith("tb_")
    assert len(secret) == 46
    assert (token.digest, token.hint) == (api_token_digest(secret), secret[:7])
    assert token.scopes == ["look", "retry"]
    assert timedelta(days=29) < token.expires_at - timezone.now() < timedelta(days=30, seconds=1)  # type: ignore[operator]
    assert secret not in owner.get(page_of(shop)).content.decode()
    entry = AuditEntry.objects.get(action="api_token.made")
    assert entry.actor == shop.people[Role.OWNER]
    assert secret not in str(entry.detail) + entry.subject


def test_who_has_not_proven_who_they_are_is_asked_first(shop: Shop) -> None:
    answer = factories.signed_in(shop.people[Role.OWNER]).post(page_of(shop), WISH)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/accounts/reauthenticate/")
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("role", [Role.STAFF, Role.OPS, Role.VIEWER])
def test_others_than_owners_neither_see_nor_make_any(role: Role, shop: Shop) -> None:
    client = factories.signed_in(shop.people[role], lately=True)
    assert [client.get(page_of(shop)).status_code, client.post(page_of(shop), WISH).status_code] == [403, 403]
    assert not ApiToken.objects.exists()


def test_another_merchants_tokens_do_not_exist(owner: Client, shop: Shop, rival: Shop) -> None:
    made(owner, shop)
    token = ApiToken.objects.get()
    client = factories.signed_in(rival.people[Role.OWNER], lately=True)
    assert client.post(f"{page_of(rival)}{token.pk}/end/").status_code == 404
    assert client.post(f"{page_of(shop)}{token.pk}/end/").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_a_revoked_token_lets_nobody_in(owner: Client, shop: Shop) -> None:
    secret = made(owner, shop)
    bearer = {"Authorization": f"Bearer {secret}"}
    assert Client().get("/v1/stores", headers=bearer).status_code == 200
    owner.post(f"{page_of(shop)}{ApiToken.objects.get().pk}/end/")
    assert Client().get("/v1/stores", headers=bearer).status_code == 401
    assert AuditEntry.objects.filter(action="api_token.revoked").count() == 1


def test_an_odd_wish_makes_none(owner: Client, shop: Shop) -> None:
    for odd in ({"name": ""}, {"scopes": ["personal"]}, {"days": "7"}):
        assert owner.post(page_of(shop), WISH | odd).status_code == 400
    assert not ApiToken.objects.exists()
