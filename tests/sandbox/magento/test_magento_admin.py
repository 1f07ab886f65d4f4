"""The Admin as people click through it."""

import pytest

from tests.sandbox.conftest import Running
from tests.sandbox.magento.callback_receiver import callback
from tests.sandbox.magento.magento_api import Api
from tests.sandbox.shop_browser import Browser

INTEGRATIONS = "/admin/integrations"


@pytest.fixture
def admin(magento_server: Running, shop: Api) -> Browser:
    return Browser(shop.url)


def test_an_integration_without_a_callback_gets_its_four_values_at_activate(admin: Browser, shop: Api) -> None:
    admin.open(INTEGRATIONS).submit(f"{INTEGRATIONS}/new", name="By hand")
    assert admin.path.startswith(f"{INTEGRATIONS}/2?")
    assert "none yet" in admin.text
    admin.submit(f"{INTEGRATIONS}/2/activate")
    assert "Copy the four values below." in admin.text
    (row,) = [row for row in list(shop.state.integrations.all()) if row["id"] == 2]
    token = list(shop.state.oauth_tokens.all())[-1]
    assert (row["status"], token["type"]) == (1, "access")
    assert token["token"] in admin.text
    assert token["secret"] in admin.text


def test_activate_tells_the_callback_and_goes_on_to_the_identity_link(admin: Browser, shop: Api) -> None:
    with callback() as app:
        admin.open(INTEGRATIONS).submit(
            f"{INTEGRATIONS}/new", name="App", endpoint=app.url, identity_link_url=f"{shop.url}/magento_version"
        )
        admin.submit(f"{INTEGRATIONS}/2/activate")
        assert [form["store_base_url"] for form in app.forms] == [f"{shop.url}/"]
    assert admin.path.startswith("/magento_version?oauth_consumer_key=")


def test_a_callback_that_does_not_answer_is_said_and_activates_nothing(admin: Browser, shop: Api) -> None:
    admin.open(INTEGRATIONS).submit(f"{INTEGRATIONS}/new", name="App", endpoint="http://127.0.0.1:9/callback")
    admin.submit(f"{INTEGRATIONS}/2/activate")
    assert "Unable to post data to consumer" in admin.text
    assert [row["status"] for row in list(shop.state.integrations.all())] == [1, 0]


def test_rights_are_given_one_by_one_and_hold_at_once(admin: Browser, shop: Api) -> None:
    assert shop.get("/V1/store/websites").status_code == 200
    page = f"{INTEGRATIONS}/1"
    admin.open(page).submit(f"{page}/resources", all="None", resource="Magento_Sales::actions_view")
    assert next(iter(shop.state.integrations.all()))["resources"] == ["Magento_Sales::actions_view"]
    assert shop.get("/V1/store/websites").status_code == 401


def test_disabled_deleted_and_bearer_switched_off(admin: Browser, shop: Api) -> None:
    admin.open(f"{INTEGRATIONS}/1").submit(f"{INTEGRATIONS}/1/disable")
    assert shop.get("/V1/store/websites").status_code == 401
    admin.submit(f"{INTEGRATIONS}/1/activate")
    admin.open(INTEGRATIONS).submit(f"{INTEGRATIONS}/bearer", on="None")
    assert "You saved the configuration." in admin.text
    admin.open(f"{INTEGRATIONS}/1").submit(f"{INTEGRATIONS}/1/delete")
    assert list(shop.state.integrations.all()) == []
    assert admin.open(f"{INTEGRATIONS}/1").last.status_code == 404
