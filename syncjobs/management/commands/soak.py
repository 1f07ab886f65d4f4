"""`manage.py soak`: kill processes and lose webhooks while shoppers order; print a JSON line of what each time left."""

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ipaas.supervisor import NeverReady
from syncjobs.management.commands.demo import GENEROUS
from syncjobs.stories.demo import fresh, ports, story, world
from syncjobs.stories.shops.shop_kinds import SIDES
from syncjobs.stories.soak.scenarios import KILLS, MONEY, MONEY_SCENARIOS, ORDERS, SCENARIOS, Scenario, play
from syncjobs.stories.soak.soak_world import Stage

POLL_SECONDS = 4
NEVER_BLOCKING = "block_after_requests=1000000"  # retries are brought forward here: a block would use them all up
SETTLE_SECONDS = 2  # longer than the sandbox ever needs to show a write


class Command(BaseCommand):
    help = "Kill processes and lose webhooks while shoppers order; exit status 0 when nothing is lost or doubled."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--scenario", action="append", choices=[*SCENARIOS, MONEY], help="play this one only; repeatable"
        )
        parser.add_argument("--kills", type=int, default=0, help="then kill so many times, whom and when at random")
        parser.add_argument("--orders", type=int, default=ORDERS, help="orders placed around each kill")
        parser.add_argument("--store", choices=SIDES, default="bigcommerce", help="kind of the store")
        parser.add_argument("--seed", type=int, default=0, help="repeats a run; drawn at random when left out")
        parser.add_argument("--ask", action="store_true", help="read `scenario seed` lines and answer each (for tests)")
        parser.add_argument("--data", type=Path, help="run here instead of a fresh temporary directory")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["data"]:
            sys.exit(fresh.run_again("soak"))
        seed = options["seed"] or random.SystemRandom().randrange(1, 10**6)
        self.stderr.write(f"seed {seed}")
        wishes = asked() if options["ask"] else chosen(options["scenario"], options["kills"], seed)
        try:
            is_clean = self._run(wishes, options)
        except NeverReady as exc:
            raise CommandError(str(exc)) from exc
        sys.exit(0 if is_clean else 1)

    def _run(self, wishes: Iterator[tuple[Scenario, int]], options: dict[str, Any]) -> bool:
        data = Path(settings.DATA_DIR)
        fail_point = data / "fail-point"
        here = world.World(
            data=data,
            ports=ports.choose(data, usual=False),
            switches={**GENEROUS, "bigcommerce": (*GENEROUS["bigcommerce"], NEVER_BLOCKING)},
            stores=(options["store"],),
            poll_seconds=POLL_SECONDS,
            more_settings={"SETTLE_SECONDS": str(SETTLE_SECONDS), "FAILPOINT": f"@{fail_point}"},
        )
        are_clean = []
        with world.started(here, told=self.stderr.write) as supervisor:
            story.connect(here)
            stage = Stage(here, supervisor, fail_point, seed=0)
            for scenario, seed in wishes:
                finding = play(stage, scenario, seed=seed, orders=options["orders"])
                self.stdout.write(json.dumps(finding.as_json(), default=str))
                self.stdout.flush()
                are_clean.append(finding.is_clean)
        return all(are_clean)


def chosen(names: list[str] | None, kills: int, seed: int) -> Iterator[tuple[Scenario, int]]:
    """The scenarios to play with their seeds: those named, "money" for all that move it, or all; then random kills."""
    rng = random.Random(seed)  # noqa: S311
    wanted = [one for name in names or SCENARIOS for one in (MONEY_SCENARIOS if name == MONEY else [name])]
    for name in wanted:
        yield SCENARIOS[name], seed
    for _ in range(kills):
        yield SCENARIOS[rng.choice([*KILLS, "kill-in-flight"])], rng.randrange(1, 10**6)


def asked() -> Iterator[tuple[Scenario, int]]:
    """Scenario and seed from each line of the standard input, until it ends."""
    for line in sys.stdin:
        name, seed = line.split()
        yield SCENARIOS[name], int(seed)
