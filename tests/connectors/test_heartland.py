"""The Heartland client against the sandbox over real HTTP."""

from decimal import Decimal

import pytest

from connections.connectors.heartland import HeartlandClient
from errors.failures import CredentialsRejected, NotFound, PermissionMissing, Rejected, Throttled
from ipaas.types import NoObserver
from tests.connectors.conftest import switch

WEBSITE = "100007"


def test_it_says_whom_the_token_acts_as(heartland: HeartlandClient) -> None:
    assert {"id", "login", "email"} <= heartland.whoami().keys()


def test_a_wrong_token_is_rejected(heartland_url: str) -> None:
    with pytest.raises(CredentialsRejected):
        HeartlandClient(f"{heartland_url}/api", "nobody-gave-me", NoObserver()).whoami()


def test_a_limited_token_is_told_what_it_may_not(heartland_url: str) -> None:
    limited = HeartlandClient(f"{heartland_url}/api", "sim-heartland-limited", NoObserver())
    with pytest.raises(PermissionMissing):
        limited.webhooks()


def test_a_burst_is_throttled_with_the_wait(heartland_url: str) -> None:
    switch(heartland_url, rate_limit=True)
    client = HeartlandClient(f"{heartland_url}/api", "sim-heartland-token", NoObserver())
    with pytest.raises(Throttled) as caught:
        [client.whoami() for _ in range(40)]
    assert caught.value.retry_after == 1.0


def test_locations_come_with_their_stations(heartland: HeartlandClient) -> None:
    rows = {str(row["id"]): row for row in heartland.locations()}
    assert rows[WEBSITE]["name"] == "Website"
    assert rows[WEBSITE]["stations"] == []
    station = heartland.station_create(WEBSITE, "Website")
    rows = {str(row["id"]): row for row in heartland.locations()}
    assert [str(one["id"]) for one in rows[WEBSITE]["stations"]] == [station]


def test_payment_types_shipping_methods_and_fields_are_found_and_created(heartland: HeartlandClient) -> None:
    new_type = heartland.payment_type_create("BigCommerce External payments", "Paid online")
    assert new_type in {str(row["id"]) for row in heartland.payment_types()}
    method = heartland.shipping_method_create("Pigeon")
    assert method in {str(row["id"]) for row in heartland.shipping_methods()}
    field = heartland.custom_field_create("sales.order", "Web order number")
    assert heartland.custom_field_read(field)["key"] == "web_order_number"
    assert [row["id"] for row in heartland.custom_fields(group="sales.order") if str(row["id"]) == field]
    assert all(row["required?"] for row in heartland.custom_fields(required=True))


def test_items_are_found_by_exact_number(heartland: HeartlandClient) -> None:
    numbers = [item["public_id"] for item in heartland.iter_items(only=["public_id"])]
    found = heartland.items_by_numbers([*numbers[:150], numbers[0].lower() + "?", "NOT-THERE"])
    assert sorted(found) == sorted(numbers[:150])
    assert len(numbers) == len(set(numbers)) > 550


def test_long_numbers_still_fit_into_an_address(heartland: HeartlandClient) -> None:
    number = "Ü" * 255
    assert heartland.items_by_numbers([f"{number}{n}" for n in range(30)]) == {}


def test_a_customer_is_found_by_email_in_either_case_and_by_phone(heartland: HeartlandClient) -> None:
    body = {"first_name": "Zoë", "last_name": "Ünal", "email": "Zoe.Unal@example.com", "phone_number": "2515550188"}
    customer_id = heartland.customer_create(body)
    assert ids(heartland.customers_by_email("Zoe.Unal@example.com")) == [customer_id]
    assert ids(heartland.customers_search("ZOE.UNAL@example.com")) == [customer_id]
    assert ids(heartland.customers_search("2515550188")) == [customer_id]
    heartland.customer_update(customer_id, email="zoe@example.com")
    assert heartland.customer_read(customer_id)["email"] == "zoe@example.com"
    assert heartland.customer_read(customer_id)["last_name"] == "Ünal"


@pytest.mark.parametrize("joined", [False, True])
def test_an_address_tells_the_id_that_orders_use(heartland: HeartlandClient, heartland_url: str, joined: bool) -> None:
    switch(heartland_url, address_join_ids=joined)
    customer_id = heartland.customer_create({"first_name": "Ann", "last_name": "Ruiz"})
    address_id = heartland.address_create(customer_id, ADDRESS)
    (row,) = heartland.customer_addresses(customer_id)
    assert str(row["address_id"]) == address_id
    assert (str(row["id"]) != address_id) is joined


ADDRESS = {
    "first_name": "Ann",
    "last_name": "Ruiz",
    "line_1": "12 Bay St",
    "city": "Mobile",
    "state": "AL",
    "postal_code": "36602",
    "country": "US",
    "phone": "2515550100",
}


@pytest.mark.parametrize("location_header", ["path", "absolute"])
@pytest.mark.parametrize("create_body", ["empty", "record"])
def test_the_golden_path_of_an_order(
    heartland: HeartlandClient, heartland_url: str, location_header: str, create_body: str
) -> None:
    switch(heartland_url, location_header=location_header, create_body=create_body)
    order_id = pending_order(heartland)
    tax_id = heartland.order_tax_add(order_id, "AL Tax", Decimal("3.10"))
    assert [(str(row["id"]), row["value"]) for row in heartland.order_taxes(order_id)] == [(tax_id, Decimal("3.1"))]
    order = heartland.order_read(order_id)
    assert (order["status"], order["total"], len(order["lines"])) == ("pending", Decimal("53.25"), 1)
    payment_type = heartland.payment_type_create("BigCommerce External payments", "Paid online")
    heartland.order_payment_add(
        order_id,
        {"type": "CustomPayment", "payment_type_id": int(payment_type), "deposit": True, "amount": order["balance"]},
    )
    heartland.order_update(order_id, status="open")
    by_number = heartland.order_by_number("BC-1")
    assert by_number is not None
    assert (str(by_number["id"]), by_number["status"], by_number["balance"]) == (order_id, "open", 0)
    assert [payment["amount"] for payment in by_number["payments"]] == [Decimal("53.25")]
    line_id = str(by_number["lines"][0]["id"])
    heartland.order_line_update(order_id, line_id, ship_from_location_id=100005)
    assert [line["ship_from_location_id"] for line in heartland.order_lines(order_id)] == [100005]
    assert heartland.invoices_of_order(order_id) == []
    assert heartland.order_by_number("bc-1") is None


def pending_order(heartland: HeartlandClient) -> str:
    """An order over 50.15 before tax, with its line nested in the header."""
    customer_id = heartland.customer_create({"first_name": "Ann", "last_name": "Ruiz"})
    address_id = heartland.address_create(customer_id, ADDRESS)
    item = next(heartland.iter_items(active=True))
    header = {
        "public_id": "BC-1",
        "customer_id": int(customer_id),
        "source_location_id": int(WEBSITE),
        "station_id": int(heartland.station_create(WEBSITE, "Website")),
        "billing_address_id": int(address_id),
        "shipping_address_id": int(address_id),
        "shipping_charge": Decimal("6.95"),
        "lines": [
            {
                "item_id": item["id"],
                "qty": 2,
                "original_unit_price": Decimal("24.00"),
                "adjusted_unit_price": Decimal("21.60"),
            }
        ],
    }
    return heartland.order_create(header)


def test_a_refused_order_names_the_fields(heartland: HeartlandClient) -> None:
    with pytest.raises(Rejected) as caught:
        heartland.order_create({"public_id": "BC-2"})
    assert {"customer_id", "station_id", "source_location_id"} <= caught.value.fields.keys()


def test_webhooks_are_registered_listed_and_removed(heartland: HeartlandClient) -> None:
    before = len(heartland.webhooks())
    webhook_id = heartland.webhook_create("http://127.0.0.1:9/hook/secret", ["item_updated"])
    row = next(row for row in heartland.webhooks() if str(row["id"]) == webhook_id)
    assert (row["url"], row["events"]) == ("http://127.0.0.1:9/hook/secret", ["item_updated"])
    heartland.webhook_delete(webhook_id)
    assert len(heartland.webhooks()) == before
    with pytest.raises(NotFound):
        heartland.webhook_delete(webhook_id)


def ids(rows: list[dict[str, object]]) -> list[str]:
    return [str(row["id"]) for row in rows]
