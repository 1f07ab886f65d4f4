"""A refused custom field is told by its name, and has a place where it is given a value, without a connection test."""

import pytest
from django.test import Client

from connections.models import Role
from tests import factories
from tests.flows.conftest import Pair
from tests.flows.shoppers import at_the_desk, booked, post, sales_order


def demand(pair: Pair, group: str, name: str) -> int:
    field = {"group_id": group, "name": name, "validation_type": "text", "required": True}
    return at_the_desk(pair, "POST", "/custom_fields", field)


@pytest.mark.parametrize(
    ("group", "records"),
    [
        ("sales.order", "sales.order"),
        ("customer", "customer"),
        ("payment", "payment"),
        ("sales.order.line_item", "sales.order.line_item"),
    ],
)
def test_f38_a_field_that_heartland_came_to_demand_is_named_and_mended_on_the_settings(
    pair: Pair, group: str, records: str
) -> None:
    demand(pair, group, "Cost centre")
    web_id = post(pair)
    assert pair.run(web_id) == "hold"
    record = pair.record(web_id)
    assert (record.code, record.reason) == (
        "required_field_without_value",
        f"Heartland demands the custom field “Cost centre” ({records}); it has no value.",
    )
    client = Client()
    client.force_login(factories.member(pair.connection.merchant, Role.OWNER))
    settings = f"/stores/{pair.connection.public_id}/fulfillment/"
    field = f"value-{group}-cost_centre"
    assert f'name="{field}"' in client.get(settings).content.decode()
    assert client.post(f"{settings}fields/", {field: "WEB", f"was-{field}": ""}).status_code == 302
    assert pair.run_until_settled(web_id) == "done"
    assert sales_order(pair, web_id)["status"] == "open"


def test_a_field_made_optional_since_holds_nothing(pair: Pair) -> None:
    field = demand(pair, "sales.order", "Cost centre")
    web_id = post(pair)
    assert pair.run(web_id) == "hold"
    at_the_desk(pair, "PUT", f"/custom_fields/{field}", {"required": False})
    assert pair.run(web_id) == "done"
    assert pair.calls(booked(pair)).count("GET /custom_fields") == 0


def test_a_value_that_heartland_refuses_is_told_with_its_field(pair: Pair) -> None:
    field = {"group_id": "sales.order", "name": "Order comment", "values": ["A"]}
    (known,) = [row for row in pair.heartland.rows("custom_fields") if row["key"] == "order_comment"]
    at_the_desk(pair, "PUT", f"/custom_fields/{known['id']}", field)
    web_id = post(pair, customer_message="B")
    assert pair.run(web_id) == "hold"
    assert pair.record(web_id).reason == (
        "Heartland refuses the custom field “Order comment” of sales orders: is not in the list."
    )


def test_a_refused_part_of_an_order_is_told_in_words(pair: Pair) -> None:
    body = {"details": {"postal_code": ["is not one of this country"]}}
    rule = {"method": "POST", "path": r"/api/customers/\d+/addresses$", "times": 1, "status": 400, "body": body}
    pair.heartland.post("/_sim/faults", rule)
    web_id = post(pair)
    assert pair.run(web_id) == "hold"
    assert pair.record(web_id).reason == "Heartland refuses the postal code: is not one of this country."
