"""How a question to Magento is put together and signed: what is sent is what is signed (apis/magento.md §2.3, §6)."""

from urllib.parse import parse_qsl

import pytest

from connections.connectors.magento.criteria import MOST, Filter, Sort, any_of, criteria
from connections.connectors.magento.signing import Bearer, CloudService, Signed, encoded, signature

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
