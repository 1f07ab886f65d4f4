"""Save and Activate: the callback is told, the app exchanges its tokens within 300 seconds (§2.2)."""

from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import requests
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256
from requests_oauthlib import OAuth1

from tests.sandbox.magento.callback_receiver import Callback, callback
from tests.sandbox.magento.magento_api import Api
from tests.sandbox.magento.signed import signer

IDENTITY = "https://app.example/identity?from=magento"


def saved(shop: Api, endpoint: str) -> int:
    wish = {"name": "App", "endpoint": endpoint, "identity_link_url": IDENTITY}
    return int(requests.post(f"{shop.url}/_sim/integrations", json=wish, timeout=10).json()["id"])


def activate(shop: Api, number: int) -> requests.Response:
    return requests.post(f"{shop.url}/_sim/integrations/{number}/activate", timeout=10)


def integration(shop: Api, number: int) -> dict[str, Any]:
    rows = requests.get(f"{shop.url}/_sim/integrations", timeout=10).json()
    return next(row for row in rows if row["id"] == number)


def exchange(shop: Api, kind: str, told: dict[str, str], token: dict[str, str] | None = None) -> requests.Response:
    auth = OAuth1(
        told["oauth_consumer_key"],
        told["oauth_consumer_secret"],
        token["oauth_token"] if token else None,
        token["oauth_token_secret"] if token else None,
        verifier=told["oauth_verifier"] if token else None,
        signature_method=SIGNATURE_HMAC_SHA256,
    )
    return requests.post(f"{told['store_base_url']}oauth/token/{kind}", auth=auth, timeout=10)


def form(answer: requests.Response) -> dict[str, str]:
    assert answer.headers["Content-Type"].startswith("text/html")
    return dict(parse_qsl(answer.text))


@pytest.fixture
def told(shop: Api) -> Any:
    """The callback of a freshly activated integration, number 2."""
    with callback() as app:
        number = saved(shop, app.url)
        answer = activate(shop, number)
        assert (number, answer.status_code) == (2, 200)
        yield app


def test_the_callback_is_told_and_the_popup_sent_to_the_identity_link(shop: Api) -> None:
    with callback() as app:
        answer = activate(shop, saved(shop, app.url)).json()
        (posted,) = app.forms
    assert sorted(posted) == ["oauth_consumer_key", "oauth_consumer_secret", "oauth_verifier", "store_base_url"]
    assert posted["store_base_url"] == f"{shop.url}/"
    assert {len(posted[name]) for name in posted if name.startswith("oauth")} == {32}
    popup = urlsplit(answer["identity_url"])
    assert parse_qs(popup.query) == {
        "from": ["magento"],
        "oauth_consumer_key": [posted["oauth_consumer_key"]],
        "success_call_back": [f"{shop.url}/admin/admin/integration/loginSuccessCallback"],
    }


def test_the_exchange_ends_with_an_active_integration(shop: Api, told: Callback) -> None:
    assert integration(shop, 2)["status"] == 0
    request_token = form(exchange(shop, "request", told.forms[0]))
    access = form(exchange(shop, "access", told.forms[0], request_token))
    held = integration(shop, 2)
    assert (held["status"], held["access_token"]) == (1, access["oauth_token"])
    auth = signer(
        client_key=told.forms[0]["oauth_consumer_key"],
        client_secret=told.forms[0]["oauth_consumer_secret"],
        resource_owner_key=access["oauth_token"],
        resource_owner_secret=access["oauth_token_secret"],
    )
    assert requests.get(f"{shop.url}/rest/V1/modules", auth=auth, timeout=10).status_code == 200


def test_a_request_token_serves_once(shop: Api, told: Callback) -> None:
    request_token = form(exchange(shop, "request", told.forms[0]))
    again = exchange(shop, "request", told.forms[0])
    assert (again.status_code, form(again)["oauth_problem"]) == (
        401,
        "Cannot create request token because consumer token is not a verifier token",
    )
    exchange(shop, "access", told.forms[0], request_token).raise_for_status()
    assert exchange(shop, "access", told.forms[0], request_token).status_code == 401


def test_after_300_seconds_the_consumer_has_expired(shop: Api, told: Callback) -> None:
    requests.post(f"{shop.url}/_sim/clock/advance", json={"seconds": 301}, timeout=10).raise_for_status()
    late = exchange(shop, "request", told.forms[0])
    assert (late.status_code, late.text) == (401, "oauth_problem=Consumer+key+has+expired")


def test_a_foreign_verifier_is_refused_and_the_integration_stays_inactive(shop: Api, told: Callback) -> None:
    request_token = form(exchange(shop, "request", told.forms[0]))
    refused = exchange(shop, "access", {**told.forms[0], "oauth_verifier": "x" * 32}, request_token)
    assert (refused.status_code, form(refused)) == (
        401,
        {"oauth_problem": "Token verifier and verifier token do not match"},
    )
    assert integration(shop, 2)["status"] == 0


def test_a_missing_verifier_is_400(shop: Api, told: Callback) -> None:
    request_token = form(exchange(shop, "request", told.forms[0]))
    auth = signer(
        client_key=told.forms[0]["oauth_consumer_key"],
        client_secret=told.forms[0]["oauth_consumer_secret"],
        resource_owner_key=request_token["oauth_token"],
        resource_owner_secret=request_token["oauth_token_secret"],
    )
    refused = requests.post(f"{shop.url}/oauth/token/access", auth=auth, timeout=10)
    assert (refused.status_code, form(refused)) == (
        400,
        {"oauth_problem": '"oauth_verifier" is required. Enter and try again.'},
    )


def test_a_callback_that_is_too_slow_ends_the_activation(shop: Api) -> None:
    shop.switch(callback_timeout=1)
    with callback() as app:
        app.delay = 2
        answer = activate(shop, saved(shop, app.url))
    assert (answer.status_code, answer.json()["identity_url"]) == (400, "")
    assert answer.json()["failure"].startswith("Unable to post data to consumer")


def test_without_a_callback_the_token_is_there_at_once(shop: Api) -> None:
    number = saved(shop, "")
    activate(shop, number).raise_for_status()
    held = integration(shop, number)
    assert (held["status"], len(held["access_token"]), len(held["access_token_secret"])) == (1, 32, 32)


def test_after_a_reset_another_handshake_gives_another_token(shop: Api, told: Callback) -> None:
    first = form(exchange(shop, "access", told.forms[0], form(exchange(shop, "request", told.forms[0]))))
    requests.post(f"{shop.url}/_sim/integrations/2/reset", timeout=10).raise_for_status()
    activate(shop, 2).raise_for_status()
    second = form(exchange(shop, "access", told.forms[1], form(exchange(shop, "request", told.forms[1]))))
    assert first["oauth_token"] != second["oauth_token"] == integration(shop, 2)["access_token"]
