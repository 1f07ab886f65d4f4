"""Orders as an API or a marketplace writes them, and what Heartland then holds of their buyers."""

from collections.abc import Mapping
from typing import Any

from ipaas.types import JSON
from tests.flows.conftest import Pair

AUSTIN = {
    "first_name": "Robin", "last_name": "Wells", "company": "", "street_1": "12 Elm St", "street_2": "",
    "city": "Austin", "state": "Texas", "zip": "78701", "country": "United States", "country_iso2": "US",
    "phone": "512-555-0142", "email": "robin.wells@example.org",
}  # fmt: skip


def send(pair: Pair, method: str, path: str, body: Any) -> Any:
    """A call of another app to the store; answers its JSON."""
    answer = pair.bigcommerce.session.request(
        method,
        f"{pair.bigcommerce.base}/stores/a1b2c3d4e5{path}",
        json=body,
        headers={"X-Auth-Token": "sim-bigcommerce-token"},
    )
    answer.raise_for_status()
    return answer.json() if answer.content else None


def post(pair: Pair, billing: Mapping[str, Any] | None = None, **changes: Any) -> str:
    """`POST /v2/orders` of one piece over 10.00; answers the web order id."""
    products = [{"product_id": product_of(pair), "quantity": 1, "price_ex_tax": "10.00", "price_inc_tax": "10.00"}]
    body = {
        "billing_address": {**AUSTIN, **(billing or {})},
        "status_id": 11,
        "payment_method": "Credit card",
        "products": products,
    }
    return str(send(pair, "POST", "/v2/orders", body | changes)["id"])


def product_of(pair: Pair, sku: str = "DOG-LEAD") -> int:
    return int(next(row["product_id"] for row in pair.bigcommerce.rows("variants") if row["sku"] == sku))


def booked(pair: Pair, billing: Mapping[str, Any] | None = None, **changes: Any) -> str:
    """Post an order and book it."""
    web_id = post(pair, billing, **changes)
    assert pair.run(web_id) == "done", pair.record(web_id).reason
    assert pair.record(web_id).disposition == "booked", pair.record(web_id).reason
    return web_id


def account(pair: Pair, **changes: Any) -> int:
    """A shopper opens an account in the store; answers its id."""
    body = {"first_name": "Ines", "last_name": "Marlow", "email": "ines@example.org", "phone": "512-555-0111"}
    return int(send(pair, "POST", "/v3/customers", [body | changes])["data"][0]["id"])


def sales_order(pair: Pair, web_id: str) -> JSON:
    """The one living sales order of a web order."""
    (order,) = [row for row in pair.sales_orders(web_id) if row["status"] != "canceled"]
    return order


def customer(pair: Pair, web_id: str) -> JSON:
    """Whom Heartland's sales order belongs to."""
    found: JSON = pair.heartland.get("/_sim/state/customers", id=sales_order(pair, web_id)["customer_id"])["rows"][0]
    return found


def address(pair: Pair, web_id: str, which: str = "billing") -> JSON:
    """The sales order's billing or shipping address in Heartland."""
    wanted = sales_order(pair, web_id)[f"{which}_address_id"]
    (row,) = [row for row in pair.heartland.rows("addresses") if row["address_id"] == wanted]
    return row


def at_the_desk(pair: Pair, method: str, path: str, body: JSON) -> int:
    """A change that Heartland's staff make; answers the id of what was created, else 0."""
    answer = pair.heartland.session.request(
        method,
        f"{pair.heartland.base}/api{path}",
        json=body,
        headers={"Authorization": "Bearer sim-heartland-token"},
    )
    answer.raise_for_status()
    new_id = answer.headers.get("Location", "").rpartition("/")[2]
    return int(new_id) if new_id.isdigit() else 0
