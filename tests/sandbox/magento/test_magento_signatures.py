"""OAuth 1.0a: what a well-kept library signs is accepted, the server's quirks and refusals are its own (§2.3, §2.4)."""

import time
from typing import Any

import pytest
import requests

from tests.sandbox.magento.magento_api import Api, criteria
from tests.sandbox.magento.signed import bent_get, signed_get, signer

PATH = "/rest/V1/store/websites"
INVALID = {"message": "The signature is invalid. Verify and try again."}


def filters(count: int) -> str:
    return criteria([[("class_name", "eq", "no such")] for _ in range(count)])


def test_the_signature_of_requests_oauthlib_is_taken(shop: Api) -> None:
    answer = requests.get(shop.url + PATH, auth=signer(), timeout=10)
    assert [row["code"] for row in answer.json()] == ["admin", "base", "europe"]


def test_signed_filters_with_spaces_in_their_values_are_taken(shop: Api) -> None:
    query = criteria([[("class_name", "eq", "Taxable Goods")]], [("class_id", "ASC")], size=5, page=1)
    answer = requests.get(f"{shop.url}/rest/V1/taxClasses/search{query}", auth=signer(), timeout=10)
    assert [row["class_id"] for row in answer.json()["items"]] == [2]


@pytest.mark.parametrize(("count", "status"), [(10, 200), (11, 401)])
def test_the_eleventh_filter_group_sorts_otherwise_than_a_library_signs(shop: Api, count: int, status: int) -> None:
    url = f"{shop.url}/rest/V1/taxClasses/search{filters(count)}"
    assert requests.get(url, auth=signer(), timeout=10).status_code == status
    shop.switch(oauth_quirks=False)
    assert requests.get(url, auth=signer(), timeout=10).status_code == 200


def test_a_plus_in_the_query_is_signed_as_a_plus(shop: Api) -> None:
    spaced = f"{shop.url}/rest/V1/taxClasses/search{criteria([[('class_name', 'eq', 'Taxable Goods')]])}"
    refused = signed_get(spaced, spaced.replace("%20", "+"))
    assert (refused.status_code, refused.json()) == (401, INVALID)
    assert signed_get(spaced).status_code == 200


def test_a_bare_parameter_is_signed_as_if_absent(shop: Api) -> None:
    url = f"{shop.url}/rest/V1/taxClasses/search"
    assert signed_get(url, url + "?searchCriteria").json()["total_count"] == 2
    assert signed_get(url + "?searchCriteria=", url + "?searchCriteria").json() == INVALID


def test_behind_a_proxy_the_server_signs_another_scheme(shop: Api) -> None:
    shop.switch(signing_base_url="http://magento.example")
    assert signed_get(shop.url + PATH).json() == INVALID
    assert signed_get("http://magento.example" + PATH, shop.url + PATH).status_code == 200


@pytest.mark.parametrize(("profile", "status"), [("open-source-2.4.6", 401), ("open-source-2.4.8", 200)])
def test_an_encoded_character_in_a_path_is_verified_wrongly_before_2_4_8(shop: Api, profile: str, status: int) -> None:
    shop.switch(profile=profile)
    assert signed_get(f"{shop.url}/rest/V1/directory/countries/US%20A").status_code == 404  # open to everybody
    assert signed_get(f"{shop.url}/rest/V1/taxClasses/%203").status_code == status


def test_a_nonce_serves_once_even_where_the_call_fails(shop: Api) -> None:
    same: dict[str, Any] = {"nonce": "one-nonce", "timestamp": str(int(time.time()))}
    assert signed_get(f"{shop.url}/rest/V1/taxClasses/search", **same).status_code == 400
    again = signed_get(f"{shop.url}/rest/V1/taxClasses/search", **same)
    assert (again.status_code, again.json()) == (
        401,
        {"message": "The nonce is already being used by the consumer with ID %1", "parameters": [1]},
    )


@pytest.mark.parametrize(
    ("changes", "status", "answer"),
    [
        ({"client_secret": "x" * 32}, 401, INVALID),
        ({"resource_owner_secret": "x" * 32}, 401, INVALID),
        ({"client_key": "x" * 32}, 401, {"message": "A consumer having the specified key does not exist"}),
        ({"client_key": "short"}, 401, {"message": "Consumer key is not the correct length"}),
        ({"resource_owner_key": "x" * 32}, 401, {"message": "Specified token does not exist"}),
        (
            {"resource_owner_key": "short"},
            400,
            {"message": "The token length is invalid. Check the length and try again."},
        ),
        (
            {"signature_method": "HMAC-SHA1"},
            400,
            {"message": "Signature method %1 is not supported", "parameters": ["HMAC-SHA1"]},
        ),
        ({"timestamp": "0"}, 401, {"message": "An error occurred validating the nonce"}),
        ({"timestamp": str(int(time.time()) + 3_600)}, 401, {"message": "An error occurred validating the nonce"}),
    ],
)
def test_what_is_wrong_with_a_signed_call_is_told(
    shop: Api, changes: dict[str, Any], status: int, answer: dict[str, Any]
) -> None:
    refused = signed_get(shop.url + PATH, **changes)
    assert (refused.status_code, refused.json()) == (status, answer)


@pytest.mark.parametrize("name", ["oauth_nonce", "oauth_token", "oauth_signature_method"])
def test_a_missing_parameter_is_named(shop: Api, name: str) -> None:
    refused = bent_get(shop.url + PATH, name, None)
    assert (refused.status_code, refused.json()) == (
        400,
        {"message": '"%fieldName" is required. Enter and try again.', "parameters": {"fieldName": name}},
    )


def test_an_old_timestamp_is_taken(shop: Api) -> None:
    assert signed_get(shop.url + PATH, timestamp=str(int(time.time()) - 86_400)).status_code == 200


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ("revoke", "Access token has been revoked"),
        ("reset", "Specified token does not exist"),
        ("disable", "The consumer isn't authorized to access %resources."),
    ],
)
def test_an_integration_that_lost_its_access_is_refused(shop: Api, action: str, message: str) -> None:
    requests.post(f"{shop.url}/_sim/integrations/1/{action}", timeout=10).raise_for_status()
    refused = signed_get(shop.url + PATH)
    assert (refused.status_code, refused.json()["message"]) == (401, message)
