"""Bearer tokens in their three modes, and the right that each route wants (§2.1, §2.4)."""

from typing import Any

import requests

from ipaas.sandbox.magento.furnish import ADMIN_NAME, ADMIN_PASSWORD
from tests.sandbox.magento.magento_api import Api

LOGIN = {"username": ADMIN_NAME, "password": ADMIN_PASSWORD}
TOKEN = "/V1/integration/admin/token"


def refusal(resource: str) -> dict[str, Any]:
    return {
        "message": "The consumer isn't authorized to access %resources.",
        "parameters": {"resources": resource},
    }


def test_an_integration_token_as_bearer_wants_its_setting(shop: Api) -> None:
    assert shop.get("/V1/store/websites").status_code == 200
    shop.switch(integration_as_bearer=False)
    refused = shop.get("/V1/store/websites")
    assert (refused.status_code, refused.json()) == (401, refusal("Magento_Backend::store"))


def test_a_wrong_token_and_none_at_all_read_alike(shop: Api) -> None:
    wrong = Api(shop.server, "nonsense").get("/V1/modules")
    bare = requests.get(f"{shop.url}/rest/V1/modules", timeout=10)
    assert [(one.status_code, one.json()) for one in (wrong, bare)] == [(401, refusal("Magento_Backend::admin"))] * 2


def test_the_scheme_word_is_read_in_any_case(shop: Api) -> None:
    headers = {"Authorization": f"bEARER {shop.token}"}
    assert requests.get(f"{shop.url}/rest/V1/modules", headers=headers, timeout=10).status_code == 200


def test_an_admin_with_a_second_factor_gets_no_token_by_password(shop: Api) -> None:
    refused = shop.post(TOKEN, LOGIN)
    assert (refused.status_code, refused.json()) == (
        400,
        {
            "message": "Please use the 2fa provider-specific endpoints to obtain a token.",
            "parameters": {"active_providers": ["google"]},
        },
    )
    token = shop.post("/V1/tfa/provider/google/authenticate", {**LOGIN, "otp": "123456"}).json()
    assert Api(shop.server, token).get("/V1/modules").status_code == 200


def test_an_admin_token_ends_after_an_hour(shop: Api) -> None:
    shop.switch(two_factor=False)
    admin = Api(shop.server, shop.post(TOKEN, LOGIN).json())
    assert admin.get("/V1/modules").status_code == 200
    requests.post(f"{shop.url}/_sim/clock/advance", json={"seconds": 3_601}, timeout=10).raise_for_status()
    assert admin.get("/V1/modules").status_code == 401


def test_a_wrong_password_is_401(shop: Api) -> None:
    refused = shop.post(TOKEN, {**LOGIN, "password": "wrong"})
    assert (refused.status_code, refused.json()["message"]) == (
        401,
        "The account sign-in was incorrect or your account is disabled temporarily. Please wait and try again later.",
    )


def test_missing_parts_of_a_login_are_gathered(shop: Api) -> None:
    refused = shop.post(TOKEN, {})
    assert (refused.status_code, refused.json()) == (
        400,
        {
            "message": "One or more input exceptions have occurred.",
            "errors": [
                {"message": '"%fieldName" is required. Enter and try again.', "parameters": {"fieldName": name}}
                for name in ("username", "password")
            ],
        },
    )


def test_an_integration_may_what_it_was_given_and_nothing_else(shop: Api) -> None:
    wish = {"name": "Reader", "resources": ["Magento_Backend::store"]}
    number = requests.post(f"{shop.url}/_sim/integrations", json=wish, timeout=10).json()["id"]
    requests.post(f"{shop.url}/_sim/integrations/{number}/activate", timeout=10).raise_for_status()
    rows = requests.get(f"{shop.url}/_sim/integrations", timeout=10).json()
    reader = Api(shop.server, next(row["access_token"] for row in rows if row["id"] == number))
    assert reader.get("/V1/store/storeViews").status_code == 200
    refused = reader.get("/V1/taxClasses/search?searchCriteria=")
    assert (refused.status_code, refused.json()) == (401, refusal("Magento_Tax::manage_tax"))


def test_a_shop_may_let_guests_read_its_catalogue_and_its_websites(shop: Api) -> None:
    guest = Api(shop.server, "nonsense")
    shop.switch(guest_access=True)
    assert [guest.get(f"/V1/{path}").status_code for path in ("store/websites", "store/storeConfigs")] == [200, 200]
    assert guest.get("/V1/products?searchCriteria[pageSize]=1").status_code == 200
    assert [guest.get(f"/V1/{path}").status_code for path in ("modules", "orders")] == [401, 401]
    assert guest.post("/V1/products", {"product": {"sku": "X"}}).status_code == 401
