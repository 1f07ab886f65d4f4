"""Processes that end at every write of money, points or customers: before it is asked, and once it is answered."""

import time
from collections import Counter
from dataclasses import replace
from random import Random

from django.utils import timezone

from syncjobs.stories.demo.money_story import MoneyStory, report_of
from syncjobs.stories.soak.money_deeds import Business, Deed
from syncjobs.stories.soak.soak_world import PATIENCE_SECONDS, Finding, Stage

SIDES = ("asks", "answered")
MOST_WRITES = 20  # of one deed


def at_every_write(stage: Stage, rng: Random, orders: int, *, deed: Deed) -> Finding:
    """The deed is done anew for each of its writes, and whoever carries it dies just there, once."""
    began, since = time.monotonic(), timezone.now()
    shop = stage.business
    if shop is None:
        shop = stage.business = opened(stage)
    deaths = Counter[str]()
    if not deed.needs_cards or stage.store.has_cards:
        for side in SIDES:
            while deaths[side] < MOST_WRITES and dies(stage, shop, deed, f"{side}:{deaths[side] + 1}"):
                deaths[side] += 1
    shop.money.wait("stock and pages agree", shop.money.disagreements)
    report = report_of([shop.money])
    others = [*shop.points_left(), *shop.merges_left()]
    finding = stage.finding(f"money-{deed.name}", {}, began, since, deaths=dict(deaths))
    problems = [*report.problems, *others]
    shop.money.problems.clear()
    return replace(
        finding,
        lost=report.lost + report.uncaptured + len(others),
        doubled=report.doubled + report.refunded_twice + report.captured_twice + report.duplicate_customers,
        cent_differences=report.cent_differences + report.cards_apart + report.overdrawn + report.customers_apart,
        problems=[*finding.problems, *problems],
    )


def opened(stage: Stage) -> Business:
    """Everything that moves money is switched on."""
    money = MoneyStory(
        world=stage.world,
        told=lambda line: None,
        seconds=PATIENCE_SECONDS,
        seed=stage.seed,
    )
    money.let_money_flow()
    money.store.let_promise()
    if money.store.ships_what_it_holds:
        money.tell_stock()
    return Business(money=money)


def dies(stage: Stage, shop: Business, deed: Deed, place: str) -> bool:
    """Do it once, and wait until both sides are level; False where it passes no such place."""
    stage.forgive()
    subject = deed.ready(shop)
    stage.fail_point.write_text(f"{deed.flow}.{place}")
    deed.do(shop, subject)
    shop.money.wait(f"{deed.name} at {place}", shop.not_level)
    has_struck = not stage.fail_point.exists()
    stage.fail_point.unlink(missing_ok=True)
    return has_struck
