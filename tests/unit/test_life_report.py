"""The judgement of the life story finds what it is there to find."""

from decimal import Decimal
from typing import Any

import pytest

from syncjobs.stories.demo.life_report import Act, Findings, Seen

D = Decimal
OPEN, CLOSED = {"status": "open", "total": 20}, {"status": "closed", "total": 20}
TWO = {"DOG-LEAD": 2}


def seen(act: Act = Act.SHIP, **changes: Any) -> Seen:
    fields: dict[str, Any] = {
        "placed_total": D(20), "store": {"status_id": 2, "total_inc_tax": "20.00"}, "alive": [CLOSED], "paid": D(20),
        "ordered": TWO, "shipped": TWO, "invoiced": TWO,
    }  # fmt: skip
    return Seen(web_id=10457, act=act, **(fields | changes))


@pytest.mark.parametrize(
    ("order", "found"),
    [
        (seen(), {}),
        (seen(alive=[]), {"lost": 1}),
        (seen(alive=[OPEN]), {"lost": 1}),
        (seen(alive=[CLOSED, CLOSED]), {"doubled": 1}),
        (seen(shipped={"DOG-LEAD": 3}), {"shipped_twice": 1, "lost": 1}),
        (seen(shipped={}), {"lost": 1}),
        (seen(store={"status_id": 3, "total_inc_tax": "20.00"}), {"lost": 1}),
        (seen(store={"status_id": 2, "total_inc_tax": "20.01"}), {"cents": 1}),
        (seen(paid=D("19.99")), {"cents": 1}),
        (seen(Act.CANCEL, alive=[], shipped={}), {}),
        (seen(Act.CANCEL, alive=[OPEN], shipped={}), {"lost": 1}),
        (seen(Act.EDIT_KEEP, alive=[OPEN], shipped={}, store={"status_id": 11, "total_inc_tax": "30.00"}), {}),
        (seen(Act.EDIT_KEEP, alive=[], shipped={}), {"lost": 1}),
    ],
)
def test_each_fault_is_named(order: Seen, found: dict[str, int]) -> None:
    findings = Findings()
    findings.look_at(order)
    assert {name: len(rows) for name, rows in vars(findings).items() if rows} == found
