"""An order's way to Heartland: exact effects, and the same effects whatever happens on the way."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from mappings.models import FieldDefault, Link, ValueMap
from syncjobs.models import Record
from syncjobs.stories.demo.sim import cents
from tests.flows.conftest import BUYER, Pair

Disposition = Record.Disposition


def assert_booked_once(pair: Pair, web_id: str) -> None:
    """One living sales order, open, to the cent, paid once, with each line once; the store names it."""
    record = pair.record(web_id)
    assert record.disposition == Disposition.BOOKED
    (order,) = [row for row in pair.sales_orders(web_id) if row["status"] != "canceled"]
    assert (order["status"], order["public_id"]) == ("open", record.target_label)
    assert cents(order["total"]) == record.source_total == record.target_total
    assert sum(cents(row["amount"]) for row in pair.rows_of("payments", order["id"])) == record.source_total
    store_order = pair.bigcommerce.get("/_sim/state/orders", id=web_id)["rows"][0]
    assert store_order["external_order_id"] == record.target_label
    assert cents(store_order["total_inc_tax"]) == record.source_total


def test_an_order_arrives_open_undistributed_paid_and_to_the_cent(pair: Pair) -> None:
    web_id = pair.book(coupon="SAVE10", lines=[{"sku": "DOG-LEAD", "quantity": 3}, {"sku": "LGT-LANT", "quantity": 1}])
    assert_booked_once(pair, web_id)
    (order,) = pair.sales_orders(web_id)
    assert order["custom"] == {"web_order_number": web_id, "source_system": "bigcommerce:a1b2c3d4e5"}
    assert order["public_id"] == f"BC-{web_id}"
    lines = pair.rows_of("order_lines", order["id"])
    assert sum(line["qty"] for line in lines) == 4
    assert {line["ship_from_location_id"] for line in lines} == {None}
    customer = pair.heartland.get("/_sim/state/customers", id=order["customer_id"])["rows"][0]
    assert (customer["first_name"], customer["email"]) == ("Ann", "ann.ruiz@example.com")
    (address,) = [row for row in pair.heartland.rows("addresses") if row["customer_id"] == customer["id"]]
    assert (address["line_1"], address["city"], address["state"], address["phone"]) == (
        "12 Bay St", "Austin", "TX", "2515550100",
    )  # fmt: skip
    (payment,) = pair.rows_of("payments", order["id"])
    payment_type = pair.heartland.get("/_sim/state/payment_types", id=payment["payment_type_id"])["rows"][0]
    assert payment_type["name"] == "BigCommerce External payments"


def test_auto_distribute_opens_the_order_distributed(pair: Pair) -> None:
    chosen = pair.connection.heartland.locations.get(external_id="100005")
    settings = pair.connection.order_settings
    settings.shipping, settings.ship_from = "one", chosen
    settings.save()
    web_id = pair.book()
    (order,) = pair.sales_orders(web_id)
    (line,) = pair.rows_of("order_lines", order["id"])
    assert line["ship_from_location_id"] == 100005
    assert pair.record(web_id).is_distributed
    stock = {row["item_id"]: row for row in pair.heartland.rows("stock") if row["location_id"] == 100005}
    assert stock[line["item_id"]]["committed"] == 2


def test_the_same_message_n_times_books_once(pair: Pair) -> None:
    web_id = pair.book()
    for _ in range(4):
        assert pair.run(web_id) == "done"
    assert_booked_once(pair, web_id)
    assert len(pair.sales_orders(web_id)) == 1


WRITES = {
    "customer": ("POST", r"/api/customers$"),
    "address": ("POST", r"/api/customers/\d+/addresses$"),
    "order": ("POST", r"/api/sales/orders$"),
    "tax": ("POST", r"/api/sales/orders/\d+/taxes"),
    "look": ("GET", r"/api/sales/orders/\d+"),
    "payment": ("POST", r"/api/sales/orders/\d+/payments"),
    "open": ("PUT", r"/api/sales/orders/\d+$"),
}


@pytest.mark.parametrize("write", WRITES)
def test_a_lost_answer_never_doubles_anything(pair: Pair, write: str) -> None:
    method, path = WRITES[write]
    before = {table: len(pair.heartland.rows(table)) for table in ("customers", "addresses")}
    pair.lose(pair.heartland, method, path)
    web_id = pair.place()
    if write == "look":  # a read is asked again at once
        assert pair.run(web_id) == "done"
    else:
        assert pair.run(web_id) == "retry"
        assert pair.record(web_id).disposition == Disposition.RETRYING
        assert pair.run_until_settled(web_id) == "done"
    assert_booked_once(pair, web_id)
    assert len(pair.sales_orders(web_id)) == 1
    added = {table: len(pair.heartland.rows(table)) - before[table] for table in before}
    assert added == {"customers": 1, "addresses": 1}


def test_a_lost_answer_from_the_store_is_asked_again_and_the_order_stays_booked(pair: Pair) -> None:
    pair.lose(pair.bigcommerce, "PUT", r"/v2/orders/\d+$")
    web_id = pair.place()
    assert pair.run(web_id) == "retry"
    assert pair.run_until_settled(web_id) == "done"
    assert_booked_once(pair, web_id)
    assert pair.calls(web_id) == ["GET /v2/orders", "GET /sales/orders"]


def test_a_write_that_never_arrived_waits_until_it_could_have_shown(pair: Pair) -> None:
    pair.heartland.post("/_sim/faults", {"method": "POST", "path": r"/api/sales/orders$", "times": 1, "drop": True})
    web_id = pair.place()
    assert pair.run(web_id) == "retry"
    assert pair.run(web_id, at=timezone.now() + timedelta(seconds=20)) != "done"
    assert pair.sales_orders(web_id) == []
    assert pair.run_until_settled(web_id) == "done"
    assert_booked_once(pair, web_id)


@pytest.mark.parametrize("end", ["its worker died", "the database went away"])
@pytest.mark.parametrize("comes_a_hint_meanwhile", [False, True])
def test_an_interrupted_try_may_have_written_and_is_waited_for(
    pair: Pair, end: str, comes_a_hint_meanwhile: bool
) -> None:
    web_id, now = pair.place(), timezone.now()
    pair.interrupt(web_id, now, is_death=end == "its worker died", comes_a_hint_meanwhile=comes_a_hint_meanwhile)
    assert pair.run(web_id, at=now + timedelta(seconds=20)) == "waiting"
    assert pair.sales_orders(web_id) == []
    assert "POST /customers" not in pair.calls(web_id)
    assert pair.run_until_settled(web_id) == "done"
    assert_booked_once(pair, web_id)


def test_an_order_that_we_forgot_is_found_and_adopted(pair: Pair) -> None:
    web_id = pair.book()
    pair.forget(web_id)
    assert pair.run(web_id) == "done"
    assert_booked_once(pair, web_id)
    assert len(pair.sales_orders(web_id)) == 1


def test_heartlands_own_tax_is_neutralised(pair: Pair) -> None:
    pair.heartland.put("/_sim/switches", {"auto_tax_rate": {"100007": 8.25}})
    try:
        web_id = pair.book()
    finally:
        pair.heartland.put("/_sim/switches", {"auto_tax_rate": {}})
    assert_booked_once(pair, web_id)
    (order,) = pair.sales_orders(web_id)
    names = [row["description"] for row in pair.rows_of("order_taxes", order["id"])]
    assert "Tax reset" in names


@pytest.mark.parametrize(
    ("recipe", "code"),
    [
        ({"payment": "declined"}, "declined_before_booking"),
        ({"payment": "abandoned"}, "incomplete"),
        ({"status_id": 5}, "cancelled_before_booking"),
        ({"refund": "full"}, "refunded"),
        ({"pickup": True, "status_id": 8}, "awaiting_pickup"),
        ({"payment": "authorized"}, "status_not_eligible"),
    ],
)
def test_what_is_not_sent_is_skipped_with_its_reason(pair: Pair, recipe: dict[str, object], code: str) -> None:
    web_id = pair.place(**recipe)
    pair.bigcommerce.post("/_sim/clock/advance", {"seconds": 5})
    assert pair.run(web_id) == "done"
    record = pair.record(web_id)
    assert (record.disposition, record.code) == (Disposition.SKIPPED, code)
    assert web_id in record.reason
    assert pair.sales_orders(web_id) == []


@pytest.mark.parametrize(
    ("recipe", "code"),
    [
        ({"custom_line": {"name": "Rush", "price": "5.00"}}, "line_without_sku"),
        ({"lines": [{"sku": "BOK-STEW", "quantity": 1, "gift_wrap": "Kraft paper"}]}, "gift_wrap_unmapped"),
        ({"handling": "4.00"}, "fee_unmapped"),
    ],
)
def test_what_cannot_be_booked_is_held_and_writes_nothing(pair: Pair, recipe: dict[str, object], code: str) -> None:
    before = len(pair.heartland.rows("customers"))
    web_id = pair.place(**recipe)
    assert pair.run(web_id) == "hold"
    record = pair.record(web_id)
    assert (record.disposition, record.code) == (Disposition.HELD, code)
    assert pair.sales_orders(web_id) == []
    assert len(pair.heartland.rows("customers")) == before


def test_a_skipped_order_is_taken_up_when_its_status_changes(pair: Pair) -> None:
    web_id = pair.place(payment="authorized")
    assert pair.run(web_id) == "done"
    assert pair.record(web_id).disposition == Disposition.SKIPPED
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/status", {"status_id": 11})
    assert pair.run(web_id) == "done"
    assert_booked_once(pair, web_id)


def test_gift_certificates_and_store_credit_are_tenders(pair: Pair) -> None:
    web_id = pair.book(gift_certificate="new:10.00")
    assert_booked_once(pair, web_id)
    (order,) = pair.sales_orders(web_id)
    amounts = sorted(cents(row["amount"]) for row in pair.rows_of("payments", order["id"]))
    assert amounts == sorted([Decimal("10.00"), cents(order["total"]) - 10])


@pytest.mark.parametrize("status_id", [5, 6])
def test_a_cancelled_or_declined_order_is_cancelled_in_heartland(pair: Pair, status_id: int) -> None:
    web_id = pair.book()
    pair.bigcommerce.post(f"/_sim/orders/{web_id}/status", {"status_id": status_id})
    assert pair.run(web_id) == "done"
    assert pair.record(web_id).disposition == Disposition.CANCELLED
    (order,) = pair.sales_orders(web_id)
    assert order["status"] == "canceled"
    assert sum(cents(row["amount"]) for row in pair.rows_of("payments", order["id"])) == 0
    assert pair.calls(web_id) == [
        "GET /v2/orders",
        "GET /sales/orders",
        "POST /sales/orders/payments",
        "PUT /sales/orders",
    ]
    assert pair.run(web_id) == "done"
    assert pair.calls(web_id) == ["GET /v2/orders", "GET /sales/orders"]


def test_a_required_field_holds_the_order_and_its_default_releases_it(pair: Pair) -> None:
    pair.heartland.session.post(
        f"{pair.heartland.base}/api/custom_fields",
        json={"group_id": "sales.order", "name": "Channel", "validation_type": "text", "required": True},
        headers={"Authorization": "Bearer sim-heartland-token"},
    ).raise_for_status()
    web_id = pair.place()
    assert pair.run(web_id) == "hold"
    assert "channel" in pair.record(web_id).reason.lower()
    assert [row["status"] for row in pair.sales_orders(web_id) if row["status"] != "canceled"] == []
    FieldDefault.objects.create(connection=pair.connection, group="sales.order", key="channel", value="web")
    assert pair.run(web_id) == "done"
    assert_booked_once(pair, web_id)


def test_an_unmapped_method_is_listed_and_its_row_releases_the_order(pair: Pair) -> None:
    settings = pair.connection.order_settings
    settings.shipping_method_id = ""
    settings.save()
    web_id = pair.place()
    assert pair.run(web_id) == "hold"
    (row,) = ValueMap.objects.filter(kind=ValueMap.Kind.SHIPPING, target_value="")
    assert (row.source_value, row.seen) == ("Flat Rate", 1)
    row.target_value = "100001"
    row.save()
    assert pair.run(web_id) == "done"
    assert_booked_once(pair, web_id)


def test_a_customer_that_vanished_is_looked_up_again(pair: Pair) -> None:
    pair.book()
    Link.objects.filter(kind=Link.Kind.CUSTOMER).update(target_id="999999")
    Link.objects.filter(kind=Link.Kind.ADDRESS).update(source_id="gone")
    web_id = pair.place()
    assert pair.run(web_id) == "retry"
    assert pair.run(web_id) == "done"
    assert_booked_once(pair, web_id)


def test_two_customers_with_one_e_mail_are_flagged_not_guessed(pair: Pair) -> None:
    for name in ("Ann", "Anna"):
        pair.heartland.session.post(
            f"{pair.heartland.base}/api/customers",
            json={"first_name": name, "last_name": "Ruiz", "email": BUYER["email"]},
            headers={"Authorization": "Bearer sim-heartland-token"},
        ).raise_for_status()
    web_id = pair.place(guest=BUYER | {"first_name": "A."})
    assert pair.run(web_id) == "hold"
    assert pair.record(web_id).code == "customer_ambiguous"
    assert pair.sales_orders(web_id) == []


@pytest.mark.parametrize(("sku", "looks_like"), [("CMP-KETL", "cmp-ketl"), ("BIN-8X32", "BIN-8×32")])
def test_an_unknown_sku_is_held_with_the_number_that_looks_like_it(pair: Pair, sku: str, looks_like: str) -> None:
    web_id = pair.place(lines=[{"sku": sku, "quantity": 1}])
    assert pair.run(web_id) == "hold"
    record = pair.record(web_id)
    assert record.code == "item_not_linked"
    assert looks_like in record.reason


def test_an_engraving_reaches_the_order_line(pair: Pair) -> None:
    (recipe,) = [
        one for one in pair.bigcommerce.get("/_sim/recipes", n=50, seed=7)["recipes"] if one["kind"] == "customised"
    ]
    web_id = pair.book(**{name: value for name, value in recipe.items() if name != "kind"})
    (order,) = pair.sales_orders(web_id)
    (wish,) = recipe["lines"][0]["modifiers"].values()
    notes = [row["custom"].get("customisation", "") for row in pair.rows_of("order_lines", order["id"])]
    assert any(wish in note for note in notes)


@pytest.mark.parametrize("held", [{"email": "Ann.Ruiz@Example.com"}, {"email": "", "phone_number": "(251) 555-0100"}])
def test_a_buyer_held_in_another_spelling_is_found_not_doubled(pair: Pair, held: dict[str, str]) -> None:
    created = pair.heartland.session.post(
        f"{pair.heartland.base}/api/customers",
        json={name: value for name, value in ({"first_name": "Ann", "last_name": "Ruiz"} | held).items() if value},
        headers={"Authorization": "Bearer sim-heartland-token"},
    )
    before = len(pair.heartland.rows("customers"))
    (order,) = pair.sales_orders(pair.book())
    assert order["customer_id"] == int(created.headers["Location"].rsplit("/", 1)[1])
    assert len(pair.heartland.rows("customers")) == before
