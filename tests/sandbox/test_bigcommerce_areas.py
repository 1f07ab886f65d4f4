"""Areas of the API that later work wants: written from the official schemas."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.bigcommerce_api import Api, Receiver, bottle_order, receiver, stocked
from tests.sandbox.conftest import Running

COUPON: dict[str, Any] = {
    "name": "Spring",
    "type": "percentage_discount",
    "code": "SPRING-5",
    "amount": "5",
    "applies_to": {"entity": "categories", "ids": [0]},
}


@pytest.fixture
def api(bigcommerce_server: Running, bigcommerce_url: str) -> Api:
    """A client of a fresh store at noon of 6 January 2026."""
    found = Api(bigcommerce_server)
    found.stop_time()
    return found


# --- coupons --------------------------------------------------------------------------------------


def test_coupons_are_written(api: Api) -> None:
    before = api.get("/v2/coupons/count").json()["count"]
    made = api.post("/v2/coupons", {**COUPON, "expires": "Fri, 06 Feb 2026 12:00:00 +0000"})
    coupon = made.json()
    assert (made.status_code, coupon["amount"], coupon["min_purchase"], coupon["num_uses"], coupon["expires"]) == (
        201,
        "5.0000",
        "0.0000",
        0,
        "Fri, 06 Feb 2026 12:00:00 +0000",
    )
    path = f"/v2/coupons/{coupon['id']}"
    assert api.get("/v2/coupons?code=SPRING-5").json() == [api.get(path).json()]
    changed = api.put(path, {"amount": 7.5}).json()
    assert (changed["amount"], changed["applies_to"]) == ("7.5000", {"entity": "categories", "ids": []})
    assert api.get("/v2/coupons/count").json() == {"count": before + 1}
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
    assert (api.delete("/v2/coupons").status_code, api.get("/v2/coupons").status_code) == (204, 204)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": None}, "The required field 'name' was not supplied."),
        ({"applies_to": None}, "The required field 'applies_to' was not supplied."),
        ({"code": "a/b"}, "The field 'code' is invalid."),
        ({"code": "SAVE10"}, "The field 'code' is invalid."),
        ({"type": "half"}, "The field 'type' is invalid."),
        ({"amount": "x"}, "The field 'amount' is invalid."),
        ({"applies_to": {"entity": "brands", "ids": []}}, "The field 'applies_to' is invalid."),
        (
            {"num_uses": 1},
            "The field 'num_uses' cannot be written to. Please remove it from your request before trying again.",
        ),
        ({"colour": 1}, "The field 'colour' is invalid."),
    ],
)
def test_bad_coupons_are_400(api: Api, change: dict[str, Any], message: str) -> None:
    answer = api.post("/v2/coupons", {**COUPON, **change})
    assert (answer.status_code, answer.json()[0]["message"]) == (400, message)


# --- custom fields, order settings ----------------------------------------------------------------


def test_custom_fields_of_a_product(api: Api) -> None:
    body = {
        "name": "Book",
        "type": "physical",
        "weight": 1,
        "price": 5,
        "custom_fields": [{"name": "ISBN", "value": "1"}],
    }
    product = api.post("/v3/catalog/products", body).json()["data"]["id"]
    path = f"/v3/catalog/products/{product}/custom-fields"
    (first,) = api.get(path).json()["data"]
    second = api.post(path, {"name": "Pages", "value": "120"}).json()["data"]
    assert (first, second) == ({"id": 1, "name": "ISBN", "value": "1"}, {"id": 2, "name": "Pages", "value": "120"})
    assert api.put(f"{path}/2", {"value": "121"}).json()["data"] == {"id": 2, "name": "Pages", "value": "121"}
    assert api.post(path, {"name": "ISBN", "value": "1"}).status_code == 409
    assert api.post(path, {"name": "ISBN"}).json()["errors"] == {"value": "value is required"}
    assert api.delete(f"{path}/1").status_code == 204
    shown = api.get(f"/v3/catalog/products/{product}?include=custom_fields").json()["data"]["custom_fields"]
    assert shown == [{"id": 2, "name": "Pages", "value": "121"}]
    assert api.get(f"{path}/1").status_code == 404


def test_order_settings_of_store_and_channel(api: Api) -> None:
    path = "/v3/orders/settings"
    nobody: dict[str, Any] = {"order_placed": {"email_addresses": []}, "forward_invoice": {"email_addresses": []}}
    assert api.get(path).json() == {"data": {"notifications": nobody}, "meta": {}}
    wish = {"order_placed": {"email_addresses": ["a@example.com"]}, "forward_invoice": {"email_addresses": []}}
    assert api.put(f"{path}/channels/1", {"notifications": wish}).json()["data"]["notifications"] == wish
    assert api.get(f"{path}/channels/1").json()["data"]["notifications"] == wish
    assert api.get(path).json()["data"]["notifications"] == nobody
    assert api.get(f"{path}/channels/9").status_code == 404
    assert api.put(path, {"notifications": {"order_placed": {}}}).status_code == 422


# --- metafields -----------------------------------------------------------------------------------


def metafield(resource: int, key: str = "k", **more: Any) -> dict[str, Any]:
    """One entry of a batch."""
    fields = {"namespace": "tillbridge", "key": key, "value": "v", "permission_set": "app_only"}
    return {"resource_id": resource, **fields, **more}


def test_metafields_in_batches(api: Api) -> None:
    first, second = (api.place(bottle_order())["id"] for _ in range(2))
    path = "/v3/orders/metafields"
    api.listen("store/order/metafield/*")
    made = api.post(path, [metafield(first), metafield(second)])
    assert (made.status_code, made.json()["errors"]) == (200, [])
    assert made.json()["meta"] == {"total": 2, "success": 2, "failed": 0}
    one, two = made.json()["data"]
    assert (one["resource_id"], one["resource_type"], one["owner_client_id"]) == (first, "order", "simclientid0001")
    assert api.get(f"/v3/orders/{second}/metafields/{two['id']}").json()["data"] == two
    assert api.get(f"{path}?resource_id:in={second}&key=k").json()["data"] == [two]
    assert api.get(f"{path}?direction=desc").json()["data"] == [two, one]
    partly = api.put(path, [{"id": one["id"], "value": "new"}, {"id": 999, "value": "x"}])
    assert (partly.status_code, partly.json()["meta"]["failed"]) == (422, 1)
    assert [row["value"] for row in partly.json()["data"]] == ["new"]
    assert api.delete(path, data=f"[{one['id']}, {two['id']}]").json()["data"] == [one["id"], two["id"]]
    scopes = [event["scope"].rsplit("/", 1)[1] for event in api.events()]
    assert scopes == ["created", "created", "updated", "deleted", "deleted"]


@pytest.mark.parametrize(
    ("path", "batch", "scope"),
    [
        ("/v3/catalog/products/{product}", "/v3/catalog/products", "store/product/metafield/created"),
        (
            "/v3/catalog/products/{product}/variants/{variant}",
            "/v3/catalog/variants",
            "store/product/variant/metafield/created",
        ),
        ("/v3/catalog/brands/{brand}", "/v3/catalog/brands", "store/brand/metafield/created"),
        ("/v3/catalog/categories/{category}", "/v3/catalog/categories", "store/category/metafield/created"),
        ("/v3/customers/{customer}", "/v3/customers", "store/metafield/created"),
        ("/v3/channels/1", "/v3/channels", "store/channel/metafield/created"),
        ("/v3/inventory/locations/1", "/v3/inventory/locations", "store/inventory/location/metafield/created"),
    ],
)
def test_every_resource_has_metafields(api: Api, path: str, batch: str, scope: str) -> None:
    variant = stocked(api)
    state = api.service.state
    ids = {name: next(table.all())["id"] for name, table in (("brand", state.brands), ("category", state.categories))}
    ids |= {"product": variant["product_id"], "variant": variant["id"], "customer": next(state.customers.all())["id"]}
    path = path.format(**ids)
    api.listen(scope)
    row = api.post(f"{path}/metafields", metafield(0)).json()["data"]
    assert path.endswith(f"/{row['resource_id']}")
    assert api.post(f"{path}/metafields", metafield(0)).status_code == 409
    assert api.get(f"{batch}/metafields").json()["data"] == [row]
    told = {"metafield_id": row["id"], "resource_id": str(row["resource_id"]), "namespace": "tillbridge"}
    (event,) = api.events()
    assert told.items() <= event["data"].items()


# --- events that were not received ----------------------------------------------------------------


@pytest.fixture
def deaf() -> Any:
    """A receiver that refuses everything."""
    with receiver() as found:
        found.status = 500
        yield found


def test_events_not_received_are_listed(api: Api, deaf: Receiver) -> None:
    api.switch(allow_http_loopback=True)
    assert api.get("/v3/hooks/events").json()["data"] == []
    api.post("/v3/hooks", {"scope": "store/order/created", "destination": deaf.url})
    n = api.place(bottle_order())["id"]
    api.control("POST", "deliveries/flush", {"wait": 10})
    (event,) = api.get("/v3/hooks/events").json()["data"]
    assert (event["scope"], event["data"], event["producer"]) == (
        "store/order/created",
        {"type": "order", "id": n},
        "stores/a1b2c3d4e5",
    )
    assert sorted(event) == ["created_at", "data", "hash", "producer", "scope", "store_id"]
    assert api.get("/v3/hooks/events?created_at:min=1767700801").json()["data"] == []
