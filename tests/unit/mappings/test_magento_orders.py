"""Magento orders read into the canonical record: the cases of people who run Magento, with exact amounts."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from errors.failures import ContractBroken
from mappings.core.canonical.order import LineKind, Order, PaymentState, RefundHint, Source, TenderKind
from mappings.core.canonical.statuses import StatusMeaning
from mappings.core.magento.order_texts import comment_of
from mappings.core.magento.orders import order_from_magento
from tests.unit.mappings.magento_orders import PLACE, bundle, configurable, item, order

D = Decimal


def read(row: dict[str, Any], currency: str = "USD") -> Order:
    return order_from_magento(row, currency=currency)


def sold(order: Order) -> list[tuple[str, int, Decimal]]:
    return [(line.sku, line.quantity, line.net) for line in order.lines]


def test_a_coupon_on_prices_with_tax_gives_back_the_tax_in_it() -> None:
    lamp = item(
        "LAMP", 1, 100, id=1, discount_amount="11.90", tax_amount="17.10", discount_tax_compensation_amount="1.90"
    )
    cord = item(
        "CORD", 3, 20, id=2, discount_amount="7.14", tax_amount="10.26", discount_tax_compensation_amount="1.14"
    )
    found = read(order(lamp, cord, grand_total=171.36, discount_tax_compensation_amount=3.04))
    assert found.violations == ()
    assert sold(found) == [("LAMP", 1, D("90.00")), ("CORD", 3, D("54.00"))]
    assert (found.subtotal - found.discount, found.tax, found.total) == (D("144.00"), D("27.36"), D("171.36"))
    assert [tender.amount for tender in found.tenders] == [D("171.36")]


@pytest.mark.parametrize("child_price", [0, 120])
def test_a_configurable_is_one_line_whatever_its_child_says(child_price: int) -> None:
    found = read(order(*configurable("TRL-JKT-M", 2, 120, id=901, child_price=child_price)))
    (line,) = found.lines
    assert (line.source_id, line.product_id, line.sku) == ("901", "9901", "TRL-JKT-M")
    assert (line.quantity, line.unit_price, line.total, found.total) == (2, D("120.00"), D("240.00"), D("240.00"))
    assert found.violations == ()


def test_a_bundle_whose_parts_carry_the_money_is_its_parts() -> None:
    rows = bundle("SET", 2, [("A", 1, 30), ("B", 2, 10)], id=10)
    found = read(order(*rows))
    assert sold(found) == [("A", 2, D("60.00")), ("B", 4, D("40.00"))]
    assert {line.is_bundled_child for line in found.lines} == {True}
    assert found.violations == ()


@pytest.mark.parametrize("repeats", [False, True])
def test_a_bundle_with_a_price_of_its_own_keeps_it_and_its_parts_cost_nothing(*, repeats: bool) -> None:
    rows = bundle("BOX", 3, [("A", 1, 30 if repeats else 0), ("B", 2, 0)], id=10, own_price=45)
    found = read(order(*rows))
    assert sold(found) == [("BOX", 3, D("135.00")), ("A", 3, D("0.00")), ("B", 6, D("0.00"))]
    assert [bool(line.address_id) for line in found.lines] == [False, True, True]  # the parts are what leaves
    assert found.violations == ()


def test_a_part_of_a_bundle_that_came_back_is_its_own_and_not_the_whole_bundles() -> None:
    rows = bundle("SET", 2, [("A", 1, 30), ("B", 2, 10)], id=10)
    rows[0]["qty_refunded"], rows[1]["qty_refunded"] = 2, 1
    found = read(order(*rows, total_refunded=30, base_total_refunded=30))
    assert [line.quantity_refunded for line in found.lines] == [1, 0]
    assert (found.refunded, found.refund_hint) == (D("30.00"), RefundHint.PART)


def test_what_left_with_its_bundle_has_left() -> None:
    rows = bundle("BOX", 4, [("A", 1, 0), ("B", 2, 0)], id=10, own_price=45)
    rows[0]["qty_shipped"] = 1
    assert [line.quantity_shipped for line in read(order(*rows)).lines] == [1, 1, 2]


def test_a_cancelled_rest_is_not_there_any_more() -> None:
    row = item("MUG", 10, 20, id=1, qty_invoiced=7, qty_canceled=3)
    found = read(order(row, grand_total=200, total_paid=140, total_canceled=60, subtotal_canceled=60))
    assert sold(found) == [("MUG", 7, D("140.00"))]
    assert (found.total, found.payment, found.meaning) == (D("140.00"), PaymentState.TAKEN, StatusMeaning.OPEN)
    assert found.violations == ()


def test_a_line_that_was_cancelled_wholly_goes() -> None:
    gone = item("CAP", 1, 15, id=2, qty_canceled=1, qty_invoiced=0)
    found = read(order(item("MUG", 2, 20, id=1), gone, total_canceled=15, subtotal_canceled=15, total_paid=40))
    assert sold(found) == [("MUG", 2, D("40.00"))]
    assert found.violations == ()


def test_a_cancelled_order_is_shown_as_it_was() -> None:
    row = item("MUG", 10, 20, id=1, qty_invoiced=0, qty_canceled=10)
    found = read(order(row, state="canceled", status="canceled", total_canceled=200, subtotal_canceled=200))
    assert (sold(found), found.meaning) == ([("MUG", 10, D("200.00"))], StatusMeaning.CANCELLED)
    assert found.violations == ()


EUROS = {
    "order_currency_code": "EUR", "subtotal": 92, "base_subtotal": 100, "grand_total": 92, "base_grand_total": 100,
    "total_paid": 92, "base_total_paid": 100,
}  # fmt: skip


def test_an_order_in_another_currency_is_taken_in_the_base_that_the_account_keeps() -> None:
    found = read(order(item("TEE", 2, 46, id=1, base_price=50, base_row_total=100), **EUROS))
    assert (found.currency, found.total, sold(found)) == ("USD", D("100.00"), [("TEE", 2, D("100.00"))])
    (tender,) = found.tenders
    assert (tender.amount, tender.note) == (D("100.00"), "92.00 EUR")
    assert found.remarks == ("The shopper paid in EUR: 92.00 there is 100.00 USD here.",)
    assert (found.violations, found.payment) == ((), PaymentState.TAKEN)


@pytest.mark.parametrize("kept", ["EUR", "CAD", ""])
def test_an_order_is_taken_in_its_own_currency_where_base_is_not_the_accounts(kept: str) -> None:
    found = read(order(item("TEE", 2, 46, id=1, base_price=50, base_row_total=100), **EUROS), kept)
    assert (found.currency, found.total, found.remarks) == ("EUR", D("92.00"), ())


def test_a_fixed_product_tax_is_a_charge_and_the_invoice_that_lacks_it_is_told() -> None:
    applied = '[{"title":"Battery fee","amount":4,"row_amount":4,"base_row_amount":4}]'
    row = item("CELL", 1, 100, id=1, weee_tax_applied=applied, weee_tax_applied_row_amount=4)
    found = read(order(row, grand_total=104, total_paid=100, total_due=4))
    assert [(charge.name, charge.amount) for charge in found.charges] == [("Battery fee", D("4.00"))]
    assert (found.total, found.violations) == (D("104.00"), ())
    assert found.payment is PaymentState.UNKNOWN  # the transactions tell
    assert found.remarks == ("The store's invoices lack 4.00 of the 104.00 that the shopper was charged.",)


def test_a_fixed_product_tax_that_the_shop_counts_as_tax_is_no_charge_as_well() -> None:
    row = item("CELL", 1, 100, id=1, weee_tax_applied_row_amount=4)
    found = read(order(row, tax_amount=4))
    assert (found.charges, found.tax, found.total, found.violations) == ((), D("4.00"), D("104.00"), ())


def test_tax_by_total_is_taken_and_not_summed() -> None:
    rows = [item(f"N{number}", 3, "1.95", id=number, tax_amount="0.48") for number in range(1, 6)]
    found = read(order(*rows, tax_amount=2.41, grand_total=31.66))
    assert (found.subtotal, found.tax, found.total) == (D("29.25"), D("2.41"), D("31.66"))
    assert sum(line.tax for line in found.lines) == D("2.41")
    assert found.violations == ()


def test_virtual_goods_go_nowhere() -> None:
    row = item("WARRANTY", 1, 49, id=1, product_type="virtual", is_virtual=1)
    nowhere = {"shipping_assignments": [{"shipping": {"total": {}}, "items": []}]}
    found = read(order(row, is_virtual=1, state="complete", status="complete", extension=nowhere))
    assert (found.is_digital, found.consignments, found.violations) == (True, (), ())
    assert [line.address_id for line in found.lines] == [""]
    assert (found.meaning, found.total) == (StatusMeaning.SHIPPED, D("49.00"))


def test_goods_without_an_address_are_not_sent_to_the_billing_address_unasked() -> None:
    found = read(order(item("TEE", 1, 20, id=1), extension={"shipping_assignments": [{"shipping": {}}]}))
    assert [violation.code for violation in found.violations] == ["destination_unknown"]


def test_shipping_bears_its_own_discount_and_compensation() -> None:
    rows = [item("TEE", 1, 50, id=1, discount_amount=5)]
    found = read(order(
        *rows, shipping_amount=10, shipping_discount_amount="2.38", discount_amount="-7.38",
        shipping_discount_tax_compensation_amount="0.38",
    ))  # fmt: skip
    assert (found.shipping, found.shipping_discount, found.discount) == (D("8.00"), D("2.00"), D("5.00"))
    assert (found.total, found.violations) == (D("53.00"), ())


def test_cards_credit_and_points_pay_and_the_method_pays_what_is_left() -> None:
    beside = {"gift_cards_amount": 25, "customer_balance_amount": 10, "reward_currency_amount": 5}
    found = read(order(item("TEE", 2, 50, id=1), extension=beside))
    assert found.total == D("100.00")
    assert [(tender.kind, tender.amount) for tender in found.tenders] == [
        (TenderKind.GATEWAY, D("60.00")),
        (TenderKind.GIFT_CERTIFICATE, D("25.00")),
        (TenderKind.STORE_CREDIT, D("10.00")),
        (TenderKind.REWARD_POINTS, D("5.00")),
    ]


def test_an_order_that_a_card_paid_wholly_has_no_method_to_pay() -> None:
    found = read(order(item("TEE", 1, 50, id=1), extension={"gift_cards_amount": 50}, payment={"method": "free"}))
    assert [tender.kind for tender in found.tenders] == [TenderKind.GIFT_CERTIFICATE]
    assert (found.total, found.payment) == (D("50.00"), PaymentState.TAKEN)


def test_a_gift_card_that_is_sold_is_no_goods() -> None:
    found = read(order(item("GIFT", 1, 50, id=1, product_type="giftcard")))
    assert [line.kind for line in found.lines] == [LineKind.GIFT_CERTIFICATE]


def test_a_total_that_its_parts_do_not_make_is_told_with_its_numbers() -> None:
    (violation,) = read(order(item("TEE", 1, 50, id=1), grand_total=47)).violations
    assert violation.code == "money_does_not_add_up"
    assert "goods 50.00 make 50.00, but its total is 47.00" in violation.sentence


def test_part_of_a_piece_is_told() -> None:
    (violation,) = read(order(item("ROPE", "1.5", 10, id=1, is_qty_decimal=1))).violations
    assert violation.code == "quantity_not_whole"
    assert "“Rope” has the quantity 1.5." in violation.sentence


def test_who_ordered_is_the_account_and_of_a_guest_the_billing_address() -> None:
    row = order(item("TEE", 1, 20, id=1))
    assert (read(row).buyer.source_id, read(row).buyer.email) == ("77", "dana.whitfield@example.com")
    company_card = row | {"billing_address": PLACE | {"firstname": "Corporate", "lastname": "Cardholder"}}
    assert read(company_card).buyer.first_name == "Dana"
    guest = row | {"customer_is_guest": 1, "customer_firstname": None, "customer_lastname": None}
    del guest["customer_id"]
    assert (read(guest).buyer.is_guest, read(guest).buyer.last_name) == (True, "Whitfield")


def test_number_view_and_times_are_read() -> None:
    found = read(order(item("TEE", 1, 20, id=1)))
    assert (found.source_id, found.number, found.store_view) == ("412", "000000412", "Default Store View")
    assert found.placed_at == datetime(2026, 3, 2, 14, 7, 31, tzinfo=UTC)
    billing = found.billing
    assert billing is not None
    assert (billing.line_1, billing.line_2, billing.state) == ("18 Larch Row", "Apt 4", "MI")
    assert found.consignments[0].method == "Flat Rate - Fixed"


def test_orders_that_replace_each_other_name_each_other() -> None:
    row = order(item("TEE", 1, 20, id=1))
    assert (read(row).replaces, read(row).replaced_by) == ("", "")
    found = read(row | {"relation_parent_id": "411", "relation_parent_real_id": "000000411"})
    assert (found.replaces, found.replaces_number) == ("411", "000000411")
    assert read(row | {"relation_child_id": "413"}).replaced_by == "413"


@pytest.mark.parametrize(
    ("state", "status", "shipped", "key", "meaning", "label"),
    [
        ("new", "pending", 0, "new", StatusMeaning.UNPAID, "Pending"),
        ("processing", "processing", 0, "processing", StatusMeaning.OPEN, "Processing"),
        ("processing", "in_the_workshop", 0, "processing", StatusMeaning.OPEN, "In the workshop"),
        ("processing", "processing", 1, "part_shipped", StatusMeaning.PART_SHIPPED, "Partly Shipped"),
        ("processing", "fraud", 0, "fraud", StatusMeaning.CHECK, "Suspected Fraud"),
        ("payment_review", "fraud", 0, "fraud", StatusMeaning.CHECK, "Suspected Fraud"),
        ("holded", "holded", 0, "holded", StatusMeaning.CHECK, "On Hold"),
        ("closed", "closed", 0, "closed", StatusMeaning.REFUNDED, "Closed"),
        ("quarantine", "odd", 0, "quarantine", StatusMeaning.UNKNOWN, "Odd"),
    ],
)
def test_a_status_means_what_its_state_does(
    state: str, status: str, shipped: int, key: str, meaning: StatusMeaning, label: str
) -> None:
    found = read(order(item("TEE", 2, 20, id=1, qty_shipped=shipped), state=state, status=status))
    assert (found.status_key, found.meaning, found.status_label) == (key, meaning, label)


CHECKMO = {"method": "checkmo", "last_trans_id": None, "base_amount_paid_online": None}
PROMISED = {"amount_paid": 0, "base_amount_paid": 0, "base_amount_paid_online": 0, "amount_authorized": 20}


@pytest.mark.parametrize(
    ("paid", "payment", "state"),
    [
        (20, {}, PaymentState.TAKEN),
        (20, {"base_amount_paid_online": 0}, PaymentState.UNKNOWN),  # an invoice without its capture is no money
        (20, CHECKMO, PaymentState.TAKEN),
        (0, CHECKMO, PaymentState.OUTSTANDING),
        (0, PROMISED, PaymentState.AUTHORISED),
    ],
)
def test_what_the_order_says_of_its_money(paid: int, payment: dict[str, Any], state: PaymentState) -> None:
    row = item("TEE", 1, 20, id=1, qty_invoiced=1 if paid else 0)
    found = read(order(row, total_paid=paid, payment=payment))
    assert found.payment is state
    assert found.is_payment_untold is (state is PaymentState.OUTSTANDING)


def test_what_we_wrote_is_no_note_and_its_number_is_known() -> None:
    history = [
        {"entity_id": 1, "comment": "Call before delivery", "status": "processing"},
        {"entity_id": 2, "comment": comment_of("M-000000412"), "status": "processing"},
        {"entity_id": 3, "comment": None, "status": "processing"},
    ]
    found = read(order(item("TEE", 1, 20, id=1), status_histories=history, customer_note="Ring twice"))
    assert [(one.source, one.text) for one in found.written] == [
        (Source.COMMENT, "Ring twice"), (Source.STAFF_NOTES, "Call before delivery"),
    ]  # fmt: skip
    assert found.external_order_id == "M-000000412"
    assert read(order(item("TEE", 1, 20, id=1), ext_order_id="M-7")).external_order_id == "M-7"


def test_the_version_tells_what_counts_and_not_what_we_or_the_mailer_wrote() -> None:
    row = order(item("TEE", 2, 20, id=1))
    same = row | {"updated_at": "2026-03-02 14:20:00", "email_sent": 1, "ext_order_id": "M-000000412"}
    assert read(row).version == read(same).version
    rows = [item("TEE", 2, 20, id=1, qty_shipped=1)]
    assert read(row | {"items": rows}).version != read(row).version
    moved = row | {"billing_address": PLACE | {"city": "Lansing"}}
    assert read(moved).version != read(row).version


def test_an_order_without_its_id_is_none() -> None:
    row = order(item("TEE", 1, 20, id=1))
    del row["entity_id"]
    with pytest.raises(ContractBroken, match="entity_id is missing"):
        read(row)
