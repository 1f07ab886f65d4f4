"""The judgement of the life story finds what it is there to find."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from syncjobs.stories.demo.life_report import Act, Findings, Seen
from syncjobs.stories.shops.shop_side import SHIPPED, Sold

D = Decimal
OPEN, CLOSED = {"status": "open", "total": 20}, {"status": "closed", "total": 20}
TWO = {"DOG-LEAD": 2}


def seen(act: Act = Act.SHIP, *, sold: dict[str, Any] | None = None, **changes: Any) -> Seen:
    order: dict[str, Any] = {
        "id": "10457", "total": D(20), "currency": "USD", "status": "Shipped", "stage": SHIPPED,
        "goods": Counter(TWO), "shipped": Counter(TWO),
    }  # fmt: skip
    fields: dict[str, Any] = {"placed_total": D(20), "alive": [CLOSED], "paid": D(20), "invoiced": TWO}
    return Seen(web_id=10457, act=act, sold=Sold(**(order | (sold or {}))), **(fields | changes))


@pytest.mark.parametrize(
    ("order", "found"),
    [
        (seen(), {}),
        (seen(alive=[]), {"lost": 1}),
        (seen(alive=[OPEN]), {"lost": 1}),
        (seen(alive=[CLOSED, CLOSED]), {"doubled": 1}),
        (seen(sold={"shipped": Counter({"DOG-LEAD": 3})}), {"shipped_twice": 1, "lost": 1}),
        (seen(sold={"shipped": Counter()}), {"lost": 1}),
        (seen(sold={"stage": "Partly shipped"}), {"lost": 1}),
        (seen(sold={"total": D("20.01")}), {"cents": 1}),
        (seen(paid=D("19.99")), {"cents": 1}),
        (seen(Act.CANCEL, alive=[], sold={"shipped": Counter()}), {}),
        (seen(Act.CANCEL, alive=[OPEN], sold={"shipped": Counter()}), {"lost": 1}),
        (seen(Act.EDIT_KEEP, alive=[OPEN], sold={"shipped": Counter(), "stage": "Being packed", "total": D(30)}), {}),
        (seen(Act.EDIT_KEEP, alive=[], sold={"shipped": Counter()}), {"lost": 1}),
    ],
)
def test_each_fault_is_named(order: Seen, found: dict[str, int]) -> None:
    findings = Findings()
    findings.look_at(order)
    assert {name: len(rows) for name, rows in vars(findings).items() if rows} == found
