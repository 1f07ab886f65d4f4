"""The golden path of the API note (§21.6), step by step, with exact money and stock."""

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.heartland_client import Caller
from tests.sandbox.heartland_orders import ADDRESS, MAIN, WEBSITE

REGISTER = 100_052
MONEY = ("subtotal", "total_tax", "total_discounts", "shipping_charge", "total", "total_paid", "balance")


class Story:
    """One web order from whoami to the returned piece; each step asserts what the next one stands on."""

    def __init__(self, api: Caller, hooks: Any) -> None:
        self.api, self.hooks = api, hooks
        api.switch(auto_tax_rate={str(WEBSITE): 9})
        api.post("/webhooks", {"url": f"{hooks.url}/sales", "events": ["sales_transaction_completed"]})
        self.station = api.post("/stations", {"location_id": WEBSITE, "name": "Web", "active": True})
        about = {"name": "BigCommerce External payments", "description": "Paid online"}
        self.external = api.post("/payment_types", about)
        self.tee = api.item("HP-TEE-RED-M")["id"]
        self.before, self.last = self.stock(), api.newest()

    def stock(self) -> tuple[Any, ...]:
        row = self.api.stock(self.tee, MAIN)
        return row["qty_on_hand"], row["qty_committed"], row["qty_available"]

    def moved(self) -> tuple[Any, ...]:
        return tuple(now - then for now, then in zip(self.stock(), self.before, strict=True))

    def who_and_customer(self) -> None:
        """1–3: identity; customer by e-mail, created with an address; no order of that number yet."""
        api = self.api
        assert api.get("/system/whoami")["login"] == "owner@example.com"
        assert api.get("/customers", {"_filter": '{"email":"ann@example.com"}'})["total"] == 0
        person = {"first_name": "Ann", "last_name": "Ruiz", "email": "ann@example.com"}
        self.customer = api.post("/customers", person)
        self.address = api.post(f"/customers/{self.customer}/addresses", ADDRESS)
        assert api.get(f"/customers/{self.customer}")["phone_number"] == "2515550100"
        assert api.get("/sales/orders", {"~[public_id]": "BC-10457"})["total"] == 0

    def order_and_line(self) -> None:
        """4–5: order and line, ship-from left null."""
        header = {"public_id": "BC-10457", "customer_id": self.customer, "source_location_id": WEBSITE}
        header |= {"station_id": self.station, "billing_address_id": self.address, "shipping_charge": Decimal("6.95")}
        header |= {"shipping_address_id": self.address, "shipping_method_id": 100_001, "sales_rep": "Ecommerce"}
        answer = self.api.call("POST", "/api/sales/orders", {**header, "custom": {"ecommerce_number": "10457"}})
        self.order, self.path = answer.id, f"/sales/orders/{answer.id}"
        assert (answer.status, answer.raw, answer.headers["Location"]) == (201, b"", f"/api{self.path}")
        line = {"item_id": self.tee, "qty": 2, "original_unit_price": 24, "adjusted_unit_price": Decimal("21.60")}
        number = self.api.post(f"{self.path}/lines", line)
        assert self.api.get(f"{self.path}/lines/{number}")["ship_from_location_id"] is None

    def taxes_and_total(self) -> None:
        """6–7: Heartland's own tax is neutralised, ours written, the total as charged."""
        api = self.api
        assert [row["value"] for row in api.rows(f"{self.path}/taxes")] == [Decimal("3.89")]
        api.post(f"{self.path}/taxes", {"description": "Tax reset", "value": Decimal("-3.89")})
        api.post(f"{self.path}/taxes", {"description": "AL Tax", "value": Decimal("3.10")})
        shown = api.get(self.path)
        expected = ["43.20", "3.10", "0", "6.95", "53.25", "0", "53.25"]
        assert [shown[name] for name in MONEY] == [Decimal(text) for text in expected]

    def payment_and_open(self) -> None:
        """8–9: unpaid it does not open, paid it does."""
        api = self.api
        status, error = api.refused("PUT", self.path, {"status": "open"})
        assert (status, error) == (
            400,
            {
                "error": "validation_error",
                "message": "Request failed validation",
                "details": {"payments": ["must equal order total"]},
            },
        )
        body = {"type": "CustomPayment", "payment_type_id": self.external, "deposit": True, "amount": Decimal("53.25")}
        number = api.post(f"{self.path}/payments", {**body, "custom": {"gateway_id": "bc-pay-8812"}})
        booked = api.get(f"{self.path}/payments/{number}")
        names = ("status", "amount", "deposit", "custom")
        assert [booked[name] for name in names] == ["complete", Decimal("53.25"), True, {"gateway_id": "bc-pay-8812"}]
        api.put(self.path, {"status": "open"})
        assert (api.get(self.path)["status"], api.get(self.path)["balance"]) == ("open", 0)

    def distribute(self) -> None:
        """10: no promise before staff distribute, then two pieces."""
        assert self.moved() == (0, 0, 0)
        self.api.sim("POST", "/staff/distribute", {"order": "BC-10457", "location": "MAIN"})
        assert self.moved() == (0, 2, -2)

    def invoice_and_signal(self) -> None:
        """11–12: invoiced, shipped, closed; seen by poll and by webhook."""
        custom = {"tracking_number": "1Z999", "carrier": "UPS"}
        self.api.sim("POST", "/staff/invoice", {"order": self.order, "custom": custom})
        assert self.moved() == (-2, 0, -2)
        assert self.api.get(self.path)["status"] == "closed"
        (shown,) = self.api.rows("/sales/invoices", {"_filter": f'{{"order_id":{self.order}}}'})
        names = ("type", "status", "total", "balance", "completed?", "source_location_id", "station_id", "custom")
        expected = ["Invoice", "complete", Decimal("53.25"), 0, True, MAIN, REGISTER, custom]
        assert [shown[name] for name in names] == expected
        assert self.hooks.wait("/sales") == [shown]
        self.invoice = shown["id"]

    def take_one_back(self) -> None:
        """13: one piece back, with the invoice as parent."""
        api = self.api
        head = {"type": "Return", "parent_transaction_id": self.invoice, "customer_id": self.customer}
        path = (
            f"/sales/tickets/{api.post('/sales/tickets', {**head, 'source_location_id': MAIN, 'station_id': REGISTER})}"
        )
        back = {"type": "ItemLine", "item_id": self.tee, "qty": -1, "adjusted_unit_price": Decimal("21.60")}
        api.post(f"{path}/lines", back)
        api.post(f"{path}/lines", {"type": "TaxLine", "description": "AL Tax", "value": Decimal("-1.55")})
        money = {"type": "CustomPayment", "payment_type_id": self.external, "amount": Decimal("-23.15")}
        api.post(f"{path}/payments", money)
        api.put(path, {"status": "complete"})
        assert self.moved() == (-1, 0, -1)
        shown = api.get(path)
        assert (shown["total"], shown["balance"], shown["status"]) == (Decimal("-23.15"), 0, "complete")
        assert self.hooks.wait("/sales", 2)[1] == shown


@pytest.fixture
def story(heartland_url: str, hook_receiver: Any) -> Story:
    return Story(Caller(heartland_url), hook_receiver)


def test_a_web_order_goes_all_the_way_and_one_piece_comes_back(story: Story) -> None:
    story.who_and_customer()
    story.order_and_line()
    story.taxes_and_total()
    story.payment_and_open()
    story.distribute()
    story.invoice_and_signal()
    story.take_one_back()
    # the ledger, exactly as the table of §21.1 has it
    assert story.api.ledger_after(story.last) == [
        (story.tee, MAIN, 0, -2, "SalesOrder"),
        (story.tee, MAIN, -2, None, "Invoice"),
        (story.tee, MAIN, 1, 1, "Return"),
    ]
    # 14: the day's payments add up
    day = '{"status":"complete","local_completed_at":{"$gte":"2000-01-01T00:00:00"}}'
    rows = story.api.rows("/payments", {"_filter": day, "sort": "id"})
    assert [row["amount"] for row in rows] == [Decimal("53.25"), Decimal("-23.15")]
    # booked in New York, given back in Mobile: an hour apart by the wall
    assert rows[0]["local_completed_at"][:13] != rows[1]["local_completed_at"][:13]
    assert {row["payment_type_id"] for row in rows} == {story.external}
