"""The BigCommerce client against the sandbox over real HTTP."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import requests

from connections.connectors.bigcommerce import BigCommerceClient
from connections.connectors.bigcommerce.consignments import consignments_object, lines_inside
from connections.connectors.bigcommerce.oauth import code_exchange
from connections.connectors.http import http_date
from errors.failures import (
    ContractBroken,
    CredentialsRejected,
    NotFound,
    PermissionMissing,
    Rejected,
    ServerTrouble,
    Throttled,
)
from ipaas.types import NoObserver
from tests.connectors.conftest import STORE_HASH, BadServer, answering, switch


def test_the_store_and_its_clock(bigcommerce: BigCommerceClient) -> None:
    assert bigcommerce.store_read()["id"] == STORE_HASH
    assert abs((bigcommerce.time() - datetime.now(UTC)).total_seconds()) < 5


@pytest.mark.parametrize(
    ("context", "is_good"),
    [(f"stores/{STORE_HASH}", True), ("stores/another", False), (STORE_HASH, False), ("", False)],
)
def test_a_token_is_taken_for_the_store_that_was_asked_for_alone(
    server: BadServer, context: str, is_good: bool
) -> None:
    """Whose token it is, the answer says and not the browser (GUARANTEES.md, attack 4)."""
    told = {"access_token": "t0ken", "scope": "store_v2_orders", "context": context, "user": {"id": 7}}
    server.will(answering("200 OK", json.dumps(told)))
    asked = {"code": "c", "scope": "s", "context": f"stores/{STORE_HASH}"}
    ours = {"client_id": "i", "client_secret": "x", "redirect_uri": "https://here.example"}
    exchange = partial(code_exchange, server.url, observer=None, **asked, **ours)
    if is_good:
        assert exchange().store_hash == STORE_HASH
    else:
        with pytest.raises(ContractBroken, match="another store"):
            exchange()
    assert len(server.requests) == 1


def test_a_wrong_token_and_a_wrong_store(bigcommerce_url: str) -> None:
    with pytest.raises(CredentialsRejected):
        BigCommerceClient(bigcommerce_url, STORE_HASH, "nobody-gave-me", NoObserver()).time()
    with pytest.raises(PermissionMissing):
        BigCommerceClient(bigcommerce_url, "zzzzzz", "sim-bigcommerce-token", NoObserver()).store_read()


@pytest.mark.parametrize("shape", ["array", "object", "old"])
def test_a_missing_scope_in_every_shape(bigcommerce_url: str, shape: str) -> None:
    switch(bigcommerce_url, v2_scope_error=shape)
    limited = BigCommerceClient(bigcommerce_url, STORE_HASH, "sim-bigcommerce-limited", NoObserver())
    with pytest.raises(PermissionMissing):
        limited.order_update("1", status_id=2)


def test_throttling_says_when_the_window_ends(bigcommerce_url: str, bigcommerce: BigCommerceClient) -> None:
    switch(bigcommerce_url, quota=2)
    with pytest.raises(Throttled) as caught:
        [bigcommerce.time() for _ in range(4)]
    assert caught.value.retry_after is not None
    assert 0 < caught.value.retry_after <= 30
    switch(bigcommerce_url, strip_headers_on_429=True, empty_429_body=True)
    with pytest.raises(Throttled) as overloaded:
        bigcommerce.time()
    assert overloaded.value.retry_after is None


def test_an_order_comes_whole_in_one_call(bigcommerce_url: str, bigcommerce: BigCommerceClient) -> None:
    order_id = str(next(bigcommerce.iter_orders())["id"])
    requests.delete(f"{bigcommerce_url}/_sim/calls", timeout=5)
    order = bigcommerce.order_read(order_id)
    lines = list(lines_inside(order["consignments"]))
    assert lines
    assert sum(int(line["quantity"]) for line in lines) == int(order["items_total"])
    assert isinstance(order["fees"], list)
    assert requests.get(f"{bigcommerce_url}/_sim/calls", timeout=5).json()["total"] == 1
    by_page = bigcommerce.order_products(order_id)
    assert {line["id"] for line in by_page} == {line["id"] for line in lines}


def test_every_shape_of_consignments_reads_alike() -> None:
    goods, ticket, song = {"id": 1, "quantity": 2}, {"id": 2, "quantity": 1}, {"id": 3, "quantity": 1}
    shipping = {"street_1": "9 Oak Ave", "shipping_method": "Flat Rate", "line_items": [goods]}
    pickup = {"pickup_method_id": 4, "line_items": [ticket]}
    whole = {
        "shipping": [shipping],
        "pickups": [pickup],
        "downloads": [{"line_items": [song]}],
        "email": {"gift_certificates": []},
    }
    for shape in (whole, [whole], [shipping, pickup, {"line_items": [song]}]):
        assert consignments_object(shape) == whole
        assert list(lines_inside(consignments_object(shape))) == [goods, ticket, song]
    nothing = {"shipping": [], "pickups": [], "downloads": [], "email": {"gift_certificates": []}}
    for void in (None, [], {}, {"url": "x", "resource": "y"}, "", [None]):
        assert consignments_object(void) == nothing
    certificate = {"id": 4, "quantity": 1}
    sold = consignments_object({"email": {"gift_certificates": [certificate, {"line_items": [song]}]}})
    assert list(lines_inside(sold)) == [certificate, song]


def test_an_unknown_order_is_not_found(bigcommerce: BigCommerceClient) -> None:
    with pytest.raises(NotFound):
        bigcommerce.order_read("99999999")


def test_the_walk_over_orders(bigcommerce: BigCommerceClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connections.connectors.bigcommerce.orders.ROWS_PER_PAGE", 7)
    walk = bigcommerce.iter_orders()
    assert walk.first_answer_at is None
    orders = list(walk)
    ids = [order["id"] for order in orders]
    assert ids == sorted(set(ids))
    finished = [order["id"] for order in orders if order["status_id"] != 0]  # the store's count leaves Incomplete out
    assert len(finished) == sum(bigcommerce.orders_count().values())
    assert walk.first_answer_at is not None
    assert abs((walk.first_answer_at - datetime.now(UTC)).total_seconds()) < 5
    assert [order["id"] for order in bigcommerce.iter_orders(min_id=ids[3], max_id=ids[20])] == ids[3:21]


def test_a_store_that_ignores_the_start_of_a_page_is_not_walked_in_circles(
    bigcommerce: BigCommerceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connections.connectors.bigcommerce.orders.ROWS_PER_PAGE", 7)
    page = bigcommerce.orders_page([("limit", "7")])
    monkeypatch.setattr(bigcommerce, "orders_page", lambda params: page)
    with pytest.raises(ContractBroken):
        list(bigcommerce.iter_orders())


@pytest.mark.parametrize("ignored", [False, True])
def test_the_walk_keeps_to_its_dates(bigcommerce: BigCommerceClient, bigcommerce_url: str, ignored: bool) -> None:
    dates = sorted(http_date(order["date_modified"]) or datetime.now(UTC) for order in bigcommerce.iter_orders())
    since = dates[len(dates) // 2]
    switch(bigcommerce_url, ignore_v2_date_filters=ignored)
    found = [http_date(order["date_modified"]) for order in bigcommerce.iter_orders(modified_since=since)]
    assert sorted(date for date in found if date) == [date for date in dates if date >= since]


def test_the_walk_by_creation(bigcommerce: BigCommerceClient) -> None:
    dates = sorted(http_date(order["date_created"]) or datetime.now(UTC) for order in bigcommerce.iter_orders())
    first, last = dates[5], dates[-5]
    found = [http_date(row["date_created"]) for row in bigcommerce.iter_orders(created_from=first, created_to=last)]
    assert sorted(date for date in found if date) == [date for date in dates if first <= date <= last]
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert list(bigcommerce.iter_orders(created_from=tomorrow)) == []


def test_only_what_is_given_changes(bigcommerce: BigCommerceClient) -> None:
    order_id = str(next(bigcommerce.iter_orders())["id"])
    changed = bigcommerce.order_update(order_id, external_order_id="BC-1", status_id=9)
    assert (changed["external_order_id"], changed["status_id"]) == ("BC-1", 9)
    with pytest.raises(Rejected) as caught:
        bigcommerce.order_update(order_id, total_tax="1.00")
    assert caught.value.summary == "BigCommerce refused the request (400)."  # its words may name the order's people


def test_statuses_transactions_refunds(bigcommerce: BigCommerceClient, bigcommerce_url: str) -> None:
    assert [row["id"] for row in bigcommerce.order_statuses()] == list(range(15))
    order_ids = [str(order["id"]) for order in bigcommerce.iter_orders()]
    assert any(bigcommerce.order_transactions(order_id) for order_id in order_ids[:10])
    assert any(bigcommerce.order_refunds(order_id) for order_id in order_ids)
    switch(bigcommerce_url, transactions="204")
    assert bigcommerce.order_transactions(order_ids[0]) == []
    switch(bigcommerce_url, transactions="503")
    with pytest.raises(ServerTrouble):
        bigcommerce.order_transactions(order_ids[0])


def test_the_catalogue(bigcommerce: BigCommerceClient, bigcommerce_url: str) -> None:
    switch(bigcommerce_url, quota=10_000)
    variants = list(bigcommerce.iter_variants(only=["sku"]))
    assert len(variants) > 500
    assert len({row["id"] for row in variants}) == len(variants)
    sku = variants[40]["sku"]
    found = bigcommerce.variant_by_sku(sku)
    assert found is not None
    assert found["id"] == variants[40]["id"]
    assert bigcommerce.variant_by_sku(sku + "?") is None
    assert {row["id"] for row in bigcommerce.variants_of([str(found["product_id"])])} >= {found["id"]}
    products = list(bigcommerce.iter_products())
    assert len(products) == bigcommerce.products_count()
    assert bigcommerce.customers_count() > 100
    assert "default_out_of_stock_behavior" in bigcommerce.inventory_settings() or bigcommerce.inventory_settings()


def test_hooks(bigcommerce: BigCommerceClient) -> None:
    address = "https://hooks.example/hooks/bigcommerce/unguessable"
    made = bigcommerce.hook_create("store/order/created", address, {"X-Tillbridge-Secret": "s3"})
    (row,) = bigcommerce.hooks()
    assert (row["id"], row["destination"], row["headers"]) == (made["id"], address, {"X-Tillbridge-Secret": "s3"})
    with pytest.raises(Rejected):
        bigcommerce.hook_create("store/order/created", address, {})
    assert bigcommerce.hook_update(str(made["id"]), is_active=False)["is_active"] is False
    bigcommerce.hook_delete(str(made["id"]))
    assert bigcommerce.hooks() == []
    with pytest.raises(NotFound):
        bigcommerce.hook_delete(str(made["id"]))
