"""Named faults (apis/magento.md §22): each in Magento's own words, and whether the work was done."""

from typing import Any

import pytest
import requests

from tests.sandbox.magento.magento_api import Api

PATH = "/V1/store/websites"
LOGIN = {"name": "Told", "resources": ["Magento_Backend::store"]}


def play(shop: Api, name: str, **wish: Any) -> None:
    requests.post(f"{shop.url}/_sim/faults/presets/{name}", json=wish, timeout=10).raise_for_status()


@pytest.mark.parametrize(
    ("name", "status", "kind", "text"),
    [
        ("maintenance", 503, "text/html", "Service Temporarily Unavailable"),
        ("throttled", 429, "text/html", "Too Many Requests"),
        ("throttled_bare", 429, "text/html", "Too Many Requests"),
        ("deadlock", 400, "application/json", "Database deadlock found when trying to get lock"),
        ("lock_wait", 400, "application/json", "Database lock wait timeout exceeded"),
        ("report", 500, "application/json", "Report ID: webapi-"),
        ("fatal", 500, "application/json", '{"messages":{"error":[{"code":500,"message":"Internal Error"}]}}'),
        ("unauthorized", 401, "application/json", "isn't authorized to access %resources"),
    ],
)
def test_a_named_fault_answers_once_in_its_own_words(shop: Api, name: str, status: int, kind: str, text: str) -> None:
    play(shop, name, times=1)
    answer = shop.get(PATH)
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (status, kind)
    assert text in answer.text
    assert shop.get(PATH).status_code == 200


def test_throttling_comes_with_and_without_its_wait(shop: Api) -> None:
    play(shop, "throttled", times=1)
    assert shop.get(PATH).headers["Retry-After"] == "7"
    play(shop, "throttled_bare", times=1)
    assert "Retry-After" not in shop.get(PATH).headers


def test_a_lost_answer_leaves_the_work_done(shop: Api) -> None:
    shop.switch(two_factor=False)
    play(shop, "lost_answer", times=1)
    before = len(shop.state.sessions)
    with pytest.raises(requests.ConnectionError):
        shop.post("/V1/integration/admin/token", {"username": "admin", "password": "Harbor-and-Pine-1"})
    assert len(shop.state.sessions) == before + 1


def test_a_truncated_answer_breaks_in_the_middle(shop: Api) -> None:
    play(shop, "truncated", times=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        shop.get(PATH)


def test_a_fault_is_narrowed_to_a_path(shop: Api) -> None:
    play(shop, "report", path="/V1/modules")
    assert [shop.get(path).status_code for path in (PATH, "/V1/modules")] == [200, 500]


def test_an_unknown_fault_is_404_with_the_names(shop: Api) -> None:
    answer = requests.post(f"{shop.url}/_sim/faults/presets/flood", json={}, timeout=10)
    assert (answer.status_code, "maintenance" in answer.json()["names"]) == (404, True)
