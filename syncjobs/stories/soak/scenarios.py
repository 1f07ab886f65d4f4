"""What happens to the product while shoppers order. Each scenario draws from its own seeded source and is judged."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

from django.utils import timezone

from ipaas.supervisor import Supervisor
from syncjobs.stories.soak import (
    fault_injection,
    kill_points,
    lost_webhooks,
    money_kills,
    process_groups,
    restoring,
    upkeep,
)
from syncjobs.stories.soak.money_deeds import DEEDS
from syncjobs.stories.soak.soak_world import Finding, Stage

ORDERS = 14
MONEY = "money"  # how scenarios begin that move it
GAP_SECONDS = 0.08  # between two shoppers
CALM_SECONDS = (0.2, 0.7)  # before the kill, drawn at random

Find = Callable[[Supervisor], list[int]]
Play = Callable[[Stage, Random, int], Finding]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Something that happens in the middle of ordinary business."""

    name: str
    about: str
    play: Play  # with the number of orders


def killed(stage: Stage, rng: Random, orders: int, *, name: str, find: Find) -> Finding:
    """Shoppers order; in the middle of it the processes that `find` names are killed with SIGKILL."""
    began, recipes = time.monotonic(), stage.recipes(rng, orders)
    with stage.shoppers(recipes, gap=GAP_SECONDS) as shopping:
        time.sleep(rng.uniform(*CALM_SECONDS))
        targets = find(stage.supervisor)
        since = timezone.now()
        met = process_groups.kill(targets)
    placed = shopping.result()
    stage.wait(list(placed))
    return stage.finding(name, placed, began, since, killed=len(met))


KILLS: dict[str, tuple[str, Find]] = {
    "kill-idle-worker": ("a worker without work", process_groups.idle_worker),
    "kill-busy-worker": ("the worker that has a job in hand", process_groups.busy_worker),
    "kill-sentinel": ("the process that watches the workers", process_groups.sentinel),
    "kill-main": ("a cluster's main process", partial(process_groups.main_process, name=process_groups.CLUSTER)),
    "kill-web-worker": ("one process of the web server", process_groups.web_worker),
    "kill-everything": ("the web server and all clusters, to the last process", process_groups.everything_of_ours),
    "kill-postgres": ("PostgreSQL's main process", partial(process_groups.main_process, name="postgres")),
}

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        *(
            Scenario(name=name, about=f"kill -9 of {about}", play=partial(killed, name=name, find=find))
            for name, (about, find) in KILLS.items()
        ),
        Scenario(
            name="kill-in-flight",
            about="kill -9 of a worker whose write is still on its way",
            play=kill_points.in_flight,
        ),
        *(
            Scenario(
                name=f"die-at-{place.name}", about=f"death at {place.name}", play=partial(kill_points.at, place=place)
            )
            for place in kill_points.PLACES
        ),
        Scenario(name="calm", about="nothing happens", play=partial(lost_webhooks.travelled, name="calm")),
        Scenario(
            name="webhooks-astray",
            about="each webhook three times, newest first, a third of them never",
            play=partial(lost_webhooks.travelled, name="webhooks-astray", **lost_webhooks.ASTRAY),
        ),
        *(
            Scenario(
                name=fault_injection.name_of(share),
                about=f"{share:.0%} of Heartland's answers are 429 or 5xx",
                play=partial(fault_injection.half_broken, share=share),
            )
            for share in (0.1, 0.2, 0.5)
        ),
        Scenario(
            name="answers-lost",
            about="a fifth of what both systems do is never answered",
            play=fault_injection.answers_lost,
        ),
        Scenario(name="rotate-keys", about="another key for secrets at rest", play=upkeep.keys_rotated),
        Scenario(name="logs-full", about="no log can be written any more", play=upkeep.logs_full),
        Scenario(name="restore-backup", about="an older backup is restored", play=restoring.restored),
        Scenario(name="restart-web", about="SIGTERM to the web server under load, twice", play=lost_webhooks.restarted),
        *(
            Scenario(
                name=f"{MONEY}-{deed.name}",
                about=f"death at each write of {deed.flow} that carries it",
                play=partial(money_kills.at_every_write, deed=deed),
            )
            for deed in DEEDS
        ),
    )
}

MONEY_SCENARIOS = [name for name in SCENARIOS if name.startswith(f"{MONEY}-")]


def play(stage: Stage, scenario: Scenario, *, seed: int, orders: int = ORDERS) -> Finding:
    """Play one scenario on a stage where everything is as after a quiet time."""
    stage.seed = seed
    stage.deliver()
    for running in stage.supervisor.running.values():
        running.restarts = 0
    stage.forgive()
    return scenario.play(stage, Random(seed), orders)  # noqa: S311
