"""`manage.py bench`: a JSON object of figures, each beside its ceiling of the same run; one for each size of stock.

And one for orders of each kind of store that is polled.
"""

import json
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from ipaas.types import JSON
from syncjobs.management.commands.demo import GENEROUS
from syncjobs.stories.bench import idle, many_stores, measures, own_share, polled_orders, stock_bench
from syncjobs.stories.demo import fresh, ports, story, world

POLLED = ("magento",)  # kinds of stores


class Command(BaseCommand):
    help = "Measure webhook accepts, orders, wake-up, calls and memory beside their ceilings; print one JSON object."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--skus", type=int, nargs="*", default=[], help="measure stock only, at each of these sizes (to a million)"
        )
        parser.add_argument("--webhooks", action="store_true", help="measure accepting webhooks only")
        parser.add_argument("--orders", action="store_true", help="measure orders only")
        parser.add_argument("--idle", action="store_true", help="measure many stores in which nothing happens only")
        parser.add_argument("--polled", choices=POLLED, help="measure orders of such a store only")
        parser.add_argument("--data", type=Path, help="run here instead of a fresh temporary directory")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["data"]:
            sizes = [["--skus", str(size)] for size in options["skus"]]
            is_of_orders = not any(options[name] for name in ("skus", "webhooks", "idle", "polled"))
            polled = [["--polled", kind] for kind in POLLED] if is_of_orders else []
            sys.exit(max(fresh.run_again("bench", *wish) for wish in [*(sizes or [[]]), *polled]))
        data = Path(settings.DATA_DIR)
        stores = dict(zip(idle.hashes(), measures.free_ports(idle.STORES), strict=False)) if options["idle"] else {}
        here = world.World(
            data=data,
            ports=ports.choose(data, usual=False),
            switches=GENEROUS,
            stores=(options["polled"] or "bigcommerce",),
            scale=max(options["skus"], default=0),
            poll_seconds=3_600,
            more_stores=stores,
            more_settings=idle.SETTINGS if options["idle"] else {},
            has_one_parent=options["idle"],
        )
        with world.started(here, told=self.stderr.write) as supervisor:
            story.connect(here)
            bench = measures.Bench(world=here, supervisor=supervisor)
            figures = self._figures(bench, options)
        self.stdout.write(json.dumps(figures, indent=2))

    def _figures(self, bench: measures.Bench, options: dict[str, Any]) -> JSON:
        if options["skus"]:
            return {"stock": stock_bench.stock(bench)}
        if options["polled"]:
            return polled_orders.polled_orders(bench)
        if options["idle"]:
            return {"idle": idle.idle(bench)}
        if options["webhooks"]:
            return {"webhooks_per_second": measures.webhooks(bench)}
        booking = {
            "wake_up": measures.wake_up(bench),
            **measures.orders(bench),
            "own_share_of_latency": own_share.own_share(bench),
            "stores": many_stores.many_stores(bench),
        }
        if options["orders"]:
            return booking
        return {
            **booking,
            "memory": measures.memory(bench),
            "webhooks_per_second": measures.webhooks(bench),
        }
