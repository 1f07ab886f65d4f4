"""`manage.py attack`: attack the running product behind its front server; exit status 0 when nothing got through."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ipaas.front import NoFrontServer
from ipaas.supervisor import NeverReady
from syncjobs.management.commands.demo import GENEROUS
from syncjobs.stories.attack import canaries, forged_hooks, fuzzing, hostile_rows, slow_clients
from syncjobs.stories.attack.attack_world import Finding, Stage
from syncjobs.stories.demo import fresh, ports, story, world


class Command(BaseCommand):
    help = "Attack the demo's processes behind the front server; a JSON line for each attack."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--forgeries", type=int, default=10_000, help="forged webhooks, of all kinds in turn")
        parser.add_argument("--clients", type=int, default=200, help="slow clients at once")
        parser.add_argument("--flood", type=int, default=5_000, help="genuine webhooks while the slow clients hang on")
        parser.add_argument("--cases", type=int, default=0, help="requests of the fuzz; 0: all of them")
        parser.add_argument("--seed", type=int, default=7, help="of the fuzz, where not all are sent")
        parser.add_argument("--data", type=Path, help="run here instead of a fresh temporary directory")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["data"]:
            sys.exit(fresh.run_again("attack"))
        data = Path(settings.DATA_DIR)
        here = world.World(data=data, ports=ports.choose(data, usual=False), switches=GENEROUS, is_behind_front=True)
        os.environ |= here.trust
        are_clean = []
        try:
            with world.started(here, told=self.stderr.write) as supervisor:
                story.connect(here)
                for finding in attacks(Stage(world=here, supervisor=supervisor), options):
                    self.stdout.write(json.dumps(finding.as_json()))
                    self.stdout.flush()
                    are_clean.append(not finding.got_through)
        except (NeverReady, NoFrontServer) as exc:
            raise CommandError(str(exc)) from exc
        sys.exit(0 if all(are_clean) else 1)


def attacks(stage: Stage, options: dict[str, Any]) -> Iterator[Finding]:
    yield forged_hooks.forged(stage, options["forgeries"])
    yield slow_clients.slow(stage, options["clients"], options["flood"])
    yield hostile_rows.hostile_rows(stage)
    yield canaries.canaries(stage)
    yield fuzzing.fuzz(stage, options["cases"], options["seed"])
