"""`python -m tests.processes.pulling`: real workers pull products into Heartland and are killed -9 again and again.

Prints one JSON object: how the run ended, and what Heartland holds of each SKU and grid.
"""

import json
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import django

from ipaas import postgres

PRODUCTS, SIZES, KILLS = 10, ("S", "M", "L"), 2
LONGEST_SECONDS = 240.0


def main() -> None:
    """Set up a world of its own, and play."""
    data = Path(tempfile.mkdtemp(prefix="tillbridge-pulling-"))
    os.environ |= {
        "DATA_DIR": str(data),
        "DATABASE_URL": postgres.server_at(data / "postgres").url,
        "DJANGO_SETTINGS_MODULE": "ipaas.settings",
    }
    django.setup()
    sys.stdout.write(json.dumps(played(data)))


def played(data: Path) -> dict[str, Any]:
    """Preview, apply, kill; what came of it."""
    from connections.connect.bigcommerce.clients import bigcommerce_client
    from connections.models import Connection, ItemSettings
    from mappings.models import Link
    from syncjobs.catalogue.apply_products import PULL
    from syncjobs.catalogue.walk_catalogues import PREVIEW
    from syncjobs.management.commands.demo import GENEROUS
    from syncjobs.stories.demo import ports, story, world
    from syncjobs.stories.demo.sim import Sandbox
    from syncjobs.stories.demo.stock_story import Killer

    switches = GENEROUS | {"heartland": (*GENEROUS["heartland"], "latency_ms=150")}  # 40 writes outlast the kills
    here = world.World(data=data, ports=ports.choose(data, usual=False), switches=switches, poll_seconds=3_600)
    with world.started(here, told=lambda line: None) as supervisor:
        story.connect(here)
        connection = Connection.objects.select_related("store").get()
        ItemSettings.objects.update_or_create(connection=connection, defaults={"mode": "pull"})
        store = bigcommerce_client(connection.store)
        for number in range(PRODUCTS):
            store.product_create(product(number))
        preview = finished(connection, PREVIEW)
        killer = Killer(supervisor, KILLS)
        killer.start()
        run = finished(connection, PULL, preview=preview.pk)
        heartland = Sandbox(here.url("heartland"))
        items = Counter(row["public_id"] for row in heartland.rows("items"))
        grids = Counter(row["item_description"] for row in heartland.rows("grids"))
        again = finished(connection, PREVIEW)
        return {
            "state": run.state,
            "kills": KILLS - killer.left,
            "items": {sku: items[sku] for number in range(PRODUCTS) for sku in skus(number)},
            "grids": {name: count for name, count in grids.items() if name.startswith("Linen Shirt")},
            "links": Link.objects.filter(source_id__startswith="SHIRT-").count(),
            "left": again.result.get("create", 0) + again.result.get("update", 0),
        }


def finished(connection: Any, kind: str, **parameters: Any) -> Any:
    """A run by the workers, from its start to its end."""
    run = begun(connection, kind, parameters)
    began = time.monotonic()
    while run.state == "running" and time.monotonic() - began < LONGEST_SECONDS:
        time.sleep(0.2)
        run.refresh_from_db()
    return run


def begun(connection: Any, kind: str, parameters: dict[str, Any]) -> Any:
    """Start a run once none of its kind goes on: what the store's webhooks tell may have begun one."""
    from django.utils import timezone

    from errors.failures import ConfigurationFailure
    from syncjobs.bulk.runs import run_start

    began = time.monotonic()
    while True:
        try:
            return run_start(connection=connection, actor=None, kind=kind, now=timezone.now(), parameters=parameters)
        except ConfigurationFailure:
            if time.monotonic() - began > LONGEST_SECONDS:
                raise
            time.sleep(0.2)


def skus(number: int) -> list[str]:
    return [f"SHIRT-{number}-{size}" for size in SIZES]


def product(number: int) -> dict[str, Any]:
    """A product in three sizes that only the store has."""
    variants = [
        {"sku": sku, "price": 39, "option_values": [{"option_display_name": "Size", "label": size}]}
        for sku, size in zip(skus(number), SIZES, strict=True)
    ]
    return {"name": f"Linen Shirt {number}", "type": "physical", "weight": 1, "price": 39, "variants": variants}


if __name__ == "__main__":
    main()
