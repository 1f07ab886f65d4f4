"""Reading store orders: every shape the answer may have, every type a field may come in."""

import contextlib
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors.failures import ContractBroken
from mappings.core.bigcommerce.orders import order_from_bigcommerce
from mappings.core.canonical.order import Buyer, LineKind
from tests.unit.mappings.payloads import ADDRESS, JSON, D, Priced, lines_of, order_json

PLAIN = order_json(Priced(price=D(5)))


def test_the_plain_fields() -> None:
    order = order_from_bigcommerce(order_json(Priced(price=D(5)), customer_message=" Leave at the door\x00 "))
    assert order.source_id == "10432"
    assert order.placed_at == datetime(2026, 1, 6, 14, 5, 9, tzinfo=UTC)
    assert order.version == "Tue, 06 Jan 2026 14:05:31 +0000 11 5.00"
    assert (order.status_key, order.status, order.currency) == ("11", "Awaiting Fulfillment", "USD")
    assert (order.payment_method, order.payment_status) == ("Credit Card", "captured")
    assert [(one.source, one.text) for one in order.written] == [("comment", "Leave at the door")]
    assert order.buyer == Buyer(
        source_id="77", email="ana@example.com", phone="5125550100", first_name="Ana", last_name="Lopez"
    )
    assert not order.buyer.is_guest
    assert [(c.source_id, c.method, c.address.state) for c in order.consignments] == [("5150", "Flat Rate", "TX")]
    assert [(line.source_id, line.kind, line.address_id) for line in order.lines] == [("88000", "item", "5150")]


def test_ids_and_numbers_may_be_text() -> None:
    answer = order_json(Priced(price=D(5), quantity=2), id="10432", status_id="11", customer_id="0")
    lines_of(answer)[0] |= {"id": "88000", "quantity": "2", "product_id": "400"}
    order = order_from_bigcommerce(answer)
    assert order.buyer.is_guest
    assert [(line.source_id, line.quantity, line.product_id) for line in order.lines] == [("88000", 2, "400")]


def test_lists_that_were_asked_for_win_over_what_came_inside() -> None:
    whole = order_json(Priced(price=D(5)), Priced(price=D(6)))
    paged = whole | {"products": list(reversed(lines_of(whole))), "consignments": {}}
    with_addresses = paged | {"shipping_addresses": [{**ADDRESS, "id": 5150, "shipping_method": "Flat Rate"}]}
    assert order_from_bigcommerce(with_addresses) == order_from_bigcommerce(whole)


@pytest.mark.parametrize(
    ("answer", "codes"),
    [
        ({"consignments": {}}, ["lines_incomplete", "money_does_not_add_up"]),
        ({"items_total": 2}, ["lines_incomplete"]),
        ({"items_total": 0}, []),  # bundled children may not count
        ({"shipping_address_count": 0}, ["destination_unknown"]),
        ({"shipping_address_count": 2}, ["destination_unknown"]),
        ({"shipping_address_count": None}, []),
    ],
)
def test_what_an_order_counts_and_its_answer_lacks(answer: JSON, codes: list[str]) -> None:
    order = order_from_bigcommerce(PLAIN | answer)
    assert [violation.code for violation in order.violations] == codes


def test_goods_without_a_destination_do_not_go_to_the_billing_address() -> None:
    answer = order_json(Priced(price=D(5)), shipping_address_count=None)
    answer |= {"products": lines_of(answer), "consignments": {}}
    (violation,) = order_from_bigcommerce(answer).violations
    assert violation.code == "destination_unknown"
    assert violation.sentence == (
        "Order 10432: it has goods to deliver and no shipping address; it is not sent to the billing address unasked."
    )
    assert order_from_bigcommerce(answer | {"order_is_digital": True}).violations == ()


def test_the_same_price_reads_the_same_as_text_and_as_number() -> None:
    texts = order_json(Priced(price=D("20.0000")))
    lines_of(texts)[0]["price_ex_tax"] = "20.0000"
    numbers = order_json(Priced(price=D("20.0000")))
    lines_of(numbers)[0]["price_ex_tax"] = Decimal("2E+1")
    assert repr(order_from_bigcommerce(texts)) == repr(order_from_bigcommerce(numbers))


def test_a_line_told_twice_counts_once() -> None:
    answer = order_json(Priced(price=D(5)))
    answer["consignments"]["downloads"] = [{"line_items": lines_of(answer)}]
    assert len(order_from_bigcommerce(answer).lines) == 1


def test_pickup_orders_have_no_destination() -> None:
    answer = order_json(Priced(price=D(5)))
    group = answer["consignments"]
    group["pickups"] = [{"id": 1, "pickup_method_id": 1, "line_items": group["shipping"].pop()["line_items"]}]
    order = order_from_bigcommerce(answer)
    assert order.is_pickup
    assert order.consignments == ()
    assert len(order.lines) == 1


def test_digital_lines_and_certificates_hang_elsewhere() -> None:
    answer = order_json(Priced(price=D(5)), Priced(price=D(50)), order_is_digital=True)
    group = answer["consignments"]
    download, certificate = group["shipping"].pop()["line_items"]
    certificate |= {"type": "giftcertificate", "gift_certificate_id": 9, "product_id": 0}
    group["downloads"] = [{"line_items": [download | {"type": "digital"}]}]
    group["email"] = {"gift_certificates": [{"line_items": [certificate]}]}
    order = order_from_bigcommerce(answer)
    assert order.is_digital
    assert [line.kind for line in order.lines] == [LineKind.ITEM, LineKind.GIFT_CERTIFICATE]
    group["email"] = {"gift_certificates": [certificate]}
    assert order_from_bigcommerce(answer) == order


def test_a_line_without_product_is_custom() -> None:
    answer = order_json(Priced(price=D(5)))
    lines_of(answer)[0] |= {"product_id": 0, "variant_id": None, "sku": ""}
    (line,) = order_from_bigcommerce(answer).lines
    assert (line.kind, line.sku, line.variant_id) == (LineKind.CUSTOM, "", "")


def test_refunds_show() -> None:
    answer = order_json(Priced(price=D(5), quantity=2))
    assert not order_from_bigcommerce(answer).has_refunds
    lines_of(answer)[0]["quantity_refunded"] = 1
    assert order_from_bigcommerce(answer).has_refunds
    for payment_status in ("Refunded", "partially refunded"):
        assert order_from_bigcommerce(order_json(Priced(price=D(5)), payment_status=payment_status)).has_refunds


def test_missing_optional_fields_are_blank() -> None:
    answer = order_json(Priced(price=D(5)))
    needed = {"id", "status_id", "date_created", "consignments", "billing_address"}
    money = {"subtotal_ex_tax", "total_ex_tax", "total_inc_tax", "total_tax"}
    order = order_from_bigcommerce({name: answer[name] for name in needed | money})
    assert order.total == D(5)
    assert order.modified_at == order.placed_at
    assert order.violations == ()


def test_an_order_without_contact_has_no_billing_address() -> None:
    blanks: tuple[Any, ...] = (None, {}, [], {**dict.fromkeys(ADDRESS, ""), "form_fields": []})
    for billing in blanks:
        order = order_from_bigcommerce(order_json(Priced(price=D(5)), billing_address=billing))
        assert order.billing is None
        assert order.buyer.email == ""


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"total_inc_tax": None}, "Order 10432: total_inc_tax is missing"),
        ({"total_inc_tax": "free"}, "Order 10432: total_inc_tax is not an amount"),
        ({"total_inc_tax": "NaN"}, "Order 10432: total_inc_tax is not an amount"),
        ({"total_inc_tax": "1e40"}, "Order 10432: total_inc_tax is not an amount"),
        ({"total_inc_tax": True}, "Order 10432: total_inc_tax is not an amount"),
        ({"status_id": "eleven"}, "Order 10432: status_id is not an amount"),
        ({"status_id": "1.5"}, "Order 10432: status_id is not a whole number"),
        ({"date_created": "yesterday"}, "Order 10432: date_created is not a date"),
        ({"date_created": ""}, "Order 10432: date_created is not a date"),
        ({"fees": ["x"]}, "Order 10432: fees holds something that is not an object"),
        ({"id": None}, "Order ?: id is missing"),
    ],
)
def test_a_broken_field_is_named(changes: JSON, sentence: str) -> None:
    with pytest.raises(ContractBroken) as caught:
        order_from_bigcommerce(PLAIN | changes)
    assert str(caught.value) == sentence


def test_a_broken_field_of_a_line_is_named_with_its_line() -> None:
    answer = order_json(Priced(price=D(5)))
    lines_of(answer)[0]["quantity"] = "many"
    with pytest.raises(ContractBroken, match=r"^Order 10432, line 88000: quantity is not an amount$"):
        order_from_bigcommerce(answer)


def test_no_card_number_gets_in() -> None:
    card = "4111 1111 1111 1111"
    answer = order_json(
        Priced(
            price=D(5),
            wrap=D(1),
            options=({"type": "Text field", "display_name": "Text", "display_value": card, "value": card},),
        ),
        payment_provider_id="4111111111111111",
        customer_message=f"my card is {card} thanks",
        external_order_id=card,
    )
    lines_of(answer)[0]["wrapping_message"] = card
    answer["billing_address"] |= {"company": card, "street_2": card}
    order = order_from_bigcommerce(answer)
    assert "1111" not in repr(order)
    assert order.tenders[0].reference == ""
    assert order.written[0].text == "my card is [card number removed] thanks"


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("5.0000") | st.just(-3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(data=st.data())
def test_whatever_comes_is_read_or_refused_by_name(data: st.DataObject) -> None:
    """No answer, however odd, ends in anything but an order or a ContractBroken."""
    answer: dict[str, Any] = json.loads(json.dumps(PLAIN, default=str), parse_float=Decimal)
    line = lines_of(answer)[0]
    for row in (answer, line, answer["billing_address"]):
        for name in data.draw(st.lists(st.sampled_from(sorted(row)), max_size=2)):
            row[name] = data.draw(junk)
    with contextlib.suppress(ContractBroken):
        assert order_from_bigcommerce(answer).source_id
