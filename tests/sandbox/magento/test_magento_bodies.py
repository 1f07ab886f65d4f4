"""Request bodies: names, casts, what is missing, what is unknown (apis/magento.md §3), read by the official schema."""

from decimal import Decimal
from typing import Any

import pytest
import requests

from ipaas.sandbox.magento.bodies import read_body
from ipaas.sandbox.magento.errors import Refused
from ipaas.sandbox.magento.official import official
from tests.sandbox.magento.magento_api import Api

SCHEMA = official("2.4.8")
TOKEN = "/V1/integration/admin/token"


def read(method: str, path: str, body: Any, values: dict[str, Any] | None = None, **more: Any) -> Any:
    return read_body(SCHEMA, SCHEMA.operations[method, path], body, values or {}, **more)


def refusal(method: str, path: str, body: Any, **more: Any) -> tuple[int, Any]:
    with pytest.raises(Refused) as told:
        read(method, path, body, **more)
    return told.value.status, told.value.body


def test_both_spellings_of_a_name_are_read_at_every_level() -> None:
    snake = {"source_items": [{"sku": "A", "source_code": "s", "quantity": 1, "status": 1}]}
    camel = {"sourceItems": [{"sku": "A", "sourceCode": "s", "quantity": 1, "status": 1}]}
    for body in (snake, camel):
        assert read("POST", "/V1/inventory/source-items", body) == {
            "sourceItems": [{"sku": "A", "source_code": "s", "quantity": 1, "status": 1}]
        }


def test_an_unknown_name_at_the_top_is_ignored_so_a_wrapped_ship_request_ships_everything() -> None:
    body = {"entity": {"items": [{"order_item_id": 1, "qty": 1}]}}
    assert read("POST", "/V1/order/{orderId}/ship", body, {"orderId": 1}) == {}


def test_an_unknown_name_inside_is_a_500_that_names_it_in_developer_mode_only() -> None:
    body = {"items": [{"order_item_id": 1, "quantity": 1}]}
    status, told = refusal("POST", "/V1/order/{orderId}/ship", body)
    assert status == 500
    assert told["message"].startswith("Internal Error. Details are available in Magento log file. Report ID: webapi-")
    status, told = refusal("POST", "/V1/order/{orderId}/ship", body, told=True)
    assert (status, told["message"].split(" does not ")[0]) == (500, 'Property "quantity"')


@pytest.mark.parametrize(("value", "read_as"), [("10", 10), (10, 10), (Decimal("10.0"), 10), ("10.0", 10), (True, 1)])
def test_an_integer_is_read_from_what_looks_like_one(value: Any, read_as: int) -> None:
    body = {"items": [{"order_item_id": value, "qty": 1}]}
    assert read("POST", "/V1/order/{orderId}/ship", body)["items"][0]["order_item_id"] == read_as


def test_a_quantity_keeps_its_decimals() -> None:
    body = {"items": [{"order_item_id": 1, "qty": "1.25"}]}
    assert read("POST", "/V1/order/{orderId}/ship", body)["items"][0]["qty"] == Decimal("1.25")


def test_text_for_a_number_is_400_with_a_rendered_message() -> None:
    assert refusal("POST", "/V1/order/{orderId}/ship", {"items": [{"order_item_id": "first", "qty": 1}]}) == (
        400,
        {
            "message": 'Error occurred during "order_item_id" processing. The "first" value\'s type is invalid. '
            'The "int" type was expected. Verify and try again.'
        },
    )


@pytest.mark.parametrize(("value", "read_as"), [(True, True), (1, True), ("false", False), ("0", False)])
def test_a_boolean_is_read_from_four_spellings(value: Any, read_as: bool) -> None:
    assert read("POST", "/V1/order/{orderId}/ship", {"notify": value}) == {"notify": read_as}


def test_a_boolean_in_words_is_refused() -> None:
    assert refusal("POST", "/V1/order/{orderId}/ship", {"notify": "yes"})[0] == 400


def test_null_for_a_required_parameter_is_missing() -> None:
    assert refusal("POST", "/V1/products", {"product": None}) == (
        400,
        {"message": '"%fieldName" is required. Enter and try again.', "parameters": {"fieldName": "product"}},
    )


def test_a_put_takes_its_path_value_into_the_one_object_of_the_body() -> None:
    body = {"product": {"sku": "OTHER", "name": "Mug"}}
    read_as = read("PUT", "/V1/products/{sku}", body, {"sku": "MUG"})
    assert read_as == {"product": {"sku": "MUG", "name": "Mug"}}
    both = {**body, "saveOptions": True}
    assert read("PUT", "/V1/products/{sku}", both, {"sku": "MUG"})["product"]["sku"] == "OTHER"


def test_custom_attributes_are_read_as_list_and_as_map() -> None:
    rows = [{"attribute_code": "color", "value": "58"}]
    for given in (rows, {"color": "58"}):
        assert read("POST", "/V1/products", {"product": {"custom_attributes": given}}) == {
            "product": {"custom_attributes": rows}
        }
    assert refusal("POST", "/V1/products", {"product": {"custom_attributes": [{"attribute_code": "color"}]}})[0] == 400


def test_input_limiting_bounds_each_list_and_names_what_is_in_it() -> None:
    row = {"sku": "A", "source_code": "s", "quantity": 1, "status": 1}
    assert len(read("POST", "/V1/inventory/source-items", {"sourceItems": [row] * 20}, most=20)["sourceItems"]) == 20
    assert refusal("POST", "/V1/inventory/source-items", {"sourceItems": [row] * 21}, most=20) == (
        400,
        {
            "message": 'Maximum items of type "%type" is %max',
            "parameters": {"type": "Magento\\InventoryApi\\Api\\Data\\SourceItemInterface", "max": 20},
        },
    )


@pytest.mark.parametrize(
    ("headers", "body", "answer"),
    [
        ({}, b"{}", {"message": "Content-Type header is empty."}),
        (
            {"Content-Type": "text/plain"},
            b"{}",
            {
                "message": "Server cannot understand Content-Type HTTP header media type %1",
                "parameters": ["text/plain"],
            },
        ),
        ({"Content-Type": "application/json"}, b"{", {"message": "Decoding error."}),
    ],
)
def test_a_body_that_cannot_be_read_is_told(
    shop: Api, headers: dict[str, str], body: bytes, answer: dict[str, Any]
) -> None:
    refused = requests.post(f"{shop.url}/rest/V1/integration/admin/token", body, headers=headers, timeout=10)
    assert (refused.status_code, refused.json()) == (400, answer)


def test_an_answer_in_a_type_that_is_not_spoken_is_406(shop: Api) -> None:
    assert shop.get("/V1/store/websites", headers={"Accept": "text/csv"}).status_code == 406
    for spoken in ("*/*", "application/json", "text/html, application/*;q=0.8"):
        assert shop.get("/V1/store/websites", headers={"Accept": spoken}).status_code == 200
