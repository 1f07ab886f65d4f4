"""The 60 orders of the seed, each with its own date, finished as if time had passed."""

from __future__ import annotations

from collections.abc import Iterable

from ipaas.sandbox.bigcommerce.actions.refunds import refund_finish
from ipaas.sandbox.bigcommerce.shop.recipe import order_from
from ipaas.sandbox.bigcommerce.state import State
from ipaas.sandbox.catalog import Recipe

DAY = 86_400
STRIDE = 30_341  # seconds; spreads the orders over the day


def fill_orders(state: State, recipes: Iterable[Recipe]) -> None:
    """Place every recipe `days_ago` days before now, at all times of the day."""
    now = state.now()
    for number, recipe in enumerate(recipes):
        with state.backdated(now - recipe["days_ago"] * DAY + number * STRIDE % DAY):
            order_from(state, dict(recipe))
            _settle(state)


def _settle(state: State) -> None:
    """Let the gateways have answered the refunds of the past."""
    for row in state.later.find(kind="refund"):
        state.later.delete(row["id"])
        refund_finish(state, row["refund_id"])
