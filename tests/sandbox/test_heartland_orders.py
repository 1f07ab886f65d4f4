"""Sales orders: what they need, how they add up, when they open, cancel and close (§9 to §12.2, §21)."""

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.heartland_client import Caller
from tests.sandbox.heartland_orders import ADDRESS, ANNEX, MAIN, WEBSITE, Shop

TEE, STOVE = 100_003, "CMP-STOVE1"


@pytest.fixture
def api(heartland_url: str) -> Caller:
    return Caller(heartland_url)


@pytest.fixture
def shop(api: Caller) -> Shop:
    return Shop(api)


def details(api: Caller, method: str, path: str, body: Any) -> Any:
    status, error = api.refused(method, path, body)
    assert (status, error["error"]) == (400, "validation_error"), error
    return error["details"]


# --- customers ------------------------------------------------------------------------------------


def test_a_customer_needs_names_and_a_real_email(api: Caller) -> None:
    assert details(api, "POST", "/customers", {"email": "not-one"}) == {
        "first_name": ["can't be blank"],
        "last_name": ["can't be blank"],
        "email": ["is not a valid e-mail address"],
    }
    person = {"first_name": "Zoë", "last_name": "Å", "email": "z@example.com", "promotional_emails": True}
    first, second = api.post("/customers", person), api.post("/customers", person)
    shown = api.get(f"/customers/{first}")
    names = ("name", "public_id", "active?", "promotional_emails?", "promotional_messages?", "loyalty_points_balance")
    assert [shown[name] for name in names] == ["Zoë Å", str(first), True, True, False, 0]
    assert shown["deleted_at"] is None
    assert [row["id"] for row in api.rows("/customers", {"_filter": '{"email":"z@example.com"}'})] == [first, second]
    assert api.get("/customers", {"_filter": '{"email":"Z@example.com"}'})["total"] == 0
    api.put(f"/customers/{first}", {"last_name": "Ö"})
    assert api.get(f"/customers/{first}")["name"] == "Zoë Ö"


def test_addresses_need_their_fields_and_the_first_lends_its_phone(api: Caller) -> None:
    customer = api.post("/customers", {"first_name": "A", "last_name": "B"})
    path = f"/customers/{customer}/addresses"
    needed = ("first_name", "last_name", "line_1", "city", "state", "postal_code")
    assert details(api, "POST", path, {"address_1": "x", "zip": "1"}) == {name: ["can't be blank"] for name in needed}
    first, second = api.post(path, ADDRESS), api.post(path, {**ADDRESS, "phone": "1"})
    shown = api.get(f"{path}/{first}")
    assert (shown["id"], shown["address_id"], shown["customer_id"], shown["line_2"]) == (first, first, customer, None)
    assert api.get(f"/customers/{customer}")["phone_number"] == "2515550100"
    api.put(f"{path}/{first}", {"phone": "2515550199"})
    api.put(f"{path}/{second}", {"city": "Fairhope"})
    assert api.get(f"/customers/{customer}")["phone_number"] == "2515550199"
    assert [row["city"] for row in api.rows(path)] == ["Mobile", "Fairhope"]
    assert api.refused("GET", f"/customers/100002/addresses/{first}")[0] == 404


def test_join_ids_differ_from_address_ids_when_switched(api: Caller, shop: Shop) -> None:
    api.switch(address_join_ids=True)
    path = f"/customers/{shop.customer}/addresses"
    join = api.post(path, ADDRESS)
    address = api.get(f"{path}/{join}")["address_id"]
    assert address != join
    assert details(api, "POST", "/sales/orders", shop.header(billing_address_id=join)) == {
        "billing_address_id": ["does not exist"]
    }
    assert api.post("/sales/orders", shop.header(billing_address_id=address))


# --- header and lines -----------------------------------------------------------------------------


def test_an_order_needs_customer_station_and_source(api: Caller, shop: Shop) -> None:
    names = ("customer_id", "source_location_id", "station_id")
    assert details(api, "POST", "/sales/orders", {}) == {name: ["can't be blank"] for name in names}
    wrong = {"customer_id": 1, "station_id": 2, "shipping_method_id": 3, "shipping_address_id": 4}
    assert details(api, "POST", "/sales/orders", shop.header(**wrong)) == {
        name: ["does not exist"] for name in ("customer_id", "station_id", "shipping_method_id", "shipping_address_id")
    }
    api.post("/sales/orders", shop.header(public_id="BC-1"))
    assert details(api, "POST", "/sales/orders", shop.header(public_id="BC-1")) == {
        "public_id": ["has already been taken"]
    }
    assert api.get("/sales/orders")["total"] == 1


def test_a_fresh_order_is_as_the_note_shows_it(api: Caller, shop: Shop) -> None:
    order = api.post("/sales/orders", shop.header(shipping_charge=6.95, custom={"ecommerce_number": "7"}))
    shown = api.get(f"/sales/orders/{order}")
    expected = {
        "id": order, "public_id": str(order), "status": "pending", "customer_id": shop.customer,
        "source_location_id": WEBSITE, "station_id": shop.station, "billing_address_id": shop.address,
        "shipping_address_id": shop.address, "shipping_method_id": None, "shipping_charge": Decimal("6.95"),
        "sales_rep": "Ecommerce", "subtotal": 0, "total_tax": 0, "total_discounts": 0, "total": Decimal("6.95"),
        "total_paid": 0, "balance": Decimal("6.95"), "custom": {"ecommerce_number": "7"},
        "created_by_user_id": 100001, "updated_by_user_id": 100001,
    }  # fmt: skip
    assert {name: shown[name] for name in expected} == expected
    assert shown.keys() == expected.keys() | {"created_at", "updated_at"}


def test_back_dating(api: Caller, shop: Shop) -> None:
    order = api.post("/sales/orders", shop.header(created_at="2026-02-03T04:05:06-05:00"))
    assert api.get(f"/sales/orders/{order}")["created_at"] == "2026-02-03T09:05:06+00:00"


def test_a_line_is_as_the_note_shows_it(api: Caller, shop: Shop) -> None:
    order = api.post("/sales/orders", shop.header())
    path = f"/sales/orders/{order}/lines"
    body = {"item_id": TEE, "qty": 2, "original_unit_price": 24, "adjusted_unit_price": 21.6}
    answer = api.call("POST", f"/api{path}", body)
    assert (answer.raw, answer.headers["Location"]) == (b"", f"/api{path}/{answer.id}")
    api.put(f"{path}/{answer.id}", {"ship_from_location_id": MAIN})
    shown = api.get(f"{path}/{answer.id}")
    expected = {
        "id": answer.id, "order_id": order, "type": "ItemLine", "item_id": TEE, "description": "Harbor Tee - M - Red",
        "qty": 2, "original_unit_price": 24, "unit_price": 24, "adjusted_unit_price": Decimal("21.6"),
        "value": Decimal("43.2"), "ship_from_location_id": MAIN, "qty_invoiced": 0, "qty_open": 2, "custom": {},
    }  # fmt: skip
    assert {name: shown[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"item_id": TEE, "qty": -1}, {"qty": ["must be greater than 0"]}),
        ({"item_id": TEE, "qty": 0}, {"qty": ["must not be zero"]}),
        ({"item_id": TEE, "qty": 1.5}, {"qty": ["must be a whole number"]}),
        ({"item_id": TEE}, {"qty": ["can't be blank"]}),
        ({"item_id": 1, "qty": 1}, {"item_id": ["does not exist"]}),
        ({"item_lookup": "nope", "qty": 1}, {"item_lookup": ["does not match an item"]}),
        ({"qty": 1}, {"item_id": ["can't be blank"]}),
        ({"item_id": TEE, "qty": 1, "ship_from_location_id": 9}, {"ship_from_location_id": ["does not exist"]}),
    ],
)
def test_a_wrong_line_is_refused(api: Caller, shop: Shop, body: dict[str, Any], expected: dict[str, Any]) -> None:
    order = api.post("/sales/orders", shop.header())
    assert details(api, "POST", f"/sales/orders/{order}/lines", body) == expected
    assert details(api, "POST", "/sales/orders", shop.header(lines=[{"item_id": TEE, "qty": 1}, body])) == expected
    assert api.get("/sales/orders")["total"] == 1
    assert api.get(f"/sales/orders/{order}/lines")["total"] == 0


def test_prices_default_to_the_items_and_round_half_up_per_line(api: Caller, shop: Shop) -> None:
    rope = {"item_lookup": "ROP-METER", "qty": Decimal("1.5")}  # 1.5 × 2.35 = 3.525
    order = api.post("/sales/orders", shop.header(lines=[rope, rope, {"item_lookup": STOVE, "qty": 1}]))
    rows = api.rows(f"/sales/orders/{order}/lines")
    assert [(row["unit_price"], row["adjusted_unit_price"], row["value"]) for row in rows] == [
        (Decimal("2.35"), None, Decimal("3.53")),
        (Decimal("2.35"), None, Decimal("3.53")),
        (Decimal("44.95"), None, Decimal("44.95")),
    ]
    assert api.get(f"/sales/orders/{order}")["total"] == Decimal("52.01")


def test_totals_are_lines_less_discounts_plus_taxes_plus_shipping(api: Caller, shop: Shop) -> None:
    order = api.post("/sales/orders", shop.header(shipping_charge=5, lines=[{"item_id": TEE, "qty": 3}]))
    path = f"/sales/orders/{order}"
    api.post(f"{path}/discounts", {"description": "SPRING10", "amount": -5})
    api.post(f"{path}/discounts", {"description": "MORE", "amount": 2.5})
    api.post(f"{path}/taxes", {"description": "AL", "value": 3.1})
    api.post(f"{path}/taxes", {"description": "City", "value": 0.4})
    shown = api.get(path)
    names = ("subtotal", "total_discounts", "total_tax", "shipping_charge", "total", "balance")
    assert [shown[name] for name in names] == [72, Decimal("7.5"), Decimal("3.5"), 5, 73, 73]
    assert api.refused("PUT", f"{path}/taxes/100001", {"value": 1})[0] == 404
    assert details(api, "POST", f"{path}/taxes", {"description": "x"}) == {"value": ["can't be blank"]}


def test_heartlands_own_tax_follows_the_lines(api: Caller, shop: Shop) -> None:
    api.switch(auto_tax_rate={str(WEBSITE): 8.25})
    order = api.post("/sales/orders", shop.header(lines=[{"item_id": TEE, "qty": 1}]))
    path = f"/sales/orders/{order}"
    assert [(row["description"], row["value"]) for row in api.rows(f"{path}/taxes")] == [("Sales Tax", Decimal("1.98"))]
    api.post(f"{path}/lines", {"item_id": TEE, "qty": 2})
    assert [row["value"] for row in api.rows(f"{path}/taxes")] == [Decimal("5.94")]
    api.post(f"{path}/taxes", {"description": "Tax reset", "value": Decimal("-5.94")})
    assert (api.get(path)["total_tax"], api.get(path)["total"]) == (0, 72)


# --- payments -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"amount": 0}, {"amount": ["must not be zero"]}),
        ({"amount": None}, {"amount": ["can't be blank"]}),
        ({"amount": 1.005}, {"amount": ["must be rounded to cents"]}),
        ({"payment_type_id": None}, {"payment_type_id": ["can't be blank"]}),
        ({"payment_type_id": 5}, {"payment_type_id": ["does not exist"]}),
        ({"payment_type_id": 100001}, {"payment_type_id": ["is not accepted on sales orders"]}),
        ({"type": "Barter"}, {"type": ["is not a payment type"]}),
        ({"status": "hoped"}, {"status": ["is not a status"]}),
    ],
)
def test_a_wrong_payment_is_refused(api: Caller, shop: Shop, more: dict[str, Any], expected: dict[str, Any]) -> None:
    order = api.post("/sales/orders", shop.header())
    body = {"type": "CustomPayment", "payment_type_id": shop.payment_type, "amount": 5, **more}
    assert details(api, "POST", f"/sales/orders/{order}/payments", body) == expected
    assert api.get("/payments")["total"] == 0


def test_an_inactive_type_takes_no_payments(api: Caller, shop: Shop) -> None:
    order = api.post("/sales/orders", shop.header())
    api.put(f"/payment_types/{shop.payment_type}", {"active": False})
    body = {"type": "CustomPayment", "payment_type_id": shop.payment_type, "amount": 5}
    assert details(api, "POST", f"/sales/orders/{order}/payments", body) == {"payment_type_id": ["is not active"]}


def test_a_payment_is_as_the_note_shows_it(api: Caller, shop: Shop) -> None:
    api.sim("PUT", "/clock", {"frozen_at": "2026-03-02T18:22:07+00:00"})
    order = api.post("/sales/orders", shop.header(lines=[{"item_id": TEE, "qty": 1}]))
    paid = shop.pay(order, 24, custom={"gateway_id": "bc-pay-8812"}, reference="r1")
    shown = api.get(f"/sales/orders/{order}/payments/{paid}")
    expected = {
        "id": paid, "type": "CustomPayment", "status": "complete", "amount": 24, "deposit": True,
        "payment_type_id": shop.payment_type, "description": "BigCommerce External payments", "reference": "r1",
        "custom": {"gateway_id": "bc-pay-8812"}, "completed_at": "2026-03-02T18:22:07+00:00",
        "local_completed_at": "2026-03-02T13:22:07",
    }  # fmt: skip
    assert {name: shown[name] for name in expected} == expected
    listed = api.rows("/payments", {"_filter": '{"status":"complete","local_completed_at":{"$gte":"2026-03-02"}}'})
    assert [(row["id"], row["amount"]) for row in listed] == [(paid, 24)]
    assert "custom" not in listed[0]
    assert api.get("/payments", {"~[local_completed_at][$gt]": "2026-03-02T13:22:07"})["total"] == 0


def test_a_pending_payment_fills_the_balance_and_is_completed_later(api: Caller, shop: Shop) -> None:
    order = api.post("/sales/orders", shop.header(lines=[{"item_id": TEE, "qty": 1}]))
    path = f"/sales/orders/{order}"
    paid = shop.pay(order, 24, status="pending")
    assert (api.get(path)["balance"], api.get(path)["total_paid"]) == (0, 0)
    assert api.get(f"{path}/payments/{paid}")["completed_at"] is None
    api.put(path, {"status": "open"})
    api.put(f"{path}/payments/{paid}", {"status": "complete"})
    assert (api.get(path)["balance"], api.get(path)["total_paid"]) == (0, 24)
    assert api.get(f"{path}/payments/{paid}")["completed_at"] is not None
    assert details(api, "PUT", f"{path}/payments/{paid}", {"status": "pending"}) == {
        "status": ["cannot change from complete to pending"]
    }


# --- status ---------------------------------------------------------------------------------------


def test_opening_tells_everything_that_is_missing(api: Caller, shop: Shop) -> None:
    header = shop.header(billing_address_id=None, shipping_address_id=None, shipping_charge=1)
    order = api.post("/sales/orders", header)
    api.post("/custom_fields", {"group_id": "sales.order", "name": "Channel", "required": True})
    assert details(api, "PUT", f"/sales/orders/{order}", {"status": "open", "custom": {"channel": ""}}) == {
        "custom@channel": ["can't be blank"]
    }
    assert details(api, "PUT", f"/sales/orders/{order}", {"custom": {"channel": "web"}, "status": "open"}) == {
        "lines": ["can't be blank"],
        "billing_address_id": ["can't be blank"],
        "shipping_address_id": ["can't be blank"],
        "payments": ["must equal order total"],
    }
    assert api.get(f"/sales/orders/{order}")["status"] == "pending"


@pytest.mark.parametrize("amount", [Decimal("23.99"), Decimal("24.01")])
def test_a_cent_off_does_not_open(api: Caller, shop: Shop, amount: Decimal) -> None:
    order = api.post("/sales/orders", shop.header(lines=[{"item_id": TEE, "qty": 1}]))
    shop.pay(order, amount)
    expected = {"payments": ["must equal order total"]}
    assert details(api, "PUT", f"/sales/orders/{order}", {"status": "open"}) == expected
    api.switch(allow_open_unpaid=True)
    api.put(f"/sales/orders/{order}", {"status": "open"})


def test_a_line_field_required_later_keeps_the_order_pending(api: Caller, shop: Shop) -> None:
    order = api.post("/sales/orders", shop.header(lines=[{"item_id": TEE, "qty": 1}]))
    shop.pay(order, 24)
    api.post("/custom_fields", {"group_id": "sales.order.line_item", "name": "Gift", "required": True})
    expected = {"custom@gift": ["can't be blank"]}
    assert details(api, "PUT", f"/sales/orders/{order}", {"status": "open"}) == expected


def test_an_open_orders_quantities_stay(api: Caller, shop: Shop) -> None:
    order = shop.opened({"item_id": TEE, "qty": 1})
    (row,) = api.rows(f"/sales/orders/{order}/lines")
    path = f"/sales/orders/{order}/lines/{row['id']}"
    assert details(api, "PUT", path, {"qty": 2}) == {"qty": ["cannot be changed on an open order"]}
    assert details(api, "DELETE", path, None) == {"status": ["lines can be deleted while the order is pending only"]}
    api.post(f"/sales/orders/{order}/lines", {"item_id": TEE, "qty": 1})
    assert api.get(f"/sales/orders/{order}")["balance"] == 24


def test_cancelling_needs_the_payments_refunded(api: Caller, shop: Shop) -> None:
    order = shop.opened({"item_id": TEE, "qty": 1})
    path = f"/sales/orders/{order}"
    assert details(api, "PUT", path, {"status": "canceled"}) == {
        "payments": ["must be refunded before the order is canceled"]
    }
    shop.pay(order, -24)
    for word in ("cancelled", "void", "closed", "pending"):
        assert details(api, "PUT", path, {"status": word}) == {"status": [f"cannot change from open to {word}"]}
    api.put(path, {"status": "canceled"})
    assert api.get(path)["status"] == "canceled"
    assert details(api, "PUT", path, {"sales_rep": "X"}) == {"status": ["the order is canceled"]}
    assert details(api, "POST", f"{path}/lines", {"item_id": TEE, "qty": 1}) == {"status": ["the order is canceled"]}


def test_other_spellings_of_cancel_by_switch(api: Caller, shop: Shop) -> None:
    order = api.post("/sales/orders", shop.header())
    api.switch(cancel_spellings="lenient")
    api.put(f"/sales/orders/{order}", {"status": "cancelled"})
    assert api.get(f"/sales/orders/{order}")["status"] == "canceled"


def test_open_work_is_found_with_its_lines(api: Caller, shop: Shop) -> None:
    far, near = shop.opened({"item_id": TEE, "qty": 1}), shop.opened({"item_id": TEE, "qty": 1})
    api.sim("POST", "/staff/distribute", {"order": near, "location": MAIN})
    includes = ["lines", "customer", "location", "payments"]
    rows = api.rows("/sales/orders", {"_filter": '{"status":"open"}', "_include[]": includes})
    waiting = [row["id"] for row in rows if any(one["ship_from_location_id"] is None for one in row["lines"])]
    assert (waiting, [row["id"] for row in rows]) == ([far], [far, near])
    assert (rows[0]["customer"]["name"], rows[0]["location"]["name"], rows[0]["payments"][0]["amount"]) == (
        "Ann Ruiz",
        "Website",
        24,
    )
    assert api.refused("GET", "/sales/orders?~[ship_from_location_id]=1")[0] == 400


def test_distribution_has_its_own_permission(api: Caller, shop: Shop) -> None:
    order = shop.opened({"item_id": TEE, "qty": 1})
    (row,) = api.rows(f"/sales/orders/{order}/lines")
    api.sim("POST", "/tokens", {"token": "spread", "permissions": ["sales.order.distribute"]})
    other = Caller(api.url, "spread")
    path = f"/sales/orders/{order}/lines/{row['id']}"
    other.put(path, {"ship_from_location_id": MAIN})
    assert other.refused("PUT", path, {"adjusted_unit_price": 1})[0] == 403


# --- invoices -------------------------------------------------------------------------------------


def invoice_head(shop: Shop, order: int, place: int = MAIN, station: int = 100052) -> dict[str, Any]:
    head = {"type": "Invoice", "order_id": order, "customer_id": shop.customer}
    return {**head, "source_location_id": place, "station_id": station}


def test_an_invoice_needs_an_open_order(api: Caller, shop: Shop) -> None:
    pending = api.post("/sales/orders", shop.header(lines=[{"item_id": TEE, "qty": 1}]))
    assert details(api, "POST", "/sales/invoices", invoice_head(shop, pending)) == {"order_id": ["is not open"]}
    names = ("order_id", "source_location_id", "station_id")
    assert details(api, "POST", "/sales/invoices", {}) == {name: ["can't be blank"] for name in names}


def test_an_invoice_takes_only_what_is_open_at_its_location(api: Caller, shop: Shop) -> None:
    order = shop.opened({"item_id": TEE, "qty": 2, "ship_from_location_id": MAIN})
    elsewhere = api.post("/sales/invoices", invoice_head(shop, order, ANNEX, 100054))
    too_many = {"qty": ["is more than the order has open at this location"]}
    body = {"type": "ItemLine", "item_id": TEE, "qty": 1}
    assert details(api, "POST", f"/sales/invoices/{elsewhere}/lines", body) == too_many
    here = api.post("/sales/invoices", invoice_head(shop, order))
    path = f"/sales/invoices/{here}"
    assert details(api, "PUT", path, {"status": "complete"}) == {"lines": ["can't be blank"]}
    assert details(api, "POST", f"{path}/lines", {**body, "qty": 3}) == too_many
    api.post(f"{path}/lines", body)
    assert details(api, "POST", f"{path}/lines", {**body, "qty": 2}) == too_many
    api.put(path, {"status": "void"})
    assert (api.get(path)["status"], api.get(path)["voided?"]) == ("void", True)
    assert api.get(f"/sales/orders/{order}/lines")["results"][0]["qty_open"] == 2


def test_autofill_takes_the_open_lines(api: Caller, shop: Shop) -> None:
    api.switch(invoice_autofill=True)
    stove = {"item_lookup": STOVE, "qty": 1, "ship_from_location_id": MAIN}
    order = shop.opened({"item_id": TEE, "qty": 2, "ship_from_location_id": MAIN}, stove)
    invoice = api.post("/sales/invoices", invoice_head(shop, order))
    api.put(f"/sales/invoices/{invoice}", {"status": "complete"})
    assert [row["qty"] for row in api.rows(f"/sales/invoices/{invoice}/lines")] == [2, 1]
    assert api.get(f"/sales/orders/{order}")["status"] == "closed"


def test_partial_invoices_share_tax_and_discount_to_the_cent(api: Caller, shop: Shop) -> None:
    lines = [
        {"item_id": TEE, "qty": 2, "ship_from_location_id": MAIN},
        {"item_lookup": STOVE, "qty": 1, "ship_from_location_id": ANNEX},
    ]
    order = api.post("/sales/orders", shop.header(lines=lines, shipping_charge=6.95))
    api.post(f"/sales/orders/{order}/taxes", {"description": "AL", "value": 7.77})
    api.post(f"/sales/orders/{order}/discounts", {"description": "D", "amount": 3.33})
    total = api.get(f"/sales/orders/{order}")["balance"]
    assert total == Decimal("104.34")
    shop.pay(order, total)
    api.put(f"/sales/orders/{order}", {"status": "open"})
    first = api.sim("POST", "/staff/invoice", {"order": order, "location": "MAIN"})
    assert first["order"]["status"] == "open"
    second = api.sim("POST", "/staff/invoice", {"order": order})
    assert second["order"]["status"] == "closed"
    one, two = first["invoices"][0], second["invoices"][0]
    # 48.00 of 92.95: tax 4.01, discount 1.72; shipping comes with the first
    assert (one["total"], one["total_tax"]) == (Decimal("57.24"), Decimal("4.01"))
    assert (two["total"], two["total_tax"]) == (Decimal("47.1"), Decimal("3.76"))
    assert one["total"] + two["total"] == total
    assert (one["balance"], two["total_paid"]) == (0, Decimal("47.1"))
    both = api.rows("/sales/invoices", {"order_id": order, "_include[]": ["lines", "tax_total"]})
    assert [(row["id"], row["tax_total"], len(row["lines"])) for row in both] == [
        (one["id"], Decimal("4.01"), 1),
        (two["id"], Decimal("3.76"), 1),
    ]


def test_tracking_is_written_on_a_finished_invoice(api: Caller, shop: Shop) -> None:
    order = shop.opened({"item_id": TEE, "qty": 1, "ship_from_location_id": MAIN})
    invoice = api.sim("POST", "/staff/invoice", {"order": order})["invoices"][0]
    assert invoice["custom"] == {"tracking_number": "", "carrier": ""}
    path = f"/sales/invoices/{invoice['id']}"
    api.put(path, {"custom": {"tracking_number": "1Z9"}})
    assert api.get(path)["custom"] == {"tracking_number": "1Z9", "carrier": ""}
    assert details(api, "PUT", path, {"source_location_id": ANNEX}) == {
        "source_location_id": ["cannot be changed on a complete invoice"]
    }
    api.sim("PUT", "/switches", {"invoice_void_complete": False})
    assert details(api, "PUT", path, {"status": "void"}) == {"status": ["cannot change from complete to void"]}


def test_orders_and_transactions_have_their_own_numbers(api: Caller, shop: Shop) -> None:
    order = shop.opened({"item_id": TEE, "qty": 1, "ship_from_location_id": MAIN})
    invoice = api.sim("POST", "/staff/invoice", {"order": order})["invoices"][0]["id"]
    ticket = api.sim("POST", "/staff/pos_sale", {"location": "MAIN", "lines": [{"item_id": TEE}]})["id"]
    assert (order, invoice, ticket) == (100001, 100001, 100002)
    assert api.refused("GET", f"/sales/tickets/{invoice}")[0] == 404
    assert api.refused("GET", f"/sales/invoices/{ticket}")[0] == 404
    assert api.get("/sales/tickets")["total"] == 1


def test_sdk_only_paths_exist_when_lenient(api: Caller, shop: Shop) -> None:
    order = api.post("/sales/orders", shop.header())
    path = f"/sales/orders/{order}/shipping"
    assert api.refused("POST", path, {"shipping_charge": 4})[0] == 404
    api.switch(strict_paths=False)
    assert api.call("POST", f"/api{path}", {"shipping_charge": 4}).status == 204
    assert api.get(f"/sales/orders/{order}")["total"] == 4
