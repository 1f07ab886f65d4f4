"""Work the store does after a while: adjustments, captures, voids, refund answers (note §16, §17, §20.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ipaas.sandbox.bigcommerce.actions.payments import capture_finish, void_finish
from ipaas.sandbox.bigcommerce.actions.refunds import refund_finish
from ipaas.sandbox.bigcommerce.actions.stock import adjust
from ipaas.sandbox.bigcommerce.state import Row, State

WORK: Mapping[str, Callable[[State, Row], None]] = {
    "adjust": lambda state, row: adjust(state, row["method"], row["lines"]),
    "capture": lambda state, row: capture_finish(state, row["order_id"]),
    "void": lambda state, row: void_finish(state, row["order_id"]),
    "refund": lambda state, row: refund_finish(state, row["refund_id"]),
}


def work_do(state: State, row: Row) -> None:
    """Do what a row of `later` names."""
    WORK[row["kind"]](state, row)
