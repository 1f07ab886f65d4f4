"""What is missing from a sales order: the difference is a multiset, so a repeat writes nothing."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors.failures import ContractBroken
from mappings.core.canonical.order import HeartlandOrder, HeartlandTender
from mappings.core.heartland.sales_orders import gap, sales_order_from_heartland

LINE = {"item_id": 100412, "qty": 2, "original_unit_price": Decimal("24.00"), "adjusted_unit_price": Decimal("21.60")}
TENDER = HeartlandTender(
    payment_type_id="100009", amount=Decimal("46.30"), description="BigCommerce External payments", reference=""
)


def desired(
    *, lines: list[dict[str, Any]] | None = None, tenders: tuple[HeartlandTender, ...] = (TENDER,), tax: str = "3.10"
) -> HeartlandOrder:
    rows = [LINE] if lines is None else lines
    return HeartlandOrder(
        public_id="BC-10457",
        header={"lines": rows},
        line_count=len(rows),
        tax=Decimal(tax),
        tax_name="BigCommerce tax",
        tenders=tenders,
        total=Decimal("46.30"),
        fingerprint="f",
    )


def held_answer(**changes: Any) -> dict[str, Any]:
    line = {"id": 1, "item_id": 100412, "qty": Decimal("2.0"), "original_unit_price": 24, "adjusted_unit_price": 21.6}
    payment = {"id": 7, "payment_type_id": 100009, "amount": Decimal("46.3")}
    answer = {
        "id": 100318,
        "public_id": "BC-10457",
        "status": "pending",
        "total": Decimal("46.30"),
        "total_tax": Decimal("3.1"),
        "lines": [line],
        "payments": [payment],
    }
    return answer | changes


def test_a_complete_order_leaves_no_gap() -> None:
    missing = gap(desired(), sales_order_from_heartland(held_answer()), tax_held=Decimal("3.1"))
    assert (missing.lines, missing.payments, missing.tax, missing.has_surplus) == ((), (), Decimal("0.00"), False)


def test_only_what_is_missing_is_left_to_write() -> None:
    held = sales_order_from_heartland(held_answer(lines=[], payments=[], total_tax=0))
    missing = gap(desired(lines=[LINE, LINE]), held, tax_held=Decimal(0))
    assert (missing.lines, missing.payments, missing.tax) == ((LINE, LINE), (TENDER,), Decimal("3.10"))


def test_heartlands_own_tax_is_taken_back() -> None:
    held = sales_order_from_heartland(held_answer(total_tax=Decimal("6.85")))
    assert gap(desired(), held, tax_held=Decimal("6.85")).tax == Decimal("-3.75")


def test_a_line_that_should_not_be_there_is_surplus() -> None:
    stranger = {"id": 2, "item_id": 100999, "qty": 1, "original_unit_price": 5, "adjusted_unit_price": None}
    held = sales_order_from_heartland(held_answer(lines=[*held_answer()["lines"], stranger]))
    missing = gap(desired(), held, tax_held=Decimal("3.10"))
    assert (missing.surplus_lines, missing.has_surplus) == ((stranger,), True)


def test_what_is_paid_by_type_takes_refunds_off() -> None:
    payments = [
        {"payment_type_id": 100009, "amount": Decimal("46.30")},
        {"payment_type_id": 100009, "amount": Decimal("-46.30")},
        {"payment_type_id": 100011, "amount": Decimal("5.00")},
    ]
    assert sales_order_from_heartland(held_answer(payments=payments)).paid_by_type() == [("100011", Decimal("5.00"))]


def test_an_answer_without_lines_is_refused() -> None:
    answer = held_answer()
    del answer["lines"]
    with pytest.raises(ContractBroken, match="Heartland order 100318: lines or payments are missing"):
        sales_order_from_heartland(answer)


@given(wanted=st.lists(st.sampled_from([1, 2, 3])), present=st.lists(st.sampled_from([1, 2, 3])))
def test_missing_and_surplus_lines_turn_what_is_held_into_what_is_wanted(wanted: list[int], present: list[int]) -> None:
    def row(item: int) -> dict[str, Any]:
        return {"id": item, "item_id": item, "qty": 1, "original_unit_price": 5, "adjusted_unit_price": None}

    held = sales_order_from_heartland(held_answer(lines=[row(item) for item in present]))
    missing = gap(desired(lines=[row(item) for item in wanted]), held, tax_held=Decimal(0))
    added = sorted(line["item_id"] for line in missing.lines)
    removed = sorted(line["item_id"] for line in missing.surplus_lines)
    assert sorted([*present, *added]) == sorted([*wanted, *removed])
    assert not set(added) & set(removed)
