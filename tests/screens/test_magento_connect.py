"""Adding a Magento website by pasting, and connecting one again: who may, what is kept, what is said."""

import re
from typing import Any

import pytest
from django.test import Client

from connections.models import AccessState, Connection, Handshake, Role, Store
from tests import factories
from tests.connections.magento_shop import Admin, admin, magento_server
from tests.screens.conftest import Shop

__all__ = ["admin", "magento_server"]
pytestmark = pytest.mark.django_db


def at(shop: Shop, way: str, store: Store | None = None) -> str:
    return f"/settings/integrations/magento/add/{shop.merchant.public_id}/{way}/" + (
        f"?store={store.public_id}" if store else ""
    )


def pasted(client: Client, shop: Shop, admin: Admin, **changes: str) -> Any:
    """The four values of a new integration, pasted."""
    given = {"address": admin.url, "signing_url": "", **admin.four_values()} | changes
    return client.post(at(shop, "values"), given)


def one_store(shop: Shop, admin: Admin) -> Store:
    """The shop's Magento store, with its website chosen."""
    client = shop.client()
    asked = pasted(client, shop, admin)["Location"]
    client.post(asked, {"website": "base"})
    return Store.objects.get(kind="magento")


def test_four_pasted_values_lead_to_the_website_and_to_a_pair(shop: Shop, admin: Admin) -> None:
    client = shop.client()
    asked = pasted(client, shop, admin)["Location"]
    store = Store.objects.get(kind="magento")
    assert (asked, store.state) == (f"/settings/integrations/magento/{store.public_id}/website/", AccessState.UNCLAIMED)
    assert "Main Website (base)" in client.get(asked).content.decode()
    assert client.post(asked, {"website": "nowhere"}).status_code == 200
    assert client.post(asked, {"website": "base"})["Location"] == "/"
    store.refresh_from_db()
    assert (store.state, store.merchant) == (AccessState.CONNECTED, shop.merchant)
    connection = Connection.objects.get(store=store)
    assert (connection.heartland, connection.state) == (shop.connection.heartland, Connection.State.SETTING_UP)
    listed = client.get("/settings/integrations/magento/").content.decode()
    assert f'href="/stores/{connection.public_id}/items/">Manage' in listed
    assert "Pair with Heartland" not in listed


def test_where_there_are_two_accounts_a_person_says_which(shop: Shop, admin: Admin) -> None:
    other = factories.heartland(shop.merchant, f"{factories.NOBODY}/other/api")
    client = shop.client()
    asked = pasted(client, shop, admin)["Location"]
    pair = client.post(asked, {"website": "base"})["Location"]
    store = Store.objects.get(kind="magento")
    assert pair == f"/settings/integrations/stores/{store.public_id}/pair/"
    assert not Connection.objects.filter(store=store).exists()
    listed = client.get("/settings/integrations/magento/").content.decode()
    assert f'href="{pair}">Pair with Heartland' in listed
    assert client.post(pair, {"heartland": other.public_id})["Location"] == "/"
    assert Connection.objects.get(store=store).heartland == other


def test_what_was_pasted_is_shown_nowhere_again(shop: Shop, admin: Admin) -> None:
    client = shop.client()
    secrets = admin.four_values()
    answer = client.post(at(shop, "values"), {"address": admin.url, "signing_url": "", **secrets, "token": "x" * 32})
    text = answer.content.decode()
    assert "Magento does not know these values" in text
    assert "Nothing was stored." in text
    assert not any(secret in text for secret in secrets.values())
    assert not Store.objects.filter(kind="magento").exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("address", "not an address", "This is not a web address"),
        ("address", "https://user:pw@shop.example", "The address may hold no user name"),
        ("signing_url", "shop.example", "The address must begin with https:// or http://"),
        ("token", "with a blank", "it has blanks or odd characters"),
        ("token", "t" * 65, "at most 64 characters"),
        ("consumer_key", "", "This field is required"),
    ],
)
def test_odd_fields_are_named(shop: Shop, admin: Admin, field: str, value: str, words: str) -> None:
    answer = pasted(shop.client(), shop, admin, **{field: value})
    assert (answer.status_code, words in answer.content.decode()) == (200, True)
    assert not Store.objects.filter(kind="magento").exists()


@pytest.mark.parametrize("beside", ["/admin", "/admin_1x2y3z/admin/dashboard/index/key/5f/", "/rest/default/V1/orders"])
def test_an_address_out_of_admins_own_bar_is_the_shops(shop: Shop, admin: Admin, beside: str) -> None:
    pasted(shop.client(), shop, admin, address=admin.url + beside)
    assert Store.objects.get(kind="magento").api_base == admin.url


def test_an_address_as_shoppers_type_it_gets_its_scheme(shop: Shop) -> None:
    shop.client().post(at(shop, "activate"), {"address": "WWW.shop.example ", "signing_url": ""})
    assert Handshake.objects.get().address == "https://WWW.shop.example"


def test_blanks_around_a_value_that_copying_brought_are_taken_off(shop: Shop, admin: Admin) -> None:
    secrets = admin.four_values()
    spaced = {name: f" {value}\n" for name, value in secrets.items()}
    shop.client().post(at(shop, "values"), {"address": admin.url, "signing_url": "", **spaced})
    credential = Store.objects.get(kind="magento").credential
    assert credential is not None
    assert credential.read() == secrets


def test_a_field_that_the_form_does_not_draw_is_refused(shop: Shop, admin: Admin) -> None:
    assert pasted(shop.client(), shop, admin, merchant="other").status_code == 400
    assert not Store.objects.filter(kind="magento").exists()


@pytest.mark.parametrize("way", ["values", "token", "cloud", "activate"])
@pytest.mark.parametrize("role", [Role.STAFF, Role.OPS, Role.VIEWER])
def test_only_owners_connect(shop: Shop, way: str, role: Role) -> None:
    client = shop.client(role)
    assert [client.get(at(shop, way)).status_code, client.post(at(shop, way)).status_code] == [403, 403]


@pytest.mark.parametrize("way", ["values", "activate"])
def test_nobody_connects_for_another_merchant(shop: Shop, rival: Shop, way: str) -> None:
    client = rival.client()
    assert [client.get(at(shop, way)).status_code, client.post(at(shop, way)).status_code] == [404, 404]


def test_a_way_that_is_none_is_not_there(shop: Shop) -> None:
    assert shop.client().get(at(shop, "password")).status_code == 404


def test_a_store_of_another_merchant_is_neither_shown_nor_chosen_for(shop: Shop, rival: Shop, admin: Admin) -> None:
    store = one_store(rival, admin)
    client = shop.client()
    assert client.get(f"/settings/integrations/magento/{store.public_id}/website/").status_code == 404
    assert str(store) not in client.get(at(shop, "values", store)).content.decode()
    assert "belongs to another account of this product" in pasted(client, shop, admin).content.decode()
    store.refresh_from_db()
    assert store.merchant == rival.merchant


@pytest.mark.parametrize("is_paired", [True, False])
def test_reconnecting_begins_at_the_store_and_keeps_it(shop: Shop, admin: Admin, is_paired: bool) -> None:
    if not is_paired:
        factories.heartland(shop.merchant, f"{factories.NOBODY}/other/api")  # a person has to choose
    store = one_store(shop, admin)
    Store.objects.filter(pk=store.pk).update(state=AccessState.REVOKED, state_reason="401")
    client = shop.client()
    listed = client.get("/settings/integrations/magento/").content.decode()
    assert (f"add/{shop.merchant.public_id}/?store={store.public_id}" in listed) == (not is_paired)
    wish = {"merchant": str(shop.merchant.public_id), "store": str(store.public_id)}
    if is_paired:
        page = client.get(f"/stores/{store.connection.public_id}/connection/").content.decode()
        form = page.partition('action="/settings/integrations/magento/reconnect/"')[2].partition("</form>")[0]
        assert [f'name="{name}" value="{value}"' in form for name, value in wish.items()] == [True, True]
    where = client.post("/settings/integrations/magento/reconnect/", wish)["Location"]
    page = client.get(where).content.decode()
    assert f"Reconnect {store}" in page
    assert re.findall(r"values/\?store=[0-9a-f-]{36}", page) == [f"values/?store={store.public_id}"]
    page = client.get(at(shop, "values", store)).content.decode()
    assert f'value="{admin.url}"' in page
    assert "The shop has moved to this address" in page
    secrets = admin.four_values()
    client.post(at(shop, "values", store), {"address": admin.url, "signing_url": "", **secrets})
    store.refresh_from_db()
    assert (store.state, store.state_reason, store.facts["website"]) == (AccessState.CONNECTED, "", "base")
    assert store.credential is not None
    assert store.credential.read() == secrets


def test_a_shop_that_moved_is_said_to_have(shop: Shop, admin: Admin) -> None:
    store = one_store(shop, admin)
    store.facts["installation"] = "old.shop.example"
    store.save()
    client = shop.client()
    given = {"address": admin.url, "signing_url": "", **admin.four_values()}
    assert "If it moved, say so" in client.post(at(shop, "values", store), given).content.decode()
    assert client.post(at(shop, "values", store), {**given, "has_moved": "on"}).status_code == 302
    store.refresh_from_db()
    assert store.facts["installation"] == admin.url.removeprefix("http://")


def test_the_test_page_tells_what_the_shop_is(shop: Shop, admin: Admin) -> None:
    store = one_store(shop, admin)
    page = shop.client().post(f"/stores/{store.connection.public_id}/connection/test/").content.decode()
    for words in ("Magento/2.4 (Community)", "Default Store View (default), Canada (canada)", "America/Chicago"):
        assert words in page
