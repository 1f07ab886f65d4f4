"""The money of Magento orders: every sum to the cent, whatever was discounted, compensated or cancelled."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mappings.core.canonical.order import Order, PaymentState
from mappings.core.magento.orders import order_from_magento
from mappings.core.rules.money import cents
from tests.unit.mappings.magento_orders import JSON, configurable, item, order

D = Decimal
CENT = D("0.01")
money = st.integers(0, 60_000).map(lambda n: D(n) / 100)
rates = st.sampled_from([D(0), D("8.25"), D("7"), D("19"), D("20"), D("10.35")])


def rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


@st.composite
def rows(draw: st.DrawFn, number: int, rate: Decimal) -> list[JSON]:
    """A line as the shop keeps it: a discount that is part of the price with tax gives its tax back."""
    qty, price = draw(st.integers(1, 9)), draw(money)
    total = price * qty
    discount = rounded(total * draw(st.integers(0, 100)) / 100)
    compensation = rounded(discount * rate / (100 + rate)) if draw(st.booleans()) else D(0)
    net = total - discount + compensation
    amounts: dict[str, Any] = {
        "discount_amount": discount, "discount_tax_compensation_amount": compensation,
        "tax_amount": rounded(net * rate / 100),
    }  # fmt: skip
    if draw(st.booleans()):
        return configurable(
            f"SKU{number}", qty, price, id=number, child_price=draw(st.sampled_from([0, price])), **amounts
        )
    return [item(f"SKU{number}", qty, price, id=number, **amounts)]


@st.composite
def store_orders(draw: st.DrawFn) -> JSON:
    rate = draw(rates)
    lines = [row for number in range(draw(st.integers(1, 6))) for row in draw(rows(10 * (number + 1), rate))]
    shipping = draw(money)
    return order(*lines, shipping_amount=shipping)


def composed(found: Order) -> Decimal:
    charges = sum((charge.amount for charge in found.charges), D(0))
    return found.subtotal - found.discount + found.shipping + charges + found.wrapping + found.tax


@given(store_orders())
def test_parts_make_the_total_and_lines_make_the_parts(answer: JSON) -> None:
    found = order_from_magento(answer, currency="USD")
    assert found.violations == ()
    assert composed(found) == found.total == cents(D(str(answer["grand_total"])))
    assert found.subtotal == sum(line.total for line in found.lines)
    assert found.discount == sum(line.discount for line in found.lines)
    for line in found.lines:
        assert line.net >= 0
        assert all(amount == cents(amount) for amount in (line.total, line.discount, line.tax))
    parents = [row for row in answer["items"] if "parent_item_id" not in row]
    assert sum(line.quantity for line in found.lines) == sum(row["qty_ordered"] for row in parents)


@given(store_orders())
def test_the_same_order_reads_the_same_in_any_order_of_its_rows(answer: JSON) -> None:
    turned = answer | {"items": list(reversed(answer["items"]))}
    assert order_from_magento(turned, currency="USD") == order_from_magento(answer, currency="USD")


@given(store_orders(), st.integers(1, 999))
def test_a_cent_that_no_part_explains_is_never_booked(answer: JSON, off: int) -> None:
    wrong = answer | {"grand_total": D(str(answer["grand_total"])) + D(off) / 100}
    assert "money_does_not_add_up" in {one.code for one in order_from_magento(wrong, currency="USD").violations}


@given(st.integers(2, 12), st.data(), money)
def test_what_is_left_of_a_cancelled_order_is_proven_by_what_was_cancelled(
    qty: int, data: st.DataObject, price: D
) -> None:
    gone = data.draw(st.integers(1, qty - 1))
    row = item("MUG", qty, price, id=1, qty_invoiced=qty - gone, qty_canceled=gone)
    answer = order(row, total_canceled=price * gone, subtotal_canceled=price * gone, total_paid=price * (qty - gone))
    found = order_from_magento(answer, currency="USD")
    assert found.violations == ()
    assert [(line.quantity, line.net) for line in found.lines] == [(qty - gone, price * (qty - gone))]
    assert found.total == price * (qty - gone)


def test_p08_gift_card_and_credit_are_tenders_beside_the_card() -> None:
    """What was left to pay is not what the order was worth; which card paid is told by its end alone."""
    extension = {
        "gift_cards": [{"code": "GC7Q2M", "amount": 50.00}], "gift_cards_amount": 50.00,
        "customer_balance_amount": 20.00,
    }  # fmt: skip
    found = order_from_magento(
        order(item("TEE", 1, 90, id=1, tax_amount=D("5.57")), shipping_amount=5, extension=extension), currency="USD"
    )
    assert (found.total, found.subtotal + found.shipping, found.tax) == (D("100.57"), D("95.00"), D("5.57"))
    assert [(one.kind, one.amount, one.note) for one in found.tenders] == [
        ("gateway", D("30.57"), ""),
        ("gift_certificate", D("50.00"), "…2M"),
        ("store_credit", D("20.00"), ""),
    ]
    by_credit = order_from_magento(
        order(
            item("TEE", 1, 90, id=1, tax_amount=D("5.57")), shipping_amount=5, payment={"method": "free"},
            extension={"customer_balance_amount": D("100.57")},
        ),
        currency="USD",
    )  # fmt: skip
    assert [(one.kind, one.amount) for one in by_credit.tenders] == [("store_credit", D("100.57"))]
    assert (by_credit.total, by_credit.payment) == (D("100.57"), PaymentState.TAKEN)
