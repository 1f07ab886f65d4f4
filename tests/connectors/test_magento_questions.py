"""How a question to Magento is put together and signed: what is sent is what is signed (apis/magento.md §2.3, §6)."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest

from connections.connectors.magento import MagentoClient
from connections.connectors.magento.criteria import MOST, Condition, Filter, Group, Sort, any_of, criteria
from connections.connectors.magento.signing import Bearer, CloudService, Signed, encoded, signature
from ipaas.types import NoObserver
from tests.connections.magento_shop import Admin, admin, magento_server
from tests.stores.under_test import Counted

__all__ = ["admin", "magento_server"]

SECRETS = Signed(consumer_key="k" * 32, consumer_secret="c" * 32, token="t" * 32, token_secret="s" * 32)


def test_a_question_names_groups_directions_and_page_in_camel_case_with_dense_numbers() -> None:
    since = Filter(field="updated_at", value="2026-03-02 14:05:00", condition="gteq")
    state = Filter(field="state", value="new,processing", condition="in")
    found = criteria([[since], [state]], sort=[Sort(field="updated_at"), Sort(field="entity_id")], page_size=50)
    assert dict(found) == {
        "searchCriteria[filterGroups][0][filters][0][field]": "updated_at",
        "searchCriteria[filterGroups][0][filters][0][value]": "2026-03-02 14:05:00",
        "searchCriteria[filterGroups][0][filters][0][conditionType]": "gteq",
        "searchCriteria[filterGroups][1][filters][0][field]": "state",
        "searchCriteria[filterGroups][1][filters][0][value]": "new,processing",
        "searchCriteria[filterGroups][1][filters][0][conditionType]": "in",
        "searchCriteria[sortOrders][0][field]": "updated_at",
        "searchCriteria[sortOrders][0][direction]": "ASC",
        "searchCriteria[sortOrders][1][field]": "entity_id",
        "searchCriteria[sortOrders][1][direction]": "ASC",
        "searchCriteria[pageSize]": "50",
        "searchCriteria[currentPage]": "1",
    }


def test_values_with_a_comma_of_their_own_are_asked_for_one_by_one() -> None:
    assert any_of("sku", ["A", "B,1", "C"]) == [
        Filter(field="sku", value="A,C", condition="in"),
        Filter(field="sku", value="B,1"),
    ]


def test_more_filters_than_can_be_signed_are_no_question() -> None:
    filters = [Filter(field="sku", value=str(number)) for number in range(MOST + 1)]
    with pytest.raises(ValueError, match="more than 10"):
        criteria([filters], page_size=1)
    with pytest.raises(ValueError, match="more than 10"):
        criteria([[one] for one in filters], page_size=1)
    assert len(criteria([filters[:MOST]], page_size=1)) == 3 * MOST + 2


def test_a_query_holds_no_sign_that_could_be_read_in_two_ways() -> None:
    query = encoded([("a[0]", "ana+web@example.org"), ("b", "Caf% Ünal = 1~")])
    assert query == "a%5B0%5D=ana%2Bweb%40example.org&b=Caf%25%20%C3%9Cnal%20%3D%201~"
    assert parse_qsl(query) == [("a[0]", "ana+web@example.org"), ("b", "Caf% Ünal = 1~")]


def test_a_signature_is_of_the_one_method_that_magento_takes() -> None:
    header = signature(SECRETS, "GET", "https://shop.example/rest/all/V1/orders?a=1")["Authorization"]
    assert 'oauth_signature_method="HMAC-SHA256"' in header
    assert "verifier" not in header
    assert not any(secret in header for secret in (SECRETS.consumer_secret, SECRETS.token_secret))


def test_secrets_are_not_in_what_an_access_prints() -> None:
    cloud = CloudService(client_id="id", organization="org", token="secret-token-1")
    for access in (SECRETS, Bearer(token="secret-token-2"), cloud):
        assert not any(secret in repr(access) for secret in access.secrets)


def test_the_cloud_service_has_no_rest_and_takes_the_scope_as_a_header() -> None:
    cloud = CloudService(client_id="id", organization="org", token="secret-token-1")
    assert cloud.root("all", "/async/bulk") == "/V1/async/bulk"
    assert cloud.headers("GET", "", "en")["Store"] == "en"
    assert SECRETS.root("en", "/async/bulk") == "/rest/en/async/bulk/V1"


def where(field: str, value: str, condition: Condition = "eq") -> list[Group]:
    return [[Filter(field=field, value=value, condition=condition)]]


@pytest.fixture
def signed(admin: Admin) -> MagentoClient:
    """A client that may do everything, each call of which the shop checks the signature of."""
    return MagentoClient(admin.url, Signed(**admin.four_values()), NoObserver())


def found(client: MagentoClient, groups: Sequence[Group]) -> list[int]:
    """Ids of the orders that a signed question finds."""
    page = client._page("/orders", "orders", groups, sort=[Sort(field="entity_id")], page_size=50)
    return [row["entity_id"] for row in page.rows]


def test_plus_blank_and_percent_in_a_signed_question_are_what_they_are(admin: Admin, signed: MagentoClient) -> None:
    """M34: every answer is 200, and finds what was meant and nothing else."""
    emails = ("ana+web@example.org", "anaweb@example.org", "ana%2Bweb@example.org", "ana=web&x@example.org")
    ids = admin.orders(4)
    for order_id, email in zip(ids, emails, strict=True):
        admin.sim("PUT", f"orders/{order_id}/columns", {"order": {"customer_email": email}})
    for order_id, email in zip(ids, emails, strict=True):
        assert found(signed, where("customer_email", email)) == [order_id]
    assert found(signed, where("customer_email", "ana web@example.org")) == []
    for order_id, name in zip(ids, ("Caf% Ünal", "Café + Ünal", "O'Neil / Söhne?", "a#b;c"), strict=True):
        admin.sim("PUT", f"orders/{order_id}/columns", {"order": {"customer_lastname": name}})
        assert found(signed, where("customer_lastname", name)) == [order_id]


def test_a_time_in_a_signed_question_really_filters(admin: Admin, signed: MagentoClient) -> None:
    ids = admin.orders(3)
    for order_id, second in zip(ids, ("11:59:59", "12:00:00", "12:00:01"), strict=True):
        admin.sim("PUT", f"orders/{order_id}/columns", {"order": {"created_at": f"2026-03-01 {second}"}})
    since = where("created_at", "2026-03-01 12:00:00", "gteq")
    until = where("created_at", "2026-03-01 12:00:01", "lteq")
    assert found(signed, since + until) == ids[1:]


def test_twelve_skus_are_one_signed_question(admin: Admin, signed: MagentoClient) -> None:
    every = [
        row["sku"] for row in signed._page("/products", "products", sort=[Sort(field="entity_id")], page_size=12).rows
    ]
    assert len(every) == 12
    page = signed._page("/products", "products", [any_of("sku", every)], sort=[Sort(field="entity_id")], page_size=50)
    assert [row["sku"] for row in page.rows] == every


def test_ten_filters_are_signed_as_the_shop_sorts_them(signed: MagentoClient) -> None:
    """Its natural order puts [2] before [10]; up to ten that is the order of bytes, too."""
    groups = [[Filter(field="increment_id", value=f"no-{number}")] for number in range(MOST)]
    assert found(signed, groups) == []
    assert found(signed, [[one for group in groups for one in group]]) == []


def test_any_question_that_a_value_can_make_is_signed_as_it_is_sent(signed: MagentoClient) -> None:
    for number in range(0x20, 0x100, 7):
        value = "".join(chr(number + step) for step in range(7))
        answer = signed._send("GET", signed._v1("/store/websites"), params=[("q[0]", value), ("w", value * 2)])
        assert answer.status == 200


@pytest.mark.parametrize("limit", [7, 20])
def test_a_shop_that_takes_smaller_pages_is_asked_for_smaller_pages(admin: Admin, limit: int) -> None:
    """One refused question tells the limit; nothing is missed, and nothing is told twice."""
    admin.orders(45)
    counted = Counted()
    client = MagentoClient(admin.url, Signed(**admin.four_values()), counted)
    ids = [str(row["entity_id"]) for row in client.orders_in(["new", "processing", "complete", "closed", "canceled"])]
    skus = [row["sku"] for row in client.products_by_sku(page=1, page_size=50).rows]
    sources = [row["source_code"] for row in client.sources()]
    began = datetime(2020, 1, 1, tzinfo=UTC)
    asked: dict[str, Callable[[], list[Any]]] = {
        "orders": lambda: [row["entity_id"] for row in client.orders_after("0")],
        "by id": lambda: [row["entity_id"] for row in client.orders_by_id(ids)],
        "changed": lambda: [row["entity_id"] for row in client.orders_changed(began)],
        "items": lambda: [(row["sku"], row["source_code"]) for row in client.source_items_of(skus, sources)],
        "types": lambda: [row["id"] for row in client.product_types(skus)],
        "salable": lambda: [row["sku"] for row in client.salable_of("base", skus)],
    }
    before = {name: ask() for name, ask in asked.items()}
    counted.calls.clear()
    admin.switch(input_limiting=True, page_size_max=limit)
    assert {name: ask() for name, ask in asked.items()} == before
    assert len(before["by id"]) == len(ids) > 2 * limit
    refused = [call for call in counted.calls if call.status == 400]
    assert len(refused) == 1
