"""From Heartland's rows to the quantities that differ from what the store was last told."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from mappings.core.stock import Answer, Figures, Rule, figures_of, sellable
from mappings.models import StockLevel
from syncjobs.stock.levels import Wanted
from syncjobs.stock.plan import Plan

Stock = Mapping[tuple[int, int], Figures]  # by Heartland item id and location of the store


def stock_by_target(rows: Iterable[Mapping[str, Any]], plan: Plan) -> Stock:
    """Rows of `/inventory/values`, added up by location of the store. An item without a row has none."""
    targets = {int(place): target for target, places in plan.sources.items() for place in places}
    found: dict[tuple[int, int], Figures] = defaultdict(Figures)
    for row in rows:
        target = plan.selling if plan.is_pooled else targets[int(row["location_id"])]
        found[int(row["item_id"]), target] += figures_of(row)
    return found


def worked_out(level: StockLevel, stock: Stock, plan: Plan, pending: Mapping[str, int]) -> Answer:
    """The arithmetic of one level."""
    netted = pending.get(level.sku, 0) if level.store_location == plan.selling else 0
    figures = stock.get((level.item_id, level.store_location), Figures())
    return sellable(figures, rule_for(level, plan), netted)


def rule_for(level: StockLevel, plan: Plan) -> Rule:
    """The rule of the item or its category, else the store's; what counts and what is fast is decided store-wide."""
    own = level.rule or plan.rule
    is_fast = bool(plan.fast_moves) and level.moves >= plan.fast_moves
    return Rule(
        counting=plan.rule.counting,
        safety_units=own.safety_units,
        safety_percent=own.safety_percent,
        last_units=own.last_units,
        fast_units=plan.fast_units if is_fast else 0,
    )


def differing(levels: Iterable[StockLevel], stock: Stock, plan: Plan, pending: Mapping[str, int]) -> list[Wanted]:
    """What has to be written: unknown counts as different, refused items are left out."""
    found = []
    for level in levels:
        quantity = worked_out(level, stock, plan, pending).quantity
        if quantity != level.quantity and not level.refusal:
            found.append(Wanted(level=level, quantity=quantity))
    return found
