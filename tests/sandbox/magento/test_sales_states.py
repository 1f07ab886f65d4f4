"""What may be done with an order in each state, and where it comes to (apis/magento.md §8.1)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ipaas.sandbox.magento.sales import states

Row = dict[str, Any]
ALL = tuple(states.STATUSES)


def _order(state: str, **more: Any) -> Row:
    return {"state": state, "grand_total": Decimal(50), "total_paid": None, "total_refunded": None, **more}


def _item(**counters: int) -> Row:
    columns = {f"qty_{name}": Decimal(count) for name, count in counters.items()}
    return {"item_id": 1, "product_type": "simple", "qty_ordered": Decimal(5), **columns}


@pytest.mark.parametrize("state", ALL)
def test_each_state_allows_what_it_allows(state: str) -> None:
    paid = _order(state, total_paid=Decimal(50))
    allowed = {
        "invoice": states.can_invoice(paid, [_item()]),
        "ship": states.can_ship(paid, [_item()]),
        "refund": states.can_creditmemo(paid, [_item(invoiced=5)]),
        "cancel": states.can_cancel(paid, [_item()]),
        "hold": states.can_hold(paid),
        "unhold": states.can_unhold(paid),
    }
    assert {name for name, yes in allowed.items() if yes} == {
        "new": {"invoice", "ship", "refund", "cancel", "hold"},
        "pending_payment": {"invoice", "ship", "refund", "cancel", "hold"},
        "payment_review": set(),
        "processing": {"invoice", "ship", "refund", "cancel", "hold"},
        "holded": {"unhold"},
        "complete": {"ship", "refund"},
        "closed": {"ship"},
        "canceled": set(),
    }[state]


@pytest.mark.parametrize(
    ("counters", "left"),
    [
        ({}, (5, 5, 0, 5)),
        ({"invoiced": 2}, (3, 5, 2, 3)),
        ({"shipped": 2}, (5, 3, 0, 3)),
        ({"invoiced": 5, "shipped": 5}, (0, 0, 5, 0)),
        ({"invoiced": 5, "refunded": 2}, (0, 3, 3, 0)),
        ({"invoiced": 5, "refunded": 3, "shipped": 2}, (0, 2, 2, 0)),
        ({"invoiced": 5, "refunded": 2, "shipped": 3}, (0, 2, 3, 0)),
        ({"invoiced": 3, "canceled": 2}, (0, 3, 3, 0)),
    ],
)
def test_pieces_left_are_counted_as_the_shop_counts_them(counters: dict[str, int], left: tuple[int, ...]) -> None:
    item = _item(**counters)
    found = (states.qty_to_invoice, states.qty_to_ship, states.qty_to_refund, states.qty_to_cancel)
    assert tuple(int(count(item)) for count in found) == left


def test_a_configurable_is_counted_on_the_parent_and_a_bundle_where_it_says() -> None:
    parent = _item() | {"product_type": "configurable"}
    child = _item() | {"item_id": 2, "parent_item_id": 1}
    assert [states.is_money_dummy(row) for row in (parent, child)] == [False, True]
    assert [states.is_shipping_dummy(row) for row in (parent, child)] == [False, True]
    by_parts = {"children_calculated": True, "ships_separately": True}
    bundle, part = parent | by_parts | {"product_type": "bundle"}, child | by_parts
    assert [states.is_money_dummy(row) for row in (bundle, part)] == [True, False]
    assert [states.is_shipping_dummy(row) for row in (bundle, part)] == [True, False]


@pytest.mark.parametrize(
    ("counters", "money", "state"),
    [
        ({"invoiced": 5}, {"total_paid": Decimal(50)}, "processing"),
        ({"shipped": 5}, {}, "processing"),
        ({"invoiced": 5, "shipped": 5}, {"total_paid": Decimal(50)}, "complete"),
        (
            {"invoiced": 5, "shipped": 5, "refunded": 5},
            {"total_paid": Decimal(50), "total_refunded": Decimal(50)},
            "closed",
        ),
    ],
)
def test_an_order_under_way_comes_to_a_state_by_itself(counters: dict[str, int], money: Row, state: str) -> None:
    assert states.state_on_save(_order("processing", **money), [_item(**counters)]) == state


def test_a_virtual_order_is_complete_once_invoiced_and_never_ships() -> None:
    order, item = _order("new", is_virtual=1, total_paid=Decimal(50)), _item(invoiced=5) | {"is_virtual": 1}
    assert not states.can_ship(order, [item])
    assert states.state_on_save(order, [item], in_process=True) == "complete"


def test_a_full_refund_that_keeps_the_delivery_is_complete_not_closed() -> None:
    order = _order("complete", total_paid=Decimal(50), total_refunded=Decimal(42))
    item = _item(invoiced=5, shipped=5, refunded=5)
    assert states.state_after_refund(order, [item]) == "complete"
    assert states.state_after_refund(order | {"total_refunded": Decimal(50)}, [item]) == "closed"


def test_cancelling_the_rest_of_a_part_invoiced_order_leaves_it_alive() -> None:
    assert states.state_after_cancel([_item()]) == "canceled"
    assert states.state_after_cancel([_item(invoiced=3)]) == "processing"
    assert states.state_after_cancel([_item(invoiced=3, shipped=3)]) == "complete"
