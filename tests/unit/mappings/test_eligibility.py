"""Which orders go, which end in Heartland, which are skipped and why."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mappings.core.bigcommerce.orders import order_from_bigcommerce
from mappings.core.bigcommerce.statuses import STATUSES
from mappings.core.rules.eligibility import Cancel, Decision, Go, Hold, Rules, Skip, decide
from tests.unit.mappings.payloads import D, Priced, order_json

DEFAULT = ["11", "5", "6", "2"]


def rules_of(eligible: list[str], **changes: Any) -> Rules:
    return Rules(statuses=STATUSES, store="BigCommerce", eligible=eligible, **changes)


def decided(status_id: int, *, is_booked: bool = False, eligible: list[str] | None = None, **changes: Any) -> Decision:
    order = order_from_bigcommerce(
        order_json(
            Priced(price=D(5)), status_id=status_id, status=STATUSES[str(status_id)].name, custom_status="", **changes
        )
    )
    return decide(order, rules_of(eligible=DEFAULT if eligible is None else eligible), is_booked=is_booked)


def code(decision: Decision) -> str:
    return "go" if isinstance(decision, Go) else decision.code


@pytest.mark.parametrize(
    ("status_id", "new", "booked"),
    [
        (0, "incomplete", "incomplete"),
        (1, "status_not_eligible", "go"),
        (2, "go", "go"),
        (3, "status_not_eligible", "go"),
        (4, "refunded", "go"),
        (5, "cancelled_before_booking", "cancelled_in_store"),
        (6, "declined_before_booking", "declined_in_store"),
        (7, "status_not_eligible", "go"),
        (8, "awaiting_pickup", "go"),
        (9, "status_not_eligible", "go"),
        (10, "status_not_eligible", "go"),
        (11, "go", "go"),
        (12, "status_not_eligible", "go"),
        (13, "status_not_eligible", "go"),
        (14, "go", "go"),
    ],
)
def test_every_status_with_the_default_list(status_id: int, new: str, booked: str) -> None:
    assert code(decided(status_id)) == new
    assert code(decided(status_id, is_booked=True)) == booked


def test_cancelled_orders_cancel_only_what_is_booked() -> None:
    assert isinstance(decided(5, is_booked=True), Cancel)
    assert isinstance(decided(5), Skip)


def test_a_list_without_cancelled_leaves_heartland_alone_and_says_so() -> None:
    decision = decided(5, is_booked=True, eligible=["11"])
    assert code(decision) == "cancelled_not_eligible"
    assert isinstance(decision, Skip)
    assert "Heartland's order stays open" in decision.sentence


def test_the_list_can_take_any_status() -> None:
    assert code(decided(8, eligible=["8"])) == "go"
    assert code(decided(1, eligible=["1", "11"])) == "go"
    assert code(decided(0, eligible=["0"])) == "incomplete"


def test_a_skip_says_when_the_order_is_taken_up() -> None:
    decision = decided(9)
    assert isinstance(decision, Skip)
    assert decision.sentence == (
        "Order 10432: its status is Awaiting Shipment. "
        "It is taken up when it becomes one of: Shipped, Awaiting Fulfillment."
    )


def test_a_renamed_status_shows_both_names() -> None:
    order = order_from_bigcommerce(
        order_json(Priced(price=D(5)), status_id=9, status="Awaiting Shipment", custom_status="Ready to go")
    )
    decision = decide(order, rules_of(eligible=DEFAULT), is_booked=False)
    assert isinstance(decision, Skip)
    assert "its status is Ready to go (Awaiting Shipment)." in decision.sentence


def test_archived_orders_are_skipped() -> None:
    assert code(decided(11, is_deleted=True)) == "archived"
    assert code(decided(11, is_deleted=True, is_booked=True)) == "go"


def test_orders_before_the_start_date_are_skipped_unless_booked() -> None:
    order = order_from_bigcommerce(order_json(Priced(price=D(5))))
    start = datetime(2026, 2, 1, tzinfo=UTC)
    skip = decide(order, rules_of(eligible=DEFAULT, history_start_at=start), is_booked=False)
    assert code(skip) == "before_history_start"
    assert isinstance(skip, Skip)
    assert "2026-02-01" in skip.sentence
    assert code(decide(order, rules_of(eligible=DEFAULT, history_start_at=order.placed_at), is_booked=False)) == "go"
    assert code(decide(order, rules_of(eligible=DEFAULT, history_start_at=start), is_booked=True)) == "go"


def test_an_unknown_status_is_held_by_number() -> None:
    order = order_from_bigcommerce(order_json(Priced(price=D(5)), status_id=77, status="", custom_status=""))
    decision = decide(order, rules_of(eligible=DEFAULT), is_booked=False)
    assert isinstance(decision, Hold)
    assert decision.code == "status_unknown"
    assert "its status is status 77, which is none" in decision.sentence
    assert code(decide(order, rules_of(eligible=DEFAULT), is_booked=True)) == "go"


@pytest.mark.parametrize("status_id", [1, 2, 9, 11, 12, 13])
def test_a_status_that_the_table_holds_waits_for_a_person(status_id: int) -> None:
    answer = order_json(Priced(price=D(5)), status_id=status_id, status=STATUSES[str(status_id)].name)
    rules = rules_of(eligible=DEFAULT, held=[str(status_id)])
    decision = decide(order_from_bigcommerce(answer), rules, is_booked=False)
    assert isinstance(decision, Hold)
    assert decision.code == "status_held"
    assert code(decide(order_from_bigcommerce(answer), rules, is_booked=True)) == "go"


@pytest.mark.parametrize("status_id", list(map(int, STATUSES)))
def test_outside_fulfilment_takes_what_the_store_has_shipped(status_id: int) -> None:
    order = order_from_bigcommerce(
        order_json(Priced(price=D(5)), status_id=status_id, status=STATUSES[str(status_id)].name)
    )
    found = code(decide(order, rules_of(eligible=["2", "10", "11"], store_ships=True), is_booked=False))
    ends = {0: "incomplete", 4: "refunded", 5: "cancelled_before_booking", 6: "declined_before_booking"}
    assert found == ends.get(status_id, "go" if status_id in {2, 10} else "not_shipped_yet")


@pytest.mark.parametrize("is_digital", [False, True])
def test_what_is_completed_does_not_become_anything_else(is_digital: bool) -> None:
    answer = order_json(Priced(price=D(5)), status_id=10, status="Completed", custom_status="Completed")
    order = order_from_bigcommerce(answer | {"order_is_digital": is_digital})
    decision = decide(order, rules_of(eligible=DEFAULT), is_booked=False)
    assert isinstance(decision, Skip)
    digital = " BigCommerce completes orders of digital goods at once." if is_digital else ""
    assert decision.sentence == (
        "Order 10432: its status is Completed, which is its last: it comes only when you choose that status." + digital
    )
