"""Building blocks of order tests: what every order needs, in the places of the seed."""

from typing import Any

from tests.sandbox.heartland_client import Caller

MAIN, ANNEX, WEBSITE, DEPOT = 100_005, 100_006, 100_007, 100_008


class Shop:
    """A web shop's footing in Heartland: station, payment type, a customer with an address."""

    def __init__(self, api: Caller) -> None:
        self.api = api
        self.station = api.post("/stations", {"location_id": WEBSITE, "name": "Web", "active": True})
        about = {"name": "BigCommerce External payments", "description": "Paid online"}
        self.payment_type = api.post("/payment_types", about)
        self.customer = api.post(
            "/customers", {"first_name": "Ann", "last_name": "Ruiz", "email": "ann.ruiz@example.com"}
        )
        self.address = api.post(f"/customers/{self.customer}/addresses", ADDRESS)

    def header(self, **more: Any) -> dict[str, Any]:
        """A complete order header."""
        places = {"source_location_id": WEBSITE, "station_id": self.station, "customer_id": self.customer}
        addresses = {"billing_address_id": self.address, "shipping_address_id": self.address}
        return {**places, **addresses, "sales_rep": "Ecommerce", **more}

    def pay(self, order: int, amount: Any, **more: Any) -> int:
        """Book an external payment."""
        body = {"type": "CustomPayment", "payment_type_id": self.payment_type, "deposit": True, "amount": amount}
        return self.api.post(f"/sales/orders/{order}/payments", {**body, **more})

    def opened(self, *lines: dict[str, Any], **header: Any) -> int:
        """An open, fully paid order."""
        order = self.api.post("/sales/orders", self.header(lines=list(lines), **header))
        self.pay(order, self.api.get(f"/sales/orders/{order}")["balance"])
        self.api.put(f"/sales/orders/{order}", {"status": "open"})
        return order


ADDRESS = {
    "first_name": "Ann",
    "last_name": "Ruiz",
    "line_1": "12 Bay St",
    "line_2": None,
    "city": "Mobile",
    "state": "AL",
    "postal_code": "36602",
    "country": "US",
    "phone": "2515550100",
}
