"""Connecting a Magento shop with pasted secrets: checked before they are kept, one store an installation."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from connections import services
from connections.connect.magento.clients import magento_client
from connections.connect.magento.connecting import store_connect, website_choose
from connections.models import AccessState, Connection, Credential, HeartlandAccount, Merchant, Store, User
from connections.services.secrets import credential_store
from errors.failures import ConfigurationFailure, CredentialsRejected, PermissionMissing
from tests.connections.conftest import actions
from tests.connections.magento_shop import Admin, admin, magento_server

__all__ = ["admin", "magento_server"]
pytestmark = pytest.mark.django_db


def connected(admin: Admin, merchant: Merchant, **wish: Any) -> Store:
    """The shop's first website, connected with the four values of an integration with all rights."""
    given: dict[str, Any] = {"address": admin.url, "website": "base"} | wish
    return store_connect(merchant=merchant, **({"secrets": admin.four_values()} | given))


def test_four_values_connect_the_website_that_is_named(admin: Admin, merchant: Merchant) -> None:
    secrets = admin.four_values()
    store = connected(admin, merchant, secrets=secrets)
    assert (store.state, store.kind, store.api_base, store.currency) == ("connected", "magento", admin.url, "USD")
    assert (store.name, store.time_zone) == ("Main Website", "America/Chicago")
    assert (store.facts["website"], store.facts["website_id"], store.facts["signing_url"]) == ("base", 1, admin.url)
    assert store.facts["views"] == {"1": 1, "2": 1, "3": 2}
    assert store.credential is not None
    assert store.credential.read() == secrets
    assert actions(merchant) == ["store.connected", "merchant.time_zone"]


def test_an_address_copied_with_the_api_behind_it_is_understood(admin: Admin, merchant: Merchant) -> None:
    assert connected(admin, merchant, address=f" {admin.url}/rest/default/V1/orders ").api_base == admin.url
    assert connected(admin, merchant, address=f"{admin.url}/index.php/rest").api_base == f"{admin.url}/index.php"
    assert Store.objects.count() == 1


def test_of_several_websites_one_is_chosen_before_anything_flows(admin: Admin, merchant: Merchant) -> None:
    store = connected(admin, merchant, website="")
    assert (store.state, store.merchant, "website" in store.facts) == (AccessState.UNCLAIMED, merchant, False)
    with pytest.raises(ConfigurationFailure, match=r"no website “uk”. It has base \(Main Website\), "):
        website_choose(store=store, code="uk")
    chosen = website_choose(store=store, code="europe")
    assert (chosen.state, chosen.facts["website_id"], chosen.currency) == (AccessState.CONNECTED, 2, "EUR")
    assert chosen.time_zone == "Europe/Berlin"
    assert connected(admin, merchant, website="").state == AccessState.CONNECTED  # again: it stays with its website
    assert Store.objects.get().facts["website"] == "europe"


def test_a_paired_store_keeps_its_website(admin: Admin, merchant: Merchant, account: HeartlandAccount) -> None:
    store = connected(admin, merchant)
    services.connection_create(heartland=account, store=store, actor=None)
    with pytest.raises(ConfigurationFailure, match="sells from the website “base”: its history belongs there"):
        connected(admin, merchant, website="europe")
    store.refresh_from_db()
    assert (store.facts["website"], store.currency) == ("base", "USD")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"consumer_secret": "x" * 32}, "does not accept our signature"),
        ({"token_secret": "x" * 32}, "does not accept our signature"),
        ({"consumer_key": "x" * 32}, "Magento does not know these values"),
        ({"token": "x" * 32}, "Magento does not know these values"),
        ({"token": "short"}, "Magento does not know these values"),
    ],
)
def test_secrets_that_do_not_open_are_not_kept(
    admin: Admin, merchant: Merchant, changes: dict[str, str], words: str
) -> None:
    secrets = admin.four_values() | changes
    with pytest.raises((ConfigurationFailure, CredentialsRejected), match=words) as caught:
        connected(admin, merchant, secrets=secrets)
    told = f"{caught.value.summary} {caught.value.detail}"
    assert not any(secret in told for secret in secrets.values() if len(secret) == 32)
    assert (Store.objects.count(), Credential.objects.count()) == (0, 0)


def test_a_magento_without_the_list_of_websites_is_told_in_words(admin: Admin, merchant: Merchant) -> None:
    missing = {"message": "Request does not match any route."}
    admin.sim("POST", "faults", {"path": ".*/store/websites", "status": 404, "times": 9, "body": missing})
    with pytest.raises(ConfigurationFailure, match="lists no websites"):
        connected(admin, merchant)
    assert Store.objects.count() == 0


def test_an_address_where_something_else_answers_is_not_kept(merchant: Merchant, heartland_url: str) -> None:
    secrets = {"consumer_key": "k" * 32, "consumer_secret": "c" * 32, "token": "t" * 32, "token_secret": "s" * 32}
    with pytest.raises(ConfigurationFailure, match="is not a Magento address: something else answers there"):
        store_connect(merchant=merchant, address=heartland_url, secrets=secrets)
    assert Store.objects.count() == 0


@pytest.mark.parametrize(
    "address",
    ["http://shop.example", "https://127.0.0.1", "https://10.0.0.8", "https://[::1]", "https://169.254.169.254"],
)
def test_a_private_or_plain_address_is_not_called(merchant: Merchant, settings: Settings, address: str) -> None:
    settings.ALLOW_PRIVATE_HOSTS = False
    with pytest.raises(ConfigurationFailure, match=r"https://|private network"):
        store_connect(merchant=merchant, address=address, secrets={"token": "t" * 32})
    assert Store.objects.count() == 0


def test_a_token_alone_is_refused_in_words_that_name_the_setting(admin: Admin, merchant: Merchant) -> None:
    token = {"token": admin.four_values()["token"]}
    with pytest.raises(ConfigurationFailure, match="oauth/consumer/enable_integration_as_bearer"):
        connected(admin, merchant, secrets=token)
    assert Store.objects.count() == 0
    admin.switch(integration_as_bearer=True)
    store = connected(admin, merchant, secrets=token)
    assert store.credential is not None
    assert (store.state, store.credential.read()) == (AccessState.CONNECTED, token)
    assert services.store_check(store=store).account == f"Main Website ({admin.url.removeprefix('http://')})"


def test_a_token_that_opens_no_more_than_guests_may_is_not_kept(admin: Admin, merchant: Merchant) -> None:
    """A shop may let everybody read its websites: that a call was answered proves nothing of a token."""
    admin.switch(integration_as_bearer=True, guest_access=True)
    with pytest.raises(ConfigurationFailure, match="Magento does not let this token in"):
        connected(admin, merchant, secrets={"token": "x" * 32})
    assert Store.objects.count() == 0
    store = connected(admin, merchant, secrets={"token": admin.four_values()["token"]})
    assert not services.access_recheck(owner=store, reason="401")
    credential_store(credential=store.credential, scopes="", token="x" * 32)
    diagnosis = services.store_check(store=store)
    assert (diagnosis.is_ok, "reconnect it" in diagnosis.reason) == (False, True)
    store.refresh_from_db()
    assert store.state == AccessState.REVOKED
    with pytest.raises(CredentialsRejected):
        magento_client(store).orders_count("complete")


def test_a_shop_that_its_proxy_told_another_scheme_is_signed_as_it_sees_itself(
    admin: Admin, merchant: Merchant
) -> None:
    admin.switch(signing_base_url=admin.url.replace("http://", "https://"))
    store = connected(admin, merchant)
    assert (store.api_base, store.facts["signing_url"]) == (admin.url, admin.url.replace("http://", "https://"))
    assert services.store_check(store=store).account


def test_a_shop_that_its_proxy_told_another_host_needs_the_signing_address(admin: Admin, merchant: Merchant) -> None:
    admin.switch(signing_base_url="http://inner.shop.example:8080")
    with pytest.raises(CredentialsRejected, match="under another address than the one we sign"):
        connected(admin, merchant)
    store = connected(admin, merchant, signing_url="http://inner.shop.example:8080")
    assert (store.api_base, store.facts["signing_url"]) == (admin.url, "http://inner.shop.example:8080")
    assert magento_client(store).now()


def test_an_integration_that_may_not_see_the_websites_says_what_to_tick(admin: Admin, merchant: Merchant) -> None:
    with pytest.raises(PermissionMissing, match="permission Stores > Settings > All Stores is missing"):
        connected(admin, merchant, secrets=admin.four_values("Magento_Backend::admin"))
    assert Store.objects.count() == 0


def test_a_shop_of_another_merchant_is_not_taken_over(admin: Admin, merchant: Merchant) -> None:
    store = connected(admin, merchant)
    with pytest.raises(ConfigurationFailure, match="belongs to another account of this product"):
        connected(admin, Merchant.objects.create(name="Other"))
    store.refresh_from_db()
    assert (store.merchant, Store.objects.count()) == (merchant, 1)


def test_new_secrets_replace_the_old_ones(admin: Admin, merchant: Merchant) -> None:
    first = connected(admin, merchant)
    secrets = admin.four_values()
    again = connected(admin, merchant, secrets=secrets, website="")
    assert (again.pk, Store.objects.count(), Credential.objects.count()) == (first.pk, 1, 1)
    assert again.credential is not None
    assert again.credential.read() == secrets


def test_reconnecting_a_store_with_another_shop_is_refused_unless_it_moved(admin: Admin, merchant: Merchant) -> None:
    store = connected(admin, merchant)
    store.facts["installation"] = "old.shop.example"
    store.save()
    secrets = admin.four_values()
    with pytest.raises(ConfigurationFailure, match=r"another shop: .* was old.shop.example. If it moved, say so"):
        connected(admin, merchant, secrets=secrets, store=store)
    moved = connected(admin, merchant, secrets=secrets, store=store, has_moved=True)
    assert (moved.pk, moved.store_hash, Store.objects.count()) == (store.pk, store.store_hash, 1)
    assert moved.facts["installation"] == admin.url.removeprefix("http://")


def test_a_dead_token_pauses_and_a_missing_right_does_not(admin: Admin, merchant: Merchant) -> None:
    """M33, as far as access goes: the same 401 is told apart by asking for other rights."""
    made = admin.integration("Magento_Backend::admin")
    admin.activate(made)
    store = connected(admin, merchant)
    credential_store(credential=store.credential, scopes="", **admin.values(made))
    with pytest.raises(PermissionMissing, match=r"permission Stores > Settings > All Stores is missing"):
        magento_client(store).websites()
    assert not services.access_recheck(owner=store, reason="401")
    store.refresh_from_db()
    assert store.state == AccessState.CONNECTED
    admin.sim("POST", f"integrations/{made['id']}/disable")
    with pytest.raises(CredentialsRejected):
        magento_client(store).websites()
    assert services.access_recheck(owner=store, reason="401")
    store.refresh_from_db()
    assert store.state == AccessState.REVOKED


def test_a_test_tells_edition_views_clock_and_zone(admin: Admin, merchant: Merchant) -> None:
    shown = dict(services.store_check(store=connected(admin, merchant)).shown)
    assert shown["Edition"] == "Magento/2.4 (Community)"
    assert (shown["Website"], shown["Time zone"]) == ("Main Website (base)", "America/Chicago")
    assert shown["Store views"] == "Default Store View (default), Canada (canada)"
    assert shown["Clock"] == "the same as ours"


def test_an_edition_that_the_storefront_hides_is_told_by_its_modules(admin: Admin, merchant: Merchant) -> None:
    store = connected(admin, merchant)
    admin.switch(version_page=False)
    assert dict(services.store_check(store=store).shown)["Edition"] == "Magento Open Source"
    admin.switch(profile="commerce-2.4.8", modules_envelope=True)
    assert dict(services.store_check(store=store).shown)["Edition"] == "Adobe Commerce"


def test_disconnecting_erases_the_secrets_and_reconnecting_keeps_the_store(
    admin: Admin, merchant: Merchant, account: HeartlandAccount, owner: User
) -> None:
    store = connected(admin, merchant)
    connection = services.connection_create(heartland=account, store=store, actor=owner)
    services.connection_disconnect(connection=connection, actor=owner)
    store.refresh_from_db()
    assert (store.state, store.credential) == (AccessState.DISCONNECTED, None)
    again = connected(admin, merchant)
    assert (again.pk, again.state) == (store.pk, AccessState.CONNECTED)
    assert Connection.objects.get().store == again


def run(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("connect", *arguments, stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def options(admin: Admin, secrets: dict[str, str], *more: str) -> list[str]:
    """The command for the shop, with the values as a person names them."""
    names = {"token": "access-token", "token_secret": "access-token-secret"}
    given = [f"--{names.get(name, name.replace('_', '-'))}={value}" for name, value in secrets.items()]
    return ["magento", "--merchant", "Harbor & Pine", "--address", admin.url, *given, *more]


@pytest.mark.parametrize("is_signed", [True, False])
def test_the_command_line_connects_a_shop(
    admin: Admin, merchant: Merchant, account: HeartlandAccount, is_signed: bool
) -> None:
    secrets = admin.four_values()
    if not is_signed:
        admin.switch(integration_as_bearer=True)
        secrets = {"token": secrets["token"]}
    answer = run(*options(admin, secrets, "--website", "base"))
    store = Store.objects.get()
    assert store.credential is not None
    assert (answer["connected"], store.credential.read()) == (str(store.public_id), secrets)
    assert (store.merchant, Connection.objects.get().heartland) == (merchant, account)
    assert not any(secret in json.dumps(answer) for secret in secrets.values())


def test_the_command_line_asks_for_the_website_where_there_are_several(admin: Admin, merchant: Merchant) -> None:
    with pytest.raises(CommandError, match=r"several websites: name one with --website \(base, europe\)"):
        run(*options(admin, admin.four_values()))
    assert Store.objects.get().state == AccessState.UNCLAIMED


def test_one_merchant_has_stores_of_both_kinds_on_one_account(
    admin: Admin, merchant: Merchant, account: HeartlandAccount, store: Store
) -> None:
    """Each with a connection, a number prefix and settings of its own."""
    ours = connected(admin, merchant)
    pairs = [services.connection_create(heartland=account, store=one, actor=None) for one in (store, ours)]
    assert [pair.heartland for pair in pairs] == [account, account]
    assert len({pair.order_settings.order_prefix for pair in pairs}) == 2
    assert [services.store_check(store=pair.store).system for pair in pairs] == ["bigcommerce", "magento"]
