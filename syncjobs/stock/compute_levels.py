"""From Heartland's rows to the quantities that differ from what the store shows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from errors.failures import ContractBroken
from mappings.core.rules.stock_arithmetic import Answer, Figures, Rule, kept_at, sellable
from mappings.models import StockLevel
from syncjobs.pos.port import Held
from syncjobs.stock.level_rows import Wanted
from syncjobs.stock.plan import Plan

Stock = Mapping[tuple[int, str], Figures]  # by Heartland item id and location of the store


def stock_by_target(rows: Iterable[Held], plan: Plan) -> Stock:
    """What Heartland holds, added up by location of the store. An item without a row has none.

    Raises ContractBroken when Heartland answers with a location that was not asked for.
    """
    targets = {place: target for target, places in plan.sources.items() for place in places}
    found: dict[tuple[int, str], Figures] = defaultdict(Figures)
    for row in rows:
        place, figures = row.place, row.figures
        if plan.is_pooled:
            target = plan.selling
        else:
            if place not in targets:
                raise ContractBroken("Heartland answers with the stock of a location that was not asked for.")
            target = targets[place]
            if place in plan.kept_at:
                figures = replace(figures, kept_back=kept_at(figures, plan.kept_at[place]))
        found[row.item_id, target] += figures
    return found


def worked_out(level: StockLevel, stock: Stock, plan: Plan, pending: Mapping[int, int]) -> Answer:
    """The arithmetic of one level: none where no location feeds it any more."""
    if level.store_location not in plan.sources:
        return sellable(Figures(), Rule())
    figures = stock.get((level.item_id, level.store_location), Figures())
    return sellable(figures, rule_for(level, plan), netted(level, stock, plan, pending.get(level.item_id, 0)))


def netted(level: StockLevel, stock: Stock, plan: Plan, pieces: int) -> int:
    """How many pieces on web orders come off a level: what the place that sells lacks comes off the next ones."""
    if not pieces or len(plan.sources) == 1:
        return pieces
    order = [plan.selling, *(place for place in plan.sources if place != plan.selling)]
    has = {place: _whole(stock.get((level.item_id, place), Figures()), plan) for place in order}
    lacking = max(0, pieces - sum(has.values()))
    if level.store_location == plan.selling:
        return min(pieces, has[plan.selling]) + lacking
    before = sum(has[place] for place in order[: order.index(level.store_location)])
    return min(max(0, pieces - before), has[level.store_location])


def _whole(figures: Figures, plan: Plan) -> int:
    return max(0, int(sellable(figures, Rule(counting=plan.rule.counting)).counted))


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


@dataclass(frozen=True, kw_only=True)
class Worked:
    """What working out some levels found."""

    wanted: list[Wanted]  # what the store has to be told
    clamped: dict[int, str]  # by level: why the number is not the plain sum, where it is not


def differing(levels: Iterable[StockLevel], stock: Stock, plan: Plan, pending: Mapping[int, int]) -> Worked:
    """What has to be written: unknown counts as different, refused items and those without stock are left out."""
    worked = Worked(wanted=[], clamped={})
    for level in levels:
        if level.is_left_alone:
            continue
        answer = worked_out(level, stock, plan, pending)
        if answer.clamps:
            worked.clamped[level.pk] = ",".join(answer.clamps)
        if answer.quantity != level.shown and not level.refusal:
            worked.wanted.append(Wanted(level=level, quantity=answer.quantity, reason=answer.reason))
    return worked
