"""Save and Activate, played in a browser against the sandbox's Admin: bound to who began it, good once (§2.2)."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from connections.models import AccessState, Credential, Handshake, Membership, Merchant, Role, Store, User
from tests.connections.conftest import actions
from tests.connections.magento_shop import Admin, admin, magento_server

__all__ = ["admin", "magento_server"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _served(live_server: LiveServer, settings: Settings) -> None:
    """The sandbox calls us back over HTTP."""
    settings.PUBLIC_URL = live_server.url
    settings.ALLOWED_HOSTS = ["*"]


@pytest.fixture
def browser(owner: User) -> Client:
    """The owner's browser."""
    client = Client()
    client.force_login(owner)
    return client


def begun(browser: Client, merchant: Merchant, address: str) -> dict[str, str]:
    """Begin, and read the two addresses off the page as a person does."""
    answer = browser.post(f"/settings/integrations/magento/add/{merchant.public_id}/activate/", {"address": address})
    assert answer.status_code == 302, answer.content.decode()
    page = browser.get(answer["Location"]).content.decode()
    found = {name: re.search(rf'id="{name}"[^>]* value="([^"]+)"', page) for name in ("callback", "identity")}
    return {"page": answer["Location"], **{name: one[1] for name, one in found.items() if one}}


def activated(admin: Admin, addresses: dict[str, str]) -> str:
    """Make the integration with both addresses and press Activate: the page that Magento opens."""
    made = admin.integration(callback=addresses["callback"], identity=addresses["identity"])
    said = admin.activate(made)
    assert said["failure"] == ""
    return said["identity_url"]


def confirmed(browser: Client, identity_url: str, **fields: str) -> Any:
    """Open that page and press Confirm."""
    parts = urlsplit(identity_url)
    opened = browser.get(f"{parts.path}?{parts.query}")
    assert opened.status_code == 200, opened.status_code
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return browser.post(parts.path, {**query, **fields})


def test_save_and_activate_connects_the_shop(admin: Admin, browser: Client, merchant: Merchant, owner: User) -> None:
    addresses = begun(browser, merchant, admin.url)
    identity_url = activated(admin, addresses)
    assert Store.objects.count() == 0  # the callback alone connects nothing
    assert "Magento has sent its keys" in browser.get(addresses["page"]).content.decode()
    answer = confirmed(browser, identity_url)
    assert answer.status_code == 200
    assert f'href="{admin.url}/admin/admin/integration/loginSuccessCallback"' in answer.content.decode()
    store = Store.objects.get()
    assert (store.merchant, store.state, store.api_base) == (merchant, AccessState.UNCLAIMED, admin.url)
    assert store.control_panel_url == f"{admin.url}/admin"
    assert store.credential is not None
    ours = next(one for one in admin.sim("GET", "integrations") if one["name"] == "Ours")
    assert ours["status"] == 1
    assert store.credential.read() == admin.values(ours)
    chosen = browser.post(browser.get(addresses["page"])["Location"], {"website": "base"})
    assert chosen["Location"] == "/"
    store.refresh_from_db()
    assert (store.state, store.control_panel_url) == (AccessState.CONNECTED, f"{admin.url}/admin")
    assert actions(merchant) == ["store.connected", "store.website_chosen", "merchant.time_zone"]


def test_what_magento_brought_is_encrypted_and_erased_by_its_use(
    admin: Admin, browser: Client, merchant: Merchant
) -> None:
    addresses = begun(browser, merchant, admin.url)
    identity_url = activated(admin, addresses)
    secret = next(one for one in admin.sim("GET", "integrations") if one["name"] == "Ours")["consumer_secret"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret, received FROM connections_handshake")
        raw = " ".join(map(str, cursor.fetchone() or ()))
    assert secret not in raw
    assert addresses["callback"].split("/")[-2] not in raw
    confirmed(browser, identity_url)
    assert Handshake.objects.get().received == ""


def test_the_callback_takes_nothing_at_another_address(admin: Admin, browser: Client, merchant: Merchant) -> None:
    addresses = begun(browser, merchant, admin.url)
    good = dict.fromkeys(("oauth_consumer_key", "oauth_consumer_secret", "oauth_verifier"), "k" * 32)
    good["store_base_url"] = f"{admin.url}/"
    right = addresses["callback"]
    secret = right.split("/")[-2]
    other = "00000000-0000-4000-8000-000000000000"
    for wrong in (right.replace(secret, "x" * len(secret)), re.sub(r"[0-9a-f-]{36}", other, right)):
        answer = requests.post(wrong, data=good, timeout=10)
        assert (answer.status_code, Handshake.objects.get().received) == (404, "")
    assert requests.get(right, timeout=10).status_code == 405
    odd: list[dict[str, str]] = [
        {**good, "oauth_verifier": ""},
        {**good, "oauth_consumer_key": "<script>"},
        {**good, "oauth_consumer_secret": "k" * 65},
        {**good, "store_base_url": "javascript:alert(1)"},
        {**good, "store_base_url": "https://"},
        {**good, "status": "active"},
    ]
    for fields in odd:
        answer = requests.post(right, data=fields, timeout=10)
        assert (answer.status_code, Handshake.objects.get().received) == (400, "")
    assert requests.post(right, data=good, timeout=10).status_code == 200
    assert Handshake.objects.get().received != ""


def test_only_who_began_it_can_confirm(admin: Admin, browser: Client, merchant: Merchant) -> None:
    identity_url = activated(admin, begun(browser, merchant, admin.url))
    parts = urlsplit(identity_url)
    stranger = Client()
    assert stranger.get(f"{parts.path}?{parts.query}")["Location"].startswith("/accounts/login/?next=/connect/magento/")
    colleague = User.objects.create_user(username="two", email="two@harbor.example", password="long enough 1")
    Membership.objects.create(user=colleague, merchant=merchant, role=Role.OWNER)
    other = Client()
    other.force_login(colleague)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert other.get(f"{parts.path}?{parts.query}").status_code == 404
    assert other.post(parts.path, query).status_code == 404
    assert (Store.objects.count(), Handshake.objects.get().completed_at) == (0, None)
    assert confirmed(browser, identity_url).status_code == 200
    assert Store.objects.count() == 1


def test_who_lost_the_role_meanwhile_cannot_confirm(
    admin: Admin, browser: Client, merchant: Merchant, owner: User
) -> None:
    identity_url = activated(admin, begun(browser, merchant, admin.url))
    Membership.objects.filter(user=owner).update(role=Role.OPS)
    parts = urlsplit(identity_url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert browser.post(parts.path, query).status_code == 403
    assert Store.objects.count() == 0


def test_the_page_of_another_integration_is_refused(admin: Admin, browser: Client, merchant: Merchant) -> None:
    identity_url = activated(admin, begun(browser, merchant, admin.url))
    answer = browser.post(urlsplit(identity_url).path, {"oauth_consumer_key": "z" * 32})
    assert "for another integration than it sent the keys of" in answer.content.decode()
    assert (Store.objects.count(), Handshake.objects.get().received != "") == (0, True)
    assert confirmed(browser, identity_url).status_code == 200


def test_a_handshake_is_good_once(admin: Admin, browser: Client, merchant: Merchant) -> None:
    addresses = begun(browser, merchant, admin.url)
    identity_url = activated(admin, addresses)
    confirmed(browser, identity_url)
    before = Store.objects.get().credential
    assert before is not None
    kept = before.read()
    answer = requests.post(addresses["callback"], data={"oauth_consumer_key": "k"}, timeout=10)
    assert answer.status_code == 404
    again = confirmed(browser, identity_url)
    assert "This shop is connected" in again.content.decode()
    assert (Store.objects.count(), Credential.objects.get().read()) == (1, kept)


def test_a_second_activation_takes_the_place_of_the_first(admin: Admin, browser: Client, merchant: Merchant) -> None:
    addresses = begun(browser, merchant, admin.url)
    made = admin.integration(callback=addresses["callback"], identity=addresses["identity"])
    admin.activate(made)
    said = admin.activate(made)
    assert "let us in" in confirmed(browser, said["identity_url"]).content.decode()
    assert Credential.objects.get().read() == admin.values(made)


def test_after_five_minutes_the_person_is_told_to_reauthorize(
    admin: Admin, browser: Client, merchant: Merchant
) -> None:
    addresses = begun(browser, merchant, admin.url)
    made = admin.integration(callback=addresses["callback"], identity=addresses["identity"])
    said = admin.activate(made)
    Handshake.objects.update(received_at=timezone.now() - timedelta(seconds=301))
    answer = confirmed(browser, said["identity_url"]).content.decode()
    assert "More than five minutes have passed" in answer
    assert "Reauthorize" in answer
    assert Store.objects.count() == 0
    assert confirmed(browser, admin.activate(made)["identity_url"]).status_code == 200
    assert Store.objects.count() == 1


def test_a_key_that_magento_itself_takes_for_too_old_is_told_so(
    admin: Admin, browser: Client, merchant: Merchant
) -> None:
    identity_url = activated(admin, begun(browser, merchant, admin.url))
    admin.switch(consumer_expiry=-1)
    answer = confirmed(browser, identity_url).content.decode()
    assert "Consumer key has expired" in answer
    assert Handshake.objects.get().received == ""
    assert Store.objects.count() == 0


def test_addresses_of_yesterday_take_nothing(admin: Admin, browser: Client, merchant: Merchant) -> None:
    addresses = begun(browser, merchant, admin.url)
    Handshake.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    activated(admin, addresses)  # what the callback answers is not looked at
    assert Handshake.objects.get().received == ""
    assert "These addresses are too old" in browser.get(addresses["page"]).content.decode()
    begun(browser, merchant, admin.url)
    assert Handshake.objects.count() == 1  # those that are over are forgotten


def test_a_shop_that_calls_itself_another_host_needs_a_word_more(
    admin: Admin, browser: Client, merchant: Merchant
) -> None:
    """It may be a proxy before the shop, or the keys of another shop: what it says is signed with and never called."""
    typed = admin.url.replace("127.0.0.1", "localhost")
    identity_url = activated(admin, begun(browser, merchant, typed))
    answer = confirmed(browser, identity_url).content.decode()
    assert "Confirm that both addresses are of the same shop" in answer
    assert "The two addresses differ" in answer
    assert Store.objects.count() == 0
    admin.switch(signing_base_url=admin.url)
    confirmed(browser, identity_url, is_elsewhere_fine="on")
    store = Store.objects.get()
    assert (store.api_base, store.facts["signing_url"]) == (typed, admin.url)


@pytest.mark.parametrize("back", ["https://evil.example/", "javascript:alert(1)", "//evil.example/", ""])
def test_the_way_back_leads_to_the_shop_alone(admin: Admin, browser: Client, merchant: Merchant, back: str) -> None:
    identity_url = activated(admin, begun(browser, merchant, admin.url))
    page = confirmed(browser, identity_url, success_call_back=back).content.decode()
    assert "Back to Magento" not in page
    assert "evil" not in page
    assert Store.objects.get().control_panel_url == ""
    assert Store.objects.count() == 1


def test_a_shop_that_lets_nobody_see_its_websites_says_so_and_begins_anew(
    admin: Admin, browser: Client, merchant: Merchant
) -> None:
    addresses = begun(browser, merchant, admin.url)
    made = admin.integration("Magento_Backend::admin", callback=addresses["callback"], identity=addresses["identity"])
    answer = confirmed(browser, admin.activate(made)["identity_url"]).content.decode()
    assert "Stores &gt; Settings &gt; All Stores is missing" in answer
    assert Store.objects.count() == 0
    assert "All Stores is missing" in browser.get(addresses["page"]).content.decode()
    activated(admin, addresses)  # the same addresses serve again
    assert Handshake.objects.get().received != ""


def test_why_it_failed_still_stands_there_when_the_page_is_opened_again(
    admin: Admin, browser: Client, merchant: Merchant
) -> None:
    two = begun(browser, merchant, admin.url)
    made = admin.integration("Magento_Sales::actions_view", callback=two["callback"], identity=two["identity"])
    identity_url = admin.activate(made)["identity_url"]
    why = "In Magento the permission Stores &gt; Settings &gt; All Stores is missing."
    assert why in confirmed(browser, identity_url).content.decode()
    again = browser.get(identity_url).content.decode()
    assert why in again
    assert "has not sent its keys" not in again
