"""Addresses of REST calls: prefixes, store codes, editions, methods (apis/magento.md §1, §22)."""

import pytest
import requests

from ipaas.sandbox.magento.profiles import PROFILES
from tests.sandbox.magento.goods_bodies import mug
from tests.sandbox.magento.magento_api import Api, criteria

NO_ROUTE = {"message": "Request does not match any route."}


@pytest.mark.parametrize("prefix", ["/rest", "/rest/default", "/rest/all", "/index.php/rest", "/index.php/rest/canada"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_route_answers_under_every_prefix(shop: Api, prefix: str, slash: str) -> None:
    answer = requests.get(
        f"{shop.url}{prefix}/V1/store/websites{slash}", headers={"Authorization": f"Bearer {shop.token}"}, timeout=10
    )
    assert [row["code"] for row in answer.json()] == ["admin", "base", "europe"]


def test_an_unknown_store_code_is_no_route(shop: Api) -> None:
    answer = shop.get("/V1/store/websites", store="nowhere")
    assert (answer.status_code, answer.json()) == (404, NO_ROUTE)


def test_the_store_code_chooses_the_currency(shop: Api) -> None:
    shown = [
        shop.get("/V1/directory/currency", store=code).json()["default_display_currency_code"]
        for code in ("", "all", "canada", "europe")
    ]
    assert shown == ["USD", "USD", "CAD", "EUR"]


def test_a_method_that_a_path_lacks_is_no_route_and_a_foreign_one_is_405(shop: Api) -> None:
    assert (shop.put("/V1/store/websites", {}).status_code, shop.put("/V1/store/websites", {}).json()) == (
        404,
        NO_ROUTE,
    )
    patched = shop.call("PATCH", "/V1/store/websites")
    assert (patched.status_code, patched.json()) == (
        405,
        {"message": "The %1 HTTP method is not supported.", "parameters": ["PATCH"]},
    )


def test_a_get_cannot_be_queued(shop: Api) -> None:
    for path in ("/V1/products", "/V1/products/MUG", "/V1/inventory/source-items-delete"):
        refused = shop.get(f"/async{path}", store="all")
        assert (refused.status_code, refused.json()) == (
            400,
            {"message": "Specified request cannot be processed."},
        )


def test_a_slash_and_a_space_inside_a_sku_travel_encoded(shop: Api) -> None:
    assert shop.post("/V1/products", mug(sku="MUG 5/8"), store="all").status_code == 200
    assert shop.get("/V1/products/MUG%205%2F8").json()["sku"] == "MUG 5/8"
    assert shop.get("/V1/products/MUG%205/8").json() == NO_ROUTE


def test_a_literal_path_wins_over_one_with_a_value(shop: Api) -> None:
    assert shop.get("/V1/products/types").json()[0]["name"] == "simple"
    assert shop.get("/V1/orders/items" + criteria(size=1)).json()["items"][0]["item_id"] == 1


def test_routes_of_another_edition_or_version_are_not_there(shop: Api) -> None:
    path = "/V1/customers/1/balance/1"
    found = {}
    for profile in PROFILES:
        shop.switch(profile=profile)
        found[profile] = shop.get(path).status_code
    assert found == {"open-source-2.4.6": 404, "open-source-2.4.8": 404, "commerce-2.4.8": 404, "commerce-2.4.9": 200}


def test_the_version_page_tells_the_edition_unless_hidden(shop: Api) -> None:
    assert requests.get(f"{shop.url}/magento_version", timeout=10).text == "Magento/2.4 (Community)"
    shop.switch(profile="commerce-2.4.9")
    assert requests.get(f"{shop.url}/magento_version", timeout=10).text == "Magento/2.4 (Enterprise)"
    shop.switch(version_page=False)
    assert requests.get(f"{shop.url}/magento_version", timeout=10).status_code == 404


def test_the_installation_describes_what_the_caller_may_call(shop: Api) -> None:
    document = shop.get("/schema?services=all", store="all").json()
    assert (document["swagger"], document["basePath"]) == ("2.0", "/rest/all")
    assert {"get", "post"} <= document["paths"]["/V1/orders"].keys()
    assert "/V1/eventing/eventSubscribe" not in document["paths"]
    guest = requests.get(f"{shop.url}/rest/schema?services=all", timeout=10).json()
    assert "/V1/orders" not in guest["paths"]
    assert "get" in guest["paths"]["/V1/directory/countries"]
    shop.switch(schema_document=False)
    assert shop.get("/schema?services=all").json() == NO_ROUTE
