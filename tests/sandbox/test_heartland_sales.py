"""Tickets, returns, gift cards and reports (§12.1, §12.4, §13, §19)."""

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.heartland_client import Caller
from tests.sandbox.heartland_orders import ANNEX, MAIN, Shop

TEE, REGISTER = 100_003, 100_052


@pytest.fixture
def api(heartland_url: str) -> Caller:
    return Caller(heartland_url)


def details(api: Caller, method: str, path: str, body: Any) -> Any:
    status, error = api.refused(method, path, body)
    assert (status, error["error"]) == (400, "validation_error"), error
    return error["details"]


def ticket(api: Caller, **more: Any) -> str:
    head = {"type": "Ticket", "source_location_id": MAIN, "station_id": REGISTER, "sales_rep": "Kim"}
    return f"/sales/tickets/{api.post('/sales/tickets', {**head, **more})}"


def test_a_ticket_by_hand(api: Caller) -> None:
    api.sim("PUT", "/clock", {"frozen_at": "2026-03-02T19:11:40+00:00"})
    path = ticket(api, customer_id=100002)
    line = {"type": "ItemLine", "item_id": TEE, "qty": 1, "adjusted_unit_price": 21.6}
    line_id = api.post(f"{path}/lines", line)
    api.post(f"{path}/lines", {"type": "TaxLine", "description": "AL Tax", "value": 1.94})
    assert details(api, "PUT", path, {"status": "complete"}) == {"balance": ["must be zero"]}
    api.post(f"{path}/payments", {"type": "CashPayment", "amount": 23.54})
    api.put(path, {"status": "complete"})
    number = int(path.rsplit("/", 1)[1])
    shown = api.get(path)
    expected = {
        "id": number, "public_id": str(number), "type": "Ticket", "status": "complete", "customer_id": 100002,
        "customer_name": "Ana Lopez", "sales_rep": "Kim", "source_location_id": MAIN, "location_name": "Harbor Main",
        "station_id": REGISTER, "parent_transaction_id": None, "original_subtotal": 24,
        "total_discounts": Decimal("2.4"), "total_tax": Decimal("1.94"), "total": Decimal("23.54"),
        "total_paid": Decimal("23.54"), "balance": 0, "completed?": True, "voided?": False,
        "completed_at": "2026-03-02T19:11:40+00:00", "local_completed_at": "2026-03-02T13:11:40",
    }  # fmt: skip
    assert {name: shown[name] for name in expected} == expected
    (row,) = api.rows(f"{path}/item_lines")
    about = {
        "id": line_id, "type": "ItemLine", "item_id": TEE, "item_public_id": "HP-TEE-RED-M",
        "description": "Harbor Tee - M - Red", "qty": 1, "original_unit_price": 24, "unit_price": 24,
        "adjusted_unit_price": Decimal("21.6"), "price_adjustments": [{"id": line_id, "delta_price": Decimal("-2.4")}],
        "unit_cost": Decimal("7.5"), "value": Decimal("21.6"),
    }  # fmt: skip
    assert {name: row[name] for name in about} == about
    full = api.get(path, {"_include[]": ["lines", "payments", "subtotal", "tax_total"]})
    assert (len(full["lines"]), full["payments"][0]["amount"], full["subtotal"], full["tax_total"]) == (
        2,
        Decimal("23.54"),
        Decimal("21.6"),
        Decimal("1.94"),
    )
    assert details(api, "POST", f"{path}/lines", line) == {"status": ["the ticket is complete"]}
    assert details(api, "PUT", path, {"status": "void"}) == {"status": ["cannot change from complete to void"]}


def test_a_finished_sale_in_one_call(api: Caller) -> None:
    last = api.newest()
    path = ticket(
        api,
        item_lines=[{"item_id": TEE, "qty": 2, "original_unit_price": 24}],
        tax_lines=[{"description": "T", "value": 4}],
        payments=[{"type": "Payments::ExternalPayment", "amount": 52}],
        status="complete",
        affect_inventory=False,
        recalculate=False,
        completed_at="2026-02-01T10:00:00+00:00",
    )
    shown = api.get(path)
    assert (shown["status"], shown["total"], shown["completed_at"]) == ("complete", 52, "2026-02-01T10:00:00+00:00")
    assert shown["local_completed_at"] == "2026-02-01T04:00:00"
    assert api.ledger_after(last) == []


def test_a_failed_import_leaves_nothing(api: Caller) -> None:
    body = {"type": "Ticket", "source_location_id": MAIN, "station_id": REGISTER, "status": "complete"}
    lines = {"item_lines": [{"item_id": TEE, "qty": 1}], "payments": [{"type": "CashPayment", "amount": 1}]}
    assert details(api, "POST", "/sales/tickets", {**body, **lines}) == {"balance": ["must be zero"]}
    assert (api.get("/sales/tickets")["total"], api.get("/payments")["total"]) == (0, 0)


def test_settings_can_require_customer_and_sales_rep(api: Caller) -> None:
    api.put("/settings/pos.tickets.customer_required", {"value": True})
    api.put("/settings/pos.tickets.sales_rep_required", {"value": True})
    body = {"source_location_id": MAIN, "station_id": REGISTER}
    blank = ["can't be blank"]
    assert details(api, "POST", "/sales/tickets", body) == {"customer_id": blank, "sales_rep": blank}


def test_own_tax_on_tickets_by_location(api: Caller) -> None:
    api.switch(auto_tax_rate={str(MAIN): 10})
    path = ticket(api)
    api.post(f"{path}/lines", {"item_id": TEE, "qty": 1})
    assert (api.get(path)["total_tax"], api.get(path)["balance"]) == (Decimal("2.4"), Decimal("26.4"))


def test_a_return_is_limited_to_what_was_sold(api: Caller) -> None:
    sold = api.sim("POST", "/staff/pos_sale", {"location": "MAIN", "lines": [{"item_id": TEE, "qty": 2}], "tax": 3.84})
    path = ticket(api, type="Return", parent_transaction_id=sold["id"])
    back = {"type": "ItemLine", "item_id": TEE, "qty": -2}
    assert details(api, "POST", f"{path}/lines", {**back, "qty": -3}) == {
        "qty": ["is more than sold and not yet returned (2)"]
    }
    api.post(f"{path}/lines", {**back, "qty": -1})
    assert details(api, "POST", f"{path}/lines", back) == {"qty": ["is more than sold and not yet returned (1)"]}
    api.put(path, {"status": "void"})
    wish = {"parent_transaction_id": sold["id"], "lines": [{"item_id": TEE, "qty": 2}]}
    returned = api.sim("POST", "/staff/pos_return", wish)
    assert (returned["total"], returned["total_tax"]) == (Decimal("-51.84"), Decimal("-3.84"))
    query = {
        "_filter[type][$eq]": "Return",
        "_filter[status][$eq]": "complete",
        "_filter[created_at][$gt]": "2026-01-01",
    }
    assert [row["id"] for row in api.rows("/sales/tickets", query)] == [returned["id"]]
    assert details(api, "POST", "/sales/tickets", {**HEAD, "parent_transaction_id": 5}) == {
        "parent_transaction_id": ["does not exist"]
    }


HEAD = {"type": "Return", "source_location_id": MAIN, "station_id": REGISTER}


def test_blind_returns_can_be_forbidden(api: Caller) -> None:
    assert api.post("/sales/tickets", HEAD)
    api.switch(restrict_returns=True)
    assert details(api, "POST", "/sales/tickets", HEAD) == {"parent_transaction_id": ["can't be blank"]}


# --- gift cards -----------------------------------------------------------------------------------


def test_gift_cards_live_by_number(api: Caller) -> None:
    answer = api.call("POST", "/api/gift_cards", {"number": "gc 7a", "balance": 50, "reason_id": 100005})
    assert (answer.status, answer.headers["Location"]) == (201, "/api/gift_cards/GC7A")
    card = api.get("/gift_cards/gc7a")
    assert (card["number"], card["balance"], card["active?"]) == ("GC7A", 50, True)
    api.post("/gift_card/adjustments", {"gift_card_id": card["id"], "reason_id": 100005, "delta_balance": -12.5})
    assert api.get("/gift_cards/GC7A")["balance"] == Decimal("37.5")
    rows = api.rows("/gift_cards", {"_filter": '{"number":{"$in":["GC7A","HARBOR100","NONE"]}}'})
    assert [(row["number"], row["balance"]) for row in rows] == [("HARBOR100", 100), ("GC7A", Decimal("37.5"))]
    status, error = api.refused("GET", "/gift_cards/NONE")
    assert (status, error["error"]) == (404, "not_found")


def test_what_a_gift_card_needs(api: Caller) -> None:
    good = {"number": "AB12", "balance": 5, "reason_id": 100005}
    assert details(api, "POST", "/gift_cards", {**good, "number": "AB-12"}) == {
        "number": ["must be letters and digits"]
    }
    assert details(api, "POST", "/gift_cards", {**good, "number": "harbor100"}) == {
        "number": ["has already been taken"]
    }
    assert details(api, "POST", "/gift_cards", {**good, "balance": -1}) == {"balance": ["must not be negative"]}
    assert details(api, "POST", "/gift_cards", {"number": "AB12"}) == {"reason_id": ["can't be blank"]}
    body = {"gift_card_id": 100001, "reason_id": 100005, "delta_balance": -37.51}
    status, error = api.refused("POST", "/gift_card/adjustments", body)
    assert (status, error["error"]) == (400, "payment_error")
    assert api.get("/gift_cards/GC7Q2M")["balance"] == Decimal("37.5")


def test_cards_are_sold_and_spent_at_the_till(api: Caller) -> None:
    path = ticket(api)
    api.post(f"{path}/lines", {"type": "GiftCardLine", "number": "NEW1", "value": 30})
    api.post(f"{path}/payments", {"type": "CashPayment", "amount": 30})
    assert api.refused("GET", "/gift_cards/NEW1")[0] == 404
    api.put(path, {"status": "complete"})
    assert api.get("/gift_cards/NEW1")["balance"] == 30
    other = ticket(api)
    api.post(f"{other}/lines", {"item_id": TEE, "qty": 1})
    pay = {"type": "GiftCardPayment", "number": "NEW1", "amount": 24}
    assert api.refused("POST", f"{other}/payments", {**pay, "amount": 31})[1]["error"] == "payment_error"
    api.post(f"{other}/payments", pay)
    assert api.get("/gift_cards/NEW1")["balance"] == 6
    assert api.get("/payments")["total"] == 2


def test_sdk_spelling_of_adjustments_by_switch(api: Caller) -> None:
    assert api.refused("GET", "/gift_card_adjustments")[0] == 404
    api.switch(strict_paths=False)
    made = api.post("/gift_card_adjustments", {"gift_card_id": 100001, "reason_id": 100005, "delta_balance": 1})
    assert api.get(f"/gift_card_adjustments/{made}")["delta_balance"] == 1


# --- reports --------------------------------------------------------------------------------------


@pytest.fixture
def traded(api: Caller) -> Caller:
    """Two pieces sold for the web and shipped from the annex, one piece sold and one returned at the till."""
    api.sim("PUT", "/clock", {"frozen_at": "2026-03-03T03:00:00+00:00"})  # still the 2nd in Mobile
    shop = Shop(api)
    order = shop.opened({"item_id": TEE, "qty": 2, "adjusted_unit_price": 20, "ship_from_location_id": ANNEX})
    api.sim("POST", "/staff/invoice", {"order": order})
    sold = api.sim("POST", "/staff/pos_sale", {"location": "MAIN", "lines": [{"item_id": TEE, "qty": 1}]})
    api.sim("POST", "/staff/pos_return", {"parent_transaction_id": sold["id"], "lines": [{"item_id": TEE, "qty": 1}]})
    return api


def test_source_and_location_sales_differ_for_web_orders(traded: Caller) -> None:
    api = traded
    query: dict[str, Any] = {"start_date": "2026-03-02", "end_date": "2026-03-02", "grand_total": "true"}
    query |= {"group[]": ["location.public_id", "date.date"], "sort[]": "location.public_id"}
    names = ["net_sales", "gross_sales", "net_markdowns", "gross_returns", "net_qty_sold", "transaction_count"]
    source = api.get("/reporting/analyzer", {**query, "metrics[]": [f"source_sales.{name}" for name in names]})

    def figures(row: dict[str, Any], family: str) -> list[Any]:
        return [row["location.public_id"], row["date.date"], *(row[f"{family}.{name}"] for name in names)]

    assert [figures(row, "source_sales") for row in source["results"]] == [
        ["MAIN", "2026-03-02", 0, 24, 0, -24, 0, 2],
        ["WEB", "2026-03-02", 40, 48, -8, 0, 2, 1],
    ]
    assert source["grand_total"]["source_sales.net_sales"] == 40
    place = api.get("/reporting/analyzer", {**query, "metrics[]": ["location_sales.net_sales"]})
    assert [(row["location.public_id"], row["location_sales.net_sales"]) for row in place["results"]] == [
        ("ANNEX", 40),
        ("MAIN", 0),
    ]


def test_unknown_report_names_are_refused(api: Caller) -> None:
    assert api.refused("GET", "/reporting/analyzer?metrics[]=tax.net")[0] == 400
    assert api.refused("GET", "/reporting/analyzer?metrics[]=source_sales.net_sales&group[]=moon")[0] == 400


@pytest.mark.parametrize(
    ("family", "names"),
    [
        ("ending_inventory", ["qty_owned", "cost_owned", "price_owned"]),
        ("purchasing_order", ["total_qty_open"]),
        (
            "current_inventory",
            [
                "qty_on_hand",
                *("last_sold_date", "days_since_last_sold", "last_received_date", "days_since_last_received"),
            ],
        ),
    ],
)
def test_the_analyzer_answers_every_metric_seen_working(api: Caller, family: str, names: list[str]) -> None:
    item = api.get(f"/items/{TEE}")
    groups = ["item.public_id", "vendor.name", "location.public_id", "date.date", "customer.public_id"]
    query: dict[str, Any] = {"metrics[]": [f"{family}.{name}" for name in names], "group[]": groups, "per_page": 5000}
    rows = api.get("/reporting/analyzer", query)["results"]
    assert rows
    assert all(row["date.date"] is row["customer.public_id"] is None for row in rows)
    (row,) = [row for row in rows if (row["item.public_id"], row["location.public_id"]) == (item["public_id"], "MAIN")]
    stock = api.stock(TEE, MAIN)
    expected = {
        "qty_owned": stock["qty_on_hand"],
        "cost_owned": stock["qty_on_hand"] * item["cost"],
        "price_owned": stock["qty_on_hand"] * item["price"],
        "qty_on_hand": stock["qty_on_hand"],
        "total_qty_open": stock["qty_on_po"],
    }
    assert {name: row[f"{family}.{name}"] for name in names} == {name: expected.get(name) for name in names}
    vendor = api.get(f"/purchasing/vendors/{item['primary_vendor_id']}")["name"] if item["primary_vendor_id"] else None
    assert row["vendor.name"] == vendor


def test_sales_are_grouped_by_customer_and_vendor(traded: Caller) -> None:
    query = {"metrics[]": "source_sales.net_sales", "group[]": ["customer.public_id", "vendor.name"]}
    rows = traded.get("/reporting/analyzer", query)["results"]
    by_customer = {row["customer.public_id"]: row["source_sales.net_sales"] for row in rows}
    customers = [row["public_id"] for row in traded.rows("/customers", {"~[email]": "ann.ruiz@example.com"})]
    assert by_customer == {customers[-1]: 40, None: 0}


def test_flat_sale_lines(traded: Caller) -> None:
    rows = traded.rows("/reporting/sales", {"_filter[date][$gte]": "2026-03-02"})
    assert [(row["location_name"], row["net_qty_sold"], row["net_sales"]) for row in rows] == [
        ("Pine Annex", 2, 40),
        ("Harbor Main", 1, 24),
        ("Harbor Main", -1, -24),
    ]
    assert traded.rows("/reporting/sales", {"_filter[date][$gte]": "2026-03-03"}) == []
