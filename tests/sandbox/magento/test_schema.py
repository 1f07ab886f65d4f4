"""Every route that the official schema names and we serve is called, and its answer held against that schema."""

from __future__ import annotations

import sys
from urllib.parse import quote

import pytest
import requests

from ipaas.sandbox.magento.app import PARTS
from ipaas.sandbox.magento.official import Operation
from ipaas.sandbox.magento.profiles import PROFILES
from ipaas.sandbox.magento.routing import Endpoint
from tests.sandbox.magento.magento_api import Api, criteria
from tests.sandbox.magento.sales_desk import sim
from tests.sandbox.magento.schema_sample import Sample, at
from tests.sandbox.magento.schema_samples import SAMPLES
from tests.sandbox.magento.schema_world import World, complaints

ENDPOINTS = {f"{one.method} {one.path}": one for part in PARTS for one in part.routes.endpoints if one.by_version}
WALKED = ("commerce-2.4.9", "open-source-2.4.6")  # the newest with everything, the oldest with the least


@pytest.mark.parametrize("name", ENDPOINTS)
@pytest.mark.parametrize("profile", WALKED)
def test_the_answer_of_a_route_is_as_the_official_schema_has_it(shop: Api, name: str, profile: str) -> None:
    endpoint = ENDPOINTS[name]
    shop.switch(profile=profile)
    operation = endpoint.operation(PROFILES[profile])
    if operation is None:
        return  # see test_magento_routing.py
    sample = SAMPLES[name](World(shop)) if name in SAMPLES else _plain(endpoint, operation)
    path = "/".join(_filled(part, sample) for part in endpoint.path.split("/"))
    caller = Api(shop.server, sample.token) if sample.token else shop
    answer = caller.call(endpoint.method, path + sample.query, sample.body)
    assert answer.status_code == sample.expected, answer.text
    assert complaints(PROFILES[profile].version, operation, answer.status_code, answer.json()) == []


def _filled(part: str, sample: Sample) -> str:
    return quote(str(sample.values[part[1:-1]]), safe="") if part.startswith("{") else part


def _plain(endpoint: Endpoint, operation: Operation) -> Sample:
    assert endpoint.method == "GET", "it has no sample"
    assert "{" not in endpoint.path, "it has no sample"
    is_searched = any(parameter.name.startswith("searchCriteria[") for parameter in operation.in_query)
    return at(criteria(size=3) if is_searched else "")


def test_how_many_routes_were_walked(capsys: pytest.CaptureFixture[str]) -> None:
    served = {name: sum(one.operation(PROFILES[name]) is not None for one in ENDPOINTS.values()) for name in PROFILES}
    with capsys.disabled():
        sys.stdout.write(f"\nroutes of the official schema that are served and walked: {served}\n")
    assert served["commerce-2.4.9"] == len(ENDPOINTS)


@pytest.mark.parametrize("profile", WALKED)
def test_forty_varied_orders_and_all_goods_are_as_the_schema_has_them(shop: Api, profile: str) -> None:
    shop.switch(profile=profile)
    recipes = requests.get(f"{shop.url}/_sim/recipes?n=40", timeout=10).json()["recipes"]
    assert len(sim(shop, "orders", recipes)["ids"]) == 40
    for path in ("/V1/orders", "/V1/orders/items", "/V1/products", "/V1/inventory/source-items", "/V1/transactions"):
        answer = shop.get(path + criteria())
        operation = ENDPOINTS[f"GET {path}"].operation(PROFILES[profile])
        assert operation is not None
        assert answer.json()["total_count"] == len(answer.json()["items"]) > 0
        assert complaints(PROFILES[profile].version, operation, answer.status_code, answer.json()) == []
