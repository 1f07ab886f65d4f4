"""How much was given back: by the refund records, less what was declined afterwards."""

from decimal import Decimal
from typing import Any

import pytest

from errors.failures import ContractBroken
from mappings.core.bigcommerce.refunds import refunded_from_bigcommerce


def refund(total: str, *payments: tuple[str, bool]) -> dict[str, Any]:
    rows = [{"provider_id": "stripe", "amount": amount, "is_declined": declined} for amount, declined in payments]
    return {"id": 1, "total_amount": total, "payments": rows}


def test_refunds_are_summed_without_what_was_declined() -> None:
    rows = [refund("5.00", ("5.00", False)), refund("7.50", ("5.00", False), ("2.50", True)), refund("3", ("3", True))]
    assert refunded_from_bigcommerce("100", rows) == Decimal("10.00")
    assert refunded_from_bigcommerce("100", []) == 0


def test_a_refund_without_an_amount_is_no_refund_of_nothing() -> None:
    with pytest.raises(ContractBroken, match="A refund of order 100"):
        refunded_from_bigcommerce("100", [{"id": 1, "payments": []}])
