"""What people at Heartland's desk do to sales orders, and what is theirs."""

from decimal import Decimal
from typing import Any

from ipaas.types import JSON
from tests.flows.conftest import Pair

CENT = Decimal("0.01")


def stranger(pair: Pair) -> int:
    """A customer of the shop whom the store has never heard of."""
    return int(pair.heartland_client().customer_create({"first_name": "Abe", "last_name": "Other"}))


def sales_order(pair: Pair, number: str, *, customer_id: int, lines: list[JSON], opened: bool, **header: Any) -> str:
    """A sales order that a person or another program made, paid and opened where wished; answers its id."""
    client, settings = pair.heartland_client(), pair.connection.order_settings
    place = settings.source_location
    assert place is not None
    address = client.address_create(
        str(customer_id),
        {
            "first_name": "Abe", "last_name": "Other", "line_1": "1 Oak St", "city": "Austin", "state": "TX",
            "postal_code": "78701", "country": "US",
        },
    )  # fmt: skip
    body: JSON = {
        "public_id": number, "customer_id": customer_id, "source_location_id": int(place.external_id),
        "station_id": int(place.station_id), "billing_address_id": int(address), "shipping_address_id": int(address),
        "lines": lines,
    }  # fmt: skip
    order_id = client.order_create(body | header)
    if opened:
        pay(pair, order_id, Decimal(str(client.order_read(order_id)["balance"])))
        client.order_update(order_id, status="open")
    return order_id


def pay(pair: Pair, order_id: str, amount: Decimal) -> None:
    kind = int(pair.connection.order_settings.payment_type_id)
    body = {"type": "CustomPayment", "payment_type_id": kind, "deposit": True, "amount": amount}
    pair.heartland_client().order_payment_add(order_id, body)


def item(pair: Pair, sku: str) -> int:
    return int(pair.heartland_client().items_by_numbers([sku])[sku]["id"])


def line(pair: Pair, sku: str, quantity: int, price: str) -> JSON:
    return {"item_id": item(pair, sku), "qty": quantity, "adjusted_unit_price": Decimal(price)}


def held_there(pair: Pair, order_id: int | str) -> tuple[str, str, list[tuple[int, int, Decimal]]]:
    """Number, status and goods of a sales order, to see that nobody touched it."""
    order = pair.heartland_client().order_read(str(order_id))
    goods = [(row["item_id"], int(row["qty"]), Decimal(str(row["value"]))) for row in order["lines"]]
    return order["public_id"], order["status"], goods


def cancel(pair: Pair, order_id: int | str) -> None:
    """The desk gives the payments back and cancels."""
    pair.heartland.post("/_sim/staff/cancel", {"order": int(order_id), "refund": True})


def living(pair: Pair, web_id: str) -> list[JSON]:
    return [row for row in pair.sales_orders(web_id) if row["status"] != "canceled"]
