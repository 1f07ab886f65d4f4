"""Whether money was taken: by words, by the merchant's table, by transactions; unknown is not paid."""

from typing import Any

import pytest

from mappings.core.bigcommerce.orders import order_from_bigcommerce
from mappings.core.bigcommerce.payments import MEANINGS, state_by_transactions
from mappings.core.canonical.order import PaymentState
from mappings.core.rules.eligibility import not_paid
from mappings.core.rules.payments import payment_state
from tests.unit.mappings.payloads import D, Priced, order_json


def order(**fields: Any) -> Any:
    return order_from_bigcommerce(order_json(Priced(price=D(20)), **fields))


@pytest.mark.parametrize("status", [*MEANINGS, "", "settled by pigeon"])
@pytest.mark.parametrize("paid_methods", [(), ("Cash on Delivery",)])
def test_every_word_has_a_meaning_and_the_unknown_is_none(status: str, paid_methods: tuple[str, ...]) -> None:
    found = payment_state(order(payment_status=status, payment_method="Cash on Delivery"), paid_methods)
    if paid_methods and status in {"", "pending"}:
        assert found is PaymentState.TAKEN
    else:
        assert found is MEANINGS.get(status, PaymentState.UNKNOWN)


def test_nothing_left_to_pay_is_paid() -> None:
    assert payment_state(order(payment_status="", certificate=D(20)), ()) is PaymentState.TAKEN
    assert payment_state(order(payment_status="", certificate=D(19)), ()) is PaymentState.UNKNOWN


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ([], "unknown"),
        ([("purchase", "ok", "20.00")], "taken"),
        ([("purchase", "error", "20.00")], "unknown"),
        ([("authorization", "ok", "20.00")], "authorised"),
        ([("authorization", "ok", "20.00"), ("capture", "ok", "20.00")], "taken"),
        ([("purchase", "ok", "19.99")], "unknown"),
        ([("purchase", "ok", "20.00"), ("refund", "ok", "20.00")], "unknown"),
        ([("pending", "ok", "20.00")], "unknown"),
    ],
)
def test_transactions_tell_what_the_order_does_not(rows: list[tuple[str, str, str]], state: str) -> None:
    answer = [{"event": event, "status": status, "amount": D(one), "method": "token"} for event, status, one in rows]
    assert state_by_transactions(order(payment_status=""), answer) == state


def test_the_words_of_a_skip_name_the_method_and_what_to_do() -> None:
    unknown = not_paid(order(payment_status="", payment_method="Cash on Delivery"), PaymentState.UNKNOWN)
    assert unknown.sentence == (
        "Order 10432: the store does not say whether “Cash on Delivery” was paid: it comes once the store says that "
        "the money was taken. Where that method is always paid, say so among the payment methods."
    )
    waiting = not_paid(order(payment_status="authorized"), PaymentState.AUTHORISED)
    assert waiting.sentence == (
        "Order 10432: its payment is authorized: it comes once the store says that the money was taken."
    )
