"""The golden path of the API note (§21.6), step by step, with exact money and stock."""

from decimal import Decimal
from typing import Any

from tests.sandbox.heartland_client import Caller
from tests.sandbox.heartland_orders import ADDRESS, MAIN, WEBSITE


def test_a_web_order_goes_all_the_way_and_one_piece_comes_back(heartland_url: str, hook_receiver: Any) -> None:
    api = Caller(heartland_url)
    api.switch(auto_tax_rate={str(WEBSITE): 9})
    for event in ("sales_transaction_completed", "customer_created"):
        api.post("/webhooks", {"url": f"{hook_receiver.url}/{event}", "events": [event]})
    station = api.post("/stations", {"location_id": WEBSITE, "name": "Web", "active": True})
    external = api.post("/payment_types", {"name": "BigCommerce External payments", "description": "Paid online"})
    tee, register = api.item("HP-TEE-RED-M"), 100_052
    before, last = api.stock(tee["id"], MAIN), api.newest()

    # 1–3: identity, customer, no order of that number yet
    assert api.get("/system/whoami")["login"] == "owner@example.com"
    assert api.get("/customers", {"_filter": '{"email":"ann@example.com"}'})["total"] == 0
    customer = api.post("/customers", {"first_name": "Ann", "last_name": "Ruiz", "email": "ann@example.com"})
    address = api.post(f"/customers/{customer}/addresses", ADDRESS)
    assert api.get(f"/customers/{customer}")["phone_number"] == "2515550100"
    assert api.get("/sales/orders", {"~[public_id]": "BC-10457"})["total"] == 0

    # 4–5: order and line, ship-from left null
    header = {"public_id": "BC-10457", "customer_id": customer, "source_location_id": WEBSITE, "station_id": station}
    header |= {"billing_address_id": address, "shipping_address_id": address, "shipping_method_id": 100_001}
    header |= {"shipping_charge": Decimal("6.95"), "sales_rep": "Ecommerce", "custom": {"ecommerce_number": "10457"}}
    answer = api.call("POST", "/api/sales/orders", header)
    order = answer.id
    assert (answer.status, answer.raw, answer.headers["Location"]) == (201, b"", f"/api/sales/orders/{order}")
    line = {"item_id": tee["id"], "qty": 2, "original_unit_price": 24, "adjusted_unit_price": Decimal("21.60")}
    line_id = api.post(f"/sales/orders/{order}/lines", line)
    path = f"/sales/orders/{order}"
    assert api.get(f"{path}/lines/{line_id}")["ship_from_location_id"] is None

    # 6–7: Heartland's own tax is neutralised, ours written, the total as charged
    assert [row["value"] for row in api.rows(f"{path}/taxes")] == [Decimal("3.89")]
    api.post(f"{path}/taxes", {"description": "Tax reset", "value": Decimal("-3.89")})
    api.post(f"{path}/taxes", {"description": "AL Tax", "value": Decimal("3.10")})
    shown = api.get(path)
    names = ("status", "subtotal", "total_tax", "total_discounts", "shipping_charge", "total", "total_paid", "balance")
    expected = ["pending", Decimal("43.2"), Decimal("3.1"), 0, Decimal("6.95"), Decimal("53.25"), 0, Decimal("53.25")]
    assert [shown[name] for name in names] == expected

    # 8–9: unpaid it does not open, paid it does
    status, error = api.refused("PUT", path, {"status": "open"})
    assert (status, error["error"], error["details"]) == (
        400,
        "validation_error",
        {"payments": ["must equal order total"]},
    )
    pay = {"type": "CustomPayment", "payment_type_id": external, "deposit": True, "amount": Decimal("53.25")}
    payment = api.post(f"{path}/payments", {**pay, "custom": {"gateway_id": "bc-pay-8812"}})
    booked = api.get(f"{path}/payments/{payment}")
    assert (booked["status"], booked["amount"], booked["deposit"], booked["custom"]) == (
        "complete",
        Decimal("53.25"),
        True,
        {"gateway_id": "bc-pay-8812"},
    )
    api.put(path, {"status": "open"})
    assert api.get(path)["balance"] == 0

    # 10: no promise before staff distribute, then two pieces
    assert api.stock(tee["id"], MAIN) == before
    api.sim("POST", "/staff/distribute", {"order": "BC-10457", "location": "MAIN"})
    after = api.stock(tee["id"], MAIN)
    assert (after["qty_on_hand"], after["qty_committed"]) == (before["qty_on_hand"], before["qty_committed"] + 2)
    assert after["qty_available"] == before["qty_available"] - 2

    # 11–12: invoiced, shipped, closed; seen by poll and by webhook
    custom = {"tracking_number": "1Z999", "carrier": "UPS"}
    api.sim("POST", "/staff/invoice", {"order": order, "custom": custom})
    after = api.stock(tee["id"], MAIN)
    assert (after["qty_on_hand"], after["qty_committed"]) == (before["qty_on_hand"] - 2, before["qty_committed"])
    assert api.get(path)["status"] == "closed"
    (invoice,) = api.rows("/sales/invoices", {"_filter": f'{{"order_id":{order}}}'})
    assert (invoice["type"], invoice["status"], invoice["total"], invoice["balance"], invoice["completed?"]) == (
        "Invoice",
        "complete",
        Decimal("53.25"),
        0,
        True,
    )
    assert (invoice["source_location_id"], invoice["station_id"], invoice["custom"]) == (MAIN, register, custom)
    assert hook_receiver.wait("/sales_transaction_completed") == [invoice]

    # 13: one piece back, with the invoice as parent
    head = {"type": "Return", "parent_transaction_id": invoice["id"], "customer_id": customer}
    ticket = api.post("/sales/tickets", {**head, "source_location_id": MAIN, "station_id": register})
    back = {"type": "ItemLine", "item_id": tee["id"], "qty": -1, "adjusted_unit_price": Decimal("21.60")}
    api.post(f"/sales/tickets/{ticket}/lines", back)
    api.post(f"/sales/tickets/{ticket}/lines", {"type": "TaxLine", "description": "AL Tax", "value": Decimal("-1.55")})
    money = {"type": "CustomPayment", "payment_type_id": external, "amount": Decimal("-23.15")}
    api.post(f"/sales/tickets/{ticket}/payments", money)
    api.put(f"/sales/tickets/{ticket}", {"status": "complete"})
    assert api.stock(tee["id"], MAIN)["qty_on_hand"] == before["qty_on_hand"] - 1
    returned = api.get(f"/sales/tickets/{ticket}")
    assert (returned["total"], returned["balance"], returned["status"]) == (Decimal("-23.15"), 0, "complete")

    # the ledger, exactly as the table of §21.1 has it
    assert api.ledger_after(last) == [
        (tee["id"], MAIN, 0, -2, "SalesOrder"),
        (tee["id"], MAIN, -2, None, "Invoice"),
        (tee["id"], MAIN, 1, 1, "Return"),
    ]
    # 14: the day's payments add up
    day = '{"status":"complete","local_completed_at":{"$gte":"2000-01-01T00:00:00"}}'
    rows = api.rows("/payments", {"_filter": day, "sort": "local_completed_at"})
    assert sum(row["amount"] for row in rows if row["payment_type_id"] == external) == Decimal("30.10")
