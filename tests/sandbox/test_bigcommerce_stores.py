"""Two stores on one API host: paths and token exchanges go by the store they name, pages and controls by the port."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import Client

from ipaas.sandbox.__main__ import parser_for, together
from ipaas.sandbox.bigcommerce.stores import Stores

FIRST, SECOND = "http://127.0.0.1:8802", "http://127.0.0.1:8803"
TOKEN = {"X-Auth-Token": "sim-bigcommerce-token"}
OURS = "https://app.example.com/auth/"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    wish = ["--port", "8802", "--also", "f6g7h8j9k0=8803", "--auth-callback", OURS]
    stores = together("bigcommerce", parser_for("bigcommerce").parse_args(wish))
    assert isinstance(stores, Stores)
    stores.start()
    yield Client(stores)
    stores.stop()


def number_of(client: Client, store_hash: str) -> int:
    """Orders of a store by its own API, asked on the one host."""
    answer = client.get(f"/stores/{store_hash}/v2/orders/count", headers=TOKEN, base_url=FIRST)
    return int(answer.get_json()["count"])


def test_a_path_names_its_store_on_the_one_host(client: Client) -> None:
    before = [number_of(client, one) for one in ("a1b2c3d4e5", "f6g7h8j9k0")]
    placed = client.post("/_sim/orders", json={"lines": [{"sku": "DOG-LEAD"}]}, base_url=SECOND)
    assert placed.status_code == 201
    assert [number_of(client, one) for one in ("a1b2c3d4e5", "f6g7h8j9k0")] == [before[0], before[1] + 1]
    assert client.get("/stores/nobody0000/v2/orders", headers=TOKEN, base_url=FIRST).status_code == 403
    names = [client.get("/_sim/store", base_url=base).get_json()["name"] for base in (FIRST, SECOND)]
    assert names == ["Harbor & Pine", "Harbor & Pine F6"]


def test_a_code_of_the_second_store_is_exchanged_at_the_one_log_in_host(client: Client) -> None:
    url = client.post("/_sim/app/install", json={}, base_url=SECOND).get_json()["url"]
    sent = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert sent["context"] == "stores/f6g7h8j9k0"
    wish = {
        "client_id": "simclientid0001", "client_secret": "sim-client-secret-0001", "grant_type": "authorization_code",
        "redirect_uri": OURS, "code": sent["code"], "scope": sent["scope"], "context": sent["context"],
    }  # fmt: skip
    answers = [
        client.post("/oauth2/token", base_url=FIRST, headers={"Accept": "application/json"}, **body)
        for body in ({"json": wish}, {"data": wish})
    ]
    assert [answer.status_code for answer in answers] == [200, 400]  # a code serves once, whichever way it is sent
    token = {"X-Auth-Token": answers[0].get_json()["access_token"]}
    assert client.get("/stores/f6g7h8j9k0/v2/time", headers=token, base_url=FIRST).status_code == 200
    assert client.get("/stores/a1b2c3d4e5/v2/time", headers=token, base_url=FIRST).status_code == 401
